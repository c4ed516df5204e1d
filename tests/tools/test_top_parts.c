/* The parts of top that need neither slots nor a terminal. */
#include "base/buffer.h"
#include "test.h"
#include "top/columns.h"
#include "top/rates.h"
#include "top/text.h"

#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

/* ---- Sizes ---- */

static void check_p50(uint64_t expected, uint64_t largest, const uint64_t *sizes) {
    uint64_t p50 = UINT64_MAX;
    check(top_p50(sizes, largest, &p50));
    check_int((int64_t)expected, (int64_t)p50);
}

static void p50_is_the_bound_of_the_class_that_holds_the_median(void **state) {
    (void)state;
    check_p50(0, 0, (uint64_t[MAILSLOT_SIZE_CLASSES]){[0] = 3});
    check_p50(0, 900, (uint64_t[MAILSLOT_SIZE_CLASSES]){[0] = 2, [10] = 2});
    check_p50(1023, 1023, (uint64_t[MAILSLOT_SIZE_CLASSES]){[0] = 2, [10] = 3});
    check_p50(63, 5000, (uint64_t[MAILSLOT_SIZE_CLASSES]){[1] = 1, [6] = 1, [13] = 1});
    check_p50(1, 5000, (uint64_t[MAILSLOT_SIZE_CLASSES]){[1] = 1});
}

static void p50_is_never_more_than_the_largest_message(void **state) {
    (void)state;
    check_p50(600, 600, (uint64_t[MAILSLOT_SIZE_CLASSES]){[10] = 1});
    check_p50(1000000, 1000000, (uint64_t[MAILSLOT_SIZE_CLASSES]){[MAILSLOT_SIZE_CLASSES - 1] = 9});
}

static void no_messages_have_no_p50(void **state) {
    (void)state;
    uint64_t p50;
    check(!top_p50((uint64_t[MAILSLOT_SIZE_CLASSES]){0}, 600, &p50));
}

/* For every size that a message can have up to the last class, the true median is within the
 * bound, and over half of it. */
static void p50_is_less_than_twice_the_median(void **state) {
    (void)state;
    for (uint64_t size = 1; size < 65536; size++) {
        uint64_t sizes[MAILSLOT_SIZE_CLASSES] = {0}, p50;
        unsigned class = 0;
        while (size >> class)
            class ++;
        sizes[class] = 7;
        check(top_p50(sizes, UINT64_MAX, &p50));
        check(p50 >= size && p50 < 2 * size);
    }
}

/* ---- Rates ---- */

#define SECOND UINT64_C(1000000000)

static mailslot_info info_of(uint64_t in, uint64_t out, unsigned class) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    info.reader_pid = 7;
    info.capacity = 1000;
    info.messages_in = info.sizes[class] = in;
    info.bytes_in = in * 100;
    info.messages_out = out;
    info.bytes_out = out * 100;
    info.largest = 100;
    return info;
}

static void rates_are_averages_over_the_time_between(void **state) {
    (void)state;
    struct top_sample before = {.time_ns = 5 * SECOND}, now = {.time_ns = 7 * SECOND};
    mailslot_info first = info_of(10, 5, 7), second = info_of(40, 6, 7);
    top_sample_add(&before, "x", "reader", &first);
    top_sample_add(&now, "x", "reader", &second);
    struct top_row row;
    top_rows(&row, &before, &now);
    check(row.has_rates && row.has_p50);
    check(row.messages_in == 15 && row.bytes_in == 1500);
    check(row.messages_out == 0.5 && row.bytes_out == 50);
    check_int(100, (int64_t)row.p50);
    check_text("reader", row.slot->command);
    top_sample_free(&before);
    top_sample_free(&now);
}

/* Messages before the sample before do not count. */
static void p50_is_of_the_messages_in_between(void **state) {
    (void)state;
    struct top_sample before = {.time_ns = 0}, now = {.time_ns = SECOND};
    mailslot_info first = info_of(1000, 0, 7), second = first, third = first;
    second.sizes[2] += 1;
    second.messages_in += 1;
    top_sample_add(&before, "idle", "", &third);
    top_sample_add(&before, "small", "", &first);
    top_sample_add(&now, "idle", "", &third);
    top_sample_add(&now, "small", "", &second);
    struct top_row rows[2];
    top_rows(rows, &before, &now);
    check(rows[0].has_rates && !rows[0].has_p50);
    check(rows[1].has_p50);
    check_int(3, (int64_t)rows[1].p50);
    top_sample_free(&before);
    top_sample_free(&now);
}

/* What the rows say of the one slot of now, given what was before. */
static struct top_row row_after(const char *name, mailslot_info info, uint64_t ns) {
    struct top_sample before = {.time_ns = SECOND}, now = {.time_ns = SECOND + ns};
    mailslot_info second = info_of(40, 6, 7);
    struct top_row row;
    top_sample_add(&before, name, "", &info);
    top_sample_add(&now, "x", "", &second);
    top_rows(&row, &before, &now);
    top_sample_free(&before);
    top_sample_free(&now);
    row.slot = NULL;
    return row;
}

