/*
 * The protocol between a library and the mailslotd of its computer, over a SOCK_SEQPACKET socket:
 * one packet, one message. Pure functions over bytes.
 *
 * The first message of a connection carries the version and decides what the connection is:
 *
 *   a reader's    REGISTER (once, answered by REPLY), then DELIVER after DELIVER from the daemon.
 *                 The slot stays registered until the connection ends. The socket's buffer is the
 *                 reader's queue at the daemon: when it is full, the daemon drops further messages.
 *   a writer's    to another user's slot: OPEN (answered by OPENED or REPLY), then PUT after PUT,
 *                 each answered by REPLY before the next is sent. GONE ends the attachment.
 *   anyone's      BROADCAST, a datagram that this computer is about to broadcast, answered by
 *                 REPLY: the daemon delivers it to the readers here, and ignores it when it hears
 *                 it; NOT_FOUND: no reader of the sender's own user is among them.
 *                 STATUS_QUERY, answered by STATUS_REPORT (see status_codec.h); a daemon that does
 *                 not know it ends the connection.
 *                 STATUS, answered by STATUS_TEXT, for older programs. Each any number of times.
 *
 * The daemon asks the kernel for the peer's identity (SO_PEERCRED), never the message. It answers a
 * first message of an unknown version with REPLY, UNSUPPORTED. Either side closes a connection on
 * which it receives an unexpected message.
 *
 * A packet is the type in one byte, then the fields in the order of msi_relay_message, then the
 * data up to the end of the packet. Numbers are big endian; a string is its length in one byte and
 * that many bytes, none of them 0.
 */
#ifndef MSI_RELAY_PROTOCOL_H
#define MSI_RELAY_PROTOCOL_H

#include "envelope.h"

enum {
    MSI_RELAY_VERSION = 1,
    /* Largest message between users, and largest packet with its header. */
    MSI_RELAY_DATA_MAX = MSI_DEFAULT_MAX,
    MSI_RELAY_HEAD_MAX = 512,
    MSI_RELAY_PACKET_MAX = MSI_RELAY_HEAD_MAX + MSI_RELAY_DATA_MAX,
    /* Longest explanation in a REPLY, in bytes. */
    MSI_RELAY_WORDS_MAX = 512,
};

typedef enum {
    MSI_RELAY_REGISTER = 1,
    MSI_RELAY_OPEN = 2,
    MSI_RELAY_PUT = 3,
    MSI_RELAY_BROADCAST = 4,
    MSI_RELAY_STATUS = 5,
    MSI_RELAY_STATUS_QUERY = 6,
    MSI_RELAY_REPLY = 16,
    MSI_RELAY_OPENED = 17,
    MSI_RELAY_DELIVER = 18,
    MSI_RELAY_STATUS_TEXT = 19,
    MSI_RELAY_STATUS_REPORT = 20,
} msi_relay_type;

/** A message. The type decides which members are used; the others are zero after decoding. */
typedef struct {
    msi_relay_type type;
    uint8_t version;            /* REGISTER, OPEN, BROADCAST, STATUS, STATUS_QUERY */
    char key[MSI_PATH_MAX + 1]; /* REGISTER, OPEN: msi_name's */
    mailslot_access access;     /* REGISTER: the users of this computer that may write */
    bool local_only;            /* REGISTER: nothing from the network, BROADCAST included */
    uint32_t limit;             /* REGISTER, OPENED: bytes of the largest message it takes */
    mailslot_err err;           /* REPLY; MAILSLOT_OK: done */
    uint32_t uid;               /* OPENED: the reader's user */
    msi_message envelope;       /* DELIVER; its len is data_len. Of a remote sender its computer
                                   and address cross, of a local one its pid and uid */
    const void *data; /* PUT, BROADCAST, DELIVER: the message; REPLY: an explanation of err;
                         STATUS_TEXT: lines, each ended by '\n';
                         STATUS_REPORT: the encoded status */
    size_t data_len;  /* at most MSI_RELAY_DATA_MAX; of a REPLY, MSI_RELAY_WORDS_MAX */
} msi_relay_message;

/** Encodes all of a message but its data, which must follow in the same packet; returns the
 *  bytes, at most MSI_RELAY_HEAD_MAX. */
size_t msi_relay_encode_head(const msi_relay_message *message,
                             unsigned char out[MSI_RELAY_HEAD_MAX]);

/** Decodes a packet; data points into it. False if it is not a message of this version, or is
 *  longer or shorter than its fields. A first message of another version decodes as far as the
 *  version, so that it can be answered; its other members are zero. */
bool msi_relay_decode(msi_relay_message *message, const unsigned char *packet, size_t len);

enum { MSI_RELAY_PATH_SIZE = 108 }; /* as sockaddr_un's */

/** Stores where the daemon of this computer listens: $MAILSLOT_DIR/mailslotd (not in set-uid
 *  programs), else /run/mailslotd/socket. False if that path is too long. In connection.c. */
bool msi_relay_path(char path[MSI_RELAY_PATH_SIZE]);

#endif
