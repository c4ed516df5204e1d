/*
 * Computes how many bytes the messages of a type take: at least, typically, and at most. The walk
 * follows the types, not the values; sizes that are known already end it, so that it takes time by
 * the number of types and levels, although types may refer to one another in circles.
 */
#include "size_hints.h"
#include "size_math.h"
#include "size_table.h"

#include <mailslot/schema.h>

#include <stdlib.h>
#include <string.h>

/* Typical values for fields without hints. */
enum { TYPICAL_LENGTH = 16, TYPICAL_COUNT = 2, TYPICAL_VARINT = 2 };

enum { DEEPEST = MSI_PROTOBUF_DEPTH_MAX, VARINT_MAX = 10 };

/* A computation over the types that one call reaches. */
struct sizer {
    struct msi_size_table table;
    mailslot_err err;
};

static size_t tag_size(const ProtobufCFieldDescriptor *field) {
    return msi_size_varint((uint64_t)field->id << 3);
}

/* ---- Values ---- */

/* A hint without a typical value: half of the largest. */
static size_t hinted_count(enum msi_size_kind kind, const struct msi_hint *hint, size_t otherwise) {
    if (kind == MSI_SIZE_WORST)
        return hint->max; /* without a hint, MSI_NO_HINT is no bound */
    if (hint->typical != MSI_NO_HINT)
        return hint->typical;
    return hint->max == MSI_NO_HINT ? otherwise : hint->max / 2 + hint->max % 2;
}

/* Values are sorted. Negative ones take 10 bytes, since they are sent as 64 bits. */
static size_t enum_size(enum msi_size_kind kind, const ProtobufCEnumDescriptor *type) {
    unsigned low = 0, high = type->n_values;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (type->values[middle].value < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool negative = kind == MSI_SIZE_SMALLEST ? low == type->n_values : low > 0;
    if (negative || type->n_values == 0)
        return VARINT_MAX;
    return msi_size_varint(
        (uint64_t)type->values[kind == MSI_SIZE_SMALLEST ? low : type->n_values - 1].value);
}

static size_t varint_extent(enum msi_size_kind kind, size_t most) {
    return kind == MSI_SIZE_SMALLEST                         ? 1
           : kind == MSI_SIZE_WORST || most < TYPICAL_VARINT ? most
                                                             : TYPICAL_VARINT;
}

static size_t message_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                           unsigned depth, enum msi_size_kind kind);

static size_t entry_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                         const struct msi_hints *hints, unsigned depth, enum msi_size_kind kind);

static size_t wrapper_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                           const struct msi_hints *hints, unsigned depth, enum msi_size_kind kind);

static size_t content_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                           const struct msi_hints *hints, unsigned depth, enum msi_size_kind kind) {
    if (mailslot_protobuf_is_map_entry(type))
        return entry_size(sizer, type, hints, depth, kind);
    if (msi_schema_is_wrapped_text(type))
        return wrapper_size(sizer, type, hints, depth, kind);
    return message_size(sizer, type, depth, kind);
}

static size_t submessage_size(struct sizer *sizer, const ProtobufCFieldDescriptor *field,
                              const struct msi_hints *hints, unsigned depth,
                              enum msi_size_kind kind) {
    size_t size = content_size(sizer, field->descriptor, hints, depth, kind);
    return size == MSI_SIZE_ABSENT ? MSI_SIZE_ABSENT : msi_size_prefixed(size);
}

/* A value, without its tag; depth is that of the message it is in. */
static size_t value_size(struct sizer *sizer, const ProtobufCFieldDescriptor *field,
                         const struct msi_hints *hints, unsigned depth, enum msi_size_kind kind) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return 4;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return 1;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_SINT32:
        return varint_extent(kind, 5);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_size(kind, field->descriptor);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
        return msi_size_prefixed(
            kind == MSI_SIZE_SMALLEST ? 0 : hinted_count(kind, &hints->length, TYPICAL_LENGTH));
    case PROTOBUF_C_TYPE_MESSAGE:
        return submessage_size(sizer, field, hints, depth + 1, kind);
    default: /* int32 included: negative numbers are sent as 64 bits */
        return varint_extent(kind, VARINT_MAX);
    }
}