static void a_slot_with_another_past_has_no_rates(void **state) {
    (void)state;
    check(row_after("x", info_of(10, 5, 7), SECOND).has_rates);
    mailslot_info other_reader = info_of(10, 5, 7), other_sizes = info_of(10, 5, 3);
    other_reader.reader_pid = 8;
    const struct top_row rows[] = {
        row_after("y", info_of(10, 5, 7), SECOND), row_after("x", other_reader, SECOND),
        row_after("x", info_of(41, 5, 7), SECOND), row_after("x", info_of(10, 7, 7), SECOND),
        row_after("x", other_sizes, SECOND),       row_after("x", info_of(10, 5, 7), 0),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(!rows[i].has_rates && rows[i].messages_in == 0);
        check(rows[i].has_p50); /* of all its messages */
        check_int(100, (int64_t)rows[i].p50);
    }
}

static void hostile_counters_make_no_nonsense(void **state) {
    (void)state;
    struct top_sample before = {.time_ns = 0}, now = {.time_ns = 1};
    mailslot_info nothing = info_of(0, 0, 0), all;
    memset(&all, 0xFF, sizeof all);
    all.reader_pid = nothing.reader_pid;
    top_sample_add(&before, "x", "", &nothing);
    top_sample_add(&now, "x",
                   "a command that is longer than the kernel's commands can ever get, "
                   "and is cut",
                   &all);
    struct top_row row;
    top_rows(&row, &before, &now);
    check(row.has_rates && row.messages_in > 1e27);
    check_int(TOP_COMMAND_SIZE - 1, (int64_t)strlen(row.slot->command));
    struct buffer line = {0};
    top_columns_row(&line, top_columns_choose(200), &row);
    check_int(200, (int64_t)line.len);
    buffer_free(&line);
    top_sample_free(&before);
    top_sample_free(&now);
}

/* ---- Order ---- */

