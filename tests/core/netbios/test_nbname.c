/* First-level names: what is made from text, what is shown, and what is refused on the wire. */
#include "test.h"

#include <netbios/nbname.h>

static msi_nbname named(const char *text, uint8_t suffix) {
    msi_nbname name;
    msi_nbname_set(&name, text, suffix);
    return name;
}

static const char *shown(const msi_nbname *name) {
    static char text[MSI_NBNAME_TEXT];
    msi_nbname_text(name, text);
    return text;
}

static const char *computer(const msi_nbname *name) {
    static char text[MSI_NBNAME_SIZE];
    msi_nbname_computer(name, text);
    return text;
}

static void a_name_is_put_in_upper_case_and_padded(void **state) {
    (void)state;
    msi_nbname name = named("fred-1", 0x20);
    check(memcmp(name.bytes, "FRED-1         \x20", MSI_NBNAME_SIZE) == 0);
    check_int(0, name.scope_len);
    name = named("fifteen-letters", 0x03);
    check(memcmp(name.bytes, "FIFTEEN-LETTERS\x03", MSI_NBNAME_SIZE) == 0);
}

static void a_name_that_is_too_long_is_cut_at_fifteen(void **state) {
    (void)state;
    msi_nbname name = named("sixteen--letters", 0x1e);
    check(memcmp(name.bytes, "SIXTEEN--LETTER\x1e", MSI_NBNAME_SIZE) == 0);
}

static void only_ascii_letters_change_case(void **state) {
    (void)state;
    msi_nbname name = named("\xe4`az{@[", 0x00);
    check(memcmp(name.bytes, "\xe4`AZ{@[        \x00", MSI_NBNAME_SIZE) == 0);
}

static void everybody_is_padded_with_nuls(void **state) {
    (void)state;
    static const unsigned char everybody[MSI_NBNAME_SIZE] = {'*'};
    msi_nbname name = named("*", 0x20);
    check(memcmp(name.bytes, everybody, sizeof everybody) == 0);
    check(msi_nbname_is_wildcard(&name));
    name = named("*x", 0);
    check(!msi_nbname_is_wildcard(&name));
    memcpy(name.bytes, "*              ", MSI_NBNAME_SIZE);
    check(!msi_nbname_is_wildcard(&name));
}

/* RFC 1001 section 14.1 gives this one. */
static void the_example_of_the_rfc_is_encoded_as_it_says(void **state) {
    (void)state;
    static const char expected[] =
        "\x20"
        "EGFCEFEECACACACACACACACACACACACA" /* FRED and twelve spaces, the last as the suffix */
        "\x07NETBIOS\x03"
        "COM";
    unsigned char out[MSI_NBNAME_ENCODED_MAX];
    msi_nbname name = named("FRED", ' ');
    check(msi_nbname_set_scope(&name, "NETBIOS.COM"));
    check_int(sizeof expected, (int64_t)msi_nbname_encode(&name, out, sizeof out));
    check(memcmp(out, expected, sizeof expected) == 0);
}

static void a_scope_is_labels_between_dots(void **state) {
    (void)state;
    msi_nbname name = named("A", 0);
    check(msi_nbname_set_scope(&name, "one.twelve"));
    check_int(11, name.scope_len);
    check(memcmp(name.scope, "\3one\6twelve", 11) == 0);
    check(msi_nbname_set_scope(&name, ""));
    check_int(0, name.scope_len);
}

static void a_scope_that_is_none_leaves_none(void **state) {
    (void)state;
    static const char label64[] =
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl";
    static const char *const wrong[] = {".", "a.", ".a", "a..b", label64};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        msi_nbname name = named("A", 0);
        check(msi_nbname_set_scope(&name, "before"));
        check(!msi_nbname_set_scope(&name, wrong[i]));
        check_int(0, name.scope_len);
    }
}

/* Labels of 63 bytes thrice, and one that fills what is left, or has one byte more. */
static void a_scope_fills_a_name_and_no_more(void **state) {
    (void)state;
    char text[MSI_NBNAME_SCOPE_MAX + 2];
    memset(text, 'x', sizeof text);
    text[63] = text[127] = text[191] = '.';
    unsigned char out[MSI_NBNAME_ENCODED_MAX];
    msi_nbname name = named("A", 0);
    text[MSI_NBNAME_SCOPE_MAX - 1] = '\0';
    check(msi_nbname_set_scope(&name, text));
    check_int(MSI_NBNAME_SCOPE_MAX, name.scope_len);
    check_int(MSI_NBNAME_ENCODED_MAX, (int64_t)msi_nbname_encode(&name, out, sizeof out));
    text[MSI_NBNAME_SCOPE_MAX - 1] = 'x';
    text[MSI_NBNAME_SCOPE_MAX] = '\0';
    check(!msi_nbname_set_scope(&name, text));
}

