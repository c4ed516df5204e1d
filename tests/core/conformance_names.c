/* Names: S1 to S5. */
#include "slotdir.h"
#include "slots.h"

#include <locale.h>
#include <stdlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define MAX_NAME_BYTES  246

static bool exists(const char *name) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    mailslot_err err = mailslot_stat(name, &info);
    check(err == MAILSLOT_OK || err == MAILSLOT_ERR_NOT_FOUND);
    return err == MAILSLOT_OK;
}

static void check_same_slot(mailslot *reader, const char *spelling) {
    mailslot *writer = open_writer(spelling);
    check_ok(mailslot_put(writer, spelling));
    expect_text(reader, spelling);
    check(exists(spelling));
    check_err(MAILSLOT_ERR_IN_USE, try_open(spelling, MAILSLOT_READ));
    mailslot_close(writer);
}

static void s1_every_spelling_of_a_bare_name_is_one_slot(void **state) {
    (void)state;
    static const char *const spellings[] = {
        "trace",
        "\\\\.\\mailslot\\trace",
        "\\\\.\\MAILSLOT\\trace",
        "\\\\.\\MailSlot\\trace",
        "//./mailslot/trace",
        "//./MAILSLOT/trace",
        "/\\./mailslot\\trace",
        "//./mailslot///trace",
        "\\\\.\\\\mailslot\\\\trace",
    };
    mailslot *reader = open_reader("trace");
    for (size_t i = 0; i < COUNT_OF(spellings); i++)
        check_same_slot(reader, spellings[i]);
    mailslot_close(reader);
}

static void s1_every_spelling_of_a_path_is_one_slot(void **state) {
    (void)state;
    static const char *const spellings[] = {
        "dir\\sub\\trace",
        "dir/sub/trace",
        "dir\\sub/trace",
        "dir//sub\\\\trace",
        "dir/\\/sub/trace",
        "\\\\.\\mailslot\\dir\\sub\\trace",
        "//./mailslot/dir/sub/trace",
        "//./MAILSLOT/dir\\\\sub//trace",
        "//.//mailslot//dir/sub/trace",
    };
    mailslot *reader = open_reader("//./mailslot/dir/sub/trace");
    for (size_t i = 0; i < COUNT_OF(spellings); i++)
        check_same_slot(reader, spellings[i]);
    check(!exists("trace"));
    check(!exists("sub/trace"));
    check(!exists("dirsubtrace"));
    mailslot_close(reader);
}

static void s2_case_of_ascii_letters_does_not_matter(void **state) {
    (void)state;
    mailslot *reader = open_reader("App\\Trace-azAZ_09");
    check_same_slot(reader, "app\\trace-azaz_09");
    check_same_slot(reader, "APP/TRACE-AZAZ_09");
    check_same_slot(reader, "\\\\.\\mailslot\\aPP\\tRACE-AzaZ_09");
    mailslot_close(reader);
}

static void s2_characters_beside_the_letters_do_not_fold(void **state) {
    (void)state;
    mailslot *reader = open_reader("a[1]");
    check(!exists("a{1}"));
    check(!exists("a[1}"));
    mailslot_close(reader);
    reader = open_reader("a@b");
    check(!exists("a`b"));
    mailslot_close(reader);
}

static void s2_characters_beyond_ascii_compare_exactly(void **state) {
    (void)state;
    needs(system_compares_exactly(), NO_EXACT_NAMES);
    mailslot *upper = open_reader("\xc3\x89tat");       /* U+00C9 */
    mailslot *lower = open_reader("\xc3\xa9tat");       /* U+00E9 */
    mailslot *decomposed = open_reader("e\xcc\x81tat"); /* e, U+0301 */
    check_same_slot(upper, "\xc3\x89TAT");
    check_same_slot(lower, "\xc3\xa9TAT");
    check_same_slot(decomposed, "E\xcc\x81TAT");
    mailslot_close(upper);
    mailslot_close(lower);
    mailslot_close(decomposed);
}

