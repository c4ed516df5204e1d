/* Telling this computer's other users of a message for many. */
#ifndef MSI_RELAY_SPREAD_H
#define MSI_RELAY_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

/** Hands a datagram that is about to be broadcast to mailslotd, which gives it to the readers of
 *  this computer and knows it when it hears it again. False if it cannot have reached a reader of
 *  this user: there is no daemon, it does not answer within a quarter of a second, or knows of no
 *  such reader. Any thread; the connection is kept for the next one, and a forked child makes its
 *  own. */
bool msi_relay_spread(const unsigned char *datagram, size_t len);

#endif
