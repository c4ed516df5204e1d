/* What a registry has of the descriptor sets that were loaded into it. */
#include "messages.h"
#include "schema_types.h"

/* ---- One set ---- */

static void json_names_and_maps_are_remembered(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    const ProtobufCMessageDescriptor *maps = type_of(registry, "protobuf:test3.Maps");
    const ProtobufCFieldDescriptor *texts = field_of(maps, "texts");
    check_text("texts", mailslot_protobuf_json_name(maps, texts));
    check(mailslot_protobuf_is_map_entry(texts->descriptor));
    check(!mailslot_protobuf_is_map_entry(maps));
    check(mailslot_protobuf_json_name(&test3__maps__descriptor, test3__maps__descriptor.fields) ==
          NULL);
    check(!mailslot_protobuf_is_map_entry(&test3__maps__texts_entry__descriptor));
    mailslot_registry_free(registry);
}

static const ProtobufCEnumDescriptor *enum_of(const ProtobufCMessageDescriptor *type,
                                              const char *field) {
    return field_of(type, field)->descriptor;
}

static void an_enum_is_closed_if_its_own_file_is_proto2(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    check(mailslot_protobuf_is_closed_enum(
        enum_of(type_of(registry, "protobuf:test2.Optional"), "color")));
    check(!mailslot_protobuf_is_closed_enum(
        enum_of(type_of(registry, "protobuf:test3.Scalars"), "color")));
    check(!mailslot_protobuf_is_closed_enum(enum_of(&test2__optional__descriptor, "color")));
    mailslot_registry_free(registry);
}

static mailslot_err count_protobuf(void *ctx, const char *spec, const mailslot_codec *codec) {
    (void)codec;
    if (strncmp(spec, "protobuf:", 9) == 0) {
        ++*(int *)ctx;
        check(strstr(spec, "Entry") == NULL);
    }
    return MAILSLOT_OK;
}

static int types_in(const mailslot_registry *registry) {
    int count = 0;
    check_ok(mailslot_registry_each(registry, count_protobuf, &count));
    return count;
}

static void every_message_type_but_for_map_entries_is_there(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    check_int(10, types_in(registry));
    mailslot_registry_free(registry);
}

static void an_enum_has_its_aliases(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    struct sketch sketch;
    sketch_init(&sketch);
    sketch.some.number = 0;
    check_ok(sketch_load(registry, &sketch));
    const ProtobufCEnumDescriptor *kinds =
        field_of(type_of(registry, "protobuf:shop.Order"), "kind")->descriptor;
    check_int(1, kinds->n_values);
    check_text("NONE", protobuf_c_enum_descriptor_get_value(kinds, 0)->name);
    check_int(0, protobuf_c_enum_descriptor_get_value_by_name(kinds, "SOME")->value);
    mailslot_registry_free(registry);
}

/* ---- Several sets ---- */

static void what_was_loaded_before_is_passed_over(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    int before = types_in(registry);
    const void *type = type_of(registry, "protobuf:test3.Tree");
    check_ok(mailslot_protobuf_load(registry, test_set, sizeof test_set));
    check_int(before, types_in(registry));
    check(type_of(registry, "protobuf:test3.Tree") == type);
    mailslot_registry_free(registry);
}

static void a_file_may_come_twice_in_one_set(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    struct sketch sketch;
    sketch_init(&sketch);
    sketch.set.n_file = 2;
    check_ok(sketch_load(registry, &sketch));
    check_int(2, types_in(registry));
    mailslot_registry_free(registry);
}

static void a_set_may_use_what_was_loaded_before(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    struct sketch sketch;
    sketch_init(&sketch);
    check_ok(sketch_load(registry, &sketch));
    sketch.file.name = "more.proto";
    sketch.file.package = "more";
    sketch.file.n_enum_type = 0;
    sketch.file.n_message_type = 1;
    check_ok(sketch_load(registry, &sketch));
    check(field_of(type_of(registry, "protobuf:more.Order"), "item")->descriptor ==
          type_of(registry, "protobuf:shop.Item"));
    mailslot_registry_free(registry);
}

static void well_known_types_need_not_be_in_the_set(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    struct sketch sketch;
    sketch_init(&sketch);
    sketch.order_item.type_name = ".google.protobuf.Timestamp";
    check_ok(sketch_load(registry, &sketch));
    const ProtobufCMessageDescriptor *timestamp =
        field_of(type_of(registry, "protobuf:shop.Order"), "item")->descriptor;
    check_text("google.protobuf.Timestamp", timestamp->name);
    check_int(2, types_in(registry));
    mailslot_bytes well_known = mailslot_protobuf_well_known();
    check_ok(mailslot_protobuf_load(registry, well_known.data, well_known.len));
    check(type_of(registry, "protobuf:google.protobuf.Timestamp") != NULL);
    check(type_of(registry, "protobuf:google.protobuf.FileDescriptorSet") != NULL);
    mailslot_registry_free(registry);
}

static void an_empty_set_adds_nothing(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_ok(mailslot_protobuf_load(registry, NULL, 0));
    check_int(0, types_in(registry));
    mailslot_registry_free(registry);
}

static void a_name_that_is_taken_keeps_the_whole_set_out(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    struct sketch sketch;
    sketch_init(&sketch);
    check_ok(sketch_load(registry, &sketch));
    sketch.order.name = "Another";
    check_err(MAILSLOT_ERR_IN_USE, sketch_load(registry, &sketch));
    check_detail("\"protobuf:shop.Item\"");
    check_int(2, types_in(registry));
    const mailslot_codec *codec;
    check_err(MAILSLOT_ERR_NOT_FOUND,
              mailslot_registry_find(registry, "protobuf:shop.Another", &codec));
    mailslot_registry_free(registry);
}

static void compiled_and_loaded_types_share_a_registry(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_ok(mailslot_registry_add_protobuf(registry, &test3__tree__descriptor));
    check_err(MAILSLOT_ERR_IN_USE, mailslot_protobuf_load(registry, test_set, sizeof test_set));
    check_detail("test3.Tree");
    check_int(1, types_in(registry));
    check(type_of(registry, "protobuf:test3.Tree") == &test3__tree__descriptor);
    mailslot_registry_free(registry);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_names_and_maps_are_remembered),
        cmocka_unit_test(an_enum_is_closed_if_its_own_file_is_proto2),
        cmocka_unit_test(every_message_type_but_for_map_entries_is_there),
        cmocka_unit_test(an_enum_has_its_aliases),
        cmocka_unit_test(what_was_loaded_before_is_passed_over),
        cmocka_unit_test(a_file_may_come_twice_in_one_set),
        cmocka_unit_test(a_set_may_use_what_was_loaded_before),
        cmocka_unit_test(well_known_types_need_not_be_in_the_set),
        cmocka_unit_test(an_empty_set_adds_nothing),
        cmocka_unit_test(a_name_that_is_taken_keeps_the_whole_set_out),
        cmocka_unit_test(compiled_and_loaded_types_share_a_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
