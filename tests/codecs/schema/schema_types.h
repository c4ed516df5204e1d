/* Loaded types, for the tests to look at. */
#ifndef MAILSLOT_TEST_SCHEMA_TYPES_H
#define MAILSLOT_TEST_SCHEMA_TYPES_H

#include "schema_sketch.h"
#include "test.h"

#include "test_set.h"

static inline mailslot_registry *new_registry(void) {
    mailslot_registry *registry = NULL;
    check_ok(mailslot_registry_new(&registry));
    return registry;
}

static inline const mailslot_codec *find(const mailslot_registry *registry, const char *spec) {
    const mailslot_codec *codec = NULL;
    check_ok(mailslot_registry_find(registry, spec, &codec));
    return codec;
}

static inline const ProtobufCMessageDescriptor *type_of(const mailslot_registry *registry,
                                                        const char *spec) {
    return find(registry, spec)->schema;
}

static inline const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type,
                                                       const char *name) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type, name);
    check(field != NULL);
    return field;
}

/** The registry with the types of tests/codecs/test2.proto and test3.proto. */
static inline mailslot_registry *loaded(void) {
    mailslot_registry *registry = new_registry();
    check_ok(mailslot_protobuf_load(registry, test_set, sizeof test_set));
    return registry;
}

#endif
