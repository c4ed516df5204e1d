/* Telling the service manager how it goes (sd_notify(3)), where there is one. */
#ifndef MAILSLOTD_SD_NOTIFY_H
#define MAILSLOTD_SD_NOTIFY_H

/** Sends assignments such as "READY=1", one a line, to the socket that $NOTIFY_SOCKET names. */
void sd_notify_send(const char *assignments);

#endif
