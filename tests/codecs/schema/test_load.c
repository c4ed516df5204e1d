/* Schemas at run time: what is made of descriptor sets. Python's view of them is in
 * tests/interop/schemas_test.py. */
#include "messages.h"
#include "pair.h"
#include "schema_types.h"

#include <stdalign.h>

/* ---- What is made is what protoc-c would have made ---- */

/* A message of a compiled type is read and put again by the loaded type of the same name. */
static void check_same_wire(const mailslot_registry *registry, const char *spec,
                            const mailslot_codec *compiled, const void *value) {
    unsigned char bytes[4096];
    struct pair pair = pair_open(compiled);
    pair_pass(&pair, value);
    size_t len = mailslot_record_bytes(pair.record).len;
    check(len > 0 && len <= sizeof bytes);
    memcpy(bytes, mailslot_record_bytes(pair.record).data, len);
    pair_close(&pair);
    pair = pair_open(find(registry, spec));
    check_ok(pair_receive(&pair, bytes, len));
    const ProtobufCMessage *message = mailslot_record_value(pair.record);
    check(message->descriptor == type_of(registry, spec) && message->n_unknown_fields == 0);
    check_ok(mailslot_put(pair.writer, message));
    check_ok(pair_get(&pair));
    pair_check_bytes(&pair, bytes, len);
    pair_close(&pair);
}

static void loaded_types_have_the_bytes_of_compiled_ones(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    struct sample_everything everything;
    check_same_wire(registry, "protobuf:test3.Everything", everything_codec(),
                    sample_everything(&everything));
    Test2__Required required = TEST2__REQUIRED__INIT;
    required.name = "one";
    check_same_wire(registry, "protobuf:test2.Required", required_codec(), &required);
    Test2__Optional optional = TEST2__OPTIONAL__INIT;
    optional.has_number = optional.has_flag = 1;
    optional.kind_case = TEST2__OPTIONAL__KIND_BLOB;
    optional.blob = (ProtobufCBinaryData){2, (uint8_t *)"\0\1"};
    check_same_wire(registry, "protobuf:test2.Optional", optional_codec(), &optional);
    Test2__Wide wide = TEST2__WIDE__INIT;
    wide.has_p4 = 1;
    wide.second = &optional;
    check_same_wire(registry, "protobuf:test2.Wide", wide_codec(), &wide);
    mailslot_registry_free(registry);
}

static void check_same_field(const ProtobufCFieldDescriptor *a, const ProtobufCFieldDescriptor *b) {
    check_text(a->name, b->name);
    check_int(a->id, b->id);
    check_int(a->label, b->label);
    check_int(a->type, b->type);
    check_int(a->flags, b->flags);
    check((a->descriptor == NULL) == (b->descriptor == NULL));
}

/* Fields have their place in the message, and it is theirs alone. */
static void check_layout(const ProtobufCMessageDescriptor *type) {
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        size_t grain = field->type == PROTOBUF_C_TYPE_INT32 ? 4 : 1;
        check(field->offset >= sizeof(ProtobufCMessage));
        check(field->offset + 4 <= type->sizeof_message && field->offset % grain == 0);
        for (unsigned k = 0; k < i; k++)
            check(type->fields[k].offset != field->offset ||
                  (type->fields[k].flags & field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF));
    }
    check(type->sizeof_message % alignof(uint64_t) == 0);
}

static void loaded_types_are_described_as_compiled_ones(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    const ProtobufCMessageDescriptor *compiled[] = {
        &test2__optional__descriptor, &test2__required__descriptor, &test2__wide__descriptor,
        &test3__scalars__descriptor,  &test3__lists__descriptor,    &test3__choice__descriptor,
        &test3__tree__descriptor,     &test3__old__descriptor};
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "protobuf:%s", compiled[i]->name);
        const ProtobufCMessageDescriptor *type = type_of(registry, spec);
        check_text(compiled[i]->name, type->name);
        check_text(compiled[i]->short_name, type->short_name);
        check_text(compiled[i]->package_name, type->package_name);
        check_int(compiled[i]->n_fields, type->n_fields);
        for (unsigned k = 0; k < type->n_fields; k++) {
            check_same_field(&compiled[i]->fields[k], &type->fields[k]);
            check(field_of(type, type->fields[k].name) == &type->fields[k]);
            check(protobuf_c_message_descriptor_get_field(type, type->fields[k].id) ==
                  &type->fields[k]);
        }
        check(protobuf_c_message_descriptor_get_field(type, 999) == NULL);
        check_layout(type);
        check(mailslot_protobuf_is_loaded(type) && !mailslot_protobuf_is_loaded(compiled[i]));
    }
    mailslot_registry_free(registry);
}

