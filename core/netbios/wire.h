/* Bytes of the network, read and written one field at a time: NetBIOS fields are big endian, SMB
 * fields little endian. The callers check lengths. */
#ifndef MSI_WIRE_H
#define MSI_WIRE_H

#include <stdint.h>

static inline uint16_t msi_get_be16(const unsigned char *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static inline uint32_t msi_get_be32(const unsigned char *p) {
    return (uint32_t)msi_get_be16(p) << 16 | msi_get_be16(p + 2);
}

static inline uint16_t msi_get_le16(const unsigned char *p) { return (uint16_t)(p[1] << 8 | p[0]); }

static inline void msi_put_be16(unsigned char *p, uint16_t v) {
    p[0] = (unsigned char)(v >> 8);
    p[1] = (unsigned char)v;
}

static inline void msi_put_be32(unsigned char *p, uint32_t v) {
    msi_put_be16(p, (uint16_t)(v >> 16));
    msi_put_be16(p + 2, (uint16_t)v);
}

static inline void msi_put_le16(unsigned char *p, uint16_t v) {
    p[0] = (unsigned char)v;
    p[1] = (unsigned char)(v >> 8);
}

/** Why bytes are not what they were taken for; also the kinds that mailslotd counts. */
#define MSI_WIRE_LIST(X)                                                                           \
    X(SHORT, "truncated")             /* ends before a field, or before what it announces */       \
    X(LENGTH, "lengths disagree")     /* a length or offset leads outside, or over its bound */    \
    X(NAME, "bad name")               /* not a first-level encoded name; no name of a mailslot */  \
    X(FRAGMENT, "fragmented")         /* nobody reassembles: [MS-MAIL] has no segments */          \
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