/* In both orders. */
static void check_equal(bool expected, const char *a, const char *b) {
    if (mailslot_name_equal(a, b) != expected || mailslot_name_equal(b, a) != expected)
        fprintf(stderr, "%s and %s\n", a, b);
    check(mailslot_name_equal(a, b) == expected);
    check(mailslot_name_equal(b, a) == expected);
}

static void s1_spellings_of_one_slot_are_equal_names(void **state) {
    (void)state;
    static const char *const spellings[] = {"dir\\trace",
                                            "dir/trace",
                                            "dir\\//trace",
                                            "\\\\.\\mailslot\\dir\\trace",
                                            "//.//MailSlot///dir/trace",
                                            "DIR/Trace"};
    for (size_t i = 0; i < COUNT_OF(spellings); i++)
        for (size_t k = i; k < COUNT_OF(spellings); k++)
            check_equal(true, spellings[i], spellings[k]);
    check_equal(false, "dir/trace", "dirtrace");
    check_equal(false, "dir/trace", "dir/trac");
    check_equal(false, "dir/trace", "trace");
    check_equal(false, "a[1]", "a{1}");
    check_equal(false, "a@b", "a`b");
    check_equal(true, "\xc3\x89tat", "\xc3\x89TAT");
    check_equal(false, "\xc3\x89tat", "\xc3\xa9tat"); /* U+00C9, U+00E9: not ASCII */
}

static void s1_names_elsewhere_are_equal_by_their_computer(void **state) {
    (void)state;
    check_equal(true, "\\\\HOST\\mailslot\\x", "//host/MAILSLOT//X");
    check_equal(true, "\\\\*\\mailslot\\x", "//*/mailslot/X");
    check_equal(false, "//host/mailslot/x", "//host2/mailslot/x");
    check_equal(false, "//host/mailslot/x", "//host/mailslot/y");
    check_equal(false, "//host/mailslot/x", "//*/mailslot/x");
    check_equal(false, "//host/mailslot/x", "//./mailslot/x");
    check_equal(false, "//*/mailslot/x", "x");
}

static void s4_bad_names_equal_nothing_and_leave_the_detail(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_BAD_NAME, try_open("a:b", MAILSLOT_READ));
    char detail[512];
    snprintf(detail, sizeof detail, "%s", mailslot_detail());
    static const char *const bad[] = {"", "a\\", "..", "\xff", "//./pipe/x", NULL};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        check(!mailslot_name_equal(bad[i], bad[i]));
        check(!mailslot_name_equal(bad[i], "x") && !mailslot_name_equal("x", bad[i]));
    }
    check_text(detail, mailslot_detail());
}

/* In Turkish the lower case of I is a dotless i, so that strcasecmp() there takes INFO and info for
 * two names. */
static void s2_the_locale_does_not_matter(void **state) {
    (void)state;
    check_equal(true, "INFO", "info");
    check_equal(true, "//HI/mailslot/I", "//hi/MAILSLOT/i");
    check_equal(false, "\xc4\xb1", "I"); /* U+0131, dotless i */
    check_equal(false, "\xc4\xb0", "i"); /* U+0130, I with a dot */
    const char *turkish = setlocale(LC_ALL, "tr_TR.UTF-8");
    if (!expects(turkish != NULL, "no locale tr_TR.UTF-8 is installed"))
        return;
    check_equal(true, "INFO", "info");
    check_equal(true, "//HI/mailslot/I", "//hi/MAILSLOT/i");
    setlocale(LC_ALL, "C");
}

struct listing {
    int count;
    char name[MAX_NAME_BYTES + 1];
};

static mailslot_err note_name(void *ctx, const char *name, const mailslot_info *info) {
    struct listing *listing = ctx;
    check_int(getpid(), info->reader_pid);
    listing->count++;
    snprintf(listing->name, sizeof listing->name, "%s", name);
    return MAILSLOT_OK;
}

