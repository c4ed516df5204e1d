/* The benchmark's checks notice everything that can be wrong with a message, and its statistics
 * are right: both are what its figures rest on. */
#include "message.h"
#include "stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SIZE 64

static union message message_of(uint32_t writer, uint64_t sequence) {
    union message message = {.head = {.sequence = sequence, .writer = writer}};
    message_fill(&message, SIZE);
    return message;
}

static bool take(struct tally *tally, uint32_t writer, uint64_t sequence) {
    union message message = message_of(writer, sequence);
    return tally_take(tally, &message, SIZE, SIZE, 2);
}

static void every_flipped_bit_is_noticed(void **state) {
    (void)state;
    static const size_t sizes[] = {SIZE, MESSAGE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        union message message = {.head = {.sequence = 77, .writer = 1, .sent_ns = 123456789}};
        message_fill(&message, sizes[i]);
        assert_true(message_intact(&message, sizes[i]));
        for (size_t bit = 0; bit < sizes[i] * 8; bit++) {
            message.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_false(message_intact(&message, sizes[i]));
            message.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
    }
}

static void a_mix_of_two_messages_is_torn(void **state) {
    (void)state;
    for (uint64_t sequence = 0; sequence < 2000; sequence++) {
        union message message = message_of(0, sequence);
        union message next = message_of(0, sequence + 1);
        message.words[SIZE / sizeof(uint64_t) - 1] = next.words[SIZE / sizeof(uint64_t) - 1];
        assert_false(message_intact(&message, SIZE));
    }
}

static void messages_in_order_are_right(void **state) {
    (void)state;
    struct tally tally = {0};
    for (uint64_t sequence = 0; sequence < 100; sequence++) {
        assert_true(take(&tally, 0, sequence));
        assert_true(take(&tally, 1, sequence));
    }
    assert_int_equal(tally_wrong(&tally, 200), 0);
}

static void loss_is_counted_within_and_at_the_end(void **state) {
    (void)state;
    struct tally tally = {0};
    assert_true(take(&tally, 0, 0));
    assert_true(take(&tally, 0, 3));
    assert_int_equal(tally.lost, 2);
    assert_int_equal(tally_wrong(&tally, 4), 2);
    assert_int_equal(tally_wrong(&tally, 9), 7);
}

static void repetition_and_disorder_are_counted(void **state) {
    (void)state;
    struct tally tally = {0};
    assert_true(take(&tally, 0, 0));
    assert_false(take(&tally, 0, 0));
    assert_true(take(&tally, 1, 1));
    assert_false(take(&tally, 1, 0));
    assert_int_equal(tally.repeated, 2);
    assert_int_equal(tally_wrong(&tally, 3), 3);
}

static void a_wrong_length_or_writer_is_torn(void **state) {
    (void)state;
    struct tally tally = {0};
    union message message = message_of(0, 0);
    assert_false(tally_take(&tally, &message, SIZE - 1, SIZE, 1));
    message = message_of(1, 0);
    assert_false(tally_take(&tally, &message, SIZE, SIZE, 1));
    assert_int_equal(tally.torn, 2);
}

static void a_last_message_ends_its_writer(void **state) {
    (void)state;
    struct tally tally = {0};
    union message message = {.head = {.last = 1}};
    message_fill(&message, SIZE);
    assert_false(tally_take(&tally, &message, SIZE, SIZE, 1));
    assert_int_equal(tally.ended, 1);
    assert_int_equal(tally_wrong(&tally, 0), 0);
}

static void spreads_have_median_and_ends(void **state) {
    (void)state;
    struct spread odd = spread_of((double[]){5, 1, 3}, 3);
    assert_true(odd.median == 3 && odd.least == 1 && odd.most == 5 && odd.count == 3);
    struct spread even = spread_of((double[]){4, 1, 3, 2}, 4);
    assert_true(even.median == 2.5);
    assert_int_equal(spread_of(NULL, 0).count, 0);
}

static void percentiles_are_within_one_in_a_hundred(void **state) {
    (void)state;
    struct histogram *histogram = calloc(1, sizeof *histogram);
    assert_non_null(histogram);
    for (uint64_t ns = 1; ns <= 1000000; ns += 7)
        histogram_add(histogram, ns);
    assert_float_equal(histogram_percentile(histogram, 0.5), 5e5, 5e3);
    assert_float_equal(histogram_percentile(histogram, 0.99), 9.9e5, 9.9e3);
    histogram_add(histogram, UINT64_MAX);
    histogram_add(histogram, 0);
    assert_true(histogram_percentile(histogram, 1) > 1.8e19);
    assert_true(histogram_percentile(histogram, 0) == 0);
    free(histogram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(a_mix_of_two_messages_is_torn),
        cmocka_unit_test(messages_in_order_are_right),
        cmocka_unit_test(loss_is_counted_within_and_at_the_end),
        cmocka_unit_test(repetition_and_disorder_are_counted),
        cmocka_unit_test(a_wrong_length_or_writer_is_torn),
        cmocka_unit_test(a_last_message_ends_its_writer),
        cmocka_unit_test(spreads_have_median_and_ends),
        cmocka_unit_test(percentiles_are_within_one_in_a_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
