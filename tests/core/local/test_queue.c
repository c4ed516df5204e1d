/* The queue's algorithm on plain memory: what it promises to the transport. */
#include "memory_queue.h"
#include <platform.h>
#include <test.h>

/* ---- Helpers ---- */

static mailslot_err put(msi_queue *writer, const void *data, size_t len) {
    msi_message message = {.len = len, .arrival_ns = 1, .pid = 42, .uid = 7};
    return msi_queue_put(writer, &message, data, 0);
}

/* A message whose every byte depends on its number and its place. */
static void fill(unsigned char *data, size_t len, unsigned number) {
    for (size_t i = 0; i < len; i++)
        data[i] = (unsigned char)(number * 31 + i * 7);
}

static void check_filled(const unsigned char *data, size_t len, unsigned number) {
    for (size_t i = 0; i < len; i++)
        if (data[i] != (unsigned char)(number * 31 + i * 7))
            fail_msg("message %u: byte %zu is wrong", number, i);
}

static mailslot_err put_filled(msi_queue *writer, size_t len, unsigned number) {
    unsigned char data[70000];
    fill(data, len, number);
    return put(writer, data, len);
}

static void take_filled(msi_queue *reader, size_t len, unsigned number) {
    unsigned char data[70000];
    msi_message message;
    check_ok(msi_queue_take(reader, data, sizeof data, &message));
    check_int((int64_t)len, (int64_t)message.len);
    check_filled(data, len, number);
}

/* ---- Layout ---- */

static void layouts_hold_their_capacity_and_fit_the_table(void **state) {
    (void)state;
    for (size_t capacity = 4096; capacity <= (size_t)8 << 30; capacity += capacity / 3 / 8 * 8) {
        msi_queue_layout layout;
        msi_queue_lay_out(&layout, capacity);
        check(layout.chunks < MSI_TABLE_SIZE);
        check(layout.chunk_shift <= 25); /* so that the table survives the wrap of positions */
        size_t chunk = (size_t)1 << layout.chunk_shift;
        check((size_t)(layout.chunks - 1) * chunk >= capacity);
        check((size_t)(layout.chunks - 2) * chunk < capacity);
    }
}

/* ---- Content ---- */

static void content_survives_every_wrap(void **state) {
    (void)state;
    const uint32_t starts[] = {0, UINT32_MAX - 600, UINT32_MAX - 2000};
    for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++) {
        memory_queue *memory = memory_queue_new(4096, starts[s]);
        msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
        for (unsigned i = 0; i < 5000; i++) {
            size_t len = (i * 37) % 1900;
            check_ok(put_filled(&writer, len, i));
            check_ok(put_filled(&writer, len, i + 1));
            take_filled(&reader, len, i);
            take_filled(&reader, len, i + 1);
        }
        memory_queue_free(memory);
    }
}

