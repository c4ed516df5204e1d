/* What the header promises beyond the numbered behaviours: records and errors. */
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <mailslot/codec.h>

#include <limits.h>
#include <stdlib.h>

/* ---- Records ----------------------------------------------------------------------------------
 */

static void check_nothing_in(const mailslot_record *record) {
    check(mailslot_record_value(record) == NULL);
    check_int(0, (int64_t)mailslot_record_bytes(record).len);
    check(mailslot_record_origin(record) != NULL);
}

static void a_new_record_is_empty_and_one_from_a_failed_get_too(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_nothing_in(record);
    check_ok(mailslot_put(writer, "x"));
    check_ok(mailslot_get_nowait(reader, record));
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_nowait(reader, record));
    check_nothing_in(record);
    check_ok(mailslot_put(writer, "y"));
    check_ok(mailslot_get_nowait(reader, record));
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_get_nowait(writer, record));
    check_nothing_in(record);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void a_record_is_reused_for_messages_of_any_size(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    static char text[60001];
    static const size_t sizes[] = {0, 1, 60000, 7, 0, 4096, 59999, 3};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(text, (int)('a' + i), sizes[i]);
        text[sizes[i]] = '\0';
        check_ok(mailslot_put(writer, text));
        check_ok(mailslot_get_nowait(reader, record));
        mailslot_bytes bytes = mailslot_record_bytes(record);
        check_int((int64_t)sizes[i], (int64_t)bytes.len);
        check(memcmp(bytes.data, text, bytes.len + 1) == 0); /* and a NUL follows */
        check_text(text, mailslot_record_value(record));
    }
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void a_record_outlives_its_slot_and_serves_several(void **state) {
    (void)state;
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    for (int i = 0; i < 3; i++) {
        mailslot *reader = open_reader("trace");
        mailslot *writer = open_writer("trace");
        check_ok(mailslot_put(writer, "x"));
        check_ok(mailslot_get_nowait(reader, record));
        mailslot_close(writer);
        mailslot_close(reader);
        check_text("x", mailslot_record_value(record));
        check_text(".", mailslot_record_origin(record)->computer);
    }
    mailslot_record_free(record);
}

static const mailslot_origin somewhere = {true, "PC1", "192.0.2.7", 12345, -1, -1};

static void a_record_is_filled_with_bytes_from_elsewhere(void **state) {
    (void)state;
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_record_decode(record, NULL, "hello\0", 7, &somewhere, 0));
    check_text("hello", mailslot_record_value(record));
    check_int(7, (int64_t)mailslot_record_bytes(record).len);
    const mailslot_origin *origin = mailslot_record_origin(record);
    check(origin->remote && origin->arrival_ns == 12345 && origin->pid == -1 && origin->uid == -1);
    check_text("PC1", origin->computer);
    check_text("192.0.2.7", origin->address);
    const mailslot_origin local = {.arrival_ns = 7, .pid = 0, .uid = 1000};
    check_ok(mailslot_record_decode(record, mailslot_codec_default(), NULL, 0, &local, 0));
    check_text("", mailslot_record_value(record));
    check(!origin->remote && origin->arrival_ns == 7 && origin->pid == 0 && origin->uid == 1000);
    check_text(".", origin->computer);
    check_text("", origin->address);
    check_ok(mailslot_record_decode(record, NULL, "x", 1, NULL, 0));
    check(!origin->remote && origin->pid == -1 && origin->uid == -1);
    mailslot_record_free(record);
}

static mailslot_err refuse(const mailslot_codec *codec, mailslot_scratch *scratch,
                           mailslot_bytes bytes, const void **value) {
    (void)codec;
    *value = mailslot_scratch_alloc(scratch, bytes.len);
    return *value ? MAILSLOT_ERR_OS : mailslot_scratch_error(scratch);
}

