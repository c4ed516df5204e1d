#include "utf8.h"

#include <mailslot/protobuf.h>

#include <limits.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>

/* How deep messages nest at most, the outermost counted. protobuf-c recurses with about 960 bytes
 * of stack for each. */
enum { MAX_DEPTH = 32 };

/* ---- The scan: a walk by the descriptor, before anything is unpacked ---- */

/* A message that the walk is inside of. */
struct frame {
    const ProtobufCMessageDescriptor *type;
    const uint8_t *end;
    unsigned hint;  /* index of the field to expect: messages come mostly in order */
    uint64_t *seen; /* a bit for each field: a singular submessage that came already */
    uint64_t few;   /* where seen points, if 64 bits are enough */
};

struct scan {
    mailslot_scratch *scratch;
    const uint8_t *start, *at;
    unsigned depth;
    struct frame *top;
    struct frame frames[MAX_DEPTH];
};

/* Where a scan ends that found something wrong; field may be NULL. */
static mailslot_err bad(const struct scan *scan, const ProtobufCFieldDescriptor *field,
                        const char *what) {
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%s%s%s: %s at byte %zu", scan->top->type->name,
                         field ? "." : "", field ? field->name : "", what,
                         (size_t)(scan->at - scan->start));
}

static mailslot_err enter(struct scan *scan, const ProtobufCMessageDescriptor *type,
                          const uint8_t *end) {
    if (scan->depth == MAX_DEPTH)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX, "%s nested over %d deep at byte %zu",
                             type->name, MAX_DEPTH, (size_t)(scan->at - scan->start));
    struct frame *frame = scan->top = &scan->frames[scan->depth++];
    frame->type = type;
    frame->end = end;
    frame->hint = 0;
    frame->few = 0;
    frame->seen = &frame->few;
    if (type->n_fields <= 64)
        return MAILSLOT_OK;
    size_t size = (type->n_fields + 63) / 64 * sizeof *frame->seen;
    frame->seen = mailslot_scratch_alloc(scan->scratch, size);
    if (!frame->seen)
        return mailslot_scratch_error(scan->scratch);
    memset(frame->seen, 0, size);
    return MAILSLOT_OK;
}

static void leave(struct scan *scan) {
    scan->depth--;
    scan->top = scan->depth ? &scan->frames[scan->depth - 1] : NULL;
}

static bool read_varint(struct scan *scan, unsigned most, uint64_t *number) {
    *number = 0;
    for (unsigned i = 0; i < most && scan->at != scan->top->end; i++) {
        uint8_t byte = *scan->at++;
        *number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return true;
    }
    return false;
}

static size_t rest_of(const struct scan *scan) { return (size_t)(scan->top->end - scan->at); }

static bool pass(struct scan *scan, size_t len) {
    if (len > rest_of(scan))
        return false;
    scan->at += len;
    return true;
}

/* The wire type in which protobuf-c reads a type. */
static unsigned wire_type_of(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* protobuf-c drops parts of what it merges (unknown fields, numbers of proto3) and copies each
 * piece's arrays anew, which takes memory by the square. */
static mailslot_err once(struct scan *scan, const ProtobufCFieldDescriptor *field) {
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return MAILSLOT_OK;
    size_t index = (size_t)(field - scan->top->type->fields);
    uint64_t bit = UINT64_C(1) << index % 64;
    if (scan->top->seen[index / 64] & bit)
        return bad(scan, field, "another piece of a singular submessage");
    scan->top->seen[index / 64] |= bit;
    return MAILSLOT_OK;
}

static mailslot_err scan_string(struct scan *scan, const ProtobufCFieldDescriptor *field,
                                size_t len) {
    size_t good = msi_utf8_prefix(scan->at, len);
    scan->at += good;
    return good == len ? MAILSLOT_OK : bad(scan, field, "NUL or not UTF-8 in a string");
}

static mailslot_err scan_packed(struct scan *scan, const ProtobufCFieldDescriptor *field,
                                size_t len) {
    const uint8_t *end = scan->at + len;
    unsigned wire = wire_type_of(field->type);
    if (wire == PROTOBUF_C_WIRE_TYPE_VARINT) {
        uint64_t number;
        while (scan->at < end)
            if (!read_varint(scan, 10, &number) || scan->at > end)
                return bad(scan, field, "malformed packed numbers");
        return MAILSLOT_OK;
    }
    size_t width = wire == PROTOBUF_C_WIRE_TYPE_32BIT ? 4 : 8;
    scan->at = end;
    return len % width == 0 ? MAILSLOT_OK : bad(scan, field, "malformed packed numbers");
}

/* What a length stands before, in a field that the type knows. */
static mailslot_err scan_body(struct scan *scan, const ProtobufCFieldDescriptor *field,
                              size_t len) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return scan_string(scan, field, len);
    case PROTOBUF_C_TYPE_BYTES:
        scan->at += len;
        return MAILSLOT_OK;
    case PROTOBUF_C_TYPE_MESSAGE: {
        mailslot_err err = once(scan, field);
        return err ? err : enter(scan, field->descriptor, scan->at + len);
    }
    default:
        return scan_packed(scan, field, len);
    }
}

