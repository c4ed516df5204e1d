/* Copies the structs of a message and of the messages in it, and adds unknown fields to them.
 * Hardly any message needs that. */
#include "protobuf_zeros.h"

#include "protobuf_scan.h"

#include <math.h>
#include <string.h>

/* -0.0 as a double; its second half is -0.0 as a float. Protobuf numbers are little-endian. */
static const uint8_t minus_zero[8] = {0, 0, 0, 0, 0, 0, 0, 0x80};

bool msi_protobuf_zero_is_lost(const ProtobufCFieldDescriptor *field, const char *message) {
    if (field->label != PROTOBUF_C_LABEL_NONE || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return false;
    if (field->type == PROTOBUF_C_TYPE_DOUBLE) {
        double number = *(const double *)(message + field->offset);
        return number == 0 && signbit(number);
    }
    if (field->type == PROTOBUF_C_TYPE_FLOAT) {
        float number = *(const float *)(message + field->offset);
        return number == 0 && signbit(number);
    }
    return false;
}

static unsigned zeros_count(const ProtobufCMessage *message) {
    unsigned count = 0;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        count += msi_protobuf_zero_is_lost(&message->descriptor->fields[i], (const char *)message);
    return count;
}

static ProtobufCMessageUnknownField zeros_field(const ProtobufCFieldDescriptor *field) {
    size_t len = field->type == PROTOBUF_C_TYPE_DOUBLE ? 8 : 4;
    return (ProtobufCMessageUnknownField){.tag = field->id,
                                          .wire_type = msi_protobuf_wire_type(field->type),
                                          .len = len,
                                          .data = (uint8_t *)minus_zero + 8 - len};
}

static bool zeros_append(struct msi_arena *arena, ProtobufCMessage *copy) {
    unsigned count = copy->n_unknown_fields, zeros = zeros_count(copy);
    if (zeros == 0)
        return true;
    ProtobufCMessageUnknownField *fields =
        msi_arena_array(arena, (size_t)count + zeros, sizeof *fields);
    if (!fields)
        return false;
    if (count)
        memcpy(fields, copy->unknown_fields, count * sizeof *fields);
    for (unsigned i = 0; i < copy->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &copy->descriptor->fields[i];
        if (msi_protobuf_zero_is_lost(field, (const char *)copy))
            fields[count++] = zeros_field(field);
    }
    copy->unknown_fields = fields;
    copy->n_unknown_fields = count;
    return true;
}

static bool zeros_copy_one(struct msi_arena *arena, ProtobufCMessage **submessage) {
    return !*submessage || (*submessage = msi_protobuf_keep_zeros(arena, *submessage));
}

/* Replaces the messages of a field by their copies. */
static bool zeros_copy_field(struct msi_arena *arena, const ProtobufCFieldDescriptor *field,
                             char *copy) {
    ProtobufCMessage **member = (ProtobufCMessage **)(copy + field->offset);
    const char *quantifier = copy + field->quantifier_offset;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)quantifier != field->id || zeros_copy_one(arena, member);
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return zeros_copy_one(arena, member);
    size_t count = *(const size_t *)quantifier;
    ProtobufCMessage **elements = msi_arena_array(arena, count, sizeof *elements);
    if (!elements)
        return false;
    if (count)
        memcpy(elements, *(ProtobufCMessage ***)member, count * sizeof *elements);
    *(ProtobufCMessage ***)member = elements;
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = zeros_copy_one(arena, &elements[i]);
    return good;
}

/* Recursion is bounded, since the message was checked. */
ProtobufCMessage *msi_protobuf_keep_zeros(struct msi_arena *arena,
                                          const ProtobufCMessage *message) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    ProtobufCMessage *copy = msi_arena_alloc(arena, type->sizeof_message);
    if (!copy)
        return NULL;
    memcpy(copy, message, type->sizeof_message);
    bool good = zeros_append(arena, copy);
    for (unsigned i = 0; good && i < type->n_fields; i++)
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            good = zeros_copy_field(arena, &type->fields[i], (char *)copy);
    return good ? copy : NULL;
}
