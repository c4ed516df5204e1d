/**
 * @file
 * Schemas at run time: Protobuf message types that were not compiled into the program.
 *
 *     protoc --include_imports --descriptor_set_out=orders.desc orders.proto
 *
 *     err = mailslot_protobuf_load(registry, data, len);    // the bytes of orders.desc
 *     err = mailslot_registry_find(registry, "protobuf:shop.Order", &codec);
 *
 * Then the codec is like any other. Its values are messages whose descriptor was made in memory:
 * what a program does with them, it does by way of the descriptor, whose fields say where in the
 * message they lie. <mailslot/protobuf.h> says what a message may be.
 *
 * proto2 and proto3 are supported with all their scalar types, enums, nested and recursive
 * messages, repeated and packed fields, maps, oneofs, optional fields and defaults; services are
 * passed over. Groups, message sets, extensions of messages and editions are not: such a set is
 * refused as a whole. Extensions of options are fine, they are about schemas only.
 */
#ifndef MAILSLOT_SCHEMA_H
#define MAILSLOT_SCHEMA_H

#include <mailslot/registry.h>

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
 * mailslot_protobuf_well_known()). A file of the set that was loaded before, equal but for comments
 * and file options, is passed over; so sets may have imports in common.
 *
 * A set is not trusted. It is loaded whole or, on failure, not at all: BAD_MESSAGE (no descriptor
 * set, or one that contradicts itself), UNSUPPORTED (a group or another thing named above), IN_USE
 * (another codec has a type's name), TOO_COMPLEX (over 16 MiB, nested over 30 deep, or types that
 * take over 64 times the set's bytes and over 64 KiB), NO_MEMORY, INVALID (NULL). The detail names
 * file, message and field.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_protobuf_load(mailslot_registry *registry,
                                                                   const void *set, size_t len);

/**
 * A descriptor set of the well-known types, for those who run protoc where its own files are not
 * installed (--descriptor_set_in): google/protobuf/ any, api, descriptor, duration, empty,
 * field_mask, source_context, struct, timestamp, type and wrappers .proto; and mailslot/size.proto.
 * Static.
 */
MAILSLOT_API mailslot_bytes mailslot_protobuf_well_known(void);

/**
 * Makes an empty message of type in the type->sizeof_message bytes at message, which are aligned
 * for any type: what protobuf_c_message_init() does, for loaded types too, whose message_init is
 * NULL.
 */
MAILSLOT_API void mailslot_protobuf_init(const ProtobufCMessageDescriptor *type,
                                         ProtobufCMessage *message);

/**
 * The name that a field of type, &type->fields[n], has in JSON, as the schema gives it; it lives as
 * long as the type. NULL if that is not known: the type was compiled in, or the set does not say.
 * Then it is the field's name in lowerCamelCase.
 */
MAILSLOT_API const char *mailslot_protobuf_json_name(const ProtobufCMessageDescriptor *type,
                                                     const ProtobufCFieldDescriptor *field);

/** Whether type is that of a map's entries, with the fields key and value; false if it was compiled
 *  in, of which the descriptor does not tell. */
MAILSLOT_API bool mailslot_protobuf_is_map_entry(const ProtobufCMessageDescriptor *type);

/** Whether the enum is closed, as those of proto2 files are: it has the numbers it declares and no
 *  others. False if it was compiled in, of which the descriptor does not tell. */
MAILSLOT_API bool mailslot_protobuf_is_closed_enum(const ProtobufCEnumDescriptor *type);

/** Whether type was made by mailslot_protobuf_load(). */
MAILSLOT_API bool mailslot_protobuf_is_loaded(const ProtobufCMessageDescriptor *type);

/** How many bytes messages take, as mailslot_protobuf_encoded_size() says. */
typedef struct {
    size_t smallest; /**< at least; MAILSLOT_UNBOUNDED: no message can have what it must have */
    size_t typical;  /**< if every field is set */
    size_t worst;    /**< at most; MAILSLOT_UNBOUNDED: there is no bound */
} mailslot_protobuf_size;

/** A size without a bound. */
#define MAILSLOT_UNBOUNDED SIZE_MAX

/**
 * Measures the messages of type, with field NULL; or what of their bytes is the field's,
 * &type->fields[n], its tag included. Of the members of a oneof only the largest counts in the
 * whole. Fields the schema does not know are not counted.
 *
 *  - smallest: what has to be there, which without required fields is nothing.
 *  - typical: every field is there. A text has typical_length bytes, or half of max_length, or 16;
 *    a list typical_count elements, or half of max_count, or 2; an integer that is not fixed takes
 *    2 bytes, and a message does not contain its own kind again.
 *  - worst: the most that mailslot_protobuf_encode() makes of values within max_length and
 *    max_count. Without these hints a text and a list have no bound. Messages that contain
 *    themselves do so up to the 32 levels that are allowed.
 *
 * Enum values are those that the schema declares.
 *
 * The hints are options of the fields, from the schema <mailslot/size.proto>. The length of a
 * google.protobuf.StringValue or BytesValue is that of its value. A type that was compiled in has
 * no hints, since protoc-c leaves them out. Halves are rounded up. INVALID (NULL), BAD_MESSAGE (a
 * hint of what its field has not, such as the length of a number; the detail names message and
 * field), NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err
mailslot_protobuf_encoded_size(const ProtobufCMessageDescriptor *type,
                               const ProtobufCFieldDescriptor *field, mailslot_protobuf_size *size);

#ifdef __cplusplus
}
#endif

#endif
