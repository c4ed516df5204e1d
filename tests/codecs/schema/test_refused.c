/* Descriptor sets that are refused, each for one thing that is wrong in it, and where it says so.
 */
#include "schema_types.h"

/* ---- What is not supported ---- */

static void extend_a_message(struct sketch *sketch) {
    static sketch_field *extensions[1];
    extensions[0] = &sketch->count;
    sketch->count.name = "more";
    sketch->count.extendee = ".shop.Order";
    sketch->file.n_extension = 1;
    sketch->file.extension = extensions;
    sketch->item.n_field = 0;
}

static void extend_inside_of_a_message(struct sketch *sketch) {
    extend_a_message(sketch);
    sketch->item.n_extension = 1;
    sketch->item.extension = sketch->file.extension;
    sketch->file.n_extension = 0;
}

static void be_of_an_edition(struct sketch *sketch) { sketch->file.syntax = "editions"; }

/* ---- Names ---- */

static void have_no_package(struct sketch *sketch) { sketch->file.package = "a..b"; }

static void have_a_package_like_a_number(struct sketch *sketch) { sketch->file.package = "a.1"; }

static void have_a_nameless_message(struct sketch *sketch) { sketch->item.name = NULL; }

static void have_a_dotted_message(struct sketch *sketch) { sketch->item.name = "a.b"; }

static void have_an_empty_name(struct sketch *sketch) { sketch->kinds.name = ""; }

static void have_a_nameless_field(struct sketch *sketch) { sketch->count.name = NULL; }

static void have_a_field_like_a_number(struct sketch *sketch) { sketch->count.name = "1st"; }

static void have_a_message_twice(struct sketch *sketch) { sketch->item.name = "Order"; }

static void have_an_enum_like_a_message(struct sketch *sketch) { sketch->kinds.name = "Item"; }

static void have_a_field_twice(struct sketch *sketch) { sketch->cash.name = "kind"; }

/* ---- Fields ---- */

static void have_a_number_twice(struct sketch *sketch) { sketch->cash.number = 1; }

static void have_no_number(struct sketch *sketch) { sketch->count.has_number = 0; }

static void have_a_negative_number(struct sketch *sketch) { sketch->count.number = -1; }

static void have_too_large_a_number(struct sketch *sketch) { sketch->count.number = 1 << 29; }

static void have_no_type(struct sketch *sketch) { sketch->count.has_type = 0; }

static void have_a_type_unheard_of(struct sketch *sketch) { sketch->count.type = 19; }

static void have_no_label(struct sketch *sketch) { sketch->count.has_label = 0; }

static void have_a_label_unheard_of(struct sketch *sketch) { sketch->count.label = 4; }

static void miss_a_type(struct sketch *sketch) { sketch->order_item.type_name = ".shop.Nope"; }

static void miss_the_type_of_a_group(struct sketch *sketch) {
    sketch->order_item.type = GROUP;
    sketch->order_item.type_name = ".shop.Nope";
}

static void name_no_type(struct sketch *sketch) { sketch->order_item.type_name = NULL; }

static void name_a_type_from_here(struct sketch *sketch) { sketch->order_item.type_name = "Item"; }

static void take_an_enum_for_a_message(struct sketch *sketch) {
    sketch->order_item.type_name = ".shop.Kind";
}

static void take_a_message_for_an_enum(struct sketch *sketch) {
    sketch->kind.type_name = ".shop.Item";
}

static void be_in_a_oneof_that_is_not_there(struct sketch *sketch) { sketch->cash.oneof_index = 1; }

static void be_in_a_negative_oneof(struct sketch *sketch) { sketch->cash.oneof_index = -1; }

static void be_repeated_in_a_oneof(struct sketch *sketch) { sketch->cash.label = REPEATED; }

static void have_a_default_in_proto3(struct sketch *sketch) {
    sketch_set_default(&sketch->count, "1");
}

static void have_a_default_of_many(struct sketch *sketch) {
    sketch->file.syntax = "proto2";
    sketch->count.label = REPEATED;
    sketch_set_default(&sketch->count, "1");
}

static void have_a_default_message(struct sketch *sketch) {
    sketch->file.syntax = "proto2";
    sketch_set_default(&sketch->order_item, "{}");
}

static void have_a_default_with_a_nul(struct sketch *sketch) {
    sketch->file.syntax = "proto2";
    sketch_set_default(&sketch->cash, "hel\0lo");
    sketch->cash.has_oneof_index = 0;
}

static void have_a_default_that_is_not_utf8(struct sketch *sketch) {
    have_a_default_with_a_nul(sketch);
    sketch_set_default(&sketch->cash, "hel\xff");
}

/* ---- Enums and maps ---- */

static void have_no_values(struct sketch *sketch) { sketch->kinds.n_value = 0; }

static void have_a_nameless_value(struct sketch *sketch) { sketch->some.name = NULL; }

static void have_a_value_without_a_number(struct sketch *sketch) { sketch->some.has_number = 0; }

