/* Mailslot writes: where their parts lie, how much fits, and every offset and count (S14, S40). */
#include "same.h"
#include "test.h"

/* Offsets of fields, from the SMB header ([MS-CIFS] 2.2.4.33.1). */
enum {
    WORD_COUNT = 32,
    TOTAL_DATA_COUNT = 35,
    PARAMETER_COUNT = 51,
    PARAMETER_OFFSET = 53,
    DATA_COUNT = 55,
    DATA_OFFSET = 57,
    SETUP_COUNT = 59,
    OPCODE = 61,
    PRIORITY = 63,
    CLASS = 65,
    BYTE_COUNT = 67,
    NAME = 69,
};

static msi_smb_mailslot example(const char *path, const char *message) {
    msi_smb_mailslot write = {.data = (const unsigned char *)message, .len = strlen(message)};
    snprintf(write.path, sizeof write.path, "%s", path);
    return write;
}

/* A write of "hello" to "trace": the name is 69 to 85, its NUL included, the data 85 to 90. */
enum { EXAMPLE_DATA = NAME + 16, EXAMPLE = EXAMPLE_DATA + 5 };

static void encode_example(unsigned char out[EXAMPLE]) {
    msi_smb_mailslot write = example("trace", "hello");
    check_int(EXAMPLE, (int64_t)msi_smb_mailslot_encode(&write, out, EXAMPLE));
}

static void check_kind(msi_wire_err expected, const unsigned char *data, size_t len) {
    msi_smb_mailslot write;
    check_int(expected, msi_smb_mailslot_decode(&write, data, len));
}

/* The example with a 16-bit field changed. */
static void check_field(msi_wire_err expected, size_t offset, uint16_t value) {
    unsigned char data[EXAMPLE];
    encode_example(data);
    msi_put_le16(data + offset, value);
    check_kind(expected, data, sizeof data);
}

static void check_byte(msi_wire_err expected, size_t offset, unsigned char value) {
    unsigned char data[EXAMPLE];
    encode_example(data);
    data[offset] = value;
    check_kind(expected, data, sizeof data);
}

/* ---- Limits ---- */

static void the_limit_is_what_the_name_leaves(void **state) {
    (void)state;
    char path[MSI_SMB_MAILSLOT_PATH_MAX + 2];
    for (int len = 1; len <= MSI_SMB_MAILSLOT_PATH_MAX; len++) {
        memset(path, 'x', (size_t)len);
        path[len] = '\0';
        int room = 443 - 10 - len - 1;
        check_int(room < 424 ? room : 424, msi_smb_mailslot_limit(path));
    }
    check_int(424, msi_smb_mailslot_limit("12345678"));
    check_int(423, msi_smb_mailslot_limit("123456789"));
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    check_int(-1, msi_smb_mailslot_limit(path));
    check_int(-1, msi_smb_mailslot_limit(""));
}

static void the_largest_message_fits_one_datagram_and_no_more_is_encoded(void **state) {
    (void)state;
    static const char *const paths[] = {"a", "12345678", "123456789", "a\\b\\c\\a-long-one"};
    unsigned char out[1024], message[512] = {0};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        msi_smb_mailslot write = example(paths[i], ""), again;
        write.data = message;
        write.len = (size_t)msi_smb_mailslot_limit(paths[i]);
        size_t len = msi_smb_mailslot_encode(&write, out, sizeof out);
        check(len > 0 && len <= MSI_DATAGRAM_DATA_MAX);
        check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&again, out, len));
        check(same_write(&write, &again));
        write.len++;
        check_int(0, (int64_t)msi_smb_mailslot_encode(&write, out, sizeof out));
    }
}

static void a_larger_message_than_we_may_write_is_refused(void **state) {
    (void)state;
    unsigned char out[1024] = {0};
    msi_smb_mailslot write = example("a", "");
    size_t len = msi_smb_mailslot_encode(&write, out, sizeof out);
    for (uint16_t more = 424; more <= 425; more++) {
        msi_put_le16(out + TOTAL_DATA_COUNT, more);
        msi_put_le16(out + DATA_COUNT, more);
        msi_put_le16(out + BYTE_COUNT, (uint16_t)(len - NAME + more));
        check_kind(more == 424 ? MSI_WIRE_SOUND : MSI_WIRE_LENGTH, out, len + more);
    }
}

