/* The relay's protocol as bytes: what is encoded decodes to the same, and nothing else decodes. */
#include "test.h"

#include <relay/protocol.h>
#include <stdlib.h>

static unsigned char packet[MSI_RELAY_PACKET_MAX + 1];

static size_t encode(const msi_relay_message *message) {
    size_t len = msi_relay_encode_head(message, packet);
    check(len <= MSI_RELAY_HEAD_MAX);
    if (message->data_len)
        memcpy(packet + len, message->data, message->data_len);
    return len + message->data_len;
}

static bool decodes(size_t len) {
    msi_relay_message message;
    return msi_relay_decode(&message, packet, len);
}

static void check_same_envelope(const msi_message *a, const msi_message *b) {
    check_int((int64_t)a->len, (int64_t)b->len);
    check_int((int64_t)a->arrival_ns, (int64_t)b->arrival_ns);
    check_int(a->remote, b->remote);
    check_int(a->pid, b->pid);
    check_int(a->uid, b->uid);
    check_text(a->computer, b->computer);
    check_text(a->address, b->address);
}

static void check_same(const msi_relay_message *a, const msi_relay_message *b) {
    check_int(a->type, b->type);
    check_int(a->version, b->version);
    check_text(a->key, b->key);
    check_int(a->access, b->access);
    check_int(a->local_only, b->local_only);
    check_int(a->limit, b->limit);
    check_int(a->err, b->err);
    check_int(a->uid, b->uid);
    check_same_envelope(&a->envelope, &b->envelope);
    check_int((int64_t)a->data_len, (int64_t)b->data_len);
    check(!a->data_len || memcmp(a->data, b->data, a->data_len) == 0);
}

/* One of each type; the strings as long as they may be. */
static const msi_relay_message samples[] = {
    {.type = MSI_RELAY_REGISTER,
     .version = MSI_RELAY_VERSION,
     .key = "logs\\trace",
     .access = MAILSLOT_ACCESS_EVERYONE,
     .local_only = true,
     .limit = 0xfedcba98},
    {.type = MSI_RELAY_OPEN, .version = MSI_RELAY_VERSION, .key = "t\xc3\xa9l\xc3\xa9gramme"},
    {.type = MSI_RELAY_PUT, .data = "a\0b", .data_len = 3},
    {.type = MSI_RELAY_PUT},
    {.type = MSI_RELAY_BROADCAST, .version = MSI_RELAY_VERSION, .data = "datagram", .data_len = 8},
    {.type = MSI_RELAY_STATUS, .version = MSI_RELAY_VERSION},
    {.type = MSI_RELAY_REPLY, .err = MAILSLOT_ERR_DENIED, .data = "words", .data_len = 5},
    {.type = MSI_RELAY_REPLY, .err = MAILSLOT_ERR_OS},
    {.type = MSI_RELAY_OPENED, .limit = 424, .uid = 0xfffffffe},
    {.type = MSI_RELAY_DELIVER,
     .envelope = {.len = 4, .arrival_ns = 0xfedcba9876543210, .pid = 0xffffffff, .uid = 1},
     .data = "data",
     .data_len = 4},
    {.type = MSI_RELAY_DELIVER,
     .envelope = {.arrival_ns = 1,
                  .remote = true,
                  .computer = "FIFTEENLETTERSX",
                  .address = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"}},
    {.type = MSI_RELAY_STATUS_TEXT, .data = "a 1\nb 2\n", .data_len = 8},
    {.type = MSI_RELAY_STATUS_QUERY, .version = MSI_RELAY_VERSION},
    {.type = MSI_RELAY_STATUS_REPORT, .data = "\1\0\1v", .data_len = 4},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static bool has_data(const msi_relay_message *message) {
    return message->type != MSI_RELAY_REGISTER && message->type != MSI_RELAY_OPEN &&
           message->type != MSI_RELAY_STATUS && message->type != MSI_RELAY_STATUS_QUERY &&
           message->type != MSI_RELAY_OPENED;
}

static void what_is_encoded_decodes_to_the_same(void **state) {
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        msi_relay_message message;
        check(msi_relay_decode(&message, packet, encode(&samples[i])));
        check_same(&samples[i], &message);
    }
}

static void a_message_cut_short_does_not_decode(void **state) {
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        encode(&samples[i]);
        size_t head = msi_relay_encode_head(&samples[i], packet);
        for (size_t len = 0; len < head; len++)
            check(!decodes(len));
    }
}

static void a_message_with_more_than_it_says_does_not_decode(void **state) {
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        size_t len = encode(&samples[i]);
        packet[len] = 'x';
        check_int(has_data(&samples[i]), decodes(len + 1));
    }
}

static void data_may_be_as_long_as_allowed_and_no_longer(void **state) {
    (void)state;
    static const char data[MSI_RELAY_DATA_MAX + 1];
    static const msi_relay_type types[] = {MSI_RELAY_PUT,           MSI_RELAY_BROADCAST,
                                           MSI_RELAY_DELIVER,       MSI_RELAY_STATUS_TEXT,
                                           MSI_RELAY_STATUS_REPORT, MSI_RELAY_REPLY};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t most = types[i] == MSI_RELAY_REPLY ? MSI_RELAY_WORDS_MAX : MSI_RELAY_DATA_MAX;
        msi_relay_message message = {
            .type = types[i], .version = MSI_RELAY_VERSION, .data = data, .data_len = most};
        check(decodes(encode(&message)));
        message.data_len = most + 1;
        check(!decodes(encode(&message)));
    }
}

