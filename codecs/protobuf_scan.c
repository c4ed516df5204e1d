/*
 * One pass over the bytes by the descriptor, with a stack of frames instead of recursion. Every
 * length is compared with what is left of the innermost message before it is used.
 */
#include "protobuf_scan.h"

#include "text_prefix.h"

#include <stdbool.h>
#include <string.h>

/* A message that the scan is inside of. */
struct frame {
    const ProtobufCMessageDescriptor *type;
    const uint8_t *end;
    unsigned hint;  /* index of the field expected next: most messages are in order */
    uint64_t *seen; /* one bit per field: this singular submessage has come already */
    uint64_t few;   /* where seen points if 64 bits are enough */
};

struct scan {
    mailslot_scratch *scratch;
    const uint8_t *start, *at;
    unsigned depth;
    bool rewrite; /* something was found that protobuf-c cannot unpack */
    struct frame *top;
    struct frame frames[MSI_PROTOBUF_DEPTH_MAX];
};

/* Reports an error at scan->at; field may be NULL. */
static mailslot_err scan_fail(const struct scan *scan, const ProtobufCFieldDescriptor *field,
                              const char *what) {
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%s%s%s: %s at byte %zu", scan->top->type->name,
                         field ? "." : "", field ? field->name : "", what,
                         (size_t)(scan->at - scan->start));
}

static mailslot_err scan_too_deep(const struct scan *scan, const ProtobufCMessageDescriptor *type) {
    return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX,
                         "%s: nested over %d deep, the limit, at byte %zu", type->name,
                         MSI_PROTOBUF_DEPTH_MAX, (size_t)(scan->at - scan->start));
}

/* Types of up to 64 fields, almost all, take no memory for the bits. */
static mailslot_err scan_enter(struct scan *scan, const ProtobufCMessageDescriptor *type,
                               const uint8_t *end) {
    if (scan->depth == MSI_PROTOBUF_DEPTH_MAX)
        return scan_too_deep(scan, type);
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

static void scan_leave(struct scan *scan) {
    scan->depth--;
    scan->top = scan->depth ? &scan->frames[scan->depth - 1] : NULL;
}

/* most: 10 bytes for 64 bits, 5 for 32. A tenth byte's bits beyond the 64th are cut off. */
static bool scan_long_varint(struct scan *scan, unsigned most, uint64_t *number) {
    *number = 0;
    for (unsigned i = 0; i < most && scan->at != scan->top->end; i++) {
        uint8_t byte = *scan->at++;
        *number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* The fast path for one byte: most tags, lengths and numbers have one. */
static inline bool scan_varint(struct scan *scan, unsigned most, uint64_t *number) {
    if (scan->at == scan->top->end || *scan->at >= 0x80)
        return scan_long_varint(scan, most, number);
    *number = *scan->at++;
    return true;
}

static size_t scan_rest(const struct scan *scan) { return (size_t)(scan->top->end - scan->at); }

static bool scan_skip(struct scan *scan, size_t len) {
    if (len > scan_rest(scan))
        return false;
    scan->at += len;
    return true;
}

ProtobufCWireType msi_protobuf_wire_type(ProtobufCType type) {
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

/* Notes a second piece of a singular submessage. protobuf-c would merge the pieces, but loses their
 * unknown fields and proto3 numbers, and takes memory quadratic in the number of pieces. */
static void scan_note_piece(struct scan *scan, const ProtobufCFieldDescriptor *field) {
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return;
    size_t index = (size_t)(field - scan->top->type->fields);
    uint64_t bit = UINT64_C(1) << index % 64;
    scan->rewrite = scan->rewrite || scan->top->seen[index / 64] & bit;
    scan->top->seen[index / 64] |= bit;
}

static mailslot_err scan_string(struct scan *scan, const ProtobufCFieldDescriptor *field,
                                size_t len) {
    size_t good = msi_text_prefix(scan->at, len);
    scan->at += good;
    return good == len ? MAILSLOT_OK
                       : scan_fail(scan, field, "a string with a NUL or invalid UTF-8");
}

/* A number that begins in the list may not end behind it, although the message goes on there. */
static mailslot_err scan_packed(struct scan *scan, const ProtobufCFieldDescriptor *field,
                                size_t len) {
    const uint8_t *end = scan->at + len;
    unsigned wire = msi_protobuf_wire_type(field->type);
    if (wire == PROTOBUF_C_WIRE_TYPE_VARINT) {
        uint64_t number;
        while (scan->at < end)
            if (!scan_varint(scan, 10, &number) || scan->at > end)
                return scan_fail(scan, field, "malformed packed numbers");
        return MAILSLOT_OK;
    }
    size_t width = wire == PROTOBUF_C_WIRE_TYPE_32BIT ? 4 : 8;
    scan->at = end;
    return len % width == 0 ? MAILSLOT_OK : scan_fail(scan, field, "malformed packed numbers");
}

/* The bytes behind the length prefix of a known field. */
static mailslot_err scan_body(struct scan *scan, const ProtobufCFieldDescriptor *field,
                              size_t len) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return scan_string(scan, field, len);
    case PROTOBUF_C_TYPE_BYTES:
        scan->at += len;
        return MAILSLOT_OK;
    case PROTOBUF_C_TYPE_MESSAGE:
        scan_note_piece(scan, field);
        return scan_enter(scan, field->descriptor, scan->at + len);
    default:
        return scan_packed(scan, field, len);
    }
}

static mailslot_err scan_value(struct scan *scan, const ProtobufCFieldDescriptor *field,
                               unsigned wire) {
    uint64_t number = 0;
    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return scan_varint(scan, 10, &number) ? MAILSLOT_OK
                                              : scan_fail(scan, field, "malformed varint");
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return scan_skip(scan, 8) ? MAILSLOT_OK : scan_fail(scan, field, "number cut short");
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return scan_skip(scan, 4) ? MAILSLOT_OK : scan_fail(scan, field, "number cut short");
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!scan_varint(scan, 5, &number) || number > scan_rest(scan))
            return scan_fail(scan, field, "malformed length");
        if (field)
            return scan_body(scan, field, (size_t)number);
        scan->at += number;
        return MAILSLOT_OK;
    default:
        return scan_fail(scan, field,
                         wire > 5 ? "unknown wire type" : "end of a group that has no beginning");
    }
}

