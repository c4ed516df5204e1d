/* The life of mailslotd, from its settings to its end. */
#ifndef MAILSLOTD_DAEMON_H
#define MAILSLOTD_DAEMON_H

#include "settings.h"

/** Runs until a signal ends it. The arguments are read again on SIGHUP. Once in a process. IN_USE:
 *  another mailslotd, or another program at the ports; INVALID, DENIED, OS. */
mailslot_err daemon_run(const struct settings *settings, int argc, char **argv);

#endif
