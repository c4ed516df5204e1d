/* Chooses the transport that carries a name. */
#include "transports.h"
#include "error.h"
#include "netbios/config.h"

#include <string.h>

mailslot_err msi_transports_find(const msi_name *name, const msi_transport **transport) {
    for (const msi_transport *const *t = msi_transports; *t; t++)
        if ((*t)->serves(name)) {
            *transport = *t;
            return MAILSLOT_OK;
        }
    return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED, "no transport for this kind of name");
}

mailslot_err msi_transports_localize(msi_name *name, const mailslot_host *host) {
    if (name->scope != MSI_SCOPE_COMPUTER)
        return MAILSLOT_OK;
    msi_config config;
    mailslot_err err = msi_config_read(&config, host);
    if (!err && strcmp(name->computer, config.computer) == 0)
        name->scope = MSI_SCOPE_LOCAL;
    return err;
}
