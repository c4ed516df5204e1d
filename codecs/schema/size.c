/* How many bytes the messages of a type take: at least, typically and at most. */
#include "protobuf_scan.h"
#include "types.h"

#include <mailslot/schema.h>

#include <stdlib.h>
#include <string.h>

/* What is typical where the schema does not say. */
enum { TYPICAL_LENGTH = 16, TYPICAL_COUNT = 2, TYPICAL_VARINT = 2 };

enum { DEEPEST = MSI_PROTOBUF_DEPTH_MAX, VARINT_MAX = 10 };

enum which { SMALLEST, TYPICAL, WORST, WHICH_COUNT };

/* Of a message that cannot be there: it would be nested too deep, or in its own kind where that is
 * not typical. */
#define ABSENT (MAILSLOT_UNBOUNDED - 1)

/* A message type, and what is known of its sizes: by depth, but for typical ones. */
struct node {
    const ProtobufCMessageDescriptor *type;
    bool open; /* its typical size is being measured */
    uint64_t known[WHICH_COUNT];
    size_t sizes[WHICH_COUNT][DEEPEST + 1];
};

struct measure {
    struct msi_arena arena;
    struct node **nodes; /* a hash table by type, of a power of two places, half of them free */
    size_t places, count;
    mailslot_err err;
};

/* ---- Arithmetic that does not come back from no bound ---- */

static size_t plus(size_t a, size_t b) {
    return b < ABSENT - a && a < ABSENT ? a + b : MAILSLOT_UNBOUNDED;
}

static size_t times(size_t a, size_t b) {
    if (a == 0 || b == 0)
        return 0;
    return a < ABSENT / b ? a * b : MAILSLOT_UNBOUNDED;
}

static size_t varint_size(uint64_t number) {
    size_t size = 1;
    for (; number >= 0x80; number >>= 7)
        size++;
    return size;
}

/* With its length in front. */
static size_t prefixed(size_t len) {
    return len >= ABSENT ? MAILSLOT_UNBOUNDED : plus(len, varint_size(len));
}

static size_t tag_size(const ProtobufCFieldDescriptor *field) {
    return varint_size((uint64_t)field->id << 3);
}

/* ---- Nodes ---- */

static struct node **place_of(const struct measure *measure,
                              const ProtobufCMessageDescriptor *type) {
    uint64_t hash = (uint64_t)(uintptr_t)type * UINT64_C(0x9e3779b97f4a7c15);
    size_t place = (size_t)(hash >> 32) & (measure->places - 1);
    while (measure->nodes[place] && measure->nodes[place]->type != type)
        place = (place + 1) & (measure->places - 1);
    return &measure->nodes[place];
}

static bool grow(struct measure *measure) {
    struct measure larger = *measure;
    larger.places = measure->places ? measure->places * 2 : 64;
    larger.nodes = calloc(larger.places, sizeof(struct node *));
    if (!larger.nodes)
        return false;
    for (size_t i = 0; i < measure->places; i++)
        if (measure->nodes[i])
            *place_of(&larger, measure->nodes[i]->type) = measure->nodes[i];
    free(measure->nodes);
    *measure = larger;
    return true;
}

static struct node *node_of(struct measure *measure, const ProtobufCMessageDescriptor *type) {
    bool room = measure->count < measure->places / 2 || grow(measure);
    struct node **place = room ? place_of(measure, type) : NULL;
    if (place && *place)
        return *place;
    struct node *node = place ? msi_arena_alloc(&measure->arena, sizeof *node) : NULL;
    if (!node) {
        measure->err = mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to measure messages");
        return NULL;
    }
    node->type = type;
    measure->count++;
    return *place = node;
}

/* ---- Values ---- */

static size_t choose(enum which which, const struct msi_hint *hint, size_t otherwise) {
    if (which == WORST)
        return hint->max; /* none is no bound */
    if (hint->typical != MSI_NO_HINT)
        return hint->typical;
    return hint->max == MSI_NO_HINT ? otherwise : hint->max / 2 + hint->max % 2;
}