static void the_largest_message_fits_and_nothing_beside_it(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(65536, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    size_t largest = msi_queue_largest(&memory->layout);
    for (unsigned i = 0; i < 20; i++) {
        check_ok(put_filled(&writer, largest, i));
        check_err(MAILSLOT_ERR_FULL, put(&writer, "", 0));
        take_filled(&reader, largest, i);
        check_ok(put(&writer, "", 0)); /* so that the next one begins elsewhere */
        take_filled(&reader, 0, 0);
    }
    memory_queue_free(memory);
}

static void capacity_is_exact_wherever_the_ring_stands(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(40000, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    const unsigned fits = 40000 / (MSI_FRAME_HEADER + 40);
    for (unsigned round = 0; round < 300; round++) {
        unsigned n = 0;
        while (put_filled(&writer, 40, n) == MAILSLOT_OK)
            n++;
        check_int(fits, n);
        bool full;
        check_ok(msi_queue_full(&reader, 40, &full));
        check(full);
        for (unsigned i = 0; i < n; i++)
            take_filled(&reader, 40, i);
        check_ok(put_filled(&writer, round % 50, 0));
        take_filled(&reader, round % 50, 0);
    }
    memory_queue_free(memory);
}

static void an_origin_from_elsewhere_arrives_whole(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    msi_message sent = {.len = 3, .arrival_ns = 99, .remote = true};
    strcpy(sent.computer, "FIFTEENLETTERSX");
    strcpy(sent.address, "192.0.2.1");
    for (int i = 0; i < 200; i++) { /* across chunk ends too */
        char data[8];
        msi_message got = {.len = 0};
        check_ok(msi_queue_put(&writer, &sent, "abc", 0));
        check_ok(msi_queue_take(&reader, data, sizeof data, &got));
        check_int(3, (int64_t)got.len);
        check(got.remote);
        check_text("FIFTEENLETTERSX", got.computer);
        check_text("192.0.2.1", got.address);
        check_int(99, (int64_t)got.arrival_ns);
        check(!memcmp(data, "abc", 3));
    }
    memory_queue_free(memory);
}

/* ---- Memory ---- */

static void a_small_backlog_stays_in_a_few_chunks(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new((size_t)16 << 20, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    for (unsigned i = 0; i < 100000; i++) {
        check_ok(put_filled(&writer, 64, i));
        if (i >= 10)
            take_filled(&reader, 64, i - 10);
    }
    check(atomic_load(&memory->reserved) <= 16);
    memory_queue_free(memory);
}

static void without_memory_for_more_chunks_the_ones_there_are_go_round(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(65536, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    memory->reservable = 3; /* of 4 KiB */
    for (unsigned round = 0; round < 100; round++) {
        unsigned n = 0;
        while (put_filled(&writer, 100, n) == MAILSLOT_OK)
            n++;
        check(n >= 2 * 4096 / 128);
        check_detail("memory");
        for (unsigned i = 0; i < n; i++)
            take_filled(&reader, 100, i);
    }
    memory_queue_free(memory);
}

/* ---- The dead ---- */

static uint64_t held_by(uint32_t owner) { return owner | UINT64_C(77) << 18; }

static void the_lock_of_a_dead_writer_is_taken_over(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    atomic_store(&memory->dead[2], true);
    atomic_store(&memory->shared->lock, held_by(2));
    check_ok(put_filled(&writer, 10, 1));
    take_filled(&reader, 10, 1);
    memory_queue_free(memory);
}

static void the_lock_of_a_stopped_writer_is_not_and_put_says_whose_it_is(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    atomic_store(&memory->shared->lock, held_by(2));
    atomic_store(&memory->shared->owner_pid, 1002);
    uint64_t before = msi_now();
    check_err(MAILSLOT_ERR_FULL, put_filled(&writer, 10, 1));
    check(msi_now() - before >= 1000000000);
    check_detail("1002");
    atomic_store(&memory->shared->lock, 0);
    check_ok(put_filled(&writer, 10, 2));
    take_filled(&reader, 10, 2);
    memory_queue_free(memory);
}

static void a_successor_frees_what_the_holder_before_it_died_with(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue other = memory_queue_view(memory, 1), heir = memory_queue_view(memory, 2);
    atomic_store(&memory->shared->lock, held_by(2));
    msi_queue_adopt(&heir);
    check_ok(put_filled(&other, 10, 1));
    check_ok(put_filled(&heir, 10, 2));
    atomic_store(&memory->shared->lock, held_by(1));
    msi_queue_adopt(&heir); /* another's is none of its business */
    check(atomic_load(&memory->shared->lock) == held_by(1));
    memory_queue_free(memory);
}

static void put_tells_a_reader_that_died_and_one_that_closed(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    msi_message message = {.len = 1, .arrival_ns = 1000000000};
    check_ok(msi_queue_put(&writer, &message, "a", 0));
    atomic_store(&memory->dead[0], true);
    message.arrival_ns += 50000000; /* 50 ms later */
    check_err(MAILSLOT_ERR_GONE, msi_queue_put(&writer, &message, "a", 0));
    check_err(MAILSLOT_ERR_GONE, msi_queue_put(&writer, &message, "a", 0)); /* and stays so */
    memory_queue_free(memory);

    memory = memory_queue_new(4096, 0);
    reader = memory_queue_view(memory, 0);
    writer = memory_queue_view(memory, 1);
    check_ok(msi_queue_put(&writer, &message, "a", 0));
    msi_queue_close(&reader);
    check_err(MAILSLOT_ERR_GONE, msi_queue_put(&writer, &message, "a", 0));
    memory_queue_free(memory);
}

/* A writer that died between publishing and waking: its message is found without a wake. */
static void a_wait_ends_for_a_message_that_nobody_woke_for(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    check_ok(put_filled(&writer, 10, 1));
    msi_queue_wait(&reader, MSI_NEVER, true);
    take_filled(&reader, 10, 1);
    uint64_t before = msi_now();
    msi_queue_wait(&reader, before + 30 * MSI_NS_PER_MS, true);
    check(msi_now() - before >= 30 * MSI_NS_PER_MS);
    memory_queue_free(memory);
}

/* ---- Damage ---- */

static void damaged_positions_are_refused(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    unsigned char data[16];
    msi_message message;
    mailslot_info info;
    atomic_store(&memory->shared->tail, msi_word(1, 100000));
    check_err(MAILSLOT_ERR_DAMAGED, put(&writer, "a", 1));
    check_err(MAILSLOT_ERR_DAMAGED, msi_queue_take(&reader, data, sizeof data, &message));
    check_err(MAILSLOT_ERR_DAMAGED, msi_queue_inspect(&reader, &info));
    atomic_store(&memory->shared->tail, msi_word(1000, 6));
    check_err(MAILSLOT_ERR_DAMAGED, msi_queue_inspect(&reader, &info));
    memory_queue_free(memory);
}

static void a_damaged_table_is_refused(void **state) {
    (void)state;
    memory_queue *memory = memory_queue_new(4096, 0);
    msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
    unsigned char data[16];
    msi_message message;
    check_ok(put(&writer, "a", 1));
    for (int i = 0; i < MSI_TABLE_SIZE; i++)
        atomic_store(&memory->shared->table[i], 0xffff);
    check_err(MAILSLOT_ERR_DAMAGED, put(&writer, "a", 1));
    check_err(MAILSLOT_ERR_DAMAGED, msi_queue_take(&reader, data, sizeof data, &message));
    atomic_store(&memory->shared->assigned, msi_word(4000, 512));
    check_err(MAILSLOT_ERR_DAMAGED, put_filled(&writer, 4000, 1));
    memory_queue_free(memory);
}

static void a_damaged_record_header_is_refused(void **state) {
    (void)state;
    const struct {
        size_t offset;
        unsigned char value;
    } damage[] = {{0, 0xff}, {2, 0x01}, {3, 0x7f}, {4, 2}, {5, 16}, {6, 46}, {5, 1}};
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        memory_queue *memory = memory_queue_new(4096, 0);
        msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
        unsigned char data[16];
        msi_message message;
        check_ok(put(&writer, "a", 1));
        memory->ring[damage[i].offset] = damage[i].value;
        check_err(MAILSLOT_ERR_DAMAGED, msi_queue_take(&reader, data, sizeof data, &message));
        memory_queue_free(memory);
    }
}

/* Sizes that wrap to a small one where they are added up in 32 bits. */
static void a_record_of_nearly_4_gib_is_refused(void **state) {
    (void)state;
    for (uint32_t less = 1; less <= 2 * MSI_FRAME_HEADER; less++) {
        memory_queue *memory = memory_queue_new(4096, 0);
        msi_queue reader = memory_queue_view(memory, 0), writer = memory_queue_view(memory, 1);
        const uint32_t len = 0u - less;
        unsigned char data[16];
        msi_message message;
        mailslot_info info;
        check_ok(put(&writer, "a", 1));
        memcpy(memory->ring, &len, sizeof len);
        check_err(MAILSLOT_ERR_DAMAGED, msi_queue_take(&reader, data, sizeof data, &message));
        check_err(MAILSLOT_ERR_DAMAGED, msi_queue_inspect(&reader, &info));
        memory_queue_free(memory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_hold_their_capacity_and_fit_the_table),
        cmocka_unit_test(content_survives_every_wrap),
        cmocka_unit_test(the_largest_message_fits_and_nothing_beside_it),
        cmocka_unit_test(capacity_is_exact_wherever_the_ring_stands),
        cmocka_unit_test(an_origin_from_elsewhere_arrives_whole),
        cmocka_unit_test(a_small_backlog_stays_in_a_few_chunks),
        cmocka_unit_test(without_memory_for_more_chunks_the_ones_there_are_go_round),
        cmocka_unit_test(the_lock_of_a_dead_writer_is_taken_over),
        cmocka_unit_test(the_lock_of_a_stopped_writer_is_not_and_put_says_whose_it_is),
        cmocka_unit_test(a_successor_frees_what_the_holder_before_it_died_with),
        cmocka_unit_test(put_tells_a_reader_that_died_and_one_that_closed),
        cmocka_unit_test(a_wait_ends_for_a_message_that_nobody_woke_for),
        cmocka_unit_test(damaged_positions_are_refused),
        cmocka_unit_test(a_damaged_table_is_refused),
        cmocka_unit_test(a_damaged_record_header_is_refused),
        cmocka_unit_test(a_record_of_nearly_4_gib_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