/* ---- Where things lie ---- */

static void a_write_is_what_windows_sends(void **state) {
    (void)state;
    static const unsigned char expected[EXAMPLE_DATA - 16] = {
        0xff, 'S', 'M', 'B',  0x25, 0, 0, 0, 0, 0x18, 0x04, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,
        0,    0,   0,   0xff, 0xfe, 0, 0, 0, 0, 17,   0,    0,  5, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0xe8,
        0x03, 0,   0,   0,    0,    0, 0, 0, 0, 5,    0,    85, 0, 3, 0, 1, 0, 1, 0, 2, 0, 21, 0};
    unsigned char data[EXAMPLE];
    encode_example(data);
    check(memcmp(data, expected, sizeof expected) == 0);
    check(memcmp(data + NAME, "\\MAILSLOT\\trace", 16) == 0);
    check(memcmp(data + EXAMPLE_DATA, "hello", 5) == 0);
}

static void what_was_encoded_decodes_equal(void **state) {
    (void)state;
    unsigned char data[EXAMPLE];
    encode_example(data);
    msi_smb_mailslot write, expected = example("trace", "hello");
    check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&write, data, sizeof data));
    check(same_write(&expected, &write) && write.data == data + EXAMPLE_DATA);
}

/* S12: zero length is legal. Senders then put any offset there. */
static void a_message_may_be_empty(void **state) {
    (void)state;
    unsigned char data[EXAMPLE];
    msi_smb_mailslot write = example("trace", ""), again;
    write.data = NULL;
    size_t len = msi_smb_mailslot_encode(&write, data, sizeof data);
    check_int(EXAMPLE_DATA, (int64_t)len);
    static const uint16_t offsets[] = {EXAMPLE_DATA, 0, 0xffff};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        msi_put_le16(data + DATA_OFFSET, offsets[i]);
        check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&again, data, len));
        check(again.len == 0 && again.data == data + EXAMPLE_DATA);
    }
}

static void padding_before_the_data_is_passed_over(void **state) {
    (void)state;
    unsigned char data[EXAMPLE + 3];
    encode_example(data);
    memmove(data + EXAMPLE_DATA + 3, data + EXAMPLE_DATA, 5);
    msi_put_le16(data + DATA_OFFSET, EXAMPLE_DATA + 3);
    msi_put_le16(data + BYTE_COUNT, 24);
    msi_smb_mailslot write, expected = example("trace", "hello");
    check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&write, data, sizeof data));
    check(same_write(&expected, &write));
}

static void the_prefix_has_no_case_and_the_path_keeps_its_own(void **state) {
    (void)state;
    unsigned char data[EXAMPLE];
    encode_example(data);
    memcpy(data + NAME, "\\mAILsLOT\\TrAce", 15);
    msi_smb_mailslot write;
    check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&write, data, sizeof data));
    check_text("TrAce", write.path);
}

static void what_receivers_must_ignore_is_ignored(void **state) {
    (void)state;
    for (size_t offset = 5; offset < WORD_COUNT; offset++)
        check_byte(MSI_WIRE_SOUND, offset, 0xff);
    for (size_t offset = WORD_COUNT + 1; offset < TOTAL_DATA_COUNT; offset++)
        check_byte(MSI_WIRE_SOUND, offset, 0xff);
    for (size_t offset = TOTAL_DATA_COUNT + 2; offset < PARAMETER_COUNT; offset++)
        check_byte(MSI_WIRE_SOUND, offset, 0xff);
    check_field(MSI_WIRE_SOUND, PRIORITY, 9);
    check_field(MSI_WIRE_SOUND, CLASS, 1);
}

