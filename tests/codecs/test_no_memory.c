/* Without memory: every allocation that registries and codecs ask for is refused in turn. */
#include "fault.h"
#include "messages.h"
#include "pair.h"

#include <mailslot/msgpack.h>
#include <mailslot/registry.h>
#include <mailslot/schema.h>
#include <mailslot/text.h>

#include <errno.h>

#include "test_set.h"

static const char *const allocators[] = {"malloc", "calloc", "realloc"};
enum { ALLOCATORS = sizeof allocators / sizeof *allocators };

/* ---- Registries ---- */

static mailslot_codec own[10];

static void name_own_codecs(void) {
    static char names[10][8];
    for (int i = 0; i < 10; i++) {
        own[i] = *mailslot_codec_text();
        snprintf(names[i], sizeof names[i], "own%d", i);
        own[i].name = names[i];
    }
}

/* More than a registry has room for at first. */
static mailslot_err fill(mailslot_registry *registry) {
    mailslot_err err = MAILSLOT_OK;
    for (int i = 0; !err && i < 10; i++)
        err = mailslot_registry_add(registry, &own[i]);
    return err ? err : mailslot_registry_add_protobuf(registry, &trace__event__descriptor);
}

static bool refuse_registry(const char *allocator, int after) {
    mailslot_registry *registry = NULL;
    fault_plan(allocator, ENOMEM, after);
    mailslot_err err = mailslot_registry_new(&registry);
    check((registry == NULL) == (err != MAILSLOT_OK));
    if (!err)
        err = fill(registry);
    bool struck = fault_end();
    check_err(struck ? MAILSLOT_ERR_NO_MEMORY : MAILSLOT_OK, err);
    mailslot_registry_free(registry);
    return struck;
}

static void a_registry_says_that_memory_is_short(void **state) {
    (void)state;
    name_own_codecs();
    int refused = 0;
    for (int i = 0; i < ALLOCATORS; i++)
        for (int after = 0; refuse_registry(allocators[i], after); after++)
            refused++;
    check(refused >= 4);
}

static void what_was_refused_can_be_added_later(void **state) {
    (void)state;
    mailslot_registry *registry = NULL;
    const mailslot_codec *codec;
    check_ok(mailslot_registry_new(&registry));
    fault_plan("malloc", ENOMEM, 0);
    check_err(MAILSLOT_ERR_NO_MEMORY,
              mailslot_registry_add_protobuf(registry, &trace__event__descriptor));
    check(fault_end());
    check_err(MAILSLOT_ERR_NOT_FOUND,
              mailslot_registry_find(registry, "protobuf:trace.Event", &codec));
    check_ok(mailslot_registry_add_protobuf(registry, &trace__event__descriptor));
    check_ok(mailslot_registry_find(registry, "protobuf:trace.Event", &codec));
    mailslot_registry_free(registry);
}

/* ---- Schemas ---- */

/* What failed for want of memory changed nothing, and works when there is some. */
static bool refuse_load(const char *allocator, int after) {
    mailslot_registry *registry = NULL;
    const mailslot_codec *codec;
    check_ok(mailslot_registry_new(&registry));
    fault_plan(allocator, ENOMEM, after);
    mailslot_err err = mailslot_protobuf_load(registry, test_set, sizeof test_set);
    bool struck = fault_end();
    check_err(struck ? MAILSLOT_ERR_NO_MEMORY : MAILSLOT_OK, err);
    check((mailslot_registry_find(registry, "protobuf:test3.Tree", &codec) == MAILSLOT_OK) ==
          !struck);
    check_ok(mailslot_protobuf_load(registry, test_set, sizeof test_set));
    check_ok(mailslot_registry_find(registry, "protobuf:test3.Tree", &codec));
    mailslot_registry_free(registry);
    return struck;
}

static void loading_a_schema_says_that_memory_is_short(void **state) {
    (void)state;
    int refused = 0;
    for (int i = 0; i < ALLOCATORS; i++)
        for (int after = 0; refuse_load(allocators[i], after); after++)
            refused++;
    check(refused >= 6);
}

static bool refuse_measure(const char *allocator, int after) {
    mailslot_protobuf_size size;
    fault_plan(allocator, ENOMEM, after);
    mailslot_err err = mailslot_protobuf_encoded_size(&test3__everything__descriptor, NULL, &size);
    bool struck = fault_end();
    check_err(struck ? MAILSLOT_ERR_NO_MEMORY : MAILSLOT_OK, err);
    return struck;
}