static mailslot_err scan_value(struct scan *scan, const ProtobufCFieldDescriptor *field,
                               unsigned wire) {
    uint64_t number = 0;
    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return read_varint(scan, 10, &number) ? MAILSLOT_OK : bad(scan, field, "malformed varint");
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return pass(scan, 8) ? MAILSLOT_OK : bad(scan, field, "cut short");
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return pass(scan, 4) ? MAILSLOT_OK : bad(scan, field, "cut short");
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!read_varint(scan, 5, &number) || number > rest_of(scan))
            return bad(scan, field, "malformed length");
        if (field)
            return scan_body(scan, field, (size_t)number);
        scan->at += number;
        return MAILSLOT_OK;
    default:
        return bad(scan, field, wire > 5 ? "wire type 6 or 7" : "group, which is not supported");
    }
}

static const ProtobufCFieldDescriptor *lookup(struct frame *frame, uint32_t number) {
    const ProtobufCMessageDescriptor *type = frame->type;
    if (frame->hint < type->n_fields && type->fields[frame->hint].id == number)
        return &type->fields[frame->hint];
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, number);
    if (field)
        frame->hint = (unsigned)(field - type->fields);
    return field;
}

static bool wire_type_fits(const ProtobufCFieldDescriptor *field, unsigned wire) {
    return wire == wire_type_of(field->type) || (field->label == PROTOBUF_C_LABEL_REPEATED &&
                                                 wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
}

static mailslot_err scan_field(struct scan *scan) {
    uint64_t tag;
    if (!read_varint(scan, 5, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
        return bad(scan, NULL, "malformed field number");
    struct frame *frame = scan->top;
    const ProtobufCFieldDescriptor *field = lookup(frame, (uint32_t)tag >> 3);
    unsigned wire = tag & 7;
    if (field && !wire_type_fits(field, wire))
        return bad(scan, field, "not of the field's wire type");
    if (field && field->label != PROTOBUF_C_LABEL_REPEATED)
        frame->hint++;
    return scan_value(scan, field, wire);
}

static mailslot_err scan_message(const ProtobufCMessageDescriptor *type, mailslot_scratch *scratch,
                                 mailslot_bytes bytes) {
    struct scan scan;
    scan.scratch = scratch;
    scan.start = scan.at = bytes.data;
    scan.depth = 0;
    mailslot_err err = enter(&scan, type, scan.at + bytes.len);
    while (!err && scan.top) {
        if (scan.at == scan.top->end)
            leave(&scan);
        else
            err = scan_field(&scan);
    }
    return err;
}

/* ---- Decoding ---- */

/* protobuf-c asks for many small pieces; they are cut from larger ones of the scratch. */
struct arena {
    mailslot_scratch *scratch;
    unsigned char *at;
    size_t left;
    bool exhausted;
};

enum { CHUNK = 1024, GRAIN = alignof(max_align_t) };

/* Near the end of the budget a whole chunk may be too much where the piece itself is not. */
static void *arena_grow(struct arena *arena, size_t size) {
    size_t chunk = size < CHUNK ? CHUNK : size;
    unsigned char *memory = mailslot_scratch_alloc(arena->scratch, chunk);
    if (!memory && size < chunk) {
        chunk = size;
        memory = mailslot_scratch_alloc(arena->scratch, chunk);
    }
    arena->exhausted = !memory;
    if (memory) {
        arena->at = memory + size;
        arena->left = chunk - size;
    }
    return memory;
}

static void *arena_alloc(void *data, size_t size) {
    struct arena *arena = data;
    if (size > SIZE_MAX - GRAIN)
        return NULL;
    size = (size + GRAIN - 1) / GRAIN * GRAIN;
    if (size > arena->left)
        return arena_grow(arena, size);
    void *memory = arena->at;
    arena->at += size;
    arena->left -= size;
    return memory;
}

/* The record frees the whole scratch. */
static void arena_free(void *data, void *memory) {
    (void)data;
    (void)memory;
}

mailslot_err mailslot_protobuf_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                      mailslot_bytes bytes, const void **value) {
    const ProtobufCMessageDescriptor *type = codec->schema;
    if (bytes.len > INT_MAX)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX, "%s of %zu bytes, over 2 GiB", type->name,
                             bytes.len);
    mailslot_err err = scan_message(type, scratch, bytes);
    if (err)
        return err;
    struct arena arena = {.scratch = scratch};
    ProtobufCAllocator allocator = {arena_alloc, arena_free, &arena};
    *value = protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
    if (*value)
        return MAILSLOT_OK;
    if (arena.exhausted)
        return mailslot_scratch_error(scratch);
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%s lacks a required field", type->name);
}

/* ---- Encoding ---- */

static mailslot_err refuse(const ProtobufCMessageDescriptor *type,
                           const ProtobufCFieldDescriptor *field, const char *what) {
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s.%s: %s", type->name, field->name, what);
}

/* What the check of a value carries along: how deep it is, and how many bytes the value has at
 * most, which is far cheaper to know than how many it has. */
typedef struct {
    unsigned depth;
    uint64_t bound;
} measure;

/* Most bytes of a field or an element apart from what a pointer leads to: a tag of up to 5, and a
 * number of up to 10 or a length of up to 5. */
enum { ELEMENT_MOST = 15 };

static void count_bytes(measure *so_far, size_t len) {
    so_far->bound += len < INT_MAX ? len : INT_MAX; /* so large that the bound does not count */
}

static mailslot_err check_message(const ProtobufCMessage *message,
                                  const ProtobufCMessageDescriptor *type, measure *so_far);

/* A value that is a pointer, or has one. */
static mailslot_err check_value(const ProtobufCMessageDescriptor *type,
                                const ProtobufCFieldDescriptor *field, const void *member,
                                measure *so_far) {
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *bytes = member;
        count_bytes(so_far, bytes->len);
        return bytes->len && !bytes->data ? refuse(type, field, "NULL") : MAILSLOT_OK;
    }
    const void *pointer = *(void *const *)member;
    if (!pointer)
        return refuse(type, field, "NULL");
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_message(pointer, field->descriptor, so_far);
    size_t len = strlen(pointer);
    count_bytes(so_far, len);
    return msi_utf8_prefix(pointer, len) == len ? MAILSLOT_OK : refuse(type, field, "not UTF-8");
}