static void bytes_behind_the_byte_count_are_left_alone(void **state) {
    (void)state;
    unsigned char data[EXAMPLE + 7] = {0};
    encode_example(data);
    check_kind(MSI_WIRE_SOUND, data, sizeof data);
    msi_put_le16(data + DATA_OFFSET, EXAMPLE_DATA + 1);
    check_kind(MSI_WIRE_LENGTH, data, sizeof data);
}

/* ---- What is refused ---- */

static void a_write_that_is_cut_anywhere_is_refused(void **state) {
    (void)state;
    unsigned char data[EXAMPLE];
    encode_example(data);
    for (size_t cut = 0; cut < EXAMPLE; cut++)
        check_kind(MSI_WIRE_SHORT, data, cut);
}

static void other_commands_are_not_mailslot_writes(void **state) {
    (void)state;
    for (size_t offset = 0; offset < 5; offset++)
        check_byte(MSI_WIRE_NOT_MAILSLOT, offset, 0x77);
    check_byte(MSI_WIRE_NOT_MAILSLOT, 0, 0xfe); /* SMB 2 */
    check_byte(MSI_WIRE_NOT_MAILSLOT, WORD_COUNT, 0);
    check_byte(MSI_WIRE_NOT_MAILSLOT, WORD_COUNT, 16);
    check_byte(MSI_WIRE_NOT_MAILSLOT, WORD_COUNT, 18);
    check_byte(MSI_WIRE_NOT_MAILSLOT, SETUP_COUNT, 2);
    check_field(MSI_WIRE_NOT_MAILSLOT, OPCODE, 0);
    check_field(MSI_WIRE_NOT_MAILSLOT, OPCODE, 0x101);
}

static void other_names_are_not_mailslots(void **state) {
    (void)state;
    static const char *const names[] = {"\\PIPE\\LANMAN", "\\MAILSLOT", "", "MAILSLOT\\x",
                                        "/MAILSLOT/x"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsigned char data[EXAMPLE];
        encode_example(data);
        memset(data + NAME, 0, EXAMPLE_DATA - NAME);
        memcpy(data + NAME, names[i], strlen(names[i]));
        check_kind(MSI_WIRE_NOT_MAILSLOT, data, sizeof data);
    }
}

static void a_mailslot_needs_a_name(void **state) {
    (void)state;
    check_byte(MSI_WIRE_NAME, NAME + 10, '\0');
}

static void a_name_without_an_end_is_refused(void **state) {
    (void)state;
    check_byte(MSI_WIRE_SHORT, EXAMPLE_DATA - 1, 'x');
    check_field(MSI_WIRE_SHORT, BYTE_COUNT, 15);
}

static void a_name_is_246_bytes_at_most(void **state) {
    (void)state;
    unsigned char data[512] = {0};
    encode_example(data);
    msi_put_le16(data + TOTAL_DATA_COUNT, 0);
    msi_put_le16(data + DATA_COUNT, 0);
    msi_put_le16(data + BYTE_COUNT, sizeof data - NAME);
    memset(data + NAME + 10, 'x', 246);
    data[NAME + 10 + 246] = '\0';
    msi_smb_mailslot write;
    check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&write, data, sizeof data));
    check_int(246, (int64_t)strlen(write.path));
    data[NAME + 10 + 246] = 'x';
    check_kind(MSI_WIRE_NAME, data, sizeof data);
}

static void data_outside_is_refused(void **state) {
    (void)state;
    check_field(MSI_WIRE_LENGTH, DATA_OFFSET, EXAMPLE_DATA + 1);
    check_field(MSI_WIRE_LENGTH, DATA_OFFSET, EXAMPLE_DATA - 1); /* the name's NUL */
    check_field(MSI_WIRE_LENGTH, DATA_OFFSET, 0);
    check_field(MSI_WIRE_LENGTH, DATA_OFFSET, EXAMPLE);
    check_field(MSI_WIRE_LENGTH, DATA_OFFSET, 0xffff);
    check_field(MSI_WIRE_SHORT, BYTE_COUNT, 22);
    check_field(MSI_WIRE_SHORT, BYTE_COUNT, 0xffff);
    check_field(MSI_WIRE_LENGTH, BYTE_COUNT, 20);
}

