/* Asking many computers for their names at once. */
#ifndef MSI_NBSTAT_H
#define MSI_NBSTAT_H

#include "resolve.h"

/** A computer that is asked, and what it told. */
typedef struct {
    uint32_t ip;
    uint16_t id; /* of the question to it */
    bool answered;
    msi_ns_status_name *names; /* malloc'ed; NULL: it did not tell, or no memory was left */
    size_t name_count;
} msi_nbstat_answer;

/** Asks each of them, which must be in the order of their ip and all different, for its names, up
 *  to MSI_QUERY_TRIES times. NO_MEMORY, OS (nothing could be sent); the names must be freed even
 *  so. */
mailslot_err msi_nbstat(const msi_asker *asker, msi_nbstat_answer *list, size_t count);

#endif