static void bytes_from_elsewhere_are_refused_as_those_of_a_slot(void **state) {
    (void)state;
    static const mailslot_codec codec = {sizeof codec, "refusing", NULL, NULL, refuse};
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_err(MAILSLOT_ERR_BAD_MESSAGE,
              mailslot_record_decode(record, &codec, "abc", 3, &somewhere, 0));
    check_detail("refusing");
    check(mailslot_record_value(record) == NULL);
    check_int(3, (int64_t)mailslot_record_bytes(record).len);
    check_text("PC1", mailslot_record_origin(record)->computer);
    check_err(MAILSLOT_ERR_TOO_COMPLEX,
              mailslot_record_decode(record, &codec, "abcdefghijklmnop", 16, NULL, 15));
    check_int(16, (int64_t)mailslot_record_bytes(record).len);
    check_err(MAILSLOT_ERR_INVALID, mailslot_record_decode(NULL, NULL, "", 0, NULL, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_record_decode(record, NULL, NULL, 1, NULL, 0));
    mailslot_origin wrong = somewhere;
    wrong.computer = "SIXTEEN-LETTERS-";
    check_err(MAILSLOT_ERR_INVALID, mailslot_record_decode(record, NULL, "x", 1, &wrong, 0));
    check_nothing_in(record);
    wrong.computer = "FIFTEEN-LETTERS";
    check_ok(mailslot_record_decode(record, NULL, "x", 1, &wrong, 0));
    check_text("FIFTEEN-LETTERS", mailslot_record_origin(record)->computer);
    mailslot_record_free(record);
}

/* ---- Errors -----------------------------------------------------------------------------------
 */

static void every_error_has_its_name_and_text(void **state) {
    (void)state;
#define CHECK_ERROR(name, number, text)                                                            \
    check_text(#name, mailslot_errname((mailslot_err)number));                                     \
    check_text(text, mailslot_strerror(MAILSLOT_ERR_##name));
    MAILSLOT_ERROR_LIST(CHECK_ERROR)
#undef CHECK_ERROR
    check_text("OK", mailslot_errname(MAILSLOT_OK));
    check_text("no error", mailslot_strerror(MAILSLOT_OK));
    static const int unknown[] = {-1, 21, 1000, INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        int number = unknown[i];
        mailslot_err err;
        memcpy(&err, &number, sizeof err); /* as a number out of nowhere would come */
        check_text("UNKNOWN", mailslot_errname(err));
        check(mailslot_strerror(err) && *mailslot_strerror(err));
    }
}

static void *note_detail(void *ctx) {
    snprintf(ctx, 256, "%s", mailslot_detail());
    check_err(MAILSLOT_ERR_BAD_NAME, try_open("a:b", MAILSLOT_AUTO));
    return NULL;
}

static void the_detail_is_each_threads_own_and_successes_leave_it_alone(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_detail("trace: ");
    char before[256];
    char elsewhere[256] = "?";
    snprintf(before, sizeof before, "%s", mailslot_detail());
    check_ok(try_open("trace", MAILSLOT_READ));
    check_text(before, mailslot_detail());
    pthread_t thread;
    check(pthread_create(&thread, NULL, note_detail, elsewhere) == 0);
    pthread_join(thread, NULL);
    check_text("", elsewhere);
    check_text(before, mailslot_detail());
}

static void check_detail_starts(const char *name, int line) {
    char start[64];
    snprintf(start, sizeof start, "%s: ", name);
    test_check(strncmp(mailslot_detail(), start, strlen(start)) == 0, mailslot_detail(), __FILE__,
               line);
}

static void check_empty_details(mailslot *reader, const char *name) {
    mailslot_record *record = NULL;
    char expected[64], byte;
    size_t len;
    check_ok(mailslot_record_new(&record));
    snprintf(expected, sizeof expected, "%s: no message is waiting", name);
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_nowait(reader, record));
    check_text(expected, mailslot_detail());
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_bytes(reader, &byte, 1, &len, MAILSLOT_NO_WAIT));
    check_text(expected, mailslot_detail());
    snprintf(expected, sizeof expected, "%s: no message within 3 ms", name);
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get(reader, record, 3));
    check_text(expected, mailslot_detail());
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_bytes(reader, &byte, 1, &len, 3));
    check_text(expected, mailslot_detail());
    mailslot_record_free(record);
}

/* Opens the slot in one spelling and expects failures to speak of it by name. */
static void check_details_name(const char *spelling, const char *name) {
    static char large[70000];
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open(spelling, MAILSLOT_WRITE));
    check_detail_starts(name, __LINE__);
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat(spelling, &info));
    check_detail_starts(name, __LINE__);
    mailslot *reader = open_reader(spelling);
    mailslot *writer = open_writer(spelling);
    check_err(MAILSLOT_ERR_IN_USE, try_open(spelling, MAILSLOT_READ));
    check_detail_starts(name, __LINE__);
    check_empty_details(reader, name);
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_put(reader, "x"));
    check_detail_starts(name, __LINE__);
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_bytes(writer, large, sizeof large));
    check_detail_starts(name, __LINE__);
    check_detail("message too big: 70000 bytes, limit 65535");
    mailslot_close(reader);
    if (expects(system_tells_gone_readers(), NO_GONE_READERS)) {
        check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
        check_detail_starts(name, __LINE__);
    }
    mailslot_close(writer);
}

static void details_begin_with_the_slots_bare_name_in_the_case_given(void **state) {
    (void)state;
    check_details_name("Trace", "Trace");
    check_details_name("App\\Trace", "App\\Trace");
    check_details_name("//./mailslot/App/Trace", "App\\Trace");
    check_details_name("\\\\.\\MAILSLOT\\x", "x");
    check_err(MAILSLOT_ERR_BAD_NAME, try_open("a:b", MAILSLOT_AUTO));
    check_detail_starts("a:b", __LINE__);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(a_new_record_is_empty_and_one_from_a_failed_get_too),
        slot_test(a_record_is_reused_for_messages_of_any_size),
        slot_test(a_record_outlives_its_slot_and_serves_several),
        slot_test(a_record_is_filled_with_bytes_from_elsewhere),
        slot_test(bytes_from_elsewhere_are_refused_as_those_of_a_slot),
        slot_test(every_error_has_its_name_and_text),
        slot_test(the_detail_is_each_threads_own_and_successes_leave_it_alone),
        slot_test(details_begin_with_the_slots_bare_name_in_the_case_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