/* Values are sorted, and the negative ones take the most. */
static size_t enum_size(enum which which, const ProtobufCEnumDescriptor *type) {
    unsigned low = 0, high = type->n_values;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (type->values[middle].value < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool negative = which == SMALLEST ? low == type->n_values : low > 0;
    if (negative || type->n_values == 0)
        return VARINT_MAX;
    return varint_size((uint64_t)type->values[which == SMALLEST ? low : type->n_values - 1].value);
}

static size_t varint_extent(enum which which, size_t most) {
    return which == SMALLEST ? 1 : which == WORST || most < TYPICAL_VARINT ? most : TYPICAL_VARINT;
}

static size_t message_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                           unsigned depth, enum which which);

static size_t entry_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                         const struct msi_hints *hints, unsigned depth, enum which which);

static size_t wrapper_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                           const struct msi_hints *hints, unsigned depth, enum which which);

static size_t content_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                           const struct msi_hints *hints, unsigned depth, enum which which) {
    if (mailslot_protobuf_is_map_entry(type))
        return entry_size(measure, type, hints, depth, which);
    if (msi_is_wrapped_text(type))
        return wrapper_size(measure, type, hints, depth, which);
    return message_size(measure, type, depth, which);
}

static size_t submessage_size(struct measure *measure, const ProtobufCFieldDescriptor *field,
                              const struct msi_hints *hints, unsigned depth, enum which which) {
    size_t size = content_size(measure, field->descriptor, hints, depth, which);
    return size == ABSENT ? ABSENT : prefixed(size);
}

/* A value, without its tag; depth is that of the message it is in. */
static size_t value_size(struct measure *measure, const ProtobufCFieldDescriptor *field,
                         const struct msi_hints *hints, unsigned depth, enum which which) {
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
        return varint_extent(which, 5);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_size(which, field->descriptor);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
        return prefixed(which == SMALLEST ? 0 : choose(which, &hints->length, TYPICAL_LENGTH));
    case PROTOBUF_C_TYPE_MESSAGE:
        return submessage_size(measure, field, hints, depth + 1, which);
    default: /* int32 too: negative ones are sent as 64 bits */
        return varint_extent(which, VARINT_MAX);
    }
}

/* ---- Fields ---- */

static const struct msi_hints *hints_of(const ProtobufCMessageDescriptor *type,
                                        const ProtobufCFieldDescriptor *field) {
    static const struct msi_hints none = {
        {MSI_NO_HINT, MSI_NO_HINT}, {MSI_NO_HINT, MSI_NO_HINT}, {MSI_NO_HINT, MSI_NO_HINT}};
    const struct msi_type *own = msi_type_of(type);
    const struct msi_hints *hints = own ? own->hints[field - type->fields] : NULL;
    return hints ? hints : &none;
}

static size_t list_size(const ProtobufCFieldDescriptor *field, size_t value, size_t count) {
    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_PACKED))
        return times(count, plus(tag_size(field), value));
    size_t content = times(count, value);
    return content ? plus(tag_size(field), prefixed(content)) : 0;
}

/* ABSENT: a field that has to be there cannot. */
static size_t hinted_size(struct measure *measure, const ProtobufCFieldDescriptor *field,
                          const struct msi_hints *hints, unsigned depth, enum which which) {
    bool required = field->label == PROTOBUF_C_LABEL_REQUIRED;
    if (which == SMALLEST && !required)
        return 0;
    size_t value = value_size(measure, field, hints, depth, which);
    if (value == ABSENT)
        return required && which != TYPICAL ? ABSENT : 0;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_size(field, value, choose(which, &hints->count, TYPICAL_COUNT));
    return plus(tag_size(field), value);
}

static void check_hints(struct measure *measure, const ProtobufCMessageDescriptor *type,
                        const ProtobufCFieldDescriptor *field, const struct msi_hints *hints) {
    const char *vain = msi_vain_hint(field, hints);
    if (vain)
        measure->err = mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                                     "%.150s.%.100s: (mailslot.size) gives a %s it has not",
                                     type->name, field->name, vain);
}

static size_t field_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field, unsigned depth, enum which which) {
    const struct msi_hints *hints = hints_of(type, field);
    check_hints(measure, type, field, hints);
    return hinted_size(measure, field, hints, depth, which);
}

