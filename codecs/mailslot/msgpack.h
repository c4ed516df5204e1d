/**
 * @file
 * MessagePack values in mailslots, by msgpack-c (pkg-config "msgpack"):
 *
 *     static int fill(msgpack_packer *packer, void *ctx) {
 *         const struct reading *r = ctx;
 *         msgpack_pack_array(packer, 2);
 *         msgpack_pack_uint64(packer, r->time_ns);
 *         return msgpack_pack_double(packer, r->celsius);
 *     }
 *     ...
 *     err = mailslot_put_msgpack(slot, fill, &reading);
 *
 * and on the other side, in a slot opened with mailslot_codec_msgpack():
 *
 *     err = mailslot_get(slot, record, MAILSLOT_FOREVER);
 *     const msgpack_object *object = mailslot_record_value(record);
 */
#ifndef MAILSLOT_MSGPACK_H
#define MAILSLOT_MSGPACK_H

#include <mailslot/codec.h>

#include <msgpack.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * "msgpack": a message is exactly one MessagePack value of any type. A value is a
 * const msgpack_object *. Static.
 *
 * The object that get decodes lies in the record; its str, bin and ext point into the record's
 * bytes and do not end with a NUL. The ptr of an empty str or bin means nothing. msgpack-c keeps
 * what a str holds as it comes, so it need not be UTF-8; a float 32 is in via.f64, and its type
 * remembers that it was one.
 *
 * put gives BAD_VALUE for an object of unknown type, with a size but no ptr, or nested deeper than
 * get accepts. get gives BAD_MESSAGE if the bytes are not one whole value, or one and something
 * behind it; TOO_COMPLEX if a value stands in 32 or more arrays and maps, or if the elements that
 * the message claims to hold would take more memory than the slot's decode_budget. It looks before
 * it unpacks: neither memory nor stack grows with what a message only claims.
 */
MAILSLOT_API const mailslot_codec *mailslot_codec_msgpack(void);

/**
 * Puts what fill packs, straight into the message. fill is called at most once, before this
 * returns, with ctx; it returns 0, or anything else to give up. It must pack exactly one value,
 * and must not use the packer afterwards or close the slot. The slot's codec must be
 * mailslot_codec_msgpack().
 *
 * INVALID (the slot has another codec; fill is not called, or fill is NULL); BAD_VALUE (fill gave
 * up, or packed nothing, less or more than one value, or one nested deeper than
 * mailslot_codec_msgpack() decodes); otherwise as mailslot_put().
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_put_msgpack(mailslot *slot, int (*fill)(msgpack_packer *packer, void *ctx), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
