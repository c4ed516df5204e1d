/**
 * @file
 * The codecs text, utf8 and bytes. This header needs neither protobuf-c nor msgpack-c.
 */
#ifndef MAILSLOT_TEXT_H
#define MAILSLOT_TEXT_H

#include <mailslot/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * "text": any bytes, unchanged. A value is a C string (const char *): put sends it without its NUL,
 * get appends one. If a message contains a NUL itself, mailslot_record_bytes() has all of it.
 * Slots opened without a codec use this one, mailslot_codec_default(). Static.
 */
MAILSLOT_API const mailslot_codec *mailslot_codec_text(void);

/**
 * "utf8": as text, but put and get require UTF-8 without NUL (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF). Otherwise put returns BAD_VALUE and get BAD_MESSAGE, with a
 * detail that names the offset of the first invalid character. Static.
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
