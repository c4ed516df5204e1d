/*
 * Sends messages to other computers: each message is one datagram, from a port of this process's
 * own. Nothing confirms that it arrives.
 *
 * Sending takes two steps, so that the caller can hand a datagram that is about to be broadcast to
 * this computer's own readers: msi_sender_prepare() finds where the name is and makes the datagram,
 * msi_sender_transmit() sends it.
 */
#ifndef MSI_SENDER_H
#define MSI_SENDER_H

#include "name.h"
#include "resolve.h"
#include "smb_mailslot.h"

typedef struct msi_sender msi_sender;

/** Where a name's messages go; valid for about a second. */
typedef struct {
    uint64_t until;
    msi_name_owner owner;
    uint32_t source; /* the source address towards a single host */
    msi_interface interfaces[MSI_INTERFACES_MAX];
    size_t interface_count;
    uint64_t interfaces_until;
} msi_route;

/** A message ready to be sent. Must not be copied: datagram points into it. */
typedef struct {
    msi_route route;
    bool to_own_group; /* it is also for this computer's own readers */
    msi_datagram datagram;
    unsigned char user_data[MSI_DATAGRAM_DATA_MAX];
    unsigned char bytes[MSI_DATAGRAM_MAX]; /* as sent on the first interface */
    size_t len;                            /* of bytes */
} msi_packet;

/** Stores the most bytes of a message to a name on other computers, sent by netbios/ or by Windows.
 *  BAD_NAME (the name leaves no room). */
mailslot_err msi_sender_limit(const msi_name *name, size_t *limit);

/** Makes a sender for a name on other computers. Resolves nothing yet: the host may come later, or
 *  have another address by then. Hold msi_fork_lock(). NO_MEMORY, OS. */
mailslot_err msi_sender_new(msi_sender **sender, const msi_name *name, const msi_config *config);

/** As a transport's close, release, abandon and interrupt. */
void msi_sender_free(msi_sender *sender);
void msi_sender_release(msi_sender *sender);
void msi_sender_abandon(msi_sender *sender);
void msi_sender_interrupt(msi_sender *sender);

/** Resolves the name, unless that was done a moment ago, and makes the datagram. Any thread,
 * several at once. NO_HOST, TOO_BIG, CLOSED (interrupted), NO_MEMORY, OS. */
mailslot_err msi_sender_prepare(msi_sender *sender, const void *data, size_t len,
                                msi_packet *packet);

/** Sends a prepared datagram: to one host, or by broadcast on every interface, with one DGM_ID, so
 *  that receivers recognise duplicates. While the network card accepts no packets it waits for
 *  timeout_ms, and a second at least. Any thread, several at once. NO_HOST (no interface can
 *  broadcast), FULL, CLOSED, OS. */
mailslot_err msi_sender_transmit(const msi_sender *sender, msi_packet *packet, int timeout_ms);

#endif