static void check_listed_as(const char *name) {
    struct listing listing = {0};
    check_ok(mailslot_list(note_name, &listing));
    check_int(1, listing.count);
    check_text(name, listing.name);
}

static void s2_listing_shows_the_name_as_first_given(void **state) {
    (void)state;
    mailslot *reader = open_reader("App\\TraceLog");
    mailslot *writer = open_writer("app\\TRACELOG");
    check_err(MAILSLOT_ERR_IN_USE, try_open("APP\\tracelog", MAILSLOT_READ));
    check_listed_as("App\\TraceLog");
    mailslot_close(writer);
    mailslot_close(reader);

    reader = open_reader("aPP\\tRACElOG");
    check_listed_as("aPP\\tRACElOG");
    mailslot_close(reader);
}

static void s3_a_slot_and_slots_below_it_coexist(void **state) {
    (void)state;
    static const char *const names[] = {"a", "a\\b", "a\\b\\c", "b", "b\\a"};
    mailslot *readers[COUNT_OF(names)];
    for (size_t i = 0; i < COUNT_OF(names); i++)
        readers[i] = open_reader(names[i]);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        mailslot *writer = open_writer(names[i]);
        check_ok(mailslot_put(writer, names[i]));
        mailslot_close(writer);
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        expect_text(readers[i], names[i]);
        expect_empty(readers[i]);
        mailslot_close(readers[i]);
    }
}

static void s3_paths_have_any_depth(void **state) {
    (void)state;
    char name[MAX_NAME_BYTES + 1];
    for (size_t i = 0; i < MAX_NAME_BYTES - 1; i++)
        name[i] = i % 2 ? '\\' : 'd';
    name[MAX_NAME_BYTES - 1] = '\0'; /* 123 components */
    mailslot *reader = open_reader(name);
    check_same_slot(reader, name);
    check_listed_as(name);
    mailslot_close(reader);
}

static void check_bad(const char *name) {
    check_err(MAILSLOT_ERR_BAD_NAME, try_open(name, MAILSLOT_AUTO));
    check_err(MAILSLOT_ERR_BAD_NAME, try_open(name, MAILSLOT_READ));
    check_err(MAILSLOT_ERR_BAD_NAME, try_open(name, MAILSLOT_WRITE));
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_BAD_NAME, mailslot_stat(name, &info));
    check_int(0, slotdir_entries(slotdir_path(), NULL));
}