static void parameters_may_be_there_but_not_outside(void **state) {
    (void)state;
    unsigned char data[EXAMPLE];
    encode_example(data);
    msi_put_le16(data + PARAMETER_COUNT, 5);
    msi_put_le16(data + PARAMETER_OFFSET, EXAMPLE_DATA);
    check_kind(MSI_WIRE_SOUND, data, sizeof data);
    msi_put_le16(data + PARAMETER_OFFSET, EXAMPLE_DATA + 1);
    check_kind(MSI_WIRE_LENGTH, data, sizeof data);
    check_field(MSI_WIRE_LENGTH, PARAMETER_COUNT, 1);
    check_field(MSI_WIRE_SOUND, PARAMETER_OFFSET, 0xffff);
}

static void a_part_of_a_transaction_is_refused(void **state) {
    (void)state;
    check_field(MSI_WIRE_FRAGMENT, TOTAL_DATA_COUNT, 6);
    check_field(MSI_WIRE_LENGTH, TOTAL_DATA_COUNT, 4);
    check_field(MSI_WIRE_LENGTH, DATA_COUNT, 6);
    check_field(MSI_WIRE_FRAGMENT, DATA_COUNT, 4);
}

static void encoding_stays_within_its_room(void **state) {
    (void)state;
    msi_smb_mailslot write = example("trace", "hello");
    unsigned char out[EXAMPLE + 1], before[EXAMPLE + 1];
    memset(out, 0xaa, sizeof out);
    memcpy(before, out, sizeof before);
    for (size_t cap = 0; cap < EXAMPLE; cap++)
        check_int(0, (int64_t)msi_smb_mailslot_encode(&write, out, cap));
    check(memcmp(out, before, sizeof out) == 0);
    check_int(EXAMPLE, (int64_t)msi_smb_mailslot_encode(&write, out, EXAMPLE));
    check_int(0xaa, out[EXAMPLE]);
    write.len = 0;
    memset(out, 0xaa, sizeof out);
    check_int(EXAMPLE_DATA, (int64_t)msi_smb_mailslot_encode(&write, out, EXAMPLE_DATA));
    check_int(0xaa, out[EXAMPLE_DATA]);
}

static void a_write_without_a_name_is_not_encoded(void **state) {
    (void)state;
    msi_smb_mailslot write = example("", "hello");
    unsigned char out[EXAMPLE];
    check_int(0, (int64_t)msi_smb_mailslot_encode(&write, out, sizeof out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_is_what_the_name_leaves),
        cmocka_unit_test(the_largest_message_fits_one_datagram_and_no_more_is_encoded),
        cmocka_unit_test(a_larger_message_than_we_may_write_is_refused),
        cmocka_unit_test(a_write_is_what_windows_sends),
        cmocka_unit_test(what_was_encoded_decodes_equal),
        cmocka_unit_test(a_message_may_be_empty),
        cmocka_unit_test(padding_before_the_data_is_passed_over),
        cmocka_unit_test(the_prefix_has_no_case_and_the_path_keeps_its_own),
        cmocka_unit_test(what_receivers_must_ignore_is_ignored),
        cmocka_unit_test(bytes_behind_the_byte_count_are_left_alone),
        cmocka_unit_test(a_write_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(other_commands_are_not_mailslot_writes),
        cmocka_unit_test(other_names_are_not_mailslots),
        cmocka_unit_test(a_mailslot_needs_a_name),
        cmocka_unit_test(a_name_without_an_end_is_refused),
        cmocka_unit_test(a_name_is_246_bytes_at_most),
        cmocka_unit_test(data_outside_is_refused),
        cmocka_unit_test(parameters_may_be_there_but_not_outside),
        cmocka_unit_test(a_part_of_a_transaction_is_refused),
        cmocka_unit_test(encoding_stays_within_its_room),
        cmocka_unit_test(a_write_without_a_name_is_not_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
