/* The parts of recording and replaying that are worth looking at alone. */
#include "base/slot_name.h"
#include "base/units.h"
#include "recording/crc32c.h"
#include "recording/descriptor_set.h"
#include "recording/record_reader.h"
#include "recording/replay_clock.h"
#include "test.h"

#include <mailslot/codec.h>
#include <mailslot/schema.h>

#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/recording/descriptor.pb-c.h"
#include "trace_set.h"

/* ---- CRC-32C ---- */

static void crc32c_is_that_of_rfc_3720(void **state) {
    (void)state;
    unsigned char data[32] = {0};
    check_int(0x8a9136aa, crc32c(data, sizeof data)); /* appendix B.4 */
    memset(data, 0xff, sizeof data);
    check_int(0x62a8ab43, crc32c(data, sizeof data));
    for (unsigned char i = 0; i < sizeof data; i++)
        data[i] = i;
    check_int(0x46dd794e, crc32c(data, sizeof data));
    for (unsigned char i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(31 - i);
    check_int(0x113fdb5c, crc32c(data, sizeof data));
    check_int(0xe3069283, crc32c("123456789", 9)); /* of every catalogue; not a multiple of 8 */
    check_int(0, crc32c("", 0));
}

/* ---- Units ---- */

static void spans_are_numbers_with_units(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t ns;
    } spans[] = {{"0", 0},
                 {"90", 90000000000},
                 {"250ms", 250000000},
                 {"1.5h", 5400000000000},
                 {"0.000000001", 1},
                 {"7ns", 7},
                 {"1.5us", 1500},
                 {"0.5ns", 0},
                 {"2m", 120000000000},
                 {"1.000000001d", 86400000086400},
                 {"106750d", 9223200000000000000}};
    uint64_t ns;
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        check(units_read_span(spans[i].text, &ns));
        check_int((int64_t)spans[i].ns, (int64_t)ns);
    }
    static const char *const wrong[] = {
        "",    "s",    "-1",      "+1",           " 1",
        "1 ",  "1.",   ".5",      "1x",           "1S",
        "1e3", "1ms2", "106751d", "1.0000000001", "9999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!units_read_span(wrong[i], &ns));
}

static void sizes_are_numbers_with_powers_of_1024(void **state) {
    (void)state;
    uint64_t bytes;
    check(units_read_size("0", &bytes) && bytes == 0);
    check(units_read_size("1000", &bytes) && bytes == 1000);
    check(units_read_size("3K", &bytes) && bytes == 3 << 10);
    check(units_read_size("5M", &bytes) && bytes == 5 << 20);
    check(units_read_size("7G", &bytes) && bytes == UINT64_C(7) << 30);
    check(units_read_size("8388607T", &bytes) && bytes == UINT64_C(8388607) << 40);
    static const char *const wrong[] = {"",   "K",        "1k", "1KB", "1.5K",
                                        "-1", "8388608T", "1P", "1 K"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!units_read_size(wrong[i], &bytes));
}

static void times_are_of_the_calendar_or_of_the_first_message(void **state) {
    (void)state;
    struct time_point point;
    check(units_read_time("1970-01-01T00:00:01.5Z", &point) && !point.is_offset);
    check_int(1500000000, (int64_t)point.ns);
    check(units_read_time("2554-07-21T23:34:32Z", &point) && !point.is_offset);
    check(units_read_time("10m", &point) && point.is_offset);
    check_int(600000000000, (int64_t)point.ns);
    check(!units_read_time("1969-12-31T23:59:59Z", &point));
    check(!units_read_time("2554-07-21T23:34:33Z", &point));
    check(!units_read_time("2026-11-22", &point));
    check(units_read_time("1000000000", &point) && !point.is_offset);
    check_int(1000000000000000000, (int64_t)point.ns);
    check(units_read_time("1796094586.25", &point) && !point.is_offset);
    check_int(1796094586250000000, (int64_t)point.ns);
    check(units_read_time("1796094586502019698", &point) && !point.is_offset);
    check_int(1796094586502019698, (int64_t)point.ns);
    check(units_read_time("18446744073709551615", &point) && point.ns == UINT64_MAX);
    check(units_read_time("999999999", &point) && point.is_offset);
    check(units_read_time("1796094586s", &point) && point.is_offset);
    check(!units_read_time("18446744073709551616", &point));
    check(!units_read_time("99999999999", &point)); /* neither */
}

/* ---- Names ---- */

static void check_bare(const char *bare, const char *name) {
    struct buffer text = {0};
    slot_name_bare(&text, name);
    check_text(bare, text.data);
    check(mailslot_name_equal(bare, name) && mailslot_name_equal(name, bare));
    buffer_free(&text);
}

