/* Asks many computers for their names at once. */
#ifndef MSI_NBSTAT_H
#define MSI_NBSTAT_H

#include "resolve.h"

/** A computer and its answer. */
typedef struct {
    uint32_t ip;
    uint16_t id; /* of the query to it */
    bool answered;
    msi_ns_status_name *names; /* malloc'ed; NULL: none reported, or out of memory */
    size_t name_count;
} msi_nbstat_answer;

/** Asks each of list, which must be sorted by ip without duplicates, for its names, up to
 *  MSI_QUERY_TRIES times. The names must be freed, even on failure. NO_MEMORY, OS (nothing could
 *  be sent). */
mailslot_err msi_nbstat(const msi_asker *asker, msi_nbstat_answer *list, size_t count);

#endif
