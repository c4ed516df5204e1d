/**
 * @file
 * What a codec is, for those who write one. Users of the built-in codecs need only
 * <mailslot/registry.h>, <mailslot/text.h>, <mailslot/msgpack.h> or <mailslot/protobuf.h>.
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

/** Where encode writes: bounded by the slot's limit, counting on past it. */
typedef struct mailslot_sink mailslot_sink;

/** Where decode allocates: bounded by the slot's decode budget, freed by the record. */
typedef struct mailslot_scratch mailslot_scratch;

/** A serialiser pair and its schema. */
struct mailslot_codec {
    /** sizeof(mailslot_codec). */
    size_t size;
    /** What messages and registries call it, such as "text". */
    const char *name;
    /** Whatever encode and decode need to know of the value's type; may be NULL. */
    const void *schema;
    /**
     * Writes value's bytes to the sink. Called once per put, from any thread. Returns MAILSLOT_OK,
     * or mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ...) for a value it cannot encode, or what the sink
     * returned. It need not look at limits: the framework checks the sink's count.
     */
    mailslot_err (*encode)(const mailslot_codec *codec, const void *value, mailslot_sink *sink);
    /**
     * Makes a value of bytes, which are not to be trusted, and stores it in *value. It may point
     * into the bytes, which live as long as the value and are followed by a NUL, and into scratch
     * memory. Its stack must not grow with the message. Returns MAILSLOT_OK, or mailslot_fail()
     * with MAILSLOT_ERR_BAD_MESSAGE or MAILSLOT_ERR_TOO_COMPLEX, or mailslot_scratch_error().
     */
    mailslot_err (*decode)(const mailslot_codec *codec, mailslot_scratch *scratch,
                           mailslot_bytes bytes, const void **value);
};

/**
 * Notes why this thread's call fails, for mailslot_detail(), and returns err: a codec ends with
 * `return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "year %d is not in this calendar", year);`.
 * put and get add the slot's name.
 */
MAILSLOT_API MAILSLOT_PRINTF(2, 3) mailslot_err
    mailslot_fail(mailslot_err err, const char *format, ...);

/**
 * Appends len bytes to the message. Past the slot's limit it keeps counting and drops the bytes,
 * so that TOO_BIG can name the true size. NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_sink_write(mailslot_sink *sink,
                                                                const void *data, size_t len);

/**
 * Appends len bytes to the message, to be filled in by the caller at *space before the next call
 * on the sink. *space is NULL, and the bytes are only counted, past the slot's limit: then nothing
 * is to be filled in, and all that follows is only counted too, unless these len bytes are given
 * back by mailslot_sink_return(). NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_sink_reserve(mailslot_sink *sink, size_t len,
                                                                  void **space);

/**
 * Takes back the last len bytes of what the last mailslot_sink_reserve() appended, filled or not:
 * for a codec that knows how many bytes it needs at most before it knows how many it needs. If that
 * gave no space, the codec must give back all of it and append exactly what the message needs: if
 * it gives back only a part, the message is measured, but to put it is TOO_BIG whatever its size.
 */
MAILSLOT_API void mailslot_sink_return(mailslot_sink *sink, size_t len);

/**
 * len bytes aligned for any type, valid as long as the record's content; NULL if the decode
 * budget or memory is used up, as mailslot_scratch_error() then tells. Never NULL for len 0.
 */
MAILSLOT_API void *mailslot_scratch_alloc(mailslot_scratch *scratch, size_t len);

/** Why mailslot_scratch_alloc() returned NULL since decode was called: TOO_COMPLEX (the budget) or
 *  NO_MEMORY, with a detail; MAILSLOT_OK if it never did. */
MAILSLOT_API mailslot_err mailslot_scratch_error(const mailslot_scratch *scratch);

/**
 * Fills record as a mailslot_get() would that took len bytes at data from a slot with this codec
 * (NULL: text): copies them and decodes them. For messages that were kept elsewhere, such as in a
 * file. origin is copied too; NULL: a writer on this computer of whom nothing is known. budget is
 * as decode_budget of mailslot_options. data must not lie in record.
 *
 * BAD_MESSAGE or TOO_COMPLEX (bytes and origin are in the record, its value is NULL); INVALID (NULL
 * record or data, or a remote origin's computer of over 15 bytes or address of over 45), NO_MEMORY.
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
 * mailslot_put() with another codec than the slot's, for typed and streaming puts: the caller sees
 * to it that readers understand the bytes.
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
