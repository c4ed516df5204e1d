/*
 * The pieces of a singular submessage are joined: by the encoding's rules, parsing their
 * concatenation merges them. Of a oneof only the last member counts, and only its pieces since
 * another member was set.
 *
 * What protobuf-c refuses (groups, and fields whose wire type is not the schema's) must become an
 * unknown field. So all unknown fields are wrapped in length-prefixed fields of a number that their
 * type does not have. protobuf-c keeps them in their order, and they are unwrapped afterwards.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/, "Last One Wins" and "Groups".
 */
#include "protobuf_rewrite.h"

#include "protobuf_scan.h"

#include <string.h>

/* A length prefix is written with this many bytes before the length is known. */
enum { LENGTH_SIZE = 5 };

/* No field grows more: one of two bytes becomes a submessage of 1 + LENGTH_SIZE bytes, or is
 * wrapped in a tag of 5 bytes and a length of 1. */
enum { GROWTH = 4 };

enum { NUMBER_MAX = (1 << 29) - 1 };

/* One field as it stands in the bytes: start, the tag; body, behind the tag and length; end. */
struct wire_field {
    uint32_t number;
    unsigned wire;
    const uint8_t *start, *body, *end;
};

/* The singular submessage or oneof at one place of a message, while the message is rewritten. */
struct body {
    const ProtobufCFieldDescriptor *field; /* the member that was set last */
    const uint8_t *first;                  /* where its first piece begins */
    size_t pieces, len;                    /* of these pieces together */
    uint8_t *joined;
    size_t joined_pieces, filled;
};

/* Messages at one level are rewritten one after the other, so they share a table. */
struct level {
    struct body *bodies; /* by the field's offset in words, which the members of a oneof share */
    size_t count;
};

struct rewrite {
    struct msi_arena *arena;
    uint8_t *out;
    struct level levels[MSI_PROTOBUF_DEPTH_MAX];
};

/* ---- Reading bytes that the scan has checked ---- */

static const uint8_t *wire_varint(const uint8_t *at, uint64_t *number) {
    *number = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *at++;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return at;
    }
}

static const uint8_t *wire_skip_value(const uint8_t *at, unsigned wire) {
    uint64_t number;
    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return wire_varint(at, &number);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return at + 8;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return at + 4;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        at = wire_varint(at, &number);
        return at + number;
    default: /* the tag of a group's beginning or end has no value */
        return at;
    }
}

static const uint8_t *wire_skip_group(const uint8_t *at) {
    uint64_t tag;
    for (unsigned open = 1; open;) {
        at = wire_varint(at, &tag);
        open += (tag & 7) == MSI_WIRE_START_GROUP;
        open -= (tag & 7) == MSI_WIRE_END_GROUP;
        at = wire_skip_value(at, tag & 7);
    }
    return at;
}

