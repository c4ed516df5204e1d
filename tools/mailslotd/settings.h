/* Settings of mailslotd, from command line, environment and configuration file. */
#ifndef MAILSLOTD_SETTINGS_H
#define MAILSLOTD_SETTINGS_H

#include "netbios/config.h"

/** Exit statuses. */
enum status { STATUS_DONE, STATUS_ERROR, STATUS_USAGE };

enum settings_action { SETTINGS_RUN, SETTINGS_CHECK, SETTINGS_HELP, SETTINGS_VERSION };

struct settings {
    msi_config host;
    enum settings_action action;
    const char *config; /* the configuration file's path */
    bool config_given;  /* explicitly, so it must exist */
};

/** Reads the command line only; INVALID. */
mailslot_err settings_parse(struct settings *settings, int argc, char **argv);

/** Adds what the environment and the configuration file set and the command line did not, and
 *  checks the whole. Errors as msi_config_read(). */
mailslot_err settings_complete(struct settings *settings);

/** Writes each setting with its value and source, as lines of a configuration file; returns the
 *  bytes, less than cap. */
size_t settings_describe(const struct settings *settings, char *out, size_t cap);

extern const char settings_help[];

#endif