static void measuring_says_that_memory_is_short(void **state) {
    (void)state;
    int refused = 0;
    for (int i = 0; i < ALLOCATORS; i++)
        for (int after = 0; refuse_measure(allocators[i], after); after++)
            refused++;
    check(refused >= 6);
}

/* ---- Codecs ---- */

/* Passes a value through a new pair, whose buffers are all still to be made. */
static mailslot_err pass(struct pair *pair, const void *value) {
    mailslot_err err = mailslot_put(pair->writer, value);
    return err ? err : pair_get(pair);
}

/* Protobuf asks for less if it does not get a large piece, and so may do with the next one. */
static bool refuse_pass(const mailslot_codec *codec, const void *value, const char *allocator,
                        int after, int *refused) {
    struct pair pair = pair_open(codec);
    fault_plan(allocator, ENOMEM, after);
    mailslot_err err = pass(&pair, value);
    bool struck = fault_end();
    if (err) {
        check(struck);
        check_err(MAILSLOT_ERR_NO_MEMORY, err);
        ++*refused;
    }
    check((mailslot_record_value(pair.record) == NULL) == (err != MAILSLOT_OK));
    check_int(0, (int64_t)info_of(pair.reader).bad_messages);
    drain(pair.reader);
    check_ok(pass(&pair, value));
    check(mailslot_record_value(pair.record) != NULL);
    pair_close(&pair);
    return struck;
}

static void check_codec(const mailslot_codec *codec, const void *value, int least) {
    int refused = 0;
    for (int i = 0; i < ALLOCATORS; i++)
        for (int after = 0; refuse_pass(codec, value, allocators[i], after, &refused);)
            after++;
    check(refused >= least);
}

static void text_and_bytes_say_that_memory_is_short(void **state) {
    (void)state;
    static const char long_text[] =
        "a text that is longer than what a new record has room for: "
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    check_codec(mailslot_codec_text(), long_text, 3);
    check_codec(mailslot_codec_utf8(), long_text, 3);
    check_codec(mailslot_codec_bytes(), &(mailslot_bytes){"\0\1", 2}, 3);
}

static void msgpack_says_that_memory_is_short(void **state) {
    (void)state;
    msgpack_object number = {.type = MSGPACK_OBJECT_POSITIVE_INTEGER};
    number.via.u64 = 5;
    check_codec(mailslot_codec_msgpack(), &number, 3);
}

static int fill_number(msgpack_packer *packer, void *ctx) {
    (void)ctx;
    return msgpack_pack_int(packer, 5);
}

static void a_stream_says_that_memory_is_short(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_msgpack());
    fault_plan("realloc", ENOMEM, 0);
    check_err(MAILSLOT_ERR_NO_MEMORY, mailslot_put_msgpack(pair.writer, fill_number, NULL));
    check(fault_end());
    check_int(0, (int64_t)count_of(pair.reader));
    check_ok(mailslot_put_msgpack(pair.writer, fill_number, NULL));
    check_ok(pair_get(&pair));
    pair_close(&pair);
}

static void protobuf_says_that_memory_is_short(void **state) {
    (void)state;
    static char large[5000];
    memset(large, 'a', sizeof large - 1);
    Trace__Event event = TRACE__EVENT__INIT;
    check_codec(event_codec(), &event, 1);
    event.message = large;
    check_codec(event_codec(), &event, 4);
    Test3__Scalars scalars = TEST3__SCALARS__INIT;
    Test3__Everything everything = TEST3__EVERYTHING__INIT;
    scalars.f64 = -0.0; /* is put from a copy */
    everything.scalars = &scalars;
    check_codec(everything_codec(), &everything, 2);
    Test2__Wide wide = TEST2__WIDE__INIT;
    check_codec(wide_codec(), &wide, 1);
}

/* A value that allocates anew is refused for want of memory, not for being too complex. */
static void the_failure_is_told_in_words(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_bytes());
    check_ok(mailslot_put_bytes(pair.writer, "a", 1));
    fault_plan("malloc", ENOMEM, 0);
    check_err(MAILSLOT_ERR_NO_MEMORY, pair_get(&pair));
    check(fault_end());
    check_detail("no memory to decode");
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registry_says_that_memory_is_short),
        cmocka_unit_test(what_was_refused_can_be_added_later),
        cmocka_unit_test(loading_a_schema_says_that_memory_is_short),
        cmocka_unit_test(measuring_says_that_memory_is_short),
        slot_test(text_and_bytes_say_that_memory_is_short),
        slot_test(msgpack_says_that_memory_is_short),
        slot_test(a_stream_says_that_memory_is_short),
        slot_test(protobuf_says_that_memory_is_short),
        slot_test(the_failure_is_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
