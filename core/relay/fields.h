/* Fields of relay packets, big-endian: the writers and readers that protocol.c and status_codec.c
 * share. */
#ifndef MSI_RELAY_FIELDS_H
#define MSI_RELAY_FIELDS_H

#include "byteorder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Writing: the caller has ensured room; returns where the next field goes ---- */

static inline unsigned char *msi_fields_put_u8(unsigned char *at, unsigned value) {
    *at = (unsigned char)value;
    return at + 1;
}

static inline unsigned char *msi_fields_put_u32(unsigned char *at, uint32_t value) {
    msi_put_be32(at, value);
    return at + 4;
}

static inline unsigned char *msi_fields_put_u64(unsigned char *at, uint64_t value) {
    return msi_fields_put_u32(msi_fields_put_u32(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

/* ---- Reading: a missing or invalid field makes the whole packet unsound ---- */

/** What is left of a packet. Start from {bytes, size, true}. */
typedef struct {
    const unsigned char *at;
    size_t left;
    bool sound; /* false for good after the first field that is missing or invalid */
} msi_fields;

/** The next len bytes. Past the end of the packet every field reads as zeros and `sound` becomes
 *  false, so that only the caller at the top has to test it. There are 8 zeros: a caller that asks
 *  for more checks `left` first. */
static inline const unsigned char *msi_fields_get_bytes(msi_fields *in, size_t len) {
    static const unsigned char zeros[8];
    if (len > in->left) {
        in->sound = false;
        return zeros;
    }
    in->at += len;
    in->left -= len;
    return in->at - len;
}

static inline uint8_t msi_fields_get_u8(msi_fields *in) { return *msi_fields_get_bytes(in, 1); }

static inline uint32_t msi_fields_get_u32(msi_fields *in) {
    return msi_get_be32(msi_fields_get_bytes(in, 4));
}

static inline uint64_t msi_fields_get_u64(msi_fields *in) {
    uint64_t high = msi_fields_get_u32(in);
    return high << 32 | msi_fields_get_u32(in);
}

/** A byte that must not exceed last: the last value of an enum, or true for a boolean. */
static inline unsigned msi_fields_get_choice(msi_fields *in, unsigned last) {
    unsigned choice = msi_fields_get_u8(in);
    in->sound = in->sound && choice <= last;
    return in->sound ? choice : 0;
}

#endif
