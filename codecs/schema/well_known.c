/* The well-known types. The build compiles their descriptor set into the library. */
#include "load.h"

#include <mailslot/schema.h>

#include "well_known_set.h"

mailslot_bytes mailslot_protobuf_well_known(void) {
    return (mailslot_bytes){well_known_set, sizeof well_known_set};
}

mailslot_err msi_schema_well_known(struct msi_schema **schema) {
    mailslot_err err = msi_schema_new(schema, NULL, mailslot_protobuf_well_known());
    if (!err)
        (*schema)->built_in = true;
    return err;
}