static void types_are_found_by_name(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    const ProtobufCMessageDescriptor *added = &test3__tree__descriptor;
    check_ok(mailslot_registry_add_protobuf(registry, added));
    check(mailslot_protobuf_find(registry, added->name) == added);
    check(mailslot_protobuf_find(registry, "google.protobuf.Duration") == NULL);
    check(mailslot_protobuf_find(NULL, added->name) == NULL);
    check(mailslot_protobuf_find(registry, NULL) == NULL);
    mailslot_registry_free(registry);

    registry = loaded();
    check(mailslot_protobuf_find(registry, added->name) ==
          type_of(registry, "protobuf:test3.Tree"));
    const ProtobufCMessageDescriptor *duration =
        mailslot_protobuf_find(registry, "google.protobuf.Duration");
    check(duration && field_of(duration, "nanos"));
    check(mailslot_protobuf_find(registry, "google.protobuf.Struct.FieldsEntry") == NULL);
    check(mailslot_protobuf_find(registry, "google.protobuf.NullValue") == NULL);
    check(mailslot_protobuf_find(registry, "test3.None") == NULL);
    mailslot_registry_free(registry);
}

/* ---- Messages ---- */

/* A message of type, initialised over memory that was not zero. */
static ProtobufCMessage *new_message(const ProtobufCMessageDescriptor *type) {
    ProtobufCMessage *message = malloc(type->sizeof_message);
    memset(message, 0xa5, type->sizeof_message);
    mailslot_protobuf_init(type, message);
    return message;
}

static const void *member(const ProtobufCMessage *message, const char *name) {
    return (const char *)message + field_of(message->descriptor, name)->offset;
}

static void new_messages_have_their_defaults(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    ProtobufCMessage *message = new_message(type_of(registry, "protobuf:test2.Optional"));
    check_int(42, *(const int32_t *)member(message, "number"));
    check_text("unsaid", *(char *const *)member(message, "text"));
    const ProtobufCBinaryData *data = member(message, "data");
    check_same_bytes("\1\2", 2, data->data, data->len);
    check_int(2, *(const int *)member(message, "color"));
    check(*(const double *)member(message, "real") == 0);
    check_int(0, (int64_t)protobuf_c_message_get_packed_size(message));
    free(message);
    message = new_message(type_of(registry, "protobuf:test3.Scalars"));
    check_text("", *(char *const *)member(message, "text"));
    check_int(0, *(const int *)member(message, "color"));
    check_int(0, (int64_t)protobuf_c_message_get_packed_size(message));
    free(message);
    mailslot_registry_free(registry);
}

static void new_messages_of_compiled_types_have_theirs(void **state) {
    (void)state;
    Test2__Optional optional;
    mailslot_protobuf_init(&test2__optional__descriptor, &optional.base);
    check_int(42, optional.number);
    check_text("unsaid", optional.text);
}

static void an_enum_without_a_default_has_its_first_value(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    struct sketch sketch;
    sketch_init(&sketch);
    sketch.file.syntax = NULL;
    sketch.none.number = 7;
    check_ok(sketch_load(registry, &sketch));
    ProtobufCMessage *message = new_message(type_of(registry, "protobuf:shop.Order"));
    check_int(7, *(const int *)member(message, "kind"));
    free(message);
    mailslot_registry_free(registry);
}

/* ---- Defaults ---- */

struct default_case {
    int type;
    char *text;
    const void *value; /* NULL: it is refused */
    size_t size;
};

#define VALUE(type, ...) &(const type){__VA_ARGS__}, sizeof(type)

