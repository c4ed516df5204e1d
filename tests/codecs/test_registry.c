#include "slots.h"
#include "test2.pb-c.h"
#include "test3.pb-c.h"

#include <mailslot/msgpack.h>
#include <mailslot/protobuf.h>
#include <mailslot/registry.h>
#include <mailslot/text.h>

#include <stdlib.h>

static mailslot_registry *new_registry(void) {
    mailslot_registry *registry = NULL;
    check_ok(mailslot_registry_new(&registry));
    return registry;
}

static const mailslot_codec *found(const mailslot_registry *registry, const char *spec) {
    const mailslot_codec *codec = NULL;
    check_ok(mailslot_registry_find(registry, spec, &codec));
    check_text(spec, codec->name);
    return codec;
}

static mailslot_err list(void *ctx, const char *spec, const mailslot_codec *codec) {
    char *text = ctx;
    check_text(spec, codec->name);
    strcat(strcat(text, spec), " ");
    return MAILSLOT_OK;
}

static void check_specs(const mailslot_registry *registry, const char *expected) {
    char specs[1024] = "";
    check_ok(mailslot_registry_each(registry, list, specs));
    check_text(expected, specs);
}

static mailslot_err encode_nothing(const mailslot_codec *codec, const void *value,
                                   mailslot_sink *sink) {
    (void)codec, (void)value, (void)sink;
    return MAILSLOT_OK;
}

static mailslot_err decode_nothing(const mailslot_codec *codec, mailslot_scratch *scratch,
                                   mailslot_bytes bytes, const void **value) {
    (void)codec, (void)scratch;
    *value = bytes.data;
    return MAILSLOT_OK;
}

static mailslot_codec own_codec(const char *name) {
    return (mailslot_codec){sizeof(mailslot_codec), name, NULL, encode_nothing, decode_nothing};
}

static void knows_what_this_build_has_in_order(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_specs(registry, "text utf8 bytes msgpack ");
    check(found(registry, "text") == mailslot_codec_text());
    check(found(registry, "utf8") == mailslot_codec_utf8());
    check(found(registry, "bytes") == mailslot_codec_bytes());
    check(found(registry, "msgpack") == mailslot_codec_msgpack());
    mailslot_registry_free(registry);
}

static void lists_what_there_is_when_it_finds_nothing(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    const mailslot_codec *codec = mailslot_codec_text();
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_registry_find(registry, "xml", &codec));
    check(codec == NULL);
    check_detail("\"xml\"");
    check_detail("text, utf8, bytes, msgpack");
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_registry_find(registry, "Text", &codec));
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_registry_find(registry, "text ", &codec));
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_registry_find(registry, "", &codec));
    mailslot_registry_free(registry);
}

static void own_codecs_have_equal_rights(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    mailslot_codec own = own_codec("own");
    check_ok(mailslot_registry_add(registry, &own));
    check(found(registry, "own") == &own);
    check_specs(registry, "text utf8 bytes msgpack own ");
    mailslot_registry_free(registry);
}

static void a_name_is_taken_once(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    mailslot_codec own = own_codec("text");
    check_err(MAILSLOT_ERR_IN_USE, mailslot_registry_add(registry, &own));
    check_detail("\"text\"");
    check(found(registry, "text") == mailslot_codec_text());
    mailslot_registry_free(registry);
}