/* ---- Fields ---- */

static const struct msi_hints *hints_of(const ProtobufCMessageDescriptor *type,
                                        const ProtobufCFieldDescriptor *field) {
    static const struct msi_hints none = {
        {MSI_NO_HINT, MSI_NO_HINT}, {MSI_NO_HINT, MSI_NO_HINT}, {MSI_NO_HINT, MSI_NO_HINT}};
    const struct msi_type *own = msi_schema_type(type);
    const struct msi_hints *hints = own ? own->hints[field - type->fields] : NULL;
    return hints ? hints : &none;
}

/* An empty packed list is not sent. */
static size_t list_size(const ProtobufCFieldDescriptor *field, size_t value, size_t count) {
    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_PACKED))
        return msi_size_times(count, msi_size_plus(tag_size(field), value));
    size_t content = msi_size_times(count, value);
    return content ? msi_size_plus(tag_size(field), msi_size_prefixed(content)) : 0;
}

/* MSI_SIZE_ABSENT: a field that has to be there cannot. */
static size_t hinted_size(struct sizer *sizer, const ProtobufCFieldDescriptor *field,
                          const struct msi_hints *hints, unsigned depth, enum msi_size_kind kind) {
    bool required = field->label == PROTOBUF_C_LABEL_REQUIRED;
    if (kind == MSI_SIZE_SMALLEST && !required)
        return 0;
    size_t value = value_size(sizer, field, hints, depth, kind);
    if (value == MSI_SIZE_ABSENT)
        return required && kind != MSI_SIZE_TYPICAL ? MSI_SIZE_ABSENT : 0;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_size(field, value, hinted_count(kind, &hints->count, TYPICAL_COUNT));
    return msi_size_plus(tag_size(field), value);
}

static void sizer_check_hints(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                              const ProtobufCFieldDescriptor *field,
                              const struct msi_hints *hints) {
    const char *kind = msi_schema_inapplicable_hint(field, hints);
    if (kind)
        sizer->err = mailslot_fail(
            MAILSLOT_ERR_BAD_MESSAGE,
            "%.150s.%.100s: (mailslot.size) gives a %s, which a field of this type does not have",
            type->name, field->name, kind);
}

static size_t field_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field, unsigned depth,
                         enum msi_size_kind kind) {
    const struct msi_hints *hints = hints_of(type, field);
    sizer_check_hints(sizer, type, field, hints);
    return hinted_size(sizer, field, hints, depth, kind);
}

/* Hints on a field of a wrapper type are about the wrapped value. */
static size_t wrapper_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                           const struct msi_hints *hints, unsigned depth, enum msi_size_kind kind) {
    return depth > DEEPEST ? MSI_SIZE_ABSENT : hinted_size(sizer, type->fields, hints, depth, kind);
}

/* Both fields of a map entry are always sent. The hints are those of the map field. */
static size_t entry_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                         const struct msi_hints *hints, unsigned depth, enum msi_size_kind kind) {
    const struct msi_hints of_key = {.length = hints->key_length};
    if (depth > DEEPEST)
        return MSI_SIZE_ABSENT;
    size_t key = value_size(sizer, &type->fields[0], &of_key, depth, kind);
    size_t value = value_size(sizer, &type->fields[1], hints, depth, kind);
    size_t size = msi_size_plus(tag_size(&type->fields[0]), key);
    return value == MSI_SIZE_ABSENT
               ? size
               : msi_size_plus(size, msi_size_plus(tag_size(&type->fields[1]), value));
}

/* ---- Messages ---- */

static struct msi_size_node *sizer_node(struct sizer *sizer,
                                        const ProtobufCMessageDescriptor *type) {
    struct msi_size_node *node = msi_size_table_node(&sizer->table, type);
    if (!node)
        sizer->err = mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to compute message sizes");
    return node;
}