static void the_largest_message_fits_a_packet(void **state) {
    (void)state;
    static const char data[MSI_RELAY_DATA_MAX];
    msi_relay_message message = samples[10];
    message.data = data;
    message.data_len = sizeof data;
    check(encode(&message) <= MSI_RELAY_PACKET_MAX);
    msi_relay_message longest = samples[0];
    memset(longest.key, 'k', MSI_PATH_MAX);
    longest.key[MSI_PATH_MAX] = 0;
    check(decodes(encode(&longest)));
}

static void a_key_that_is_no_names_key_does_not_decode(void **state) {
    (void)state;
    static const char *const keys[] = {"",  "Trace", "a/b",   "a\\\\b", "\\\\.\\mailslot\\a",
                                       ".", "a\nb",  "\xff?", "..\\a",  "\\\\host\\mailslot\\a"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        msi_relay_message message = {.type = MSI_RELAY_OPEN, .version = MSI_RELAY_VERSION};
        snprintf(message.key, sizeof message.key, "%s", keys[i]);
        check(!decodes(encode(&message)));
    }
}

/* Where in the packet a field is that must not hold more than one value, and which. */
static void check_rejected_with(const msi_relay_message *message, size_t offset,
                                unsigned char value) {
    size_t len = encode(message);
    packet[offset] = value;
    check(!decodes(len));
}

static void values_out_of_range_do_not_decode(void **state) {
    (void)state;
    size_t after_key = 3 + strlen(samples[0].key);
    check_rejected_with(&samples[0], after_key, MAILSLOT_ACCESS_EVERYONE + 1);
    check_rejected_with(&samples[0], after_key + 1, 2);
    check_rejected_with(&samples[0], 5, 0); /* a NUL in the key */
    check_rejected_with(&samples[6], 1, MAILSLOT_ERR_OS + 1);
    check_rejected_with(&samples[9], 9, 2); /* remote */
    check_rejected_with(&samples[10], 10, MSI_COMPUTER_SIZE);
    check_rejected_with(&samples[10], 11, 0);
    check_rejected_with(&samples[10], 26, MSI_ADDRESS_SIZE);
}

static void unknown_types_do_not_decode(void **state) {
    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        bool known = false;
        for (int i = 0; i < SAMPLES; i++)
            known = known || samples[i].type == type;
        packet[0] = (unsigned char)type;
        check(known || !decodes(1));
        check(known || !decodes(20));
    }
}

static void a_first_message_of_another_version_decodes_as_far_as_that(void **state) {
    (void)state;
    static const msi_relay_type types[] = {MSI_RELAY_REGISTER, MSI_RELAY_OPEN, MSI_RELAY_BROADCAST,
                                           MSI_RELAY_STATUS, MSI_RELAY_STATUS_QUERY};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const msi_relay_message expected = {.type = types[i], .version = MSI_RELAY_VERSION + 1};
        msi_relay_message message;
        memset(packet, 0xff, sizeof packet);
        packet[0] = (unsigned char)types[i];
        packet[1] = MSI_RELAY_VERSION + 1;
        check(!decodes(1));
        for (size_t len = 2; len <= 300; len += 149) {
            check(msi_relay_decode(&message, packet, len));
            check_same(&expected, &message);
        }
    }
}

static void the_daemon_listens_below_mailslot_dir(void **state) {
    (void)state;
    char path[MSI_RELAY_PATH_SIZE], dir[200] = "";
    check(unsetenv("MAILSLOT_DIR") == 0 && msi_relay_path(path));
    check_text("/run/mailslotd/socket", path);
    check(setenv("MAILSLOT_DIR", "/tmp/x", 1) == 0 && msi_relay_path(path));
    check_text("/tmp/x/mailslotd", path);
    memset(dir, 'd', 108 - sizeof "/mailslotd");
    check(setenv("MAILSLOT_DIR", dir, 1) == 0 && msi_relay_path(path));
    check_int(107, (int64_t)strlen(path));
    dir[strlen(dir)] = 'd';
    check(setenv("MAILSLOT_DIR", dir, 1) == 0 && !msi_relay_path(path));
    unsetenv("MAILSLOT_DIR");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_decodes_to_the_same),
        cmocka_unit_test(a_message_cut_short_does_not_decode),
        cmocka_unit_test(a_message_with_more_than_it_says_does_not_decode),
        cmocka_unit_test(data_may_be_as_long_as_allowed_and_no_longer),
        cmocka_unit_test(the_largest_message_fits_a_packet),
        cmocka_unit_test(a_key_that_is_no_names_key_does_not_decode),
        cmocka_unit_test(values_out_of_range_do_not_decode),
        cmocka_unit_test(unknown_types_do_not_decode),
        cmocka_unit_test(a_first_message_of_another_version_decodes_as_far_as_that),
        cmocka_unit_test(the_daemon_listens_below_mailslot_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