static void names_of_one_slot_are_the_same(void **state) {
    (void)state;
    check_bare("x", "x");
    check_bare("App\\Trace", "App/Trace");
    check_bare("App\\Trace", "App//\\Trace");
    check_bare("x", "\\\\.\\mailslot\\x");
    check_bare("a\\b", "//./MailSlot//a///b");
    check_bare("mailslot\\x", "mailslot/x");
    check_bare("\\\\*\\mailslot\\x", "//*/mailslot/x");
    check(mailslot_name_equal("TRACE", "trace") && mailslot_name_equal("//./mailslot/A/B", "a\\b"));
    check(!mailslot_name_equal("trace", "trac") && !mailslot_name_equal("\xc3\x84", "\xc3\xa4"));
}

/* ---- Descriptor sets ---- */

static void append_set(struct buffer *out, const char *name, const char *package, const char *type,
                       const char *import) {
    Mailslot__Descriptor__File file = MAILSLOT__DESCRIPTOR__FILE__INIT;
    Mailslot__Descriptor__Type message = MAILSLOT__DESCRIPTOR__TYPE__INIT, *messages = &message;
    char *imports = (char *)import;
    unsigned char bytes[200];
    file.name = (char *)name;
    file.package = (char *)package;
    message.name = (char *)type;
    file.message_type = &messages;
    file.n_message_type = 1;
    file.dependency = &imports;
    file.n_dependency = import != NULL;
    ProtobufCBinaryData data = {mailslot__descriptor__file__pack(&file, bytes), bytes};
    Mailslot__Descriptor__Set set = MAILSLOT__DESCRIPTOR__SET__INIT;
    set.file = &data;
    set.n_file = 1;
    buffer_reserve(out, 300);
    out->len += mailslot__descriptor__set__pack(&set, (uint8_t *)out->data + out->len);
}

static mailslot_err select_from(const struct buffer *sets, const char *type, struct buffer *out) {
    out->len = 0;
    return descriptor_set_select(out, (mailslot_bytes){sets->data, sets->len}, &type, 1);
}

static void check_names(const struct buffer *set, const char *names) {
    Mailslot__Descriptor__Set *read =
        mailslot__descriptor__set__unpack(NULL, set->len, (const uint8_t *)set->data);
    check(read);
    struct buffer text = {0};
    for (size_t i = 0; i < read->n_file; i++) {
        Mailslot__Descriptor__File *file =
            mailslot__descriptor__file__unpack(NULL, read->file[i].len, read->file[i].data);
        buffer_append_text(&text, file->name);
        buffer_append_text(&text, " ");
        mailslot__descriptor__file__free_unpacked(file, NULL);
    }
    buffer_append(&text, "", 1);
    check_text(names, text.data);
    buffer_free(&text);
    mailslot__descriptor__set__free_unpacked(read, NULL);
}

static void of_descriptor_sets_only_what_is_needed_stays(void **state) {
    (void)state;
    struct buffer sets = {0}, out = {0};
    append_set(&sets, "a", "p", "A", "b");
    append_set(&sets, "unused", "p", "Unused", "a");
    append_set(&sets, "b", NULL, "B", "a"); /* imports in a circle */
    append_set(&sets, "b", NULL, "B", "a"); /* twice */
    append_set(&sets, "b", "other", "Type", "missing");
    check_int(MAILSLOT_OK, select_from(&sets, "p.A", &out));
    check_names(&out, "a b b ");
    check_int(MAILSLOT_OK, select_from(&sets, "other.Type", &out));
    check_names(&out, "b ");
    check_int(MAILSLOT_ERR_NOT_FOUND, select_from(&sets, "p.None", &out));
    check_int(MAILSLOT_ERR_NOT_FOUND, select_from(&sets, "p", &out));
    check_int(MAILSLOT_ERR_NOT_FOUND, select_from(&sets, "A", &out));
    check_int(MAILSLOT_ERR_NOT_FOUND, select_from(&sets, "pA", &out));
    buffer_append(&sets, trace_set, sizeof trace_set);
    check_int(MAILSLOT_OK, select_from(&sets, "trace.Event.AttributesEntry", &out));
    check_names(&out, "trace.proto ");
    buffer_append(&sets, "\xff", 1);
    check_int(MAILSLOT_ERR_BAD_MESSAGE, select_from(&sets, "p.A", &out));
    buffer_free(&sets);
    buffer_free(&out);
}

/* ---- Entries ---- */

static void append_messages(struct buffer *out, size_t count, size_t len) {
    mailslot_record *record;
    char *data = memory_resize(NULL, len);
    memset(data, 'x', len);
    check_int(MAILSLOT_OK, mailslot_record_new(&record));
    check_int(MAILSLOT_OK, mailslot_record_decode(record, NULL, data, len, NULL, 0));
    while (count--)
        record_append_message(out, 0, 0, record);
    mailslot_record_free(record);
    free(data);
}