static void have_a_value_twice(struct sketch *sketch) { sketch->some.name = "NONE"; }

static void be_a_map_of_keys_only(struct sketch *sketch) {
    sketch->message_options.has_map_entry = sketch->message_options.map_entry = 1;
    sketch->item.options = &sketch->message_options;
}

static void have_a_message_for_a_key(struct sketch *sketch) {
    be_a_map_of_keys_only(sketch);
    sketch->item.options = NULL;
    sketch->order.options = &sketch->message_options;
    sketch->order.n_field = 2;
    sketch->kind.number = 2;
    sketch->order_item.number = 1;
}

/* ---- All of them ---- */

struct refusal {
    void (*bend)(struct sketch *sketch);
    mailslot_err err;
    const char *detail;
};

static const struct refusal refusals[] = {
    {be_of_an_edition, MAILSLOT_ERR_UNSUPPORTED, "shop.proto: syntax \"editions\""},
    {have_no_package, MAILSLOT_ERR_BAD_MESSAGE, "shop.proto: \"a..b\" is not a package name"},
    {have_a_package_like_a_number, MAILSLOT_ERR_BAD_MESSAGE, "\"a.1\""},
    {have_a_nameless_message, MAILSLOT_ERR_BAD_MESSAGE, "shop.proto: ?: the type's name"},
    {have_a_dotted_message, MAILSLOT_ERR_BAD_MESSAGE, "shop.proto: a.b: the type's name"},
    {have_an_empty_name, MAILSLOT_ERR_BAD_MESSAGE, "shop.proto: : the type's name"},
    {have_a_nameless_field, MAILSLOT_ERR_BAD_MESSAGE, "shop.proto: shop.Item: a field's name"},
    {have_a_field_like_a_number, MAILSLOT_ERR_BAD_MESSAGE, "shop.Item: a field's name"},
    {have_a_message_twice, MAILSLOT_ERR_BAD_MESSAGE, "declares the type shop.Order twice"},
    {have_an_enum_like_a_message, MAILSLOT_ERR_BAD_MESSAGE, "declares the type shop.Item twice"},
    {have_a_field_twice, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.proto: shop.Order.kind: two fields have this name"},
    {have_a_number_twice, MAILSLOT_ERR_BAD_MESSAGE, "number 1 is also that of"},
    {have_no_number, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Item.count: field number 0 is not in the range 1 to"},
    {have_a_negative_number, MAILSLOT_ERR_BAD_MESSAGE, "count: field number -1 is not"},
    {have_too_large_a_number, MAILSLOT_ERR_BAD_MESSAGE,
     "number 536870912 is not in the range 1 to 5368709"},
    {have_no_type, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.proto: shop.Item.count: type is missing or unknown"},
    {have_a_type_unheard_of, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Item.count: type is missing or unknown"},
    {have_no_label, MAILSLOT_ERR_BAD_MESSAGE, "shop.Item.count: label is missing or unknown"},
    {have_a_label_unheard_of, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Item.count: label is missing or unknown"},
    {miss_a_type, MAILSLOT_ERR_BAD_MESSAGE, "shop.Order.item: the type shop.Nope is in neither"},
    {miss_the_type_of_a_group, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Order.item: the type shop.Nope is in neither"},
    {name_no_type, MAILSLOT_ERR_BAD_MESSAGE, "shop.Order.item: type_name is missing or not"},
    {name_a_type_from_here, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Order.item: type_name is missing or not"},
    {take_an_enum_for_a_message, MAILSLOT_ERR_BAD_MESSAGE, "shop.Kind is not a message"},
    {take_a_message_for_an_enum, MAILSLOT_ERR_BAD_MESSAGE, "shop.Item is not an enum"},
    {be_in_a_oneof_that_is_not_there, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Order.cash: oneof_index is out"},
    {be_in_a_negative_oneof, MAILSLOT_ERR_BAD_MESSAGE, "shop.Order.cash: oneof_index is out"},
    {be_repeated_in_a_oneof, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Order.cash: a member of a oneof is repeated"},
    {have_a_default_in_proto3, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Item.count: a field of this kind has no default"},
    {have_a_default_of_many, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Item.count: a field of this kind has no default"},
    {have_a_default_message, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Order.item: a field of this kind has no default"},
    {have_a_default_with_a_nul, MAILSLOT_ERR_UNSUPPORTED,
     "shop.proto: shop.Order.cash: the default contains U+0000"},
    {have_a_default_that_is_not_utf8, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.proto: shop.Order.cash: the default is not UTF-8"},
    {have_no_values, MAILSLOT_ERR_BAD_MESSAGE, "shop.proto: shop.Kind: the enum has no values"},
    {have_a_nameless_value, MAILSLOT_ERR_BAD_MESSAGE, "shop.Kind: a value's name"},
    {have_a_value_without_a_number, MAILSLOT_ERR_BAD_MESSAGE,
     "shop.Kind.SOME: the value has no number"},
    {have_a_value_twice, MAILSLOT_ERR_BAD_MESSAGE, "shop.Kind.NONE: two values have this name"},
    {be_a_map_of_keys_only, MAILSLOT_ERR_BAD_MESSAGE, "shop.proto: shop.Item: a map entry must"},
    {have_a_message_for_a_key, MAILSLOT_ERR_BAD_MESSAGE, "shop.Order: a map entry must"},
};

/* Nothing of a set that is refused is there, and the next one is fine. */
static void what_is_wrong_is_refused_and_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        mailslot_registry *registry = new_registry();
        const mailslot_codec *codec;
        struct sketch sketch;
        sketch_init(&sketch);
        refusals[i].bend(&sketch);
        check_err(refusals[i].err, sketch_load(registry, &sketch));
        check_detail(refusals[i].detail);
        check_err(MAILSLOT_ERR_NOT_FOUND,
                  mailslot_registry_find(registry, "protobuf:shop.Order", &codec));
        sketch_init(&sketch);
        check_ok(sketch_load(registry, &sketch));
        check_ok(mailslot_registry_find(registry, "protobuf:shop.Order", &codec));
        mailslot_registry_free(registry);
    }
}

/* Extensions of options and of messages, outside of a message and inside. */
static void extensions_are_ignored(void **state) {
    static const char *const extended[] = {".google.protobuf.FieldOptions", ".shop.Order"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        mailslot_registry *registry = new_registry();
        const mailslot_codec *codec;
        struct sketch sketch;
        sketch_init(&sketch);
        if (i < 2)
            extend_a_message(&sketch);
        else
            extend_inside_of_a_message(&sketch);
        sketch.count.extendee = (char *)extended[i % 2];
        check_ok(sketch_load(registry, &sketch));
        check_ok(mailslot_registry_find(registry, "protobuf:shop.Order", &codec));
        mailslot_registry_free(registry);
    }
}

/* ---- Bytes that are no set, or too much of one ---- */

static void bytes_that_are_no_set_are_refused(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_err(MAILSLOT_ERR_BAD_MESSAGE, mailslot_protobuf_load(registry,
                                                               "\x7f"
                                                               "ELF",
                                                               4));
    check_detail("not a descriptor set");
    check_err(MAILSLOT_ERR_BAD_MESSAGE, mailslot_protobuf_load(registry, "\x0a\x05", 2));
    check_err(MAILSLOT_ERR_BAD_MESSAGE,
              mailslot_protobuf_load(registry, "\x0a\x03\x0a\x01\xff", 5));
    check_detail("mailslot.schema.File.name: a string with a NUL or invalid UTF-8");
    mailslot_registry_free(registry);
}

static void null_is_refused(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_err(MAILSLOT_ERR_INVALID, mailslot_protobuf_load(NULL, "", 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_protobuf_load(registry, NULL, 1));
    mailslot_registry_free(registry);
}

static void a_set_that_is_too_large_is_refused(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    size_t len = 16 * 1024 * 1024 + 1;
    void *bytes = calloc(1, len);
    check_err(MAILSLOT_ERR_TOO_COMPLEX, mailslot_protobuf_load(registry, bytes, len));
    check_detail("16777217 bytes");
    free(bytes);
    mailslot_registry_free(registry);
}

/* Two bytes for a file that takes over a hundred: it is not unpacked without end. */
static void a_set_that_swells_is_refused(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    size_t len = 1024 * 1024;
    unsigned char *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = i % 2 ? 0 : 0x0a;
    check_err(MAILSLOT_ERR_TOO_COMPLEX, mailslot_protobuf_load(registry, bytes, len));
    check_detail("too much memory");
    free(bytes);
    mailslot_registry_free(registry);
}

static mailslot_err load_nested(mailslot_registry *registry, size_t depth) {
    struct sketch sketch;
    sketch_message messages[40], *inner[40];
    sketch_init(&sketch);
    for (size_t i = 0; i < depth; i++) {
        mailslot__schema__message__init(&messages[i]);
        messages[i].name = "Deep";
        inner[i] = &messages[i];
        messages[i].n_nested_type = i + 1 < depth;
        messages[i].nested_type = &inner[i + 1];
    }
    sketch.messages[1] = inner[0];
    sketch.order.n_field = 1;
    return sketch_load(registry, &sketch);
}

static void a_set_that_nests_too_deep_is_refused(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_err(MAILSLOT_ERR_TOO_COMPLEX, load_nested(registry, 31));
    check_detail("nested over 32 deep");
    check_ok(load_nested(registry, 30));
    mailslot_registry_free(registry);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_refused_and_named),
        cmocka_unit_test(extensions_are_ignored),
        cmocka_unit_test(bytes_that_are_no_set_are_refused),
        cmocka_unit_test(null_is_refused),
        cmocka_unit_test(a_set_that_is_too_large_is_refused),
        cmocka_unit_test(a_set_that_swells_is_refused),
        cmocka_unit_test(a_set_that_nests_too_deep_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