static void s4_bad_names_are_refused_and_touch_nothing(void **state) {
    (void)state;
    static const char *const names[] = {
        "",
        "\\\\.\\mailslot",
        "\\\\.\\mailslot\\",
        "//./mailslot//",
        "\\\\.\\pipe\\x",
        "\\\\.\\",
        "\\\\",
        "\\",
        "a\\",
        "\\\\.\\mailslot\\a\\",
        ".",
        "..",
        "a\\.",
        "a\\..",
        ".\\a",
        "a\\.\\b",
        "a/../b",
        "\\\\.\\mailslot\\.",
        "a:b",
        "C:\\a",
        "a*",
        "*",
        "a\"b",
        "a<b",
        "a>b",
        "a|b",
        "wh?t",
        "dir\\a|b\\c",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        check_bad(names[i]);
}

static void s4_control_characters_are_refused(void **state) {
    (void)state;
    for (char c = 1; c < ' '; c++)
        check_bad((const char[]){'a', c, 'b', '\0'});
    check_bad("a\x7f");
}

static void s4_invalid_utf8_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {
        "\xff",
        "\xfe",
        "a\x80", /* never, and a continuation first */
        "a\xc3",
        "a\xe2\x82",
        "a\xf0\x9f\x98", /* cut short at the end */
        "a\xc3z",
        "a\xe2\x82z", /* and within */
        "\xc0\xaf",
        "\xc1\x81",
        "\xe0\x80\xaf", /* overlong */
        "\xf0\x80\x80\xaf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf", /* and surrogates */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", /* above U+10FFFF */
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        check_bad(names[i]);
}

/** Writes a name of len bytes made of two-byte characters, and one letter if len is odd. */
static void long_name(char *name, size_t len) {
    for (size_t i = 0; i < len; i++)
        name[i] = (char)(i + 1 == len && len % 2 ? 'n' : i % 2 ? '\xa9' : '\xc3');
    name[len] = '\0';
}

static void s4_name_of_246_bytes_passes_247_is_bad(void **state) {
    (void)state;
    char name[MAX_NAME_BYTES + 2];
    memset(name, 'n', sizeof name);
    name[MAX_NAME_BYTES + 1] = '\0';
    check_bad(name);
    long_name(name, MAX_NAME_BYTES + 1);
    check_bad(name);

    long_name(name, MAX_NAME_BYTES);
    mailslot *reader = open_reader(name);
    check_same_slot(reader, name);
    check_listed_as(name);
    mailslot_close(reader);
}

static void s4_the_prefix_does_not_count(void **state) {
    (void)state;
    char bare[MAX_NAME_BYTES + 2];
    char full[MAX_NAME_BYTES + 32];
    long_name(bare, MAX_NAME_BYTES + 1);
    snprintf(full, sizeof full, "\\\\.\\mailslot\\%s", bare);
    check_bad(full);

    long_name(bare, MAX_NAME_BYTES);
    snprintf(full, sizeof full, "\\\\.\\mailslot\\%s", bare);
    mailslot *reader = open_reader(full);
    check_same_slot(reader, bare);
    mailslot_close(reader);
}

static void s4_no_name_leads_out_of_the_slot_directory(void **state) {
    (void)state;
    check_bad("../x");
    check_bad("../../../../../../tmp/x");
    check_bad("\\\\.\\mailslot\\..\\..\\etc\\passwd");
    check_bad("a/../../x");

    static const char *const odd[] = {"-rf",         "~",   "%2e%2e%2fx", "tmp/x", "$HOME", "..x",
                                      ".x",          "a b", "#",          "`id`",  "%",     "%00",
                                      "etc\\passwd", "...", " ",          "x.."};
    static const char *const final_dots[] = {"...", " ", "x.."}; /* the last of them */
    if (!expects(system_keeps_final_dots(), NO_FINAL_DOTS))
        for (size_t i = 0; i < COUNT_OF(final_dots); i++)
            check_err(MAILSLOT_ERR_BAD_NAME, try_open(final_dots[i], MAILSLOT_READ));
    mailslot *readers[COUNT_OF(odd)];
    size_t count = system_keeps_final_dots() ? COUNT_OF(odd) : COUNT_OF(odd) - COUNT_OF(final_dots);
    for (size_t i = 0; i < count; i++)
        readers[i] = open_reader(odd[i]);
    check_int((int64_t)count, slotdir_files());
    check_int(1, slotdir_entries(slotdir_path(), NULL));
    for (size_t i = 0; i < count; i++) {
        check_same_slot(readers[i], odd[i]);
        mailslot_close(readers[i]);
    }
}

/* Where the system does not send, the library does. */
static void check_only_written(const char *name) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    mailslot_host host = MAILSLOT_HOST_INIT;
    host.sender = system_reaches_others() ? MAILSLOT_SENDER_DEFAULT : MAILSLOT_SENDER_LIBRARY;
    options.host = &host;
    options.direction = MAILSLOT_WRITE;
    mailslot *slot;
    size_t count;
    check_ok(mailslot_open(&slot, name, &options));
    mailslot_close(slot);
    options.direction = MAILSLOT_AUTO;
    check_ok(mailslot_open(&slot, name, &options));
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_get_bytes(slot, NULL, 0, &count, 0));
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_count(slot, &count));
    mailslot_close(slot);
}

