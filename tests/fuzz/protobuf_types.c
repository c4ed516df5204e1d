#include "protobuf_types.h"

#include <json/protobuf_fields.h>
#include <mailslot/protobuf.h>

#include <string.h>

#include "all_types.pb-c.h"
#include "test2.pb-c.h"
#include "test3.pb-c.h"
#include "trace.pb-c.h"

#define CODEC(descriptor)                                                                          \
    {                                                                                              \
        sizeof(mailslot_codec), "protobuf", &descriptor, mailslot_protobuf_encode,                 \
            mailslot_protobuf_decode                                                               \
    }

/* The numbers are in the corpus, so new ones go to the end. */
const mailslot_codec *protobuf_type(unsigned number) {
    static const mailslot_codec codecs[] = {
        CODEC(test3__everything__descriptor), CODEC(test3__scalars__descriptor),
        CODEC(test3__lists__descriptor),      CODEC(test3__choice__descriptor),
        CODEC(test3__maps__descriptor),       CODEC(test3__tree__descriptor),
        CODEC(test3__old__descriptor),        CODEC(test2__required__descriptor),
        CODEC(test2__optional__descriptor),   CODEC(test2__wide__descriptor),
        CODEC(trace__event__descriptor),      CODEC(all__types__descriptor),
        CODEC(all__node__descriptor),
    };
    return &codecs[number % (sizeof codecs / sizeof *codecs)];
}

/* ---- Equality ---- */

static bool same_bytes(const void *a, const void *b, size_t len) {
    return !len || memcmp(a, b, len) == 0;
}

static bool same_binary(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b) {
    return a->len == b->len && same_bytes(a->data, b->data, a->len);
}

static bool same_text(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static bool same_value(const ProtobufCFieldDescriptor *field, const void *a, const void *b) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return same_text(*(char *const *)a, *(char *const *)b);
    case PROTOBUF_C_TYPE_BYTES:
        return same_binary(a, b);
    case PROTOBUF_C_TYPE_MESSAGE:
        return protobuf_equal(*(void *const *)a, *(void *const *)b);
    default:
        return memcmp(a, b, protobuf_size(field)) == 0;
    }
}

static bool both_zero(const ProtobufCFieldDescriptor *field, const void *a, const void *b) {
    if (field->type == PROTOBUF_C_TYPE_DOUBLE)
        return *(const double *)a == 0 && *(const double *)b == 0;
    return field->type == PROTOBUF_C_TYPE_FLOAT && *(const float *)a == 0 && *(const float *)b == 0;
}

static bool same_single(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *a,
                        const ProtobufCMessage *b) {
    const void *x = protobuf_member(a, field), *y = protobuf_member(b, field);
    if (field->label == PROTOBUF_C_LABEL_NONE && !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
        both_zero(field, x, y))
        return true;
    if (protobuf_has_flag(field) && *protobuf_flag(a, field) != *protobuf_flag(b, field))
        return false;
    return same_value(field, x, y);
}

static bool same_repeated(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *a,
                          const ProtobufCMessage *b) {
    size_t count = *protobuf_count(a, field), size = protobuf_size(field);
    const char *x = *(char *const *)protobuf_member(a, field);
    const char *y = *(char *const *)protobuf_member(b, field);
    if (count != *protobuf_count(b, field))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!same_value(field, x + i * size, y + i * size))
            return false;
    return true;
}

static bool same_field(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *a,
                       const ProtobufCMessage *b) {
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return same_repeated(field, a, b);
    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        return same_single(field, a, b);
    uint32_t which = *protobuf_oneof_case(a, field);
    if (which != *protobuf_oneof_case(b, field))
        return false;
    return which != field->id ||
           same_value(field, protobuf_member(a, field), protobuf_member(b, field));
}

static bool same_unknown(const ProtobufCMessage *a, const ProtobufCMessage *b) {
    if (a->n_unknown_fields != b->n_unknown_fields)
        return false;
    for (unsigned i = 0; i < a->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *x = &a->unknown_fields[i], *y = &b->unknown_fields[i];
        if (x->tag != y->tag || x->wire_type != y->wire_type || x->len != y->len ||
            !same_bytes(x->data, y->data, x->len))
            return false;
    }
    return true;
}

bool protobuf_equal(const void *first, const void *second) {
    const ProtobufCMessage *a = first, *b = second;
    if (!a || !b)
        return a == b;
    if (a->descriptor != b->descriptor || !same_unknown(a, b))
        return false;
    for (unsigned i = 0; i < a->descriptor->n_fields; i++)
        if (!same_field(&a->descriptor->fields[i], a, b))
            return false;
    return true;
}

/* ---- Depth ---- */

static unsigned deeper(unsigned deepest, const ProtobufCMessage *message) {
    unsigned depth = message ? protobuf_depth(message) : 0;
    return depth > deepest ? depth : deepest;
}

static unsigned depth_of(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message) {
    unsigned deepest = 0;
    void *member = protobuf_member(message, field);
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return 0;
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return protobuf_is_present(message, field) ? deeper(0, *(ProtobufCMessage **)member) : 0;
    for (size_t i = 0; i < *protobuf_count(message, field); i++)
        deepest = deeper(deepest, (*(ProtobufCMessage ***)member)[i]);
    return deepest;
}

unsigned protobuf_depth(const ProtobufCMessage *message) {
    unsigned deepest = 0;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        unsigned depth = depth_of(&message->descriptor->fields[i], message);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}
