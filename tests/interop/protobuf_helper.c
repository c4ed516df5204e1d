/*
 * What the library makes of Protobuf messages, for protobuf_test.py.
 *
 *     SPEC HEX        ->  ok HEX FIELDS   the message as put again, and what it means
 *     sample SPEC     ->  ok HEX          a message made here
 *
 * FIELDS are the fields that are set, by number: `1=value;`, repeated ones once for each element;
 * numbers in decimal, floating point by its bits, bytes in hexadecimal, messages in braces.
 */
#include "lines.h"
#include "messages.h"

#include <mailslot/protobuf.h>

#include <inttypes.h>

/* ---- Fields to text ---- */

static void print_message(const ProtobufCMessage *message);

static uint64_t bits_of(const void *value, size_t size) {
    uint32_t narrow;
    uint64_t wide;
    if (size == sizeof narrow)
        memcpy(&narrow, value, sizeof narrow), wide = narrow;
    else
        memcpy(&wide, value, sizeof wide);
    return wide;
}

static void print_bytes(const ProtobufCBinaryData *bytes) { print_hex(bytes->data, bytes->len); }

static void print_value(const ProtobufCFieldDescriptor *field, const void *value) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL:
        printf("%" PRId32, *(const int32_t *)value);
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        printf("%" PRId64, *(const int64_t *)value);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        printf("%" PRIu32, *(const uint32_t *)value);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        printf("%" PRIu64, *(const uint64_t *)value);
        break;
    case PROTOBUF_C_TYPE_FLOAT:
        printf("%08" PRIx64, bits_of(value, sizeof(float)));
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        printf("%016" PRIx64, bits_of(value, sizeof(double)));
        break;
    case PROTOBUF_C_TYPE_STRING:
        print_hex(*(char *const *)value, strlen(*(char *const *)value));
        break;
    case PROTOBUF_C_TYPE_BYTES:
        print_bytes(value);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        print_message(*(ProtobufCMessage *const *)value);
        break;
    }
}

static size_t size_of(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return 4;
    }
}

/* Of proto3, where zero is as good as unset. */
static bool is_zero(const ProtobufCFieldDescriptor *field, const void *value) {
    static const char zeros[sizeof(ProtobufCBinaryData)];
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return **(char *const *)value == '\0';
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)value)->len == 0;
    return memcmp(value, zeros, size_of(field->type)) == 0;
}

/* Whether the message was given the field, and did not just get its default. */
static bool is_set(const ProtobufCFieldDescriptor *field, const char *message) {
    const void *value = message + field->offset;
    const void *quantifier = message + field->quantifier_offset;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)quantifier == field->id;
    if (field->label == PROTOBUF_C_LABEL_REQUIRED)
        return true;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)value != NULL;
    if (field->label == PROTOBUF_C_LABEL_NONE)
        return !is_zero(field, value);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return *(const void *const *)value && *(const void *const *)value != field->default_value;
    return *(const protobuf_c_boolean *)quantifier;
}

static void print_field(const ProtobufCFieldDescriptor *field, const char *message) {
    const char *value = message + field->offset;
    size_t count = 1;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        count = *(const size_t *)(message + field->quantifier_offset);
        value = *(const char *const *)value;
    } else if (!is_set(field, message)) {
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        printf("%" PRIu32 "=", field->id);
        print_value(field, value + i * size_of(field->type));
        putchar(';');
    }
}

static void print_message(const ProtobufCMessage *message) {
    putchar('{');
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        print_field(&message->descriptor->fields[i], (const char *)message);
    putchar('}');
}

/* ---- Requests ---- */

static const mailslot_codec *find(const mailslot_registry *registry, const char *spec) {
    const mailslot_codec *codec = NULL;
    must(mailslot_registry_find(registry, spec, &codec));
    return codec;
}

static void pass(const mailslot_codec *codec, const char *hex) {
    struct link link;
    link_open(&link, codec);
    mailslot_err err = link_receive(&link, hex);
    if (err) {
        answer_err(err);
    } else {
        must(mailslot_put(link.writer, mailslot_record_value(link.record)));
        printf("ok ");
        link_print_next(&link);
        putchar(' ');
        print_message(mailslot_record_value(link.record));
        putchar('\n');
    }
    link_close(&link);
}

static void sample(const mailslot_codec *codec) {
    struct sample_everything everything;
    struct sample_event event;
    struct link link;
    link_open(&link, codec);
    if (codec->schema == &trace__event__descriptor)
        must(mailslot_put(link.writer, sample_event(&event)));
    else
        must(mailslot_put(link.writer, sample_everything(&everything)));
    printf("ok ");
    link_print_next(&link);
    putchar('\n');
    link_close(&link);
}

static void handle(void *ctx, const char *word, char *rest) {
    if (strcmp(word, "sample") == 0)
        sample(find(ctx, rest));
    else
        pass(find(ctx, word), rest);
}

int main(void) {
    const ProtobufCMessageDescriptor *types[] = {
        &test3__everything__descriptor, &test3__scalars__descriptor,  &test3__old__descriptor,
        &test2__required__descriptor,   &test2__optional__descriptor, &test2__wide__descriptor,
        &trace__event__descriptor};
    mailslot_registry *registry = NULL;
    must(mailslot_registry_new(&registry));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        must(mailslot_registry_add_protobuf(registry, types[i]));
    each_line(handle, registry);
    mailslot_registry_free(registry);
}
