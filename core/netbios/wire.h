/* What the formats of the network's packets share: NetBIOS fields are big endian, SMB fields little
 * endian. The callers check lengths. */
#ifndef MSI_WIRE_H
#define MSI_WIRE_H

#include "byteorder.h"

/** Reasons to reject a packet; mailslotd counts each. */
#define MSI_WIRE_LIST(X)                                                                           \
    X(SHORT, "truncated")             /* ends before a field, or before what it announces */       \
    X(LENGTH, "lengths disagree")     /* a length or offset leads outside, or over its bound */    \
    X(NAME, "bad name")               /* not a first-level encoded name; no name of a mailslot */  \
    X(FRAGMENT, "fragmented")         /* not reassembled: [MS-MAIL] has no segments */             \
    X(NOT_DATAGRAM, "not a datagram") /* a type or opcode without a message in it */               \
    X(NOT_MAILSLOT, "not a mailslot write") /* another SMB command or another pipe */

typedef enum {
    MSI_WIRE_SOUND = 0,
#define MSI_WIRE_MEMBER(name, text) MSI_WIRE_##name,
    MSI_WIRE_LIST(MSI_WIRE_MEMBER)
#undef MSI_WIRE_MEMBER
        MSI_WIRE_KINDS
} msi_wire_err;

/** An IPv4 address and port, both in host byte order. The protocol knows no other addresses. */
typedef struct {
    uint32_t ip;
    uint16_t port;
} msi_udp_address;

#endif
