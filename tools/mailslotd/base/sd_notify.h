/* Reports to the service manager, as sd_notify(3), without its library. */
#ifndef MAILSLOTD_SD_NOTIFY_H
#define MAILSLOTD_SD_NOTIFY_H

/** Sends assignments such as "READY=1", one a line, to the socket that $NOTIFY_SOCKET names. */
void sd_notify_send(const char *assignments);

#endif
