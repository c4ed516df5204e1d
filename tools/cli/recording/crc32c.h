/* CRC-32C (Castagnoli), as RFC 3720, section 12.1, has it. */
#ifndef CLI_CRC32C_H
#define CLI_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** The checksum of len bytes. */
uint32_t crc32c(const void *data, size_t len);

#endif