static void whole_entries_are_counted_in_bytes(void **state) {
    (void)state;
    struct buffer out = {0};
    append_messages(&out, 1, 10);
    size_t one = out.len;
    append_messages(&out, 2, 300);
    size_t each = (out.len - one) / 2;
    for (size_t len = 0; len <= out.len; len++) {
        size_t whole = len < one ? 0 : one + (len - one) / each * each;
        check_int((int64_t)whole, (int64_t)record_whole_bytes(out.data, len));
    }
    buffer_free(&out);
}

static void a_search_costs_no_more_than_it_may(void **state) {
    (void)state;
    struct buffer out = {0};
    append_messages(&out, 3, 1000);
    size_t each = out.len / 3;
    uint64_t work = each;
    check_int((int64_t)each, (int64_t)record_find(out.data, out.len, &work));
    check_int(0, (int64_t)work);
    work = each - 1;
    check_int((int64_t)out.len, (int64_t)record_find(out.data, out.len, &work));
    buffer_free(&out);
}

static void lengths_have_their_shortest_form_and_a_limit(void **state) {
    (void)state;
    static const char *const broken[] = {
        "\x9c\x00\x0a", "\x80\x80\x80\x80\x01\x0a", "\x81\x80\x80\x21\x0a", "\x06\x0a", "\x1c\x0b",
        "\x1c\x7a"};
    size_t size;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        check_int(RECORD_BROKEN, record_look(broken[i], strlen(broken[i]) + (i == 0), &size));
    check_int(RECORD_CUT, record_look("\x80\x80\xc0\x20\x0a", 5, &size));
    check_int(RECORD_ENTRY_MAX, (int64_t)size);
    check_int(RECORD_CUT, record_look("\x9c", 1, &size));
}

/* A file whose entries all but begin anew at every byte: finding what follows takes long, and is
 * given up in time. */
static void made_up_damage_does_not_take_for_ever(void **state) {
    (void)state;
    enum { SIZE = 4 * 1024 * 1024 };
    struct buffer file = {0};
    record_append_format(&file);
    size_t begin = file.len;
    buffer_reserve(&file, SIZE);
    static const char entry[] = "\xff\xff\x3f\x0a\x7d"; /* a MiB, and what may be its checksum */
    while (file.len < begin + SIZE)
        buffer_append(&file, entry, sizeof entry - 1);
    struct record_reader reader = {.fd = memfd_create("record", MFD_CLOEXEC)};
    check_int((int64_t)file.len, write(reader.fd, file.data, file.len));
    lseek(reader.fd, 0, SEEK_SET);
    const record_entry *found;
    struct record_span span;
    check_int(RECORD_SKIPPED, record_reader_next(&reader, &found, &span));
    check_int((int64_t)begin, (int64_t)span.offset);
    check_int((int64_t)(file.len - begin), (int64_t)span.size);
    check_int(RECORD_END, record_reader_next(&reader, &found, &span));
    close(reader.fd);
    record_reader_free(&reader);
    buffer_free(&file);
}

/* ---- Waiting for room ---- */

/* Where each try takes as long as it may. */
static int64_t waited_in_all(int timeout_ms) {
    int64_t waited = 0;
    do
        waited += replay_clock_try_ms(timeout_ms);
    while (waited < timeout_ms);
    return waited;
}

static void tries_to_put_take_as_long_as_is_waited_for_room(void **state) {
    (void)state;
    for (int timeout_ms = 0; timeout_ms < 20000; timeout_ms++) {
        int64_t waited = waited_in_all(timeout_ms);
        check(replay_clock_try_ms(timeout_ms) <= 100);
        check(waited >= timeout_ms && waited <= timeout_ms + timeout_ms / 100);
    }
    check(replay_clock_try_ms(-1) == 100 && replay_clock_try_ms(INT_MAX) == 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_is_that_of_rfc_3720),
        cmocka_unit_test(spans_are_numbers_with_units),
        cmocka_unit_test(sizes_are_numbers_with_powers_of_1024),
        cmocka_unit_test(times_are_of_the_calendar_or_of_the_first_message),
        cmocka_unit_test(names_of_one_slot_are_the_same),
        cmocka_unit_test(of_descriptor_sets_only_what_is_needed_stays),
        cmocka_unit_test(whole_entries_are_counted_in_bytes),
        cmocka_unit_test(a_search_costs_no_more_than_it_may),
        cmocka_unit_test(lengths_have_their_shortest_form_and_a_limit),
        cmocka_unit_test(made_up_damage_does_not_take_for_ever),
        cmocka_unit_test(tries_to_put_take_as_long_as_is_waited_for_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