static mailslot_err check_repeated(const ProtobufCMessageDescriptor *type,
                                   const ProtobufCFieldDescriptor *field, const char *elements,
                                   size_t count, measure *so_far) {
    if (count && !elements)
        return refuse(type, field, "NULL");
    so_far->bound += (uint64_t)count * ELEMENT_MOST;
    if (wire_type_of(field->type) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return MAILSLOT_OK;
    size_t size =
        field->type == PROTOBUF_C_TYPE_BYTES ? sizeof(ProtobufCBinaryData) : sizeof(void *);
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < count; i++)
        err = check_value(type, field, elements + i * size, so_far);
    return err;
}

/* Whether protobuf-c will look at a field that is not repeated. */
static bool is_set(const ProtobufCFieldDescriptor *field, const char *message) {
    if (field->label == PROTOBUF_C_LABEL_REQUIRED)
        return true;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(message + field->quantifier_offset) == field->id;
    const char *member = message + field->offset;
    if (field->type != PROTOBUF_C_TYPE_BYTES)
        return *(void *const *)member != NULL;
    return field->label == PROTOBUF_C_LABEL_NONE ||
           *(const protobuf_c_boolean *)(message + field->quantifier_offset);
}

static mailslot_err check_field(const ProtobufCMessageDescriptor *type,
                                const ProtobufCFieldDescriptor *field, const char *message,
                                measure *so_far) {
    const char *member = message + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return check_repeated(type, field, *(const char *const *)member,
                              *(const size_t *)(message + field->quantifier_offset), so_far);
    if (wire_type_of(field->type) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return MAILSLOT_OK;
    return is_set(field, message) ? check_value(type, field, member, so_far) : MAILSLOT_OK;
}

/* protobuf_c_message_check(), and what it leaves out: that submessages have the type they should,
 * that strings are UTF-8, that recursion ends, and which field is wrong. */
static mailslot_err check_message(const ProtobufCMessage *message,
                                  const ProtobufCMessageDescriptor *type, measure *so_far) {
    if (message->descriptor != type)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "a message of type %s where %s is expected",
                             message->descriptor ? message->descriptor->name : "(none)",
                             type->name);
    if (so_far->depth == MAX_DEPTH)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s nested over %d deep", type->name,
                             MAX_DEPTH);
    so_far->depth++;
    so_far->bound += (uint64_t)(type->n_fields + message->n_unknown_fields) * ELEMENT_MOST;
    for (unsigned i = 0; i < message->n_unknown_fields; i++)
        count_bytes(so_far, message->unknown_fields[i].len);
    mailslot_err err = MAILSLOT_OK;
    for (unsigned i = 0; !err && i < type->n_fields; i++)
        err = check_field(type, &type->fields[i], (const char *)message, so_far);
    so_far->depth--;
    return err;
}

