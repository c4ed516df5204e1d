/* How many bytes messages take. That the numbers are those of real messages is shown with the tool,
 * in tests/tools/test_fit.py. */
#include "messages.h"
#include "schema_types.h"

static mailslot_protobuf_size measured(const ProtobufCMessageDescriptor *type, const char *field) {
    mailslot_protobuf_size size;
    const ProtobufCFieldDescriptor *part = field ? field_of(type, field) : NULL;
    check_ok(mailslot_protobuf_encoded_size(type, part, &size));
    return size;
}

static void compiled_types_are_measured_without_hints(void **state) {
    (void)state;
    mailslot_protobuf_size size = measured(&test2__required__descriptor, NULL);
    check_int(2 + 2 + 2, (int64_t)size.smallest);
    check(size.worst == MAILSLOT_UNBOUNDED);
    size = measured(&test2__optional__descriptor, "number");
    check_int(0, (int64_t)size.smallest);
    check_int(3, (int64_t)size.typical);
    check_int(11, (int64_t)size.worst);
    check_int(2, (int64_t)measured(&test2__optional__descriptor, "color").worst);
    check_int(18, (int64_t)measured(&test2__optional__descriptor, "name").typical);
}

/* Fields of proto2 and of proto3, and the same types loaded. */
static void loaded_types_measure_as_compiled_ones(void **state) {
    (void)state;
    mailslot_registry *registry = loaded();
    const ProtobufCMessageDescriptor *compiled[] = {
        &test2__optional__descriptor, &test2__required__descriptor, &test2__wide__descriptor,
        &test3__scalars__descriptor,  &test3__lists__descriptor,    &test3__choice__descriptor,
        &test3__tree__descriptor,     &test3__maps__descriptor};
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "protobuf:%s", compiled[i]->name);
        mailslot_protobuf_size one = measured(compiled[i], NULL);
        mailslot_protobuf_size other = measured(type_of(registry, spec), NULL);
        check_int((int64_t)one.smallest, (int64_t)other.smallest);
        check_int((int64_t)one.typical, (int64_t)other.typical);
        check(one.worst == other.worst);
    }
    mailslot_registry_free(registry);
}

static void the_whole_is_its_fields(void **state) {
    (void)state;
    const ProtobufCMessageDescriptor *type = &test3__scalars__descriptor;
    mailslot_protobuf_size whole = measured(type, NULL);
    size_t typical = 0;
    for (unsigned i = 0; i < type->n_fields; i++)
        typical += measured(type, type->fields[i].name).typical;
    check_int((int64_t)typical, (int64_t)whole.typical);
}

static void null_is_refused(void **state) {
    (void)state;
    mailslot_protobuf_size size;
    check_err(MAILSLOT_ERR_INVALID, mailslot_protobuf_encoded_size(NULL, NULL, &size));
    check_err(MAILSLOT_ERR_INVALID,
              mailslot_protobuf_encoded_size(&test3__tree__descriptor, NULL, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiled_types_are_measured_without_hints),
        cmocka_unit_test(loaded_types_measure_as_compiled_ones),
        cmocka_unit_test(the_whole_is_its_fields),
        cmocka_unit_test(null_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
