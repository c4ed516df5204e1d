#include "arena.h"
#include "protobuf_scan.h"

#include <mailslot/protobuf.h>

#include <limits.h>
#include <string.h>

/* ---- Decoding ---- */

mailslot_err mailslot_protobuf_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                      mailslot_bytes bytes, const void **value) {
    const ProtobufCMessageDescriptor *type = codec->schema;
    if (bytes.len > INT_MAX)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX, "%s of %zu bytes, over 2 GiB", type->name,
                             bytes.len);
    mailslot_err err = msi_protobuf_scan(type, scratch, bytes);
    if (err)
        return err;
    struct msi_arena arena = {.scratch = scratch};
    ProtobufCAllocator allocator = msi_arena_allocator(&arena);
    *value = protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
    if (*value)
        return MAILSLOT_OK;
    if (arena.err)
        return mailslot_scratch_error(scratch);
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%s lacks a required field", type->name);
}

/* ---- Encoding ---- */

static mailslot_err encode_refuse(const ProtobufCMessageDescriptor *type,
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
        return bytes->len && !bytes->data ? encode_refuse(type, field, "NULL") : MAILSLOT_OK;
    }
    const void *pointer = *(void *const *)member;
    if (!pointer)
        return encode_refuse(type, field, "NULL");
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_message(pointer, field->descriptor, so_far);
    size_t len = strlen(pointer);
    count_bytes(so_far, len);
    return mailslot_utf8_prefix(pointer, len) == len ? MAILSLOT_OK
                                                     : encode_refuse(type, field, "not UTF-8");
}

static mailslot_err check_repeated(const ProtobufCMessageDescriptor *type,
                                   const ProtobufCFieldDescriptor *field, const char *elements,
                                   size_t count, measure *so_far) {
    if (count && !elements)
        return encode_refuse(type, field, "NULL");
    so_far->bound += (uint64_t)count * ELEMENT_MOST;
    if (msi_protobuf_wire_type(field->type) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return MAILSLOT_OK;
    size_t size =
        field->type == PROTOBUF_C_TYPE_BYTES ? sizeof(ProtobufCBinaryData) : sizeof(void *);
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < count; i++)
        err = check_value(type, field, elements + i * size, so_far);
    return err;
}

/* Whether protobuf-c will look at a field that is not repeated. */
static bool field_is_set(const ProtobufCFieldDescriptor *field, const char *message) {
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
    if (msi_protobuf_wire_type(field->type) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return MAILSLOT_OK;
    return field_is_set(field, message) ? check_value(type, field, member, so_far) : MAILSLOT_OK;
}

/* protobuf_c_message_check(), and what it leaves out: that submessages have the type they should,
 * that strings are UTF-8, that recursion ends, and which field is wrong. */
static mailslot_err check_message(const ProtobufCMessage *message,
                                  const ProtobufCMessageDescriptor *type, measure *so_far) {
    if (message->descriptor != type)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "a message of type %s where %s is expected",
                             message->descriptor ? message->descriptor->name : "(none)",
                             type->name);
    if (so_far->depth == MSI_PROTOBUF_DEPTH_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s nested over %d deep", type->name,
                             MSI_PROTOBUF_DEPTH_MAX);
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

/* By name too: where the library is a DLL, a program's own tables have other addresses for its
 * functions than the library has. */
static bool is_protobuf(const mailslot_codec *codec) {
    return codec->encode == mailslot_protobuf_encode || strcmp(codec->name, "protobuf") == 0 ||
           strncmp(codec->name, "protobuf:", strlen("protobuf:")) == 0;
}

static bool is_same_codec(const mailslot_codec *a, const mailslot_codec *b) {
    if (a == b)
        return true;
    bool same_functions = a->encode == b->encode && a->decode == b->decode;
    return a->schema == b->schema && (same_functions || (is_protobuf(a) && is_protobuf(b)));
}

static const char *codec_type_name(const mailslot_codec *codec) {
    if (!is_protobuf(codec))
        return "";
    return ((const ProtobufCMessageDescriptor *)codec->schema)->name;
}

static mailslot_err check_slot(const mailslot *slot, const mailslot_codec *codec) {
    if (!slot)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "slot is NULL");
    const mailslot_codec *own = mailslot_slot_codec(slot);
    if (is_same_codec(own, codec))
        return MAILSLOT_OK;
    const char *own_type = codec_type_name(own);
    return mailslot_fail(MAILSLOT_ERR_INVALID, "the slot's codec is %s%s%s, not protobuf:%s",
                         *own_type ? "protobuf" : own->name, *own_type ? ":" : "", own_type,
                         codec_type_name(codec));
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
