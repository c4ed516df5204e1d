/* mailslot_utf8_length() and mailslot_utf8_prefix(), compared with a decoder that is written from
 * RFC 3629 in another way: it decodes first, and judges the number. */
#include <test.h>

#include <mailslot/codec.h>

#include <stdlib.h>

static size_t lead_length(unsigned char lead) {
    if ((lead & 0x80) == 0)
        return 1;
    if ((lead & 0xe0) == 0xc0)
        return 2;
    if ((lead & 0xf0) == 0xe0)
        return 3;
    return (lead & 0xf8) == 0xf0 ? 4 : 0;
}

/* The length that RFC 3629 section 3 prescribes for a number; 0 for what is no character. */
static size_t prescribed_length(uint32_t number) {
    if (number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff))
        return 0;
    return number < 0x80 ? 1 : number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
}

static size_t expected_length(const unsigned char *p, size_t len) {
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t length = len ? lead_length(p[0]) : 0;
    if (length == 0 || length > len)
        return 0;
    uint32_t number = p[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        number = number << 6 | (p[i] & 0x3f);
    }
    return prescribed_length(number) == length ? length : 0;
}

/* In memory of exactly len bytes, so that a sanitiser sees a read beyond them. */
static void check_length(const unsigned char *bytes, size_t len) {
    char *copy = malloc(len ? len : 1);
    check(copy != NULL);
    memcpy(copy, bytes, len);
    size_t expected = expected_length(bytes, len);
    if (mailslot_utf8_length(copy, len) != expected) {
        fprintf(stderr, "%02x %02x %02x %02x, %zu bytes\n", bytes[0], bytes[1], bytes[2], bytes[3],
                len);
        check_int((int64_t)expected, (int64_t)mailslot_utf8_length(copy, len));
    }
    free(copy);
}

static void every_sequence_of_three_bytes_is_judged(void **state) {
    (void)state;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            unsigned char bytes[4] = {(unsigned char)first, (unsigned char)second};
            check_length(bytes, 0);
            check_length(bytes, 1);
            check_length(bytes, 2);
            for (unsigned third = 0; third < 256; third += 1 + third % 7) {
                bytes[2] = (unsigned char)third;
                check_length(bytes, 3);
            }
        }
}

static void sequences_of_four_bytes_are_judged(void **state) {
    (void)state;
    static const unsigned char ends[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90,
                                         0x9f, 0xa0, 0xbf, 0xc0, 0xf0, 0xff};
    for (unsigned first = 0xe0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++)
            for (size_t i = 0; i < sizeof ends; i++)
                for (size_t k = 0; k < sizeof ends; k++) {
                    unsigned char bytes[4] = {(unsigned char)first, (unsigned char)second, ends[i],
                                              ends[k]};
                    check_length(bytes, 3);
                    check_length(bytes, 4);
                }
}

static void nul_is_a_character_and_nothing_is_none(void **state) {
    (void)state;
    check_int(1, (int64_t)mailslot_utf8_length("", 1));
    check_int(0, (int64_t)mailslot_utf8_length(NULL, 0));
    check_int(0, (int64_t)mailslot_utf8_prefix(NULL, 0));
    check_int(3, (int64_t)mailslot_utf8_prefix("a\0b", 3));
}

/* Each wrong sequence at each offset, after ASCII and after longer characters, so that it is found
 * within a word, across two, and in the bytes after the last word. */
static void a_prefix_ends_where_the_first_wrong_byte_is(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "\x80", "\xc3", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"};
    static const char *const fill[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++)
        for (size_t f = 0; f < sizeof fill / sizeof *fill; f++)
            for (size_t count = 0; count < 30; count++) {
                char text[200] = "";
                for (size_t i = 0; i < count; i++)
                    strcat(text, fill[f]);
                size_t good = strlen(text);
                check_int((int64_t)good, (int64_t)mailslot_utf8_prefix(text, good));
                strcat(strcat(text, wrong[w]), "after it");
                check_int((int64_t)good, (int64_t)mailslot_utf8_prefix(text, strlen(text)));
            }
}

static void a_prefix_has_whole_characters_only(void **state) {
    (void)state;
    const char text[] = "abcdefgh\xf0\x9f\x98\x80";
    check_int(12, (int64_t)mailslot_utf8_prefix(text, 12));
    for (size_t len = 8; len < 12; len++)
        check_int(8, (int64_t)mailslot_utf8_prefix(text, len));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_of_three_bytes_is_judged),
        cmocka_unit_test(sequences_of_four_bytes_are_judged),
        cmocka_unit_test(nul_is_a_character_and_nothing_is_none),
        cmocka_unit_test(a_prefix_ends_where_the_first_wrong_byte_is),
        cmocka_unit_test(a_prefix_has_whole_characters_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