/* The field after the last one found is tried before the binary search. */
static const ProtobufCFieldDescriptor *scan_find_field(struct frame *frame, uint32_t number) {
    const ProtobufCMessageDescriptor *type = frame->type;
    if (frame->hint < type->n_fields && type->fields[frame->hint].id == number)
        return &type->fields[frame->hint];
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, number);
    if (field)
        frame->hint = (unsigned)(field - type->fields);
    return field;
}

bool msi_protobuf_wire_type_fits(const ProtobufCFieldDescriptor *field, unsigned wire) {
    return wire == msi_protobuf_wire_type(field->type) ||
           (field->label == PROTOBUF_C_LABEL_REPEATED &&
            wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
}

static bool scan_tag(struct scan *scan, uint32_t *number, unsigned *wire) {
    uint64_t tag;
    bool good = scan_varint(scan, 5, &tag) && tag <= UINT32_MAX && tag >> 3 != 0;
    *number = good ? (uint32_t)tag >> 3 : 0;
    *wire = tag & 7;
    return good;
}

/* Passes over a group, to the tag that ends it; number is its own. Groups nest, and each end must
 * have the number of its beginning. */
static mailslot_err scan_group(struct scan *scan, uint32_t number) {
    uint32_t open[MSI_PROTOBUF_DEPTH_MAX + 1];
    unsigned depth = 0, wire;
    open[depth++] = number;
    mailslot_err err = MAILSLOT_OK;
    while (!err && depth) {
        if (scan->depth + depth > MSI_PROTOBUF_DEPTH_MAX)
            return scan_too_deep(scan, scan->top->type);
        if (!scan_tag(scan, &number, &wire))
            return scan_fail(scan, NULL, "malformed or unfinished group");
        if (wire == MSI_WIRE_START_GROUP)
            open[depth++] = number;
        else if (wire != MSI_WIRE_END_GROUP)
            err = scan_value(scan, NULL, wire);
        else if (open[--depth] != number)
            err = scan_fail(scan, NULL, "end of another group");
    }
    return err;
}

/* One field. A submessage only becomes the top frame; its fields come in later rounds. */
static mailslot_err scan_field(struct scan *scan) {
    uint32_t number;
    unsigned wire;
    if (!scan_tag(scan, &number, &wire))
        return scan_fail(scan, NULL, "malformed field number");
    struct frame *frame = scan->top;
    const ProtobufCFieldDescriptor *field = scan_find_field(frame, number);
    if (field && !msi_protobuf_wire_type_fits(field, wire)) {
        scan->rewrite = true;
        field = NULL; /* an unknown field, as everywhere else */
    }
    if (field && field->label != PROTOBUF_C_LABEL_REPEATED)
        frame->hint++;
    if (wire != MSI_WIRE_START_GROUP)
        return scan_value(scan, field, wire);
    scan->rewrite = true;
    return scan_group(scan, number);
}

mailslot_err msi_protobuf_scan(const ProtobufCMessageDescriptor *type, mailslot_scratch *scratch,
                               mailslot_bytes bytes, bool *rewrite) {
    struct scan scan;
    scan.scratch = scratch;
    scan.start = scan.at = bytes.data;
    scan.depth = 0;
    scan.rewrite = false;
    mailslot_err err = scan_enter(&scan, type, scan.at + bytes.len);
    while (!err && scan.top) {
        if (scan.at == scan.top->end)
            scan_leave(&scan);
        else
            err = scan_field(&scan);
    }
    *rewrite = scan.rewrite;
    return err;
}
