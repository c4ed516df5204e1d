/* Verbs that are not available on Windows: doctor, which checks mailslotd, those of record files,
 * and top. They exist so that the error says so. */
#include "base/report.h"
#include "verbs.h"

static int unsupported_run(const struct verb *verb, int argc, char **argv) {
    (void)argc, (void)argv;
    return report_error(STATUS_ERROR, "%s: not supported on Windows", verb->name);
}

static const struct option_spec unsupported_options[] = {{.name = NULL}};

static const struct verb_status unsupported_statuses[] = {
    {STATUS_ERROR, "always"},
    {0, NULL},
};

#define UNSUPPORTED(word)                                                                          \
    const struct verb word##_verb = {                                                              \
        .name = #word,                                                                             \
        .summary = "not supported on Windows",                                                     \
        .usage = (const char *const[]){"", NULL},                                                  \
        .operands = {"", 0, VERB_OPERANDS_ANY, COMPLETE_NOTHING},                                  \
        .description = "Not supported on Windows.",                                                \
        .options = unsupported_options,                                                            \
        .statuses = unsupported_statuses,                                                          \
        .run = unsupported_run,                                                                    \
    };

UNSUPPORTED(doctor)
UNSUPPORTED(record)
UNSUPPORTED(replay)
UNSUPPORTED(cat)
UNSUPPORTED(top)