static void s5_slots_elsewhere_can_only_be_written(void **state) {
    (void)state;
    static const char *const names[] = {"\\\\HOST\\mailslot\\x",
                                        "\\\\GROUP\\mailslot\\a\\b",
                                        "\\\\*\\mailslot\\x",
                                        "//host/MAILSLOT/x",
                                        "//my-pc_2/mailslot//a/b",
                                        "//*/mailslot/x",
                                        "\\\\ABCDEFGHIJKLMNO\\mailslot\\x"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        check_err(MAILSLOT_ERR_WRONG_DIRECTION, try_open(names[i], MAILSLOT_READ));
        check_only_written(names[i]);
        mailslot_info info = MAILSLOT_INFO_INIT;
        check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_stat(names[i], &info));
    }
    check_int(0, slotdir_entries(slotdir_path(), NULL));
}

/* Windows and Samba know such a computer by the host name up to its first dot, cut. */
static void s5_a_longer_host_name_is_told_what_it_is_cut_to(void **state) {
    (void)state;
    static const struct {
        const char *name, *cut;
    } cases[] = {
        {"//a-host-with-a-long-name/mailslot/x", "is called 'A-HOST-WITH-A-L'"},
        {"//pc7.somewhere.example/mailslot/x", "is called 'PC7'"},
        {"//a-host-with-a-long-name.example/mailslot/x", "is called 'A-HOST-WITH-A-L'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_err(MAILSLOT_ERR_BAD_NAME, try_open(cases[i].name, MAILSLOT_WRITE));
        check_detail(cases[i].cut);
    }
}

static void s5_what_is_no_computer_name_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {
        "\\\\ABCDEFGHIJKLMNOP\\mailslot\\x", /* 16 characters */
        "\\\\192.168.1.2\\mailslot\\x",
        "//10.0.0.1/mailslot/x",
        "\\\\fe80::1\\mailslot\\x",
        "\\\\::1\\mailslot\\x",
        "\\\\a*b\\mailslot\\x",
        "\\\\**\\mailslot\\x",
        "\\\\wh?t\\mailslot\\x",
        "\\\\ho|st\\mailslot\\x",
        "\\\\..\\mailslot\\x",
        "\\\\HOST\\pipe\\x",
        "\\\\HOST\\mailslot\\",
        "\\\\HOST\\mailslot",
        "\\\\HOST",
        "\\\\HOST\\mailslot\\a:b",
        "\\\\HOST\\mailslot\\..\\b",
        "\\\\*\\mailslot\\",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        check_bad(names[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s1_every_spelling_of_a_bare_name_is_one_slot),
        slot_test(s1_every_spelling_of_a_path_is_one_slot),
        slot_test(s2_case_of_ascii_letters_does_not_matter),
        slot_test(s2_characters_beside_the_letters_do_not_fold),
        slot_test(s2_characters_beyond_ascii_compare_exactly),
        cmocka_unit_test(s1_spellings_of_one_slot_are_equal_names),
        cmocka_unit_test(s1_names_elsewhere_are_equal_by_their_computer),
        cmocka_unit_test(s2_the_locale_does_not_matter),
        slot_test(s2_listing_shows_the_name_as_first_given),
        slot_test(s3_a_slot_and_slots_below_it_coexist),
        slot_test(s3_paths_have_any_depth),
        slot_test(s4_bad_names_are_refused_and_touch_nothing),
        slot_test(s4_bad_names_equal_nothing_and_leave_the_detail),
        slot_test(s4_control_characters_are_refused),
        slot_test(s4_invalid_utf8_is_refused),
        slot_test(s4_name_of_246_bytes_passes_247_is_bad),
        slot_test(s4_the_prefix_does_not_count),
        slot_test(s4_no_name_leads_out_of_the_slot_directory),
        slot_test(s5_slots_elsewhere_can_only_be_written),
        slot_test(s5_a_longer_host_name_is_told_what_it_is_cut_to),
        slot_test(s5_what_is_no_computer_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