/* A member of a oneof: kind one, and its size. */
struct member {
    unsigned oneof;
    size_t size;
};

static int member_compare(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->oneof != y->oneof)
        return x->oneof < y->oneof ? -1 : 1;
    return x->size > y->size ? -1 : x->size < y->size;
}

/* Of each oneof the largest, kind is the first of its members. */
static size_t oneofs_size(struct member *members, size_t count) {
    size_t size = 0;
    if (count)
        qsort(members, count, sizeof *members, member_compare);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || members[i].oneof != members[i - 1].oneof)
            size = msi_size_plus(size, members[i].size);
    return size;
}

static size_t fields_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                          unsigned depth, enum msi_size_kind kind) {
    struct member *members = malloc((type->n_fields + 1) * sizeof *members);
    size_t size = 0, count = 0;
    if (!members)
        sizer->err = mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to compute message sizes");
    for (unsigned i = 0; i < type->n_fields && size != MSI_SIZE_ABSENT && !sizer->err; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        size_t one = field_size(sizer, type, field, depth, kind);
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            members[count++] = (struct member){field->quantifier_offset, one};
        else
            size = one == MSI_SIZE_ABSENT ? MSI_SIZE_ABSENT : msi_size_plus(size, one);
    }
    if (size != MSI_SIZE_ABSENT)
        size = msi_size_plus(size, oneofs_size(members, count));
    free(members);
    return size;
}

/* A typical message does not contain its own type, so `open` ends the recursion. The other sizes
 * depend on how many levels are left, and are kept for each depth. */
static size_t message_size(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                           unsigned depth, enum msi_size_kind kind) {
    struct msi_size_node *node = depth > DEEPEST ? NULL : sizer_node(sizer, type);
    if (!node || (kind == MSI_SIZE_TYPICAL && node->open))
        return MSI_SIZE_ABSENT;
    unsigned at = kind == MSI_SIZE_TYPICAL ? 0 : depth;
    uint64_t bit = UINT64_C(1) << at;
    if (node->known[kind] & bit)
        return node->sizes[kind][at];
    node->open = kind == MSI_SIZE_TYPICAL;
    size_t size = fields_size(sizer, type, depth, kind);
    node->open = false;
    node->known[kind] |= bit;
    node->sizes[kind][at] = size;
    return size;
}

/* The size of one field of type. The field lies in a message of that type, which is thus open. */
static size_t size_in(struct sizer *sizer, const ProtobufCMessageDescriptor *type,
                      const ProtobufCFieldDescriptor *field, enum msi_size_kind kind) {
    struct msi_size_node *node = sizer_node(sizer, type);
    if (!node)
        return 0;
    node->open = kind == MSI_SIZE_TYPICAL;
    size_t size = field_size(sizer, type, field, 1, kind);
    node->open = false;
    return size;
}

mailslot_err mailslot_protobuf_encoded_size(const ProtobufCMessageDescriptor *type,
                                            const ProtobufCFieldDescriptor *field,
                                            mailslot_protobuf_size *size) {
    struct sizer sizer = {.table = {.arena = {.left = SIZE_MAX}}};
    size_t sizes[MSI_SIZE_KINDS];
    if (!type || !size)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "type or size is NULL");
    for (int i = 0; i < MSI_SIZE_KINDS; i++) {
        sizes[i] = field ? size_in(&sizer, type, field, (enum msi_size_kind)i)
                         : message_size(&sizer, type, 1, (enum msi_size_kind)i);
        if (sizes[i] == MSI_SIZE_ABSENT)
            sizes[i] = MAILSLOT_UNBOUNDED;
    }
    *size = (mailslot_protobuf_size){sizes[MSI_SIZE_SMALLEST], sizes[MSI_SIZE_TYPICAL],
                                     sizes[MSI_SIZE_WORST]};
    msi_size_table_free(&sizer.table);
    return sizer.err;
}
