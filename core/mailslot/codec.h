/**
 * @file
 * The interface of codecs, for programs that implement their own. Programs that use the built-in
 * codecs need only <mailslot/registry.h>, <mailslot/text.h>, <mailslot/msgpack.h> or
 * <mailslot/protobuf.h>.
 *
 * A codec is a constant table. It owns no memory: encode writes into a sink that cannot overflow,
 * decode allocates from scratch memory that lives as long as the record's content.
 */
#ifndef MAILSLOT_CODEC_H
#define MAILSLOT_CODEC_H

#include <mailslot/mailslot.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where encode writes. Holds at most the slot's limit and counts the bytes beyond it. */
typedef struct mailslot_sink mailslot_sink;

/** Where decode allocates. Limited by the slot's decode_budget; the record frees it. */
typedef struct mailslot_scratch mailslot_scratch;

/** A serialiser pair and its schema. */
struct mailslot_codec {
    /** sizeof(mailslot_codec). */
    size_t size;
    /** Its name in error details and registries, such as "text". */
    const char *name;
    /** Describes the value's type to encode and decode; may be NULL. */
    const void *schema;
    /**
     * Writes value's bytes to the sink. Called once per put, from any thread. Returns MAILSLOT_OK,
     * or mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ...) for a value it cannot encode, or the sink's
     * error. It need not check limits: put compares the sink's count with them.
     */
    mailslot_err (*encode)(const mailslot_codec *codec, const void *value, mailslot_sink *sink);
    /**
     * Decodes bytes, which may be malformed or hostile, and stores the value in *value. The value
     * may point into bytes, which are valid as long as it is and are followed by a NUL, and into
     * scratch memory. Stack use must not depend on the message. Returns MAILSLOT_OK, or
     * mailslot_fail()
     * with MAILSLOT_ERR_BAD_MESSAGE or MAILSLOT_ERR_TOO_COMPLEX, or mailslot_scratch_error().
     */
    mailslot_err (*decode)(const mailslot_codec *codec, mailslot_scratch *scratch,
                           mailslot_bytes bytes, const void **value);
};

/**
 * Sets this thread's mailslot_detail() to the formatted text and returns err. A codec fails with
 * `return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "year %d is not in this calendar", year);`.
 * put and get prepend the slot's name.
 */
MAILSLOT_API MAILSLOT_PRINTF(2, 3) mailslot_err
    mailslot_fail(mailslot_err err, const char *format, ...);

/**
 * Appends len bytes to the message. Beyond the slot's limit the bytes are only counted, so that the
 * detail of TOO_BIG has the full size. NO_MEMORY; BAD_VALUE (the size does not fit a size_t).
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_sink_write(mailslot_sink *sink,
                                                                const void *data, size_t len);

/**
 * Appends len bytes to the message, which the caller writes to *space before the next call on the
 * sink. Beyond the slot's limit *space is NULL and the bytes are only counted; so are all later
 * ones, unless these len bytes are given back with mailslot_sink_return(). Errors as
 * mailslot_sink_write().
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_sink_reserve(mailslot_sink *sink, size_t len,
                                                                  void **space);

/**
 * Removes the last len bytes that the last mailslot_sink_reserve() appended, written or not. For a
 * codec that knows an upper bound before it knows the size. If *space was NULL, the codec must give
 * back all of them and append exactly the bytes it needs; if it gives back only some, the message's
 * size is known, but a put of it fails with TOO_BIG.
 */
MAILSLOT_API void mailslot_sink_return(mailslot_sink *sink, size_t len);

/**
 * Allocates len bytes, aligned for any type and valid as long as the record's content. NULL if the
 * decode budget or the memory is used up; mailslot_scratch_error() then tells which. Never NULL for
 * len 0.
 */
MAILSLOT_API void *mailslot_scratch_alloc(mailslot_scratch *scratch, size_t len);

/** Why mailslot_scratch_alloc() returned NULL since decode was called: TOO_COMPLEX (the budget) or
 *  NO_MEMORY, with a detail; MAILSLOT_OK if it never did. */
MAILSLOT_API mailslot_err mailslot_scratch_error(const mailslot_scratch *scratch);

/**
 * Copies len bytes at data into record and decodes them with codec (NULL: text), as mailslot_get()
 * does with a message. For messages from elsewhere, such as a file. origin is copied too; NULL: an
 * unknown writer on this computer. budget is as decode_budget of mailslot_options. data must not
 * point into record.
 *
 * BAD_MESSAGE or TOO_COMPLEX (the record has the bytes and the origin, and a NULL value); INVALID
 * (record or data is NULL, or a remote origin's computer exceeds 15 bytes or its address 45);
 * NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_record_decode(mailslot_record *record,
                                                                   const mailslot_codec *codec,
                                                                   const void *data, size_t len,
                                                                   const mailslot_origin *origin,
                                                                   size_t budget);

/** The codec of a slot opened without one: text, whose values are C strings. Static. */
MAILSLOT_API const mailslot_codec *mailslot_codec_default(void);

/** The slot's codec; never NULL. */
MAILSLOT_API const mailslot_codec *mailslot_slot_codec(const mailslot *slot);

/**
 * As mailslot_put(), but encodes with codec instead of the slot's, for typed and streaming puts.
 * The bytes must be what the readers' codec decodes.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_put_as(mailslot *slot,
                                                            const mailslot_codec *codec,
                                                            const void *value);

/**
 * Returns the length in bytes, 1 to 4, of the UTF-8 character at the start of text, which has len
 * bytes; 0 if len is 0 or no complete, well-formed character is there. Well-formed is as in
 * RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. A NUL byte is the character
 * U+0000, of length 1. text may be NULL only if len is 0. Thread-safe.
 */
MAILSLOT_API size_t mailslot_utf8_length(const char *text, size_t len);

/**
 * Returns the length in bytes of the longest prefix of text, which has len bytes, that consists of
 * complete, well-formed characters as in mailslot_utf8_length(). It is len if all of text is valid
 * UTF-8; otherwise it is the offset of the first byte that is not. Thread-safe.
 */
MAILSLOT_API size_t mailslot_utf8_prefix(const char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
