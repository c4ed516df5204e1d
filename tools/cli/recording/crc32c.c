/* CRC-32C (Castagnoli) with a table, as RFC 3720 defines it. */
#include "crc32c.h"

#include <stdbool.h>

/* The polynomial 0x1EDC6F41, bits reversed. "Slicing by 8": eight bytes at a time with a table for
 * each, for processors without an instruction for it; fast enough to keep up with a disk. */
enum { STEP = 8 };
#define POLYNOMIAL 0x82F63B78U

/* tables[i][b] is the checksum of the byte b followed by i zero bytes. */
static uint32_t tables[STEP][256];

static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        tables[0][byte] = crc;
    }
    for (int i = 1; i < STEP; i++)
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = tables[i - 1][byte];
            tables[i][byte] = before >> 8 ^ tables[0][before & 0xFF];
        }
}

static uint32_t crc32c_eight(uint32_t crc, const unsigned char *at) {
    /* Byte by byte, which is the same on every byte order and alignment. */
    crc ^= at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return tables[7][crc & 0xFF] ^ tables[6][crc >> 8 & 0xFF] ^ tables[5][crc >> 16 & 0xFF] ^
           tables[4][crc >> 24] ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^
           tables[0][at[7]];
}

uint32_t crc32c(const void *data, size_t len) {
    /* No lock: only the thread that records or plays back computes checksums. */
    static bool made;
    if (!made)
        make_tables();
    made = true;
    const unsigned char *at = data;
    uint32_t crc = UINT32_MAX;
    for (; len >= STEP; len -= STEP, at += STEP)
        crc = crc32c_eight(crc, at);
    for (; len > 0; len--, at++)
        crc = crc >> 8 ^ tables[0][(crc ^ *at) & 0xFF];
    return ~crc;
}
