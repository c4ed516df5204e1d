/* In steady state, putting and getting allocates nothing, whatever the codec. */
#include "pair.h"

#if defined(__has_feature)
#define SANITIZER_CLANG (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZER_CLANG 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || SANITIZER_CLANG

int main(void) {
    fputs("SKIPPED: sanitizers bring their own allocator, which cannot be counted\n", stderr);
    return 77;
}

#else

#include "count_alloc.h"
#include "messages.h"

#include <mailslot/msgpack.h>
#include <mailslot/text.h>

enum { WARM_UP = 100, ROUNDS = 100000 };

typedef void round_body(struct pair *pair, const void *ctx);

static size_t count_rounds(struct pair *pair, round_body *body, const void *ctx) {
    for (int i = 0; i < WARM_UP; i++)
        body(pair, ctx);
    size_t before = atomic_load(&allocations);
    for (int i = 0; i < ROUNDS; i++)
        body(pair, ctx);
    return atomic_load(&allocations) - before;
}

static void check_no_allocation(const mailslot_codec *codec, round_body *body, const void *ctx) {
    struct pair pair = pair_open(codec);
    check_int(0, (int64_t)count_rounds(&pair, body, ctx));
    pair_close(&pair);
}

static void pass_value(struct pair *pair, const void *value) {
    check(pair_pass(pair, value) != NULL);
}

/* Through pointers the compiler knows nothing of, so that no call can be optimised away. */
static void *(*volatile call_malloc)(size_t) = malloc;
static void *(*volatile call_calloc)(size_t, size_t) = calloc;
static void *(*volatile call_realloc)(void *, size_t) = realloc;
static void *(*volatile call_aligned_alloc)(size_t, size_t) = aligned_alloc;

static void the_counter_counts_each_kind_once(void **state) {
    (void)state;
    void *memory[6] = {NULL};
    size_t before = atomic_load(&allocations);
    memory[0] = call_malloc(1);
    check_int(1, (int64_t)(atomic_load(&allocations) - before));
    memory[1] = call_calloc(1, 1);
    memory[2] = call_realloc(NULL, 1);
    memory[3] = call_aligned_alloc(64, 64);
    check(posix_memalign(&memory[4], 64, 64) == 0);
    memory[5] = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check_int(6, (int64_t)(atomic_load(&allocations) - before));
    for (int i = 0; i < 5; i++) {
        check(memory[i] != NULL);
        free(memory[i]);
    }
    check(memory[5] != MAP_FAILED && munmap(memory[5], 4096) == 0);
}

static void the_counter_counts_in_libraries(void **state) {
    (void)state;
    size_t before = atomic_load(&allocations);
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record)); /* in libmailslot */
    size_t after_record = atomic_load(&allocations);
    check(after_record > before);
    Test3__Old *old = test3__old__unpack(NULL, 0, NULL); /* in libprotobuf-c */
    size_t after_protobuf = atomic_load(&allocations);
    check(after_protobuf > after_record);
    msgpack_zone *zone = msgpack_zone_new(64); /* in libmsgpackc */
    check(atomic_load(&allocations) > after_protobuf);
    msgpack_zone_free(zone);
    test3__old__free_unpacked(old, NULL);
    mailslot_record_free(record);
}

static void text_allocates_nothing(void **state) {
    (void)state;
    check_no_allocation(mailslot_codec_text(), pass_value, "a line of text");
    check_no_allocation(mailslot_codec_utf8(), pass_value, "a line of \xe2\x82\xac");
    const mailslot_bytes bytes = {"\0\1\2", 3};
    check_no_allocation(mailslot_codec_bytes(), pass_value, &bytes);
}

static void msgpack_objects_allocate_nothing(void **state) {
    (void)state;
    msgpack_object numbers[100];
    msgpack_object array = {MSGPACK_OBJECT_ARRAY, {.array = {100, numbers}}};
    msgpack_object_kv pairs[] = {{{MSGPACK_OBJECT_STR, {.str = {3, "key"}}}, array},
                                 {{MSGPACK_OBJECT_NIL, {0}}, array}};
    const msgpack_object map = {MSGPACK_OBJECT_MAP, {.map = {2, pairs}}};
    for (size_t i = 0; i < 100; i++)
        numbers[i] = (msgpack_object){MSGPACK_OBJECT_POSITIVE_INTEGER, {.u64 = i}};
    check_no_allocation(mailslot_codec_msgpack(), pass_value, &map);
}

static int fill_map(msgpack_packer *packer, void *ctx) {
    msgpack_pack_map(packer, 1);
    msgpack_pack_str(packer, 3);
    msgpack_pack_str_body(packer, ctx, 3);
    return msgpack_pack_double(packer, 0.5);
}

static void stream_value(struct pair *pair, const void *key) {
    check_ok(mailslot_put_msgpack(pair->writer, fill_map, (void *)(uintptr_t)key));
    check_ok(pair_get(pair));
}

static void msgpack_streams_allocate_nothing(void **state) {
    (void)state;
    check_no_allocation(mailslot_codec_msgpack(), stream_value, "key");
}

static void pass_event(struct pair *pair, const void *event) {
    const Trace__Event *got = NULL;
    check_ok(event_put(pair->writer, event));
    check_ok(event_get(pair->reader, pair->record, &got, MAILSLOT_NO_WAIT));
}

static void protobuf_allocates_nothing(void **state) {
    (void)state;
    struct sample_event event;
    struct sample_everything everything;
    check_no_allocation(event_codec(), pass_event, sample_event(&event));
    check_no_allocation(everything_codec(), pass_value, sample_everything(&everything));
}

static void refuse_value(struct pair *pair, const void *ctx) {
    const mailslot_bytes *bytes = ctx;
    check(pair_receive(pair, bytes->data, bytes->len) != MAILSLOT_OK);
}

/* What a hostile message claims must not even be tried. */
static void refusing_allocates_nothing(void **state) {
    (void)state;
    const mailslot_bytes claims = {"\xdd\x0f\xff\xff\xff", 5};
    check_no_allocation(mailslot_codec_msgpack(), refuse_value, &claims);
    const mailslot_bytes not_utf8 = {"\xff", 1};
    check_no_allocation(mailslot_codec_utf8(), refuse_value, &not_utf8);
    const mailslot_bytes required = {"\x08\1", 2};
    check_no_allocation(required_codec(), refuse_value, &required);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts_each_kind_once),
        cmocka_unit_test(the_counter_counts_in_libraries),
        slot_test(text_allocates_nothing),
        slot_test(msgpack_objects_allocate_nothing),
        slot_test(msgpack_streams_allocate_nothing),
        slot_test(protobuf_allocates_nothing),
        slot_test(refusing_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