static void refuses_what_is_no_codec(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    mailslot_codec no_size = own_codec("own");
    no_size.size = 0;
    mailslot_codec no_encode = own_codec("own");
    no_encode.encode = NULL;
    mailslot_codec no_decode = own_codec("own");
    no_decode.decode = NULL;
    mailslot_codec no_name = own_codec(NULL);
    mailslot_codec empty_name = own_codec("");
    const mailslot_codec *bad[] = {&no_size, &no_encode, &no_decode, &no_name, &empty_name, NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_err(MAILSLOT_ERR_INVALID, mailslot_registry_add(registry, bad[i]));
    check_specs(registry, "text utf8 bytes msgpack ");
    mailslot_registry_free(registry);
}

static void message_types_are_found_by_full_name(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_ok(mailslot_registry_add_protobuf(registry, &test3__scalars__descriptor));
    check_ok(mailslot_registry_add_protobuf(registry, &test2__optional__descriptor));
    check_specs(registry,
                "text utf8 bytes msgpack protobuf:test3.Scalars protobuf:test2.Optional ");
    const mailslot_codec *codec = found(registry, "protobuf:test3.Scalars");
    check(codec->schema == &test3__scalars__descriptor);
    check(codec->encode == mailslot_protobuf_encode && codec->decode == mailslot_protobuf_decode);
    mailslot_registry_free(registry);
}

static void the_same_message_type_again_changes_nothing(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_ok(mailslot_registry_add_protobuf(registry, &test3__scalars__descriptor));
    const mailslot_codec *codec = found(registry, "protobuf:test3.Scalars");
    check_ok(mailslot_registry_add_protobuf(registry, &test3__scalars__descriptor));
    check(found(registry, "protobuf:test3.Scalars") == codec);
    check_specs(registry, "text utf8 bytes msgpack protobuf:test3.Scalars ");
    mailslot_registry_free(registry);
}

static void another_message_type_of_the_name_is_refused(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    ProtobufCMessageDescriptor other = test3__scalars__descriptor;
    mailslot_codec own = own_codec("protobuf:test3.Lists");
    check_ok(mailslot_registry_add_protobuf(registry, &test3__scalars__descriptor));
    check_err(MAILSLOT_ERR_IN_USE, mailslot_registry_add_protobuf(registry, &other));
    check_ok(mailslot_registry_add(registry, &own));
    check_err(MAILSLOT_ERR_IN_USE,
              mailslot_registry_add_protobuf(registry, &test3__lists__descriptor));
    check(found(registry, "protobuf:test3.Lists") == &own);
    mailslot_registry_free(registry);
}

static void refuses_what_is_no_descriptor(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    ProtobufCMessageDescriptor zero;
    memset(&zero, 0, sizeof zero);
    check_err(MAILSLOT_ERR_INVALID, mailslot_registry_add_protobuf(registry, &zero));
    check_err(MAILSLOT_ERR_INVALID, mailslot_registry_add_protobuf(registry, NULL));
    mailslot_registry_free(registry);
}

enum { MANY = 200 };

static void holds_as_many_as_are_added(void **state) {
    (void)state;
    static mailslot_codec codecs[MANY];
    static char names[MANY][16];
    mailslot_registry *registry = new_registry();
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "codec%d", i);
        codecs[i] = own_codec(names[i]);
        check_ok(mailslot_registry_add(registry, &codecs[i]));
    }
    for (int i = 0; i < MANY; i++)
        check(found(registry, names[i]) == &codecs[i]);
    const mailslot_codec *codec = NULL;
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_registry_find(registry, "none", &codec));
    check_detail("codec0, codec1");
    check_detail("...");
    mailslot_registry_free(registry);
}

static mailslot_err stop_at_utf8(void *ctx, const char *spec, const mailslot_codec *codec) {
    int *calls = ctx;
    (void)codec;
    ++*calls;
    return strcmp(spec, "utf8") == 0 ? MAILSLOT_ERR_CLOSED : MAILSLOT_OK;
}

static void each_stops_with_what_the_function_says(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    int calls = 0;
    check_err(MAILSLOT_ERR_CLOSED, mailslot_registry_each(registry, stop_at_utf8, &calls));
    check_int(2, calls);
    mailslot_registry_free(registry);
}

static void null_arguments_are_invalid(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    const mailslot_codec *codec = NULL;
    check_err(MAILSLOT_ERR_INVALID, mailslot_registry_new(NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_registry_find(NULL, "text", &codec));
    check_err(MAILSLOT_ERR_INVALID, mailslot_registry_find(registry, NULL, &codec));
    check_err(MAILSLOT_ERR_INVALID, mailslot_registry_find(registry, "text", NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_registry_each(registry, NULL, NULL));
    mailslot_registry_free(registry);
    mailslot_registry_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_this_build_has_in_order),
        cmocka_unit_test(lists_what_there_is_when_it_finds_nothing),
        cmocka_unit_test(own_codecs_have_equal_rights),
        cmocka_unit_test(a_name_is_taken_once),
        cmocka_unit_test(refuses_what_is_no_codec),
        cmocka_unit_test(message_types_are_found_by_full_name),
        cmocka_unit_test(the_same_message_type_again_changes_nothing),
        cmocka_unit_test(another_message_type_of_the_name_is_refused),
        cmocka_unit_test(refuses_what_is_no_descriptor),
        cmocka_unit_test(holds_as_many_as_are_added),
        cmocka_unit_test(each_stops_with_what_the_function_says),
        cmocka_unit_test(null_arguments_are_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
