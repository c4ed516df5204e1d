/* What the framework lends to codecs: sinks that cannot overflow, scratch that cannot run away. */
#include <codec_memory.h>
#include <test.h>

#include <stdalign.h>
#include <stdlib.h>

/* ---- Sinks ---- */

static void a_sink_keeps_what_fits_and_counts_the_rest(void **state) {
    (void)state;
    mailslot_sink sink = {.limit = 10};
    check_ok(mailslot_sink_write(&sink, "12345", 5));
    check_ok(mailslot_sink_write(&sink, "67890", 5));
    check(!memcmp(sink.data, "1234567890", 10));
    check_ok(mailslot_sink_write(&sink, "more", 4));
    check_ok(mailslot_sink_write(&sink, "", 0));
    check_int(14, (int64_t)sink.len);
    check(sink.capacity <= 10);
    msi_sink_free(&sink);
}

static void a_sink_hands_out_space_only_below_its_limit(void **state) {
    (void)state;
    mailslot_sink sink = {.limit = 5000};
    void *space;
    check_ok(mailslot_sink_reserve(&sink, 3000, &space));
    check(space != NULL);
    memset(space, 'a', 3000);
    check_ok(mailslot_sink_reserve(&sink, 2000, &space));
    check((unsigned char *)space == sink.data + 3000);
    memset(space, 'b', 2000);
    check(sink.data[2999] == 'a');
    check_ok(mailslot_sink_reserve(&sink, 1, &space));
    check(space == NULL);
    check_int(5001, (int64_t)sink.len);
    msi_sink_free(&sink);
}

static void what_a_sink_gets_back_is_no_message(void **state) {
    (void)state;
    mailslot_sink sink = {.limit = 10};
    void *space;
    check_ok(mailslot_sink_write(&sink, "12", 2));
    check_ok(mailslot_sink_reserve(&sink, 8, &space));
    check(space != NULL);
    memcpy(space, "345", 3);
    mailslot_sink_return(&sink, 5);
    check_ok(mailslot_sink_reserve(&sink, 6, &space));
    check(space == NULL); /* only counted, and given back all the same */
    mailslot_sink_return(&sink, 6);
    check_ok(mailslot_sink_write(&sink, "67", 2));
    check_int(7, (int64_t)sink.len);
    check(!memcmp(sink.data, "1234567", 7));
    msi_sink_free(&sink);
}

static void what_is_left_of_bytes_that_were_only_counted_is_not_kept(void **state) {
    (void)state;
    mailslot_sink sink = {.limit = 10};
    void *space;
    check_ok(mailslot_sink_write(&sink, "12", 2));
    check_ok(mailslot_sink_reserve(&sink, 9, &space));
    check(space == NULL);
    mailslot_sink_return(&sink, 6);
    check_ok(mailslot_sink_reserve(&sink, 1, &space));
    check(space == NULL);
    check_ok(mailslot_sink_write(&sink, "7", 1));
    check_int(7, (int64_t)sink.len);
    check_int(5, (int64_t)sink.dropped);
    mailslot_sink_return(&sink, 6);
    check_ok(mailslot_sink_write(&sink, "2", 1));
    check_int(2, (int64_t)sink.len);
    check_int(0, (int64_t)sink.dropped);
    check(!memcmp(sink.data, "12", 2));
    msi_sink_free(&sink);
}

static void a_sink_without_room_allocates_nothing(void **state) {
    (void)state;
    mailslot_sink sink = {.limit = 0};
    check_ok(mailslot_sink_write(&sink, "12345", 5));
    check(sink.data == NULL);
    check_int(5, (int64_t)sink.len);
}

static void a_size_beyond_all_memory_is_a_bad_value(void **state) {
    (void)state;
    mailslot_sink sink = {.limit = 10};
    void *space;
    check_ok(mailslot_sink_reserve(&sink, SIZE_MAX - 3, &space));
    check_err(MAILSLOT_ERR_BAD_VALUE, mailslot_sink_reserve(&sink, 4, &space));
    check(space == NULL);
}

/* ---- Scratch ---- */

static void scratch_gives_aligned_memory_that_does_not_overlap(void **state) {
    (void)state;
    mailslot_scratch scratch = {0};
    msi_scratch_reset(&scratch, 1 << 20);
    unsigned char *pieces[200];
    for (int i = 0; i < 200; i++) {
        pieces[i] = mailslot_scratch_alloc(&scratch, (size_t)i * 3);
        check(pieces[i] != NULL);
        check((uintptr_t)pieces[i] % alignof(max_align_t) == 0);
        memset(pieces[i], i, (size_t)i * 3);
    }
    for (int i = 0; i < 200; i++)
        for (int k = 0; k < i * 3; k++)
            check_int(i, pieces[i][k]);
    msi_scratch_free(&scratch);
}

static void scratch_stops_at_its_budget_and_says_so(void **state) {
    (void)state;
    mailslot_scratch scratch = {0};
    msi_scratch_reset(&scratch, 100);
    check_ok(mailslot_scratch_error(&scratch));
    check(mailslot_scratch_alloc(&scratch, 64) != NULL);
    check(mailslot_scratch_alloc(&scratch, 37) == NULL);
    check_err(MAILSLOT_ERR_TOO_COMPLEX, mailslot_scratch_error(&scratch));
    check_detail("100");
    check(mailslot_scratch_alloc(&scratch, SIZE_MAX) == NULL);
    msi_scratch_reset(&scratch, 100);
    check_ok(mailslot_scratch_error(&scratch));
    check(mailslot_scratch_alloc(&scratch, 96) != NULL);
    msi_scratch_free(&scratch);
}

static void an_empty_piece_is_never_refused(void **state) {
    (void)state;
    mailslot_scratch scratch = {0};
    msi_scratch_reset(&scratch, 64);
    for (int i = 0; i < 1000; i++)
        check(mailslot_scratch_alloc(&scratch, 0) != NULL);
    check(mailslot_scratch_alloc(&scratch, 64) != NULL); /* they took nothing of the budget */
    check(mailslot_scratch_alloc(&scratch, 0) != NULL);
    check_ok(mailslot_scratch_error(&scratch));
    msi_scratch_free(&scratch);
}

static void a_reset_keeps_one_block_large_enough_for_the_same_again(void **state) {
    (void)state;
    mailslot_scratch scratch = {0};
    void *first = NULL;
    for (int round = 0; round < 3; round++) {
        msi_scratch_reset(&scratch, 1 << 20);
        void *start = mailslot_scratch_alloc(&scratch, 5000);
        for (int i = 0; i < 50; i++)
            check(mailslot_scratch_alloc(&scratch, 5000) != NULL);
        if (round == 1)
            first = start;
        if (round == 2)
            check(start == first); /* the same block, and so no allocation */
    }
    msi_scratch_free(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sink_keeps_what_fits_and_counts_the_rest),
        cmocka_unit_test(a_sink_hands_out_space_only_below_its_limit),
        cmocka_unit_test(what_a_sink_gets_back_is_no_message),
        cmocka_unit_test(what_is_left_of_bytes_that_were_only_counted_is_not_kept),
        cmocka_unit_test(a_sink_without_room_allocates_nothing),
        cmocka_unit_test(a_size_beyond_all_memory_is_a_bad_value),
        cmocka_unit_test(scratch_gives_aligned_memory_that_does_not_overlap),
        cmocka_unit_test(scratch_stops_at_its_budget_and_says_so),
        cmocka_unit_test(an_empty_piece_is_never_refused),
        cmocka_unit_test(a_reset_keeps_one_block_large_enough_for_the_same_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