static void check_room(const msi_nbname *name, size_t size) {
    unsigned char out[64], before[64];
    memset(out, 0xaa, sizeof out);
    memcpy(before, out, sizeof before);
    for (size_t cap = 0; cap < size; cap++)
        check_int(0, (int64_t)msi_nbname_encode(name, out, cap));
    check(memcmp(out, before, sizeof out) == 0);
    check_int((int64_t)size, (int64_t)msi_nbname_encode(name, out, size));
    check(memcmp(out + size, before + size, sizeof out - size) == 0);
}

static void encoding_stays_within_its_room(void **state) {
    (void)state;
    msi_nbname name = named("A", 0);
    check_room(&name, MSI_NBNAME_PLAIN);
    check(msi_nbname_set_scope(&name, "scope"));
    check_room(&name, MSI_NBNAME_PLAIN + 6);
}

static void a_scope_of_impossible_length_is_not_encoded(void **state) {
    (void)state;
    unsigned char out[2 * MSI_NBNAME_ENCODED_MAX];
    msi_nbname name = named("A", 0);
    name.scope_len = MSI_NBNAME_SCOPE_MAX + 1;
    check_int(0, (int64_t)msi_nbname_encode(&name, out, sizeof out));
}

static void names_compare_by_bytes_and_scopes_without_case(void **state) {
    (void)state;
    msi_nbname a = named("FRED", 0), b = named("FRED", 0), c = named("FRED", 0x20);
    check(msi_nbname_equal(&a, &b) && !msi_nbname_equal(&a, &c));
    check(msi_nbname_set_scope(&a, "Net.Org") && !msi_nbname_equal(&a, &b));
    check(msi_nbname_set_scope(&b, "nET.oRG") && msi_nbname_equal(&a, &b));
    check(msi_nbname_set_scope(&b, "net.orh") && !msi_nbname_equal(&a, &b));
    b.bytes[0] = 'f';
    check(msi_nbname_set_scope(&b, "Net.Org") && !msi_nbname_equal(&a, &b));
}

static void names_are_shown_without_padding(void **state) {
    (void)state;
    msi_nbname name = named("FRED", 0x1b);
    check_text("FRED<1b>", shown(&name));
    check_text("FRED", computer(&name));
    name = named("*", 0);
    check_text("*<00>", shown(&name));
    memcpy(name.bytes, "\1\2__MSBROWSE__\2\1", MSI_NBNAME_SIZE);
    check_text("\\x01\\x02__MSBROWSE__\\x02<01>", shown(&name));
    check_text("..__MSBROWSE__.", computer(&name));
    memcpy(name.bytes, "A B\0C          ", MSI_NBNAME_SIZE);
    check_text("A B\\x00C<00>", shown(&name));
    memset(name.bytes, 0xff, MSI_NBNAME_SIZE);
    check_int(15 * 4 + 4, (int64_t)strlen(shown(&name))); /* the longest */
    memset(name.bytes, ' ', MSI_NBNAME_SIZE);
    check_text("", computer(&name));
    memcpy(name.bytes, "\x1f ~\x7f            ", MSI_NBNAME_SIZE);
    check_text("\\x1f ~\\x7f<20>", shown(&name));
    check_text(". ~.", computer(&name));
}

/* ---- On the wire ---- */

/* A name at 12 with a scope of two labels, and at 60 what the tests put there. */
static size_t packet_with(unsigned char packet[128], const void *at_60, size_t len) {
    msi_nbname name = named("FRED", 0x20);
    check(msi_nbname_set_scope(&name, "a.bc"));
    memset(packet, 0, 128);
    check_int(39, (int64_t)msi_nbname_encode(&name, packet + 12, 48));
    memcpy(packet + 60, at_60, len);
    return 60 + len;
}

static bool decodes(const unsigned char *packet, size_t len, const char *scope) {
    msi_nbname name, expected = named("FRED", 0x20);
    check(msi_nbname_set_scope(&expected, scope));
    size_t offset = 60;
    bool decoded = msi_nbname_decode(&name, packet, len, &offset);
    check_int(decoded ? (int64_t)len : 60, (int64_t)offset);
    return decoded && msi_nbname_equal(&name, &expected);
}

static void pointers_are_followed_to_earlier_labels(void **state) {
    (void)state;
    unsigned char packet[128];
    size_t len = packet_with(packet, "\xc0\x0c", 2);
    check(decodes(packet, len, "a.bc"));
    static const char tail[] = "\x20"
                               "EGFCEFEECACACACACACACACACACACACA\1z\xc0\x2f"; /* to "bc" */
    len = packet_with(packet, tail, sizeof tail - 1);
    check(decodes(packet, len, "z.bc"));
}