/* Where there is room for the most that the value may have, its size comes from packing it. */
static mailslot_err pack_within_bound(const ProtobufCMessage *message, size_t bound,
                                      mailslot_sink *sink, bool *packed) {
    void *space;
    mailslot_err err = mailslot_sink_reserve(sink, bound, &space);
    *packed = !err && space;
    if (!err)
        mailslot_sink_return(sink,
                             *packed ? bound - protobuf_c_message_pack(message, space) : bound);
    return err;
}

static mailslot_err pack_by_size(const ProtobufCMessage *message, mailslot_sink *sink) {
    size_t len = protobuf_c_message_get_packed_size(message);
    if (len > INT_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s of %zu bytes, over 2 GiB",
                             message->descriptor->name, len);
    void *space;
    mailslot_err err = mailslot_sink_reserve(sink, len, &space);
    if (!err && space && protobuf_c_message_pack(message, space) != len)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s changed while it was put",
                             message->descriptor->name);
    return err;
}

mailslot_err mailslot_protobuf_encode(const mailslot_codec *codec, const void *value,
                                      mailslot_sink *sink) {
    measure so_far = {0, 0};
    mailslot_err err = check_message(value, codec->schema, &so_far);
    bool packed = false;
    if (!err && so_far.bound < INT_MAX)
        err = pack_within_bound(value, (size_t)so_far.bound, sink, &packed);
    return err || packed ? err : pack_by_size(value, sink);
}

/* ---- Typed put and get ---- */

static bool same_codec(const mailslot_codec *a, const mailslot_codec *b) {
    return a == b || (a->schema == b->schema && a->encode == b->encode && a->decode == b->decode);
}

static const char *type_name(const mailslot_codec *codec) {
    if (codec->encode != mailslot_protobuf_encode)
        return "";
    return ((const ProtobufCMessageDescriptor *)codec->schema)->name;
}

static mailslot_err check_slot(const mailslot *slot, const mailslot_codec *codec) {
    if (!slot)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "slot is NULL");
    const mailslot_codec *own = mailslot_slot_codec(slot);
    if (same_codec(own, codec))
        return MAILSLOT_OK;
    const char *own_type = type_name(own);
    return mailslot_fail(MAILSLOT_ERR_INVALID, "the slot's codec is %s%s%s, not protobuf:%s",
                         *own_type ? "protobuf" : own->name, *own_type ? ":" : "", own_type,
                         type_name(codec));
}

mailslot_err mailslot_protobuf_put(mailslot *slot, const mailslot_codec *codec,
                                   const ProtobufCMessage *message) {
    mailslot_err err = check_slot(slot, codec);
    return err ? err : mailslot_put(slot, message);
}

mailslot_err mailslot_protobuf_get(mailslot *slot, const mailslot_codec *codec,
                                   mailslot_record *record, const ProtobufCMessage **message,
                                   int timeout_ms) {
    *message = NULL;
    mailslot_err err = check_slot(slot, codec);
    if (!err)
        err = mailslot_get(slot, record, timeout_ms);
    if (!err)
        *message = mailslot_record_value(record);
    return err;
}
