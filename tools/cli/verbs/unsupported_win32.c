/* doctor, which looks after mailslotd, and the verbs of record files and top, which are Linux's so
 * far. */
#include "base/report.h"
#include "verbs.h"

static int unsupported_run(const struct verb *verb, int argc, char **argv) {
    (void)argc, (void)argv;
    return report(STATUS_ERROR, "%s: not supported on Windows", verb->name);
}

#define UNSUPPORTED_VERB(word)                                                                     \
    const struct verb word##_verb = {#word, "not supported on Windows",                            \
                                     "not supported on Windows\n", unsupported_run};

UNSUPPORTED_VERB(doctor)
UNSUPPORTED_VERB(record)
UNSUPPORTED_VERB(replay)
UNSUPPORTED_VERB(cat)
UNSUPPORTED_VERB(top)
