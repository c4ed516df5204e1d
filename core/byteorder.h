/* Integers in packets, whatever their alignment, in the byte order that a protocol prescribes. The
 * callers check lengths. */
#ifndef MSI_BYTEORDER_H
#define MSI_BYTEORDER_H

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

#endif