static struct wire_field wire_read(const uint8_t *at) {
    struct wire_field field = {.start = at};
    uint64_t number;
    field.body = wire_varint(at, &number);
    field.number = (uint32_t)number >> 3;
    field.wire = number & 7;
    if (field.wire == MSI_WIRE_START_GROUP)
        field.end = wire_skip_group(field.body);
    else
        field.end = wire_skip_value(field.body, field.wire);
    if (field.wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        field.body = wire_varint(field.body, &number);
    return field;
}

/* ---- Writing ---- */

static void write_varint(struct rewrite *rewrite, uint64_t number) {
    for (; number >= 0x80; number >>= 7)
        *rewrite->out++ = (uint8_t)(number | 0x80);
    *rewrite->out++ = (uint8_t)number;
}

static void write_bytes(struct rewrite *rewrite, const uint8_t *from, const uint8_t *end) {
    memcpy(rewrite->out, from, (size_t)(end - from));
    rewrite->out += end - from;
}

/* A varint of a fixed size: its last byte alone lacks the continuation bit. */
static void write_length(uint8_t *at, size_t len) {
    for (int i = 0; i < LENGTH_SIZE; i++, len >>= 7)
        at[i] = (uint8_t)((len & 0x7f) | (i < LENGTH_SIZE - 1 ? 0x80 : 0));
}

static void write_wrapped(struct rewrite *rewrite, const ProtobufCMessageDescriptor *type,
                          const struct wire_field *field) {
    uint64_t number = NUMBER_MAX;
    while (protobuf_c_message_descriptor_get_field(type, (unsigned)number))
        number--;
    write_varint(rewrite, number << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    write_varint(rewrite, (uint64_t)(field->end - field->start));
    write_bytes(rewrite, field->start, field->end);
}

/* ---- Messages ---- */

static bool rewrite_message(struct rewrite *rewrite, const ProtobufCMessageDescriptor *type,
                            const uint8_t *at, const uint8_t *end, unsigned depth);

static bool rewrite_submessage(struct rewrite *rewrite, const ProtobufCFieldDescriptor *field,
                               const uint8_t *at, const uint8_t *end, unsigned depth) {
    write_varint(rewrite, (uint64_t)field->id << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    uint8_t *length = rewrite->out;
    rewrite->out += LENGTH_SIZE;
    if (!rewrite_message(rewrite, field->descriptor, at, end, depth + 1))
        return false;
    write_length(length, (size_t)(rewrite->out - length) - LENGTH_SIZE);
    return true;
}

/* The field of type that a field in the bytes is a value of; NULL if it is an unknown field. */
static const ProtobufCFieldDescriptor *rewrite_find(const ProtobufCMessageDescriptor *type,
                                                    const struct wire_field *in) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(type, in->number);
    bool fits = field && msi_protobuf_wire_type_fits(field, in->wire);
    return fits ? field : NULL;
}

static struct body *rewrite_body(struct body *bodies, const ProtobufCFieldDescriptor *field) {
    return &bodies[field->offset / sizeof(void *)];
}

static struct body *rewrite_bodies(struct rewrite *rewrite, const ProtobufCMessageDescriptor *type,
                                   unsigned depth) {
    struct level *level = &rewrite->levels[depth];
    size_t count = type->sizeof_message / sizeof(void *) + 1;
    if (count > level->count) {
        level->count = 2 * count;
        level->bodies = msi_arena_array(rewrite->arena, level->count, sizeof *level->bodies);
    }
    return level->bodies;
}

/* The first pass finds out how many pieces there are, and how long they are together. */
static void rewrite_count(struct body *bodies, const ProtobufCFieldDescriptor *field,
                          const struct wire_field *in) {
    bool in_oneof = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    if (field->label == PROTOBUF_C_LABEL_REPEATED ||
        (field->type != PROTOBUF_C_TYPE_MESSAGE && !in_oneof))
        return;
    struct body *body = rewrite_body(bodies, field);
    if (body->field != field)
        *body = (struct body){.field = field, .first = in->start};
    body->pieces++;
    body->len += (size_t)(in->end - in->body);
}

/* The second pass writes a singular submessage when its last piece comes. */
static bool rewrite_piece(struct rewrite *rewrite, struct body *body,
                          const ProtobufCFieldDescriptor *field, const struct wire_field *in,
                          unsigned depth) {
    if (body->field != field || in->start < body->first)
        return true; /* another member of the oneof comes later and replaces it */
    if (body->pieces == 1)
        return rewrite_submessage(rewrite, field, in->body, in->end, depth);
    if (!body->joined)
        body->joined = msi_arena_alloc(rewrite->arena, body->len);
    if (!body->joined)
        return false;
    memcpy(body->joined + body->filled, in->body, (size_t)(in->end - in->body));
    body->filled += (size_t)(in->end - in->body);
    if (++body->joined_pieces < body->pieces)
        return true;
    return rewrite_submessage(rewrite, field, body->joined, body->joined + body->len, depth);
}

static bool rewrite_field(struct rewrite *rewrite, const ProtobufCMessageDescriptor *type,
                          struct body *bodies, const struct wire_field *in, unsigned depth) {
    const ProtobufCFieldDescriptor *field = rewrite_find(type, in);
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE) {
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            return rewrite_submessage(rewrite, field, in->body, in->end, depth);
        return rewrite_piece(rewrite, rewrite_body(bodies, field), field, in, depth);
    }
    if (field)
        write_bytes(rewrite, in->start, in->end);
    else
        write_wrapped(rewrite, type, in);
    return true;
}

/* Leaves the table zeroed for the next message at this level. Clearing all of it would take time by
 * the type's size instead of the message's. */
static void rewrite_clear(struct body *bodies, const ProtobufCMessageDescriptor *type,
                          const uint8_t *at, const uint8_t *end) {
    while (at < end) {
        struct wire_field in = wire_read(at);
        const ProtobufCFieldDescriptor *field = rewrite_find(type, &in);
        if (field)
            *rewrite_body(bodies, field) = (struct body){.field = NULL};
        at = in.end;
    }
}

/* Recursion is bounded by the depth that the scan allows. */
static bool rewrite_message(struct rewrite *rewrite, const ProtobufCMessageDescriptor *type,
                            const uint8_t *at, const uint8_t *end, unsigned depth) {
    struct body *bodies = rewrite_bodies(rewrite, type, depth);
    if (!bodies)
        return false;
    for (const uint8_t *p = at; p < end;) {
        struct wire_field in = wire_read(p);
        const ProtobufCFieldDescriptor *field = rewrite_find(type, &in);
        if (field)
            rewrite_count(bodies, field, &in);
        p = in.end;
    }
    bool good = true;
    for (const uint8_t *p = at; good && p < end;) {
        struct wire_field in = wire_read(p);
        good = rewrite_field(rewrite, type, bodies, &in, depth);
        p = in.end;
    }
    rewrite_clear(bodies, type, at, end);
    return good;
}

bool msi_protobuf_rewrite(const ProtobufCMessageDescriptor *type, struct msi_arena *arena,
                          mailslot_bytes bytes, mailslot_bytes *rewritten) {
    struct rewrite rewrite = {.arena = arena};
    uint8_t *start = msi_arena_array(arena, bytes.len, GROWTH);
    const uint8_t *data = bytes.data;
    rewrite.out = start;
    if (!start || !rewrite_message(&rewrite, type, data, data + bytes.len, 0))
        return false;
    *rewritten = (mailslot_bytes){start, (size_t)(rewrite.out - start)};
    return true;
}

/* ---- After unpacking ---- */

/* The data of a length-prefixed unknown field begins with the length. */
static void restore_unknown(ProtobufCMessageUnknownField *unknown) {
    uint64_t number;
    const uint8_t *end = unknown->data + unknown->len;
    const uint8_t *body = wire_varint(unknown->data, &number);
    body = wire_varint(body, &number);
    unknown->tag = (uint32_t)number >> 3;
    unknown->wire_type = (ProtobufCWireType)(number & 7);
    unknown->data = (uint8_t *)body;
    unknown->len = (size_t)(end - body);
}

/* Only submessages that are set: in a oneof another member may use the same memory. */
static void restore_field(const ProtobufCFieldDescriptor *field, const char *message) {
    const char *member = message + field->offset;
    const char *quantifier = message + field->quantifier_offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        ProtobufCMessage *const *elements = *(ProtobufCMessage *const *const *)member;
        for (size_t i = 0; i < *(const size_t *)quantifier; i++)
            msi_protobuf_restore(elements[i]);
        return;
    }
    bool in_oneof = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    if (in_oneof && *(const uint32_t *)quantifier != field->id)
        return;
    ProtobufCMessage *submessage = *(ProtobufCMessage *const *)member;
    if (submessage)
        msi_protobuf_restore(submessage);
}

void msi_protobuf_restore(ProtobufCMessage *message) {
    for (unsigned i = 0; i < message->n_unknown_fields; i++)
        restore_unknown(&message->unknown_fields[i]);
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            restore_field(field, (const char *)message);
    }
}
