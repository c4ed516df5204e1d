/**
 * @file
 * The codecs that need no schema: text, utf8 and bytes.
 */
#ifndef MAILSLOT_TEXT_H
#define MAILSLOT_TEXT_H

#include <mailslot/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * "text": any bytes, untouched. A value is a C string (const char *): put sends what stands before
 * the NUL, get adds one. A message that contains a NUL is whole in mailslot_record_bytes().
 * This is the codec of a slot opened without one, mailslot_codec_default(). Static.
 */
MAILSLOT_API const mailslot_codec *mailslot_codec_text(void);

/**
 * "utf8": as text, but both ends insist on UTF-8 (RFC 3629: no overlong forms, surrogates or
 * numbers above 10FFFF) without NUL. BAD_VALUE and BAD_MESSAGE name the offset at which the first
 * wrong character begins. Static.
 */
MAILSLOT_API const mailslot_codec *mailslot_codec_utf8(void);

/**
 * "bytes": any bytes. A value is a const mailslot_bytes *; the one that get decodes points into
 * the record. BAD_VALUE for a NULL data whose len is not 0. Static.
 */
MAILSLOT_API const mailslot_codec *mailslot_codec_bytes(void);

#ifdef __cplusplus
}
#endif

#endif
