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
 * bytes and do not end with a NUL. The ptr of an empty str or bin is unspecified. A str is not
 * checked for UTF-8. A float 32 is in via.f64; its type tells that it was one. A NaN keeps its sign
 * and payload, even a signalling one: bits 0 to 22 of the float are bits 29 to 51 of the double.
 *
 * put returns BAD_VALUE for an object of unknown type, with a size but a NULL ptr, or nested deeper
 * than get accepts. get returns BAD_MESSAGE unless the bytes are exactly one whole value, and
 * TOO_COMPLEX if a value is inside 32 or more arrays and maps, or if the elements that the message
 * announces would take more memory than the slot's decode_budget. Messages are checked before they
 * are unpacked, so an announced size alone takes neither memory nor stack.
 */
MAILSLOT_API const mailslot_codec *mailslot_codec_msgpack(void);

/**
 * Puts a message that fill packs directly into the slot's buffer. fill is called at most once,
 * before this function returns, with ctx. It returns 0, or another value to abort. It must pack
 * exactly one value, must not keep the packer, and must not close the slot. The slot's codec must
 * be mailslot_codec_msgpack().
 *
 * INVALID (the slot has another codec; fill is not called, or fill is NULL); BAD_VALUE (fill
 * aborted, or packed anything but one whole value, or one nested deeper than
 * mailslot_codec_msgpack() decodes); otherwise as mailslot_put().
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_put_msgpack(mailslot *slot, int (*fill)(msgpack_packer *packer, void *ctx), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
