/* Sums and products of sizes, for which MAILSLOT_UNBOUNDED is infinite. */
#ifndef MSI_SCHEMA_SIZE_MATH_H
#define MSI_SCHEMA_SIZE_MATH_H

#include <mailslot/schema.h>

#include <stddef.h>
#include <stdint.h>

/** The size of a message that cannot occur: it would be nested too deep or, for a typical size,
 *  would contain its own type. Not a number: check for it before a sum. */
#define MSI_SIZE_ABSENT (MAILSLOT_UNBOUNDED - 1)

/** a + b; unbounded if that is too large, or if one is. */
static inline size_t msi_size_plus(size_t a, size_t b) {
    return b < MSI_SIZE_ABSENT - a && a < MSI_SIZE_ABSENT ? a + b : MAILSLOT_UNBOUNDED;
}

/** a * b; 0 if one is 0, even if the other is unbounded. */
static inline size_t msi_size_times(size_t a, size_t b) {
    if (a == 0 || b == 0)
        return 0;
    return a < MSI_SIZE_ABSENT / b ? a * b : MAILSLOT_UNBOUNDED;
}

/** Bytes of number as a varint. */
static inline size_t msi_size_varint(uint64_t number) {
    size_t size = 1;
    for (; number >= 0x80; number >>= 7)
        size++;
    return size;
}

/** Bytes of len bytes with a length prefix. */
static inline size_t msi_size_prefixed(size_t len) {
    return len >= MSI_SIZE_ABSENT ? MAILSLOT_UNBOUNDED : msi_size_plus(len, msi_size_varint(len));
}

#endif