/* The names of a, b and c in the order of key, with these numbers for the key. */
static void order(char text[4], enum top_key key, bool reversed, const double numbers[3]) {
    struct top_slot slots[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    struct top_row rows[3];
    for (int i = 0; i < 3; i++) {
        slots[i].info.capacity = 1000;
        slots[i].info.count = slots[i].info.used = slots[i].info.lost = (size_t)numbers[i];
        rows[i] = (struct top_row){.slot = &slots[i],
                                   .messages_in = numbers[i],
                                   .bytes_in = numbers[i],
                                   .messages_out = numbers[i]};
    }
    top_sort(rows, 3, key, reversed);
    for (int i = 0; i < 3; i++)
        text[i] = rows[i].slot->name[0];
    text[3] = '\0';
}

static void rows_are_sorted_by_key_then_name(void **state) {
    (void)state;
    char text[4];
    order(text, TOP_NAME, false, (double[]){1, 2, 3});
    check_text("abc", text);
    order(text, TOP_NAME, true, (double[]){1, 2, 3});
    check_text("cba", text);
    for (int key = TOP_NAME + 1; key < TOP_KEYS; key++) {
        order(text, (enum top_key)key, false, (double[]){1, 3, 2});
        check_text("bca", text);
        order(text, (enum top_key)key, true, (double[]){1, 3, 2});
        check_text("acb", text);
        order(text, (enum top_key)key, false, (double[]){1, 1, 2});
        check_text("cab", text);
        order(text, (enum top_key)key, true, (double[]){2, 2, 1});
        check_text("cab", text);
    }
    top_sort(NULL, 0, TOP_NAME, false);
}

static void samples_of_every_size_keep_their_slots(void **state) {
    (void)state;
    struct top_sample sample = {.time_ns = 0};
    mailslot_info info = MAILSLOT_INFO_INIT;
    enum { SLOTS = 1000 };
    for (int i = SLOTS; i-- > 0;) {
        char name[16];
        snprintf(name, sizeof name, "%03d", i);
        info.count = (size_t)i;
        top_sample_add(&sample, name, "", &info);
    }
    top_sample_sort(&sample);
    check_int(SLOTS, (int64_t)sample.count);
    for (int i = 0; i < SLOTS; i++) {
        check_int(i, atoi(sample.slots[i].name));
        check_int(i, (int64_t)sample.slots[i].info.count);
    }
    top_sample_free(&sample);
}

/* ---- Text ---- */

static void check_fitted(const char *expected, const char *text, int columns) {
    struct buffer out = {0};
    top_append_fitted(&out, text, columns);
    buffer_append(&out, "", 1);
    check_text(expected, out.data);
    buffer_free(&out);
}

static void text_takes_exactly_its_columns(void **state) {
    (void)state;
    check(setlocale(LC_CTYPE, "C.UTF-8"));
    check_fitted("", "abc", 0);
    check_fitted("ab", "abc", 2);
    check_fitted("abc", "abc", 3);
    check_fitted("abc  ", "abc", 5);
    check_fitted("k\u00e4se ", "k\u00e4se", 5);
    check_fitted("\u6f22\u5b57", "\u6f22\u5b57", 4);
    check_fitted("\u6f22 ", "\u6f22\u5b57", 3); /* half of a wide one is none */
    check_fitted("e\u0301 ", "e\u0301", 2);
}

static void what_would_steer_a_terminal_is_a_question_mark(void **state) {
    (void)state;
    check(setlocale(LC_CTYPE, "C.UTF-8"));
    check_fitted("?[31m", "\x1b[31m", 5);
    check_fitted("a?b?c",
                 "a\nb\x7f"
                 "c",
                 5);
    check_fitted("?", "\xc2\x9b", 1);
    check_fitted("?evil?", "\u202eevil\u2066", 6);
    check_fitted("??a",
                 "\xff\xfe"
                 "a",
                 3);
    check_fitted("?", "\xe6\xbc", 1);
}

static void a_locale_without_the_character_has_a_question_mark(void **state) {
    (void)state;
    check(setlocale(LC_CTYPE, "C"));
    check_fitted("k?se? ", "k\u00e4se\u6f22", 6);
}

static void check_amount(const char *expected, double amount) {
    char text[TOP_AMOUNT_SIZE];
    top_amount(text, amount);
    check_text(expected, text);
}

static void amounts_are_short_and_round_well(void **state) {
    (void)state;
    static const struct {
        double amount;
        const char *text;
    } cases[] = {
        {0, "0"},           {1, "1"},
        {0.5, "0.5"},       {9.94, "9.9"},
        {9.96, "10"},       {10.4, "10"},
        {999.6, "1000"},    {9999, "9999"},
        {9999.4, "9999"},   {9999.6, "10.0k"},
        {10000, "10.0k"},   {99949, "99.9k"},
        {99951, "100k"},    {999499, "999k"},
        {999501, "1.00M"},  {9994999, "9.99M"},
        {9995001, "10.0M"}, {1e9, "1.00G"},
        {1e12, "1.00T"},    {1e15, "1.00P"},
        {1e18, "1.00E"},    {1.8446744073709552e19, "18.4E"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_amount(cases[i].text, cases[i].amount);
}

/* ---- Columns ---- */

static int columns_of(const struct buffer *line) {
    wchar_t wide[512];
    char text[1024];
    check(line->len < sizeof text);
    memcpy(text, line->data, line->len);
    text[line->len] = '\0';
    size_t count = mbstowcs(wide, text, sizeof wide / sizeof *wide);
    check(count != (size_t)-1);
    return wcswidth(wide, count);
}

static void lines_are_as_wide_as_the_screen(void **state) {
    (void)state;
    check(setlocale(LC_CTYPE, "C.UTF-8"));
    struct top_slot slot = {.name = "k\u00e4se\\\u6f22\u5b57 and a name that goes on and on and on",
                            .command = "reader",
                            .info = info_of(123456789, 7, 7)};
    struct top_row row = {.slot = &slot, .has_rates = true, .messages_in = 1e6, .bytes_in = 1e9};
    for (int width = 20; width <= 200; width++) {
        struct buffer line = {0};
        struct top_columns columns = top_columns_choose(width);
        check(columns.name >= 12);
        top_columns_titles(&line, columns);
        check_int(width, columns_of(&line));
        line.len = 0;
        top_columns_row(&line, columns, &row);
        check_int(width, columns_of(&line));
        buffer_free(&line);
    }
}

static void narrow_screens_keep_what_matters_most(void **state) {
    (void)state;
    static const struct {
        int width;
        const char *with, *without;
    } cases[] = {{20, "IN/s", "WAITING"},
                 {60, "PID", "MAX"},
                 {80, "REFUSED", "LOST"},
                 {120, "OUT B/s", "nothing"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer line = {0};
        top_columns_titles(&line, top_columns_choose(cases[i].width));
        buffer_append(&line, "", 1);
        check(strstr(line.data, cases[i].with));
        check(!strstr(line.data, cases[i].without));
        buffer_free(&line);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p50_is_the_bound_of_the_class_that_holds_the_median),
        cmocka_unit_test(p50_is_never_more_than_the_largest_message),
        cmocka_unit_test(no_messages_have_no_p50),
        cmocka_unit_test(p50_is_less_than_twice_the_median),
        cmocka_unit_test(rates_are_averages_over_the_time_between),
        cmocka_unit_test(p50_is_of_the_messages_in_between),
        cmocka_unit_test(a_slot_with_another_past_has_no_rates),
        cmocka_unit_test(hostile_counters_make_no_nonsense),
        cmocka_unit_test(rows_are_sorted_by_key_then_name),
        cmocka_unit_test(samples_of_every_size_keep_their_slots),
        cmocka_unit_test(text_takes_exactly_its_columns),
        cmocka_unit_test(what_would_steer_a_terminal_is_a_question_mark),
        cmocka_unit_test(a_locale_without_the_character_has_a_question_mark),
        cmocka_unit_test(amounts_are_short_and_round_well),
        cmocka_unit_test(lines_are_as_wide_as_the_screen),
        cmocka_unit_test(narrow_screens_keep_what_matters_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
