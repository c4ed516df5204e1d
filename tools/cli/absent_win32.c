/* The verbs that need the network, which libmailslot does not have on Windows yet, and those of
 * record files and top, which are Linux's so far. */
#include "host_status.h"
#include "report.h"
#include "verbs.h"

#include <mailslot/codec.h>

static int run(const struct verb *verb, int argc, char **argv) {
    (void)argc, (void)argv;
    return report(STATUS_ERROR, "%s: not supported on Windows", verb->name);
}

mailslot_err host_status_get(struct json_object **json) {
    *json = NULL;
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "there is no mailslotd on Windows");
}

#define ABSENT(word)                                                                               \
    const struct verb word##_verb = {#word, "not supported on Windows",                            \
                                     "not supported on Windows\n", run};

ABSENT(lookup)
ABSENT(hosts)
ABSENT(doctor)
ABSENT(record)
ABSENT(replay)
ABSENT(cat)
ABSENT(top)
