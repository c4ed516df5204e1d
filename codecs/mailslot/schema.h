/**
 * @file
 * Schemas at run time: Protobuf message types that were not compiled into the program.
 *
 *     protoc --include_imports --descriptor_set_out=orders.desc orders.proto
 *
 *     err = mailslot_protobuf_load(registry, data, len);    // the bytes of orders.desc
 *     err = mailslot_registry_find(registry, "protobuf:shop.Order", &codec);
 *
 * The codec is then like any other. Its values are messages whose descriptor was made in memory. A
 * program has no struct for them: it finds their fields by the offsets in the descriptor.
 * <mailslot/protobuf.h> lists the limits of messages.
 *
 * proto2 and proto3 are supported with all their scalar types, enums, nested and recursive
 * messages, repeated and packed fields, maps, oneofs, optional fields and defaults. Services are
 * ignored. A set with editions is refused as a whole.
 *
 * A type has no fields for groups, for extensions and for the content of a message set. In messages
 * these are unknown fields, which get keeps and put sends. They are not merged, a required group
 * may be missing, and a group in a oneof does not clear the oneof's other members.
 */
#ifndef MAILSLOT_SCHEMA_H
#define MAILSLOT_SCHEMA_H

#include <mailslot/protobuf.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Adds the message types of a descriptor set, a serialised google.protobuf.FileDescriptorSet of len
 * bytes, at most 16 MiB, as protobuf:package.Message. The set is not needed afterwards; the types
 * live as long as the registry.
 *
 * Types may be used that the set lacks, if they were loaded before or are well-known (see
 * mailslot_protobuf_well_known()). A file that was loaded before, equal except for comments and
 * file options, is skipped, so sets may have imports in common.
 *
 * A set is not trusted. It is loaded as a whole or, on failure, not at all: BAD_MESSAGE (not a
 * descriptor set, or an inconsistent one), UNSUPPORTED (an edition, or a string field's default
 * that contains U+0000), IN_USE (another codec has a type's name), TOO_COMPLEX (over 16 MiB, nested
 * over 30 deep, or types that take over 64 times the set's bytes and over 64 KiB), NO_MEMORY,
 * INVALID (NULL). The detail names file, message and field.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_load(mailslot_registry *registry,
                                                                   const void *set, size_t len);

/**
 * A descriptor set of the well-known types, for running protoc where its own .proto files are not
 * installed (--descriptor_set_in): google/protobuf/ any, api, descriptor, duration, empty,
 * field_mask, source_context, struct, timestamp, type and wrappers .proto; and mailslot/size.proto.
 * Static.
 */
MAILSLOT_API mailslot_bytes mailslot_protobuf_well_known(void);

/**
 * Finds a message type by its full name, such as "google.protobuf.Duration", for the content of a
 * google.protobuf.Any: a type of a loaded set, one that mailslot_registry_add_protobuf() added, or,
 * once a set was loaded, a well-known one, for which the registry has no codec. It lives as long as
 * the registry. NULL: there is none, or an argument is NULL.
 */
MAILSLOT_API const ProtobufCMessageDescriptor *
mailslot_protobuf_find(const mailslot_registry *registry, const char *name);

/**
 * Initialises an empty message of type in the type->sizeof_message bytes at message, which must be
 * aligned for any type. As protobuf_c_message_init(), but for loaded types too, whose message_init
 * is NULL.
 */
MAILSLOT_API void mailslot_protobuf_init(const ProtobufCMessageDescriptor *type,
                                         ProtobufCMessage *message);

/**
 * The name that a field of type, &type->fields[n], has in JSON, as the schema gives it; it lives as
 * long as the type. NULL if it is not known, because the type was compiled in or the set does not
 * have it: it is the field's name in lowerCamelCase then.
 */
MAILSLOT_API const char *mailslot_protobuf_json_name(const ProtobufCMessageDescriptor *type,
                                                     const ProtobufCFieldDescriptor *field);

/** Whether type is that of a map's entries, with the fields key and value; false for compiled
 *  types, whose descriptors do not tell. */
MAILSLOT_API bool mailslot_protobuf_is_map_entry(const ProtobufCMessageDescriptor *type);

/** Whether the enum is closed, as those of proto2 files are: only declared numbers are values.
 * False for compiled types, whose descriptors do not tell. */
MAILSLOT_API bool mailslot_protobuf_is_closed_enum(const ProtobufCEnumDescriptor *type);

/** Whether type was made by mailslot_protobuf_load(). */
MAILSLOT_API bool mailslot_protobuf_is_loaded(const ProtobufCMessageDescriptor *type);

/** Encoded sizes of a type's messages in bytes; see mailslot_protobuf_encoded_size(). */
typedef struct {
    size_t smallest; /**< lower bound; MAILSLOT_UNBOUNDED: no valid message exists */
    size_t typical;  /**< with every field set */
    size_t worst;    /**< upper bound; MAILSLOT_UNBOUNDED: there is none */
} mailslot_protobuf_size;

/** A size without a bound. */
#define MAILSLOT_UNBOUNDED SIZE_MAX

/**
 * Computes the encoded sizes of messages of type, if field is NULL; otherwise the part of them that
 * field, &type->fields[n], takes, including its tag. Of a oneof's members only the largest counts
 * in the whole. Unknown fields are not counted.
 *
 *  - smallest: only required fields are set; 0 without any.
 *  - typical: every field is set. A string or bytes value has typical_length bytes, or half of
 *    max_length, or 16; a repeated field typical_count elements, or half of max_count, or 2; a
 *    varint at most 2 bytes. A message does not contain another one of its own type.
 *  - worst: the most that mailslot_protobuf_encode() makes of values within max_length and
 *    max_count. Without these hints, strings and repeated fields have no bound. Recursive messages
 *    count with all 32 levels.
 *
 * Enum values are the declared ones. Halves are rounded up.
 *
 * The hints are field options from <mailslot/size.proto>. On a google.protobuf.StringValue or
 * BytesValue they apply to the wrapped value. Compiled types have no hints, since protoc-c leaves
 * options out. INVALID (NULL), BAD_MESSAGE (a hint that does not apply to its field, such as the
 * length of a number; the detail names message and field), NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_protobuf_encoded_size(const ProtobufCMessageDescriptor *type,
                               const ProtobufCFieldDescriptor *field, mailslot_protobuf_size *size);

#ifdef __cplusplus
}
#endif

#endif
