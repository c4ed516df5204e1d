#include "pair.h"

#include <mailslot/text.h>

#include <stdlib.h>

static void text_is_the_codec_of_a_slot_without_one(void **state) {
    (void)state;
    mailslot *reader = open_reader("plain");
    check(mailslot_slot_codec(reader) == mailslot_codec_text());
    check_text("text", mailslot_codec_text()->name);
    mailslot_close(reader);
}

static void text_passes_any_bytes_untouched(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_text());
    check_text("", pair_pass(&pair, ""));
    check_text("\xff\xc0\x80 Latin-1 \xe9", pair_pass(&pair, "\xff\xc0\x80 Latin-1 \xe9"));
    pair_check_bytes(&pair, "\xff\xc0\x80 Latin-1 \xe9", 13);
    pair_close(&pair);
}

static void text_with_a_nul_is_whole_in_the_bytes(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_text());
    check_ok(pair_receive(&pair, "ab\0cd", 5));
    check_text("ab", mailslot_record_value(pair.record));
    pair_check_bytes(&pair, "ab\0cd", 5);
    pair_close(&pair);
}

static const char *const good_utf8[] = {
    "",
    "plain",
    "sixteen letters!",
    "\x01\x7f",
    "\xc2\x80 first of two",
    "\xdf\xbf last of two",
    "\xe0\xa0\x80 first of three",
    "\xed\x9f\xbf before the surrogates",
    "\xee\x80\x80 after them",
    "\xef\xbf\xbf last of three",
    "\xf0\x90\x80\x80 first of four",
    "\xf4\x8f\xbf\xbf last of all",
    "mixed \xe2\x82\xac and \xf0\x9f\x93\xab in a text over eight bytes",
};

static void utf8_passes_utf8(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_utf8());
    for (size_t i = 0; i < sizeof good_utf8 / sizeof *good_utf8; i++)
        check_text(good_utf8[i], pair_pass(&pair, good_utf8[i]));
    pair_close(&pair);
}

struct bad_utf8 {
    const char *text;
    const char *where;
};

static const struct bad_utf8 bad_utf8[] = {
    {"\x80", "offset 0"},                              /* a continuation alone */
    {"ab\xbf", "offset 2"},                            /* and the last there is */
    {"a\xc0\xaf", "offset 1"},                         /* overlong slash */
    {"a\xc1\xbf", "offset 1"},                         /* overlong in two */
    {"\xe0\x9f\xbf", "offset 0"},                      /* overlong in three */
    {"\xf0\x8f\xbf\xbf", "offset 0"},                  /* overlong in four */
    {"abc\xed\xa0\x80", "offset 3"},                   /* first surrogate */
    {"abc\xed\xbf\xbf", "offset 3"},                   /* last surrogate */
    {"\xf4\x90\x80\x80", "offset 0"},                  /* 110000 */
    {"\xf5\x80\x80\x80", "offset 0"},                  /* beyond four bytes' numbers */
    {"\xf8\x88\x80\x80\x80", "offset 0"},              /* five bytes */
    {"\xfe", "offset 0"},                              /* never used */
    {"\xff", "offset 0"},                              /* never used */
    {"eight letters and \xc3", "offset 18"},           /* cut short at the end */
    {"eight letters and \xe2\x82", "offset 18"},       /* cut short in three */
    {"\xf0\x9f\x93", "offset 0"},                      /* cut short in four */
    {"\xc3\x28", "offset 0"},                          /* no continuation */
    {"\xe2\x82\x28", "offset 0"},                      /* nor in third place */
    {"\xf0\x9f\x93\x28", "offset 0"},                  /* nor in fourth */
    {"\xe2\x82\xac\xe2\x82\xac\xff tail", "offset 6"}, /* after good ones */
};

static void utf8_refuses_all_else_at_both_ends(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_utf8());
    for (size_t i = 0; i < sizeof bad_utf8 / sizeof *bad_utf8; i++) {
        const struct bad_utf8 *bad = &bad_utf8[i];
        pair_check_refused(&pair, bad->text, bad->where);
        check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(&pair, bad->text, strlen(bad->text)));
        check_detail(bad->where);
    }
    pair_close(&pair);
}

static void utf8_refuses_nul_wherever_it_stands(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_utf8());
    for (size_t at = 0; at < 20; at++) {
        char text[20];
        char where[32];
        memset(text, 'x', sizeof text);
        text[at] = '\0';
        snprintf(where, sizeof where, "offset %zu", at);
        check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(&pair, text, sizeof text));
        check_detail(where);
    }
    pair_close(&pair);
}

static void bytes_pass_whole(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_bytes());
    const mailslot_bytes *got = pair_pass(&pair, &(mailslot_bytes){"a\0\xff", 3});
    check_same_bytes("a\0\xff", 3, got->data, got->len);
    got = pair_pass(&pair, &(mailslot_bytes){NULL, 0});
    check_int(0, (int64_t)got->len);
    pair_check_refused(&pair, &(mailslot_bytes){NULL, 7}, "data is NULL, but len is 7");
    pair_close(&pair);
}

static void s13_the_limit_holds_for_each(void **state) {
    (void)state;
    char text[426];
    memset(text, 'x', sizeof text);
    text[425] = '\0';
    check_limit(mailslot_codec_text(), text + 1, text);
    check_limit(mailslot_codec_utf8(), text + 1, text);
    check_limit(mailslot_codec_bytes(), &(mailslot_bytes){text, 424}, &(mailslot_bytes){text, 425});
}

static void s29_what_is_not_utf8_is_taken_and_counted(void **state) {
    (void)state;
    check_undecodable(mailslot_codec_utf8(), "\xc3(", 2, MAILSLOT_ERR_BAD_MESSAGE, "offset 0",
                      "good");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(text_is_the_codec_of_a_slot_without_one),
        slot_test(text_passes_any_bytes_untouched),
        slot_test(text_with_a_nul_is_whole_in_the_bytes),
        slot_test(utf8_passes_utf8),
        slot_test(utf8_refuses_all_else_at_both_ends),
        slot_test(utf8_refuses_nul_wherever_it_stands),
        slot_test(bytes_pass_whole),
        slot_test(s13_the_limit_holds_for_each),
        slot_test(s29_what_is_not_utf8_is_taken_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
