/*
 * Protobuf codecs. protobuf-c packs and unpacks; this file checks what protobuf-c takes on trust:
 * before unpacking by protobuf_unpack.c, before packing by a walk over the message.
 */
#include "protobuf_scan.h"
#include "protobuf_unpack.h"
#include "protobuf_zeros.h"

#include <mailslot/protobuf.h>

#include <limits.h>
#include <string.h>

/* ---- Decoding ---- */

mailslot_err mailslot_protobuf_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                      mailslot_bytes bytes, const void **value) {
    const ProtobufCMessageDescriptor *type = codec->schema;
    if (bytes.len > INT_MAX)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX, "%s of %zu bytes; the limit is 2 GiB",
                             type->name, bytes.len);
    struct msi_arena arena = {.scratch = scratch};
    ProtobufCMessage *message;
    mailslot_err err = msi_protobuf_unpack(type, &arena, bytes, &message);
    if (arena.err)
        return mailslot_scratch_error(scratch);
    if (err == MAILSLOT_ERR_BAD_MESSAGE)
        return mailslot_fail(err, "%s; was the message put with another codec?", mailslot_detail());
    if (!err)
        *value = message;
    return err;
}

/* ---- Encoding ---- */

static mailslot_err encode_refuse(const ProtobufCMessageDescriptor *type,
                                  const ProtobufCFieldDescriptor *field, const char *what) {
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s.%s: %s", type->name, field->name, what);
}

/* The state of the walk that checks a message. It also adds up an upper bound of the encoded size,
 * which is far cheaper than the exact size. */
typedef struct {
    unsigned depth;
    uint64_t bound;
    bool loses_zero; /* a field holds -0.0, which protobuf-c would leave out */
} encode_check;

/* The most bytes of a field or element without the bytes behind its pointer: a tag of up to 5, and
 * a number of up to 10 or a length of up to 5. */
enum { ELEMENT_MOST = 15 };

static void count_bytes(encode_check *so_far, size_t len) {
    so_far->bound += len < INT_MAX ? len : INT_MAX; /* beyond INT_MAX the bound is not used */
}

static mailslot_err check_message(const ProtobufCMessage *message,
                                  const ProtobufCMessageDescriptor *type, encode_check *so_far);

/* Checks a value that is or contains a pointer. */
static mailslot_err check_value(const ProtobufCMessageDescriptor *type,
                                const ProtobufCFieldDescriptor *field, const void *member,
                                encode_check *so_far) {
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *bytes = member;
        count_bytes(so_far, bytes->len);
        return bytes->len && !bytes->data ? encode_refuse(type, field, "pointer is NULL")
                                          : MAILSLOT_OK;
    }
    const void *pointer = *(void *const *)member;
    if (!pointer)
        return encode_refuse(type, field, "pointer is NULL");
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_message(pointer, field->descriptor, so_far);
    size_t len = strlen(pointer);
    count_bytes(so_far, len);
    return mailslot_utf8_prefix(pointer, len) == len ? MAILSLOT_OK
                                                     : encode_refuse(type, field, "not UTF-8");
}

static mailslot_err check_repeated(const ProtobufCMessageDescriptor *type,
                                   const ProtobufCFieldDescriptor *field, const char *elements,
                                   size_t count, encode_check *so_far) {
    if (count && !elements)
        return encode_refuse(type, field, "pointer is NULL");
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

/* Whether protobuf-c will pack a field that is not repeated. */
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
                                encode_check *so_far) {
    const char *member = message + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return check_repeated(type, field, *(const char *const *)member,
                              *(const size_t *)(message + field->quantifier_offset), so_far);
    if (msi_protobuf_wire_type(field->type) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
        so_far->loses_zero = so_far->loses_zero || msi_protobuf_zero_is_lost(field, message);
        return MAILSLOT_OK;
    }
    return field_is_set(field, message) ? check_value(type, field, member, so_far) : MAILSLOT_OK;
}

/* Does what protobuf_c_message_check() does, and what that leaves out: the types of submessages,
 * UTF-8, a bound of the recursion, and the name of the field that is wrong. */
static mailslot_err check_message(const ProtobufCMessage *message,
                                  const ProtobufCMessageDescriptor *type, encode_check *so_far) {
    if (message->descriptor != type)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "the message has type %s, expected %s",
                             message->descriptor ? message->descriptor->name : "(none)",
                             type->name);
    if (so_far->depth == MSI_PROTOBUF_DEPTH_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s: nested over %d deep, the limit",
                             type->name, MSI_PROTOBUF_DEPTH_MAX);
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

/* If the slot has room for the upper bound, the message is packed at once and the rest returned:
 * computing the exact size first would walk it a second time. */
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
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s of %zu bytes; the limit is 2 GiB",
                             message->descriptor->name, len);
    void *space;
    mailslot_err err = mailslot_sink_reserve(sink, len, &space);
    if (!err && space && protobuf_c_message_pack(message, space) != len)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "%s was changed by another thread during put",
                             message->descriptor->name);
    return err;
}

static mailslot_err pack_message(const ProtobufCMessage *message, uint64_t bound,
                                 mailslot_sink *sink) {
    bool packed = false;
    mailslot_err err = MAILSLOT_OK;
    if (bound < INT_MAX)
        err = pack_within_bound(message, (size_t)bound, sink, &packed);
    return err || packed ? err : pack_by_size(message, sink);
}

/* The bound holds for the copy too: it counts a number for each field, set or not. */
static mailslot_err pack_with_zeros(const ProtobufCMessage *message, uint64_t bound,
                                    mailslot_sink *sink) {
    struct msi_arena arena = {.left = SIZE_MAX};
    const ProtobufCMessage *copy = msi_protobuf_keep_zeros(&arena, message);
    mailslot_err err = copy ? pack_message(copy, bound, sink)
                            : mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to put %s",
                                            message->descriptor->name);
    msi_arena_free(&arena);
    return err;
}

mailslot_err mailslot_protobuf_encode(const mailslot_codec *codec, const void *value,
                                      mailslot_sink *sink) {
    encode_check so_far = {0};
    mailslot_err err = check_message(value, codec->schema, &so_far);
    if (err)
        return err;
    return so_far.loses_zero ? pack_with_zeros(value, so_far.bound, sink)
                             : pack_message(value, so_far.bound, sink);
}

/* ---- Typed put and get ---- */

/* Compares the name too: with a DLL, the addresses of the library's functions in a program's tables
 * are those of import thunks, which differ from the addresses inside the library. */
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