static void pointers_that_lead_nowhere_or_on_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "\xc0\x3c",         /* to itself */
        "\xc0\x3e",         /* forward, outside */
        "\xff\xff", "\xc0", /* cut in half */
        "\xc0\x2d",         /* into the middle of the name: a label, but not one of 32 characters */
        "\x80\x0c",         /* RFC 1002 section 4.1 reserves these two kinds of label */
        "\x40\x0c",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        unsigned char packet[128];
        size_t len = packet_with(packet, wrong[i], strlen(wrong[i]));
        check(!decodes(packet, len, ""));
    }
}

/* The labels behind a pointer's target lead back to the pointer: without an end, were each pointer
 * only compared with its own place. */
static void pointers_in_a_circle_are_refused(void **state) {
    (void)state;
    unsigned char packet[128];
    static const char tail[] = "\x20"
                               "EGFCEFEECACACACACACACACACACACACA\1z\xc0\x5d"; /* to "z" */
    size_t len = packet_with(packet, tail, sizeof tail - 1);
    check_int('z', packet[0x5d + 1]);
    check(!decodes(packet, len, ""));
    len = packet_with(packet, "\xc0\x32", 2);
    packet[0x32] = 0xc0;
    packet[0x33] = 0x0c; /* a pointer to a pointer */
    check(!decodes(packet, len, ""));
}

static void names_that_are_not_first_level_are_refused(void **state) {
    (void)state;
    static const char good[] = "\x20"
                               "EGFCEFEECACACACACACACACACACACACA";
    for (size_t i = 0; i < sizeof good - 1; i++) {
        char bad[sizeof good];
        memcpy(bad, good, sizeof bad);
        bad[i] = i ? 'Q' : 0x1f;
        unsigned char packet[128];
        size_t len = packet_with(packet, bad, sizeof bad);
        check(!decodes(packet, len, ""));
        bad[i] = i ? '@' : 0x21;
        packet_with(packet, bad, sizeof bad);
        check(!decodes(packet, len, ""));
    }
    unsigned char packet[128];
    check(!decodes(packet, packet_with(packet, "", 1), ""));
}

static void a_name_that_is_cut_anywhere_is_refused(void **state) {
    (void)state;
    unsigned char packet[MSI_NBNAME_ENCODED_MAX];
    msi_nbname name = named("FRED", 0x20);
    check(msi_nbname_set_scope(&name, "a.bc"));
    size_t len = msi_nbname_encode(&name, packet, sizeof packet);
    for (size_t cut = 0; cut < len; cut++) {
        size_t offset = 0;
        check(!msi_nbname_decode(&name, packet, cut, &offset) && offset == 0);
    }
    size_t outside = len + 1;
    check(!msi_nbname_decode(&name, packet, len, &outside) && outside == len + 1);
}

/* Pointers could put together a longer scope than fits a packet's name. */
static void a_scope_that_pointers_make_too_long_is_refused(void **state) {
    (void)state;
    unsigned char packet[512] = {0};
    size_t at = 0;
    for (int i = 0; i < 4; i++, at += 64)
        packet[at] = 63; /* four labels: 256 bytes */
    size_t start = ++at;
    msi_nbname name = named("FRED", 0);
    at += msi_nbname_encode(&name, packet + at, 64) - 1;
    packet[at] = 0xc0;
    packet[at + 1] = 0x40; /* three labels fit, */
    size_t offset = start;
    check(msi_nbname_decode(&name, packet, sizeof packet, &offset));
    check_int(3 * 64, name.scope_len);
    check_int((int64_t)at + 2, (int64_t)offset);
    packet[at + 1] = 0x00; /* four do not */
    offset = start;
    check(!msi_nbname_decode(&name, packet, sizeof packet, &offset) && offset == start);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_put_in_upper_case_and_padded),
        cmocka_unit_test(a_name_that_is_too_long_is_cut_at_fifteen),
        cmocka_unit_test(only_ascii_letters_change_case),
        cmocka_unit_test(everybody_is_padded_with_nuls),
        cmocka_unit_test(the_example_of_the_rfc_is_encoded_as_it_says),
        cmocka_unit_test(a_scope_is_labels_between_dots),
        cmocka_unit_test(a_scope_that_is_none_leaves_none),
        cmocka_unit_test(a_scope_fills_a_name_and_no_more),
        cmocka_unit_test(encoding_stays_within_its_room),
        cmocka_unit_test(a_scope_of_impossible_length_is_not_encoded),
        cmocka_unit_test(names_compare_by_bytes_and_scopes_without_case),
        cmocka_unit_test(names_are_shown_without_padding),
        cmocka_unit_test(pointers_are_followed_to_earlier_labels),
        cmocka_unit_test(pointers_that_lead_nowhere_or_on_are_refused),
        cmocka_unit_test(pointers_in_a_circle_are_refused),
        cmocka_unit_test(names_that_are_not_first_level_are_refused),
        cmocka_unit_test(a_name_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_scope_that_pointers_make_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
