/* Base64 (RFC 4648). */
#ifndef CLI_BASE64_H
#define CLI_BASE64_H

#include "base/buffer.h"

#include <stdbool.h>

/** Appends the standard form of len bytes, padded. */
void base64_encode(struct buffer *out, const void *data, size_t len);

/** Bytes that text_len characters of Base64 stand for at most. */
size_t base64_decoded_max(size_t text_len);

/**
 * Decodes the standard or the URL-safe form, padded or not, into out, which holds
 * base64_decoded_max() bytes, and stores the size in *len. Bits left over at the end are ignored,
 * as other implementations of Protobuf do. False for anything else.
 */
bool base64_decode(const char *text, size_t text_len, unsigned char *out, size_t *len);

#endif
