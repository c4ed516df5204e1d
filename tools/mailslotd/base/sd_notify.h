/* Telling the service manager how it goes (sd_notify(3)), where there is one. */
#ifndef MAILSLOTD_NOTIFY_H
#define MAILSLOTD_NOTIFY_H

/** Sends assignments such as "READY=1", one a line, to the socket that $NOTIFY_SOCKET names. */
void notify_manager(const char *assignments);

#endif
