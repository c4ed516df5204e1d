/* Mailslot writes: an SMB_COM_TRANSACTION inside a datagram ([MS-MAIL] 2.2.1, [MS-CIFS] 2.2.4.33).
 * Pure. */
#ifndef MSI_SMB_MAILSLOT_H
#define MSI_SMB_MAILSLOT_H

#include "datagram.h"

enum {
    /* [MS-MAIL] 2.1: 512 bytes of datagram less 69 of SMB. Name, NUL, padding and data share it. */
    MSI_SMB_MAILSLOT_ROOM = 443,
    MSI_SMB_MAILSLOT_DATA_MAX = 424, /* [MS-MAIL] 2.1: what Windows lets between computers */
    MSI_SMB_MAILSLOT_PATH_MAX = 246, /* as MSI_PATH_MAX; a longer one is no mailslot of ours */
};

typedef struct {
    char path[MSI_SMB_MAILSLOT_PATH_MAX +
              1];              /* what follows \MAILSLOT\, as sent, any bytes but NUL */
    const unsigned char *data; /* decoded: into the packet */
    size_t len;
} msi_smb_mailslot;

/** Largest message in bytes that can be written to the mailslot of that path on another computer:
 *  the smaller of 424 and 443 - strlen("\MAILSLOT\PATH") - 1. -1 if the path is empty or over
 *  MSI_SMB_MAILSLOT_PATH_MAX bytes. */
int msi_smb_mailslot_limit(const char *path);

/**
 * Takes the user data of a datagram apart. Every offset and count is checked against ByteCount, and
 * that against len: SHORT. Another command, word count, setup count or opcode, or a name that does
 * not begin with \MAILSLOT\ (in any case), is NOT_MAILSLOT; no name after that, or one over
 * MSI_SMB_MAILSLOT_PATH_MAX bytes, is NAME; less data than the transaction has in total is
 * FRAGMENT; data or parameters outside, or more data than msi_smb_mailslot_limit(), is LENGTH.
 * *write is then undefined. What [MS-MAIL] 2.2.1 says to ignore is ignored: header, priority,
 * class, timeout.
 */
msi_wire_err msi_smb_mailslot_decode(msi_smb_mailslot *write, const unsigned char *data,
                                     size_t len);

/** Writes the user data of a datagram as Windows does: no padding, class 2. Returns its bytes; 0,
 *  with nothing written, if the message is over msi_smb_mailslot_limit() or cap is too small. */
size_t msi_smb_mailslot_encode(const msi_smb_mailslot *write, unsigned char *out, size_t cap);

#endif