static const struct default_case default_cases[] = {
    {INT32, "-2147483648", VALUE(int32_t, INT32_MIN)},
    {INT32, "2147483648", NULL, 0},
    {SINT32, "7", VALUE(int32_t, 7)},
    {SFIXED32, "", NULL, 0},
    {UINT32, "4294967295", VALUE(uint32_t, UINT32_MAX)},
    {FIXED32, "4294967296", NULL, 0},
    {UINT32, "-1", NULL, 0},
    {INT64, "-9223372036854775808", VALUE(int64_t, INT64_MIN)},
    {SINT64, "9223372036854775808", NULL, 0},
    {UINT64, "18446744073709551615", VALUE(uint64_t, UINT64_MAX)},
    {FIXED64, "18446744073709551616", NULL, 0},
    {INT64, " 1", NULL, 0},
    {INT64, "1x", NULL, 0},
    {DOUBLE, "0.1", VALUE(double, 0.1)},
    {DOUBLE, "-1.5e300", VALUE(double, -1.5e300)},
    {DOUBLE, "-inf", VALUE(double, -INFINITY)},
    {DOUBLE, "1e999", NULL, 0},
    {DOUBLE, "0x1p3", NULL, 0},
    {DOUBLE, "", NULL, 0},
    {FLOAT, "0.1", VALUE(float, 0.1F)},
    {FLOAT, "inf", VALUE(float, INFINITY)},
    {FLOAT, "1e39", NULL, 0},
    {BOOL, "true", VALUE(protobuf_c_boolean, 1)},
    {BOOL, "1", NULL, 0},
    {ENUM, "SOME", VALUE(int32_t, 1)},
    {ENUM, "OTHER", NULL, 0},
    {BYTES, "\\x", NULL, 0},
    {BYTES, "\\400", NULL, 0},
    {BYTES, "a\\", NULL, 0},
    {BYTES, "\\q", NULL, 0},
};

static void defaults_are_read_or_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof default_cases / sizeof *default_cases; i++) {
        const struct default_case *one = &default_cases[i];
        mailslot_registry *registry = new_registry();
        struct sketch sketch;
        sketch_init(&sketch);
        sketch.file.syntax = "proto2";
        sketch.kind.type = one->type;
        sketch_set_default_bytes(&sketch.kind, one->text, strlen(one->text));
        mailslot_err err = sketch_load(registry, &sketch);
        check_err(one->value ? MAILSLOT_OK : MAILSLOT_ERR_BAD_MESSAGE, err);
        if (one->value) {
            ProtobufCMessage *message = new_message(type_of(registry, "protobuf:shop.Order"));
            check(memcmp(member(message, "kind"), one->value, one->size) == 0);
            free(message);
        } else {
            check_detail("shop.proto: shop.Order.kind: the default \"");
        }
        mailslot_registry_free(registry);
    }
}

static void defaults_of_bytes_have_the_escapes_of_c(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    struct sketch sketch;
    sketch_init(&sketch);
    sketch.file.syntax = "proto2";
    sketch.kind.type = BYTES;
    sketch_set_default(&sketch.kind, "a\\n\\t\\r\\\"\\'\\\\\\000\\377\\xfF\\7z");
    check_ok(sketch_load(registry, &sketch));
    const ProtobufCBinaryData *data =
        field_of(type_of(registry, "protobuf:shop.Order"), "kind")->default_value;
    check_same_bytes("a\n\t\r\"'\\\0\377\377\7z", 12, data->data, data->len);
    mailslot_registry_free(registry);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(loaded_types_have_the_bytes_of_compiled_ones),
        cmocka_unit_test(loaded_types_are_described_as_compiled_ones),
        cmocka_unit_test(types_are_found_by_name),
        cmocka_unit_test(new_messages_have_their_defaults),
        cmocka_unit_test(new_messages_of_compiled_types_have_theirs),
        cmocka_unit_test(an_enum_without_a_default_has_its_first_value),
        cmocka_unit_test(defaults_are_read_or_refused),
        cmocka_unit_test(defaults_of_bytes_have_the_escapes_of_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
