/**
 * @file
 * Protocol Buffers messages in mailslots, by protobuf-c (pkg-config "libprotobuf-c") and the code
 * that protoc-c generates. One macro per message type gives typed functions:
 *
 *     #include "trace.pb-c.h"
 *     MAILSLOT_PROTOBUF(trace_event, Trace__Event, trace__event__descriptor)
 *
 *     options.codec = trace_event_codec();
 *     ...
 *     err = trace_event_put(slot, &event);
 *     ...
 *     const Trace__Event *event;
 *     err = trace_event_get(slot, record, &event, MAILSLOT_FOREVER);
 *
 * What a message may be, beyond what its schema says:
 *
 *  - A string is UTF-8 (RFC 3629), in proto2 as in proto3, as other implementations insist. U+0000
 *    in it, which no C string can hold, is refused rather than cut off.
 *  - Messages nest at most 32 deep, the outermost counted, and have under 2 GiB.
 *  - Fields the schema does not know are kept, in message->base.unknown_fields, and put again.
 *  - Groups, a field in another wire type than its own, and a singular submessage that comes in
 *    several pieces are refused: protobuf-c cannot read groups, and would lose parts of the pieces.
 *  - A tag over 32 bits is refused, where some implementations cut it off.
 *  - An enum of proto2 is as open as one of proto3: a number that its schema does not declare is a
 *    value of the field like any other, where some implementations take it for an unknown field.
 *  - Of a proto3 field without presence, protobuf-c does not send -0.0, which equals its default.
 */
#ifndef MAILSLOT_PROTOBUF_H
#define MAILSLOT_PROTOBUF_H

#include <mailslot/codec.h>

#include <protobuf-c/protobuf-c.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The encode of every Protobuf codec: its value is a const ProtobufCMessage * whose descriptor is
 * codec->schema. BAD_VALUE: another message type, a required field or a pointer that is missing,
 * a string that is not UTF-8, or nesting too deep; the detail names the field. The message must
 * not change meanwhile.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_encode(const mailslot_codec *codec,
                                                                     const void *value,
                                                                     mailslot_sink *sink);

/**
 * The decode of every Protobuf codec: codec->schema is the const ProtobufCMessageDescriptor * of
 * the messages. They lie in the record: read them, never free them. BAD_MESSAGE: not a message of
 * that type, as the head of this file says, or a required field is missing; TOO_COMPLEX: nested too
 * deep, or beyond the slot's decode_budget. It looks before it unpacks, so the stack stays small.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_decode(const mailslot_codec *codec,
                                                                     mailslot_scratch *scratch,
                                                                     mailslot_bytes bytes,
                                                                     const void **value);

/** What PREFIX_put() of MAILSLOT_PROTOBUF() calls. INVALID (the slot's codec is neither codec nor
 *  one for the same descriptor); otherwise as mailslot_put(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_put(mailslot *slot,
                                                                  const mailslot_codec *codec,
                                                                  const ProtobufCMessage *message);

/** What PREFIX_get() of MAILSLOT_PROTOBUF() calls; *message is NULL unless MAILSLOT_OK. INVALID as
 *  mailslot_protobuf_put(), before anything is taken; otherwise as mailslot_get(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_get(mailslot *slot,
                                                                  const mailslot_codec *codec,
                                                                  mailslot_record *record,
                                                                  const ProtobufCMessage **message,
                                                                  int timeout_ms);

#ifdef __cplusplus
}
#endif

#if defined(__GNUC__)
#define MAILSLOT_PROTOBUF_FUNCTION __attribute__((unused)) static inline
#else
#define MAILSLOT_PROTOBUF_FUNCTION static inline
#endif

#ifdef __cplusplus /* where -Wold-style-cast warns of C's */
#define MAILSLOT_PROTOBUF_CAST(Type, message) reinterpret_cast<Type>(message)
#else
#define MAILSLOT_PROTOBUF_CAST(Type, message) ((Type)(message))
#endif

/**
 * At file scope, without a semicolon: defines static inline functions for the message type Type
 * with protoc-c's descriptor of it.
 *
 *     const mailslot_codec *PREFIX_codec(void);
 *
 * The codec to open slots with; static. A codec for the same descriptor from a registry does too.
 *
 *     mailslot_err PREFIX_put(mailslot *slot, const Type *value);
 *
 * mailslot_put() of a message. INVALID if the slot's codec is not for this type.
 *
 *     mailslot_err PREFIX_get(mailslot *slot, mailslot_record *record, const Type **value,
 *                             int timeout_ms);
 *
 * mailslot_get() of a message; *value lives as long as the record's content and is NULL unless
 * MAILSLOT_OK. INVALID if the slot's codec is not for this type; then nothing is taken.
 */
#define MAILSLOT_PROTOBUF(prefix, Type, type_descriptor)                                           \
    MAILSLOT_PROTOBUF_FUNCTION const mailslot_codec *prefix##_codec(void) {                        \
        static const mailslot_codec codec = {sizeof(mailslot_codec), "protobuf", &type_descriptor, \
                                             mailslot_protobuf_encode, mailslot_protobuf_decode};  \
        return &codec;                                                                             \
    }                                                                                              \
    MAILSLOT_PROTOBUF_FUNCTION MAILSLOT_MUST_USE mailslot_err prefix##_put(mailslot *slot,         \
                                                                           const Type *value) {    \
        return mailslot_protobuf_put(slot, prefix##_codec(), value ? &value->base : NULL);         \
    }                                                                                              \
    MAILSLOT_PROTOBUF_FUNCTION MAILSLOT_MUST_USE mailslot_err prefix##_get(                        \
        mailslot *slot, mailslot_record *record, const Type **value, int timeout_ms) {             \
        const ProtobufCMessage *message;                                                           \
        mailslot_err err =                                                                         \
            mailslot_protobuf_get(slot, prefix##_codec(), record, &message, timeout_ms);           \
        *value = MAILSLOT_PROTOBUF_CAST(const Type *, message);                                    \
        return err;                                                                                \
    }

#endif
