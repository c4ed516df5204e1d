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
 * Limits and conventions beyond the schema:
 *
 *  - Strings must be UTF-8 (RFC 3629) in proto3 and in proto2. In proto2 most implementations, C++
 *    and upb among them, do not check that. A string that contains U+0000 is refused, because a C
 *    string cannot hold it.
 *  - Messages nest at most 32 deep, the outermost included, and have less than 2 GiB.
 *  - Fields that the schema does not know are kept in message->base.unknown_fields and put again.
 *  - So are groups, and fields whose wire type is not the one that the schema gives them.
 *  - The pieces of a singular submessage are merged, also in a oneof and in the value of a map.
 *  - A tag of more than 32 bits is refused; some implementations cut it off.
 *  - Enums of proto2 are open, as in proto3: an undeclared number is a value of the field. Some
 *    implementations make it an unknown field.
 *  - -0.0 in a proto3 field without presence is put, behind the message's other fields. protobuf-c
 *    alone would leave it out, because it compares equal to the default.
 */
#ifndef MAILSLOT_PROTOBUF_H
#define MAILSLOT_PROTOBUF_H

#include <mailslot/codec.h>
#include <mailslot/registry.h>

#include <protobuf-c/protobuf-c.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The encode function of every Protobuf codec. A value is a const ProtobufCMessage * whose
 * descriptor is codec->schema; it must not change during the call. BAD_VALUE, with a detail that
 * names the field: another message type, a missing required field, a NULL pointer, a string that is
 * not UTF-8, or nesting over 32 deep. NO_MEMORY, also for copying a message that contains -0.0 in a
 * proto3 field without presence.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_encode(const mailslot_codec *codec,
                                                                     const void *value,
                                                                     mailslot_sink *sink);

/**
 * The decode function of every Protobuf codec; codec->schema is the message type's const
 * ProtobufCMessageDescriptor *. The value lies in the record's memory: do not free or change it.
 * BAD_MESSAGE: not a message of that type, by the rules at the head of this file, or a required
 * field is missing. TOO_COMPLEX: nested over 32 deep, or more memory than the slot's decode_budget.
 * Messages are checked before protobuf-c sees them, so its recursion is bounded.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_decode(const mailslot_codec *codec,
                                                                     mailslot_scratch *scratch,
                                                                     mailslot_bytes bytes,
                                                                     const void **value);

/** Implements PREFIX_put() of MAILSLOT_PROTOBUF(). INVALID (the slot's codec is neither codec nor
 *  one for the same descriptor); otherwise as mailslot_put(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_put(mailslot *slot,
                                                                  const mailslot_codec *codec,
                                                                  const ProtobufCMessage *message);

/** Implements PREFIX_get() of MAILSLOT_PROTOBUF(). *message is NULL unless the result is
 * MAILSLOT_OK. INVALID as mailslot_protobuf_put(), without taking a message; otherwise as
 * mailslot_get(). */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_get(mailslot *slot,
                                                                  const mailslot_codec *codec,
                                                                  mailslot_record *record,
                                                                  const ProtobufCMessage **message,
                                                                  int timeout_ms);

/**
 * Adds a Protobuf message type as protobuf:package.Message. The descriptor, as protoc-c generates
 * it, must outlive the registry. Adding the same descriptor again does nothing. INVALID (not a
 * descriptor), IN_USE (another descriptor has that name), NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_add_protobuf(
    mailslot_registry *registry, const ProtobufCMessageDescriptor *descriptor);

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
 * The codec to open slots with; static. A registry's codec for the same descriptor works as well.
 *
 *     mailslot_err PREFIX_put(mailslot *slot, const Type *value);
 *
 * mailslot_put() of a message. INVALID if the slot's codec is not for this type.
 *
 *     mailslot_err PREFIX_get(mailslot *slot, mailslot_record *record, const Type **value,
 *                             int timeout_ms);
 *
 * mailslot_get() of a message; *value lives as long as the record's content and is NULL unless
 * MAILSLOT_OK. INVALID if the slot's codec is not for this type; no message is taken then.
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