/* The hints are those of the field that the wrapper is the value of. */
static size_t wrapper_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                           const struct msi_hints *hints, unsigned depth, enum which which) {
    return depth > DEEPEST ? ABSENT : hinted_size(measure, type->fields, hints, depth, which);
}

/* A map's entry: key and value are there, and the hints are those of the map. */
static size_t entry_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                         const struct msi_hints *hints, unsigned depth, enum which which) {
    const struct msi_hints of_key = {.length = hints->key_length};
    if (depth > DEEPEST)
        return ABSENT;
    size_t key = value_size(measure, &type->fields[0], &of_key, depth, which);
    size_t value = value_size(measure, &type->fields[1], hints, depth, which);
    size_t size = plus(tag_size(&type->fields[0]), key);
    return value == ABSENT ? size : plus(size, plus(tag_size(&type->fields[1]), value));
}

/* ---- Messages ---- */

/* A member of a oneof: which one, and its size. */
struct member {
    unsigned oneof;
    size_t size;
};

static int compare_members(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->oneof != y->oneof)
        return x->oneof < y->oneof ? -1 : 1;
    return x->size > y->size ? -1 : x->size < y->size;
}

/* Of each oneof the largest, which is the first of its members. */
static size_t oneofs_size(struct member *members, size_t count) {
    size_t size = 0;
    if (count)
        qsort(members, count, sizeof *members, compare_members);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || members[i].oneof != members[i - 1].oneof)
            size = plus(size, members[i].size);
    return size;
}

static size_t fields_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                          unsigned depth, enum which which) {
    struct member *members = malloc((type->n_fields + 1) * sizeof *members);
    size_t size = 0, count = 0;
    if (!members)
        measure->err = mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to measure messages");
    for (unsigned i = 0; i < type->n_fields && size != ABSENT && !measure->err; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        size_t one = field_size(measure, type, field, depth, which);
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            members[count++] = (struct member){field->quantifier_offset, one};
        else
            size = one == ABSENT ? ABSENT : plus(size, one);
    }
    if (size != ABSENT)
        size = plus(size, oneofs_size(members, count));
    free(members);
    return size;
}

static size_t message_size(struct measure *measure, const ProtobufCMessageDescriptor *type,
                           unsigned depth, enum which which) {
    struct node *node = depth > DEEPEST ? NULL : node_of(measure, type);
    if (!node || (which == TYPICAL && node->open))
        return ABSENT;
    unsigned at = which == TYPICAL ? 0 : depth;
    uint64_t bit = UINT64_C(1) << at;
    if (node->known[which] & bit)
        return node->sizes[which][at];
    node->open = which == TYPICAL;
    size_t size = fields_size(measure, type, depth, which);
    node->open = false;
    node->known[which] |= bit;
    node->sizes[which][at] = size;
    return size;
}

/* A field is that of a message, so there is one of the message's kind around it. */
static size_t size_in(struct measure *measure, const ProtobufCMessageDescriptor *type,
                      const ProtobufCFieldDescriptor *field, enum which which) {
    struct node *node = node_of(measure, type);
    if (!node)
        return 0;
    node->open = which == TYPICAL;
    size_t size = field_size(measure, type, field, 1, which);
    node->open = false;
    return size;
}

mailslot_err mailslot_protobuf_measure(const ProtobufCMessageDescriptor *type,
                                       const ProtobufCFieldDescriptor *field,
                                       mailslot_protobuf_size *size) {
    struct measure measure = {.arena = {.left = SIZE_MAX}};
    size_t sizes[WHICH_COUNT];
    if (!type || !size)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "type or size is NULL");
    for (int i = 0; i < WHICH_COUNT; i++) {
        sizes[i] = field ? size_in(&measure, type, field, (enum which)i)
                         : message_size(&measure, type, 1, (enum which)i);
        if (sizes[i] == ABSENT)
            sizes[i] = MAILSLOT_UNBOUNDED;
    }
    *size = (mailslot_protobuf_size){sizes[SMALLEST], sizes[TYPICAL], sizes[WORST]};
    free(measure.nodes);
    msi_arena_free(&measure.arena);
    return measure.err;
}
