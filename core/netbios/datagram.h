/* NetBIOS datagrams (RFC 1002 section 4.4): what travels on UDP port 138. Pure. */
#ifndef MSI_DATAGRAM_H
#define MSI_DATAGRAM_H

#include "nbname.h"
#include "wire.h"

enum {
    MSI_DATAGRAM_PORT = 138, /* RFC 1002 section 6 */
    MSI_DATAGRAM_HEADER = 14,
    /* RFC 1002 section 6: MAX_DATAGRAM_LENGTH 576 bytes of IP payload leave 512 of user data. */
    MSI_DATAGRAM_DATA_MAX = 512,
    MSI_DATAGRAM_MAX = MSI_DATAGRAM_HEADER + 2 * MSI_NBNAME_ENCODED_MAX + MSI_DATAGRAM_DATA_MAX,
};

/** RFC 1002 section 4.4.1, MSG_TYPE. */
enum {
    MSI_DATAGRAM_UNIQUE = 0x10,
    MSI_DATAGRAM_GROUP = 0x11,
    MSI_DATAGRAM_BROADCAST = 0x12,
    MSI_DATAGRAM_ERROR = 0x13,
};

typedef struct {
    uint8_t type;
    uint16_t id;
    uint32_t source_ip; /* host byte order, as claimed */
    uint16_t source_port;
    msi_nbname source, destination;
    const unsigned char *data; /* decoded: into the packet */
    size_t len;
} msi_datagram;

/** Takes a packet apart. SHORT if it ends before what DGM_LENGTH announces, bytes after that are
 *  ignored; types other than the three with data are NOT_DATAGRAM; MORE, or a PACKET_OFFSET, is
 *  FRAGMENT; over MSI_DATAGRAM_DATA_MAX bytes of data is LENGTH. *datagram is undefined then. */
msi_wire_err msi_datagram_decode(msi_datagram *datagram, const unsigned char *packet, size_t len);

/** Writes a datagram of a B-node that is not fragmented; returns its bytes, 0 if data is too long
 *  or cap too small. */
size_t msi_datagram_encode(const msi_datagram *datagram, unsigned char *out, size_t cap);

#endif
