/* A message's envelope. Every transport fills it in, records keep it, and the local queue stores
 * it with the message. */
#ifndef MSI_ENVELOPE_H
#define MSI_ENVELOPE_H

#include "name.h"

/** A NetBIOS name and an IPv4 or IPv6 address in text form, with their NULs. */
enum { MSI_COMPUTER_SIZE = MSI_COMPUTER_MAX + 1, MSI_ADDRESS_SIZE = 46 };

/** A pid or uid of a local writer that the system does not tell. */
#define MSI_NO_ID UINT32_MAX

/** Bytes of message a slot takes where no maximum was set: the largest a 16-bit length can say, as
 *  SMB's DataCount does ([MS-CIFS] 2.2.4.33.1). */
enum { MSI_DEFAULT_MAX = 65535 };

/** A message's size and origin. A reader's local queue keeps all of it, so that messages which
 *  arrive by another transport (from the network, or from another user through mailslotd) can be
 *  put there with their true origin. */
typedef struct {
    size_t len;          /* bytes of message */
    uint64_t arrival_ns; /* since 1970 */
    uint32_t pid, uid;   /* of a local writer, or MSI_NO_ID */
    bool remote;
    char computer[MSI_COMPUTER_SIZE]; /* only if remote */
    char address[MSI_ADDRESS_SIZE];   /* only if remote */
} msi_message;

#endif
