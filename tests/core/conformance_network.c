/* Names on other computers, as far as they go without a network: S5, S13, S14, S35, S36, S38, S39.
 * The loopback interface cannot broadcast, so nothing here ever leaves this computer. */
#include "slotdir.h"
#include "slots.h"

#include <mailslot/network.h>

#include <stdlib.h>

static int offline_setup(void **state) {
    setenv("MAILSLOT_CONFIG", "/dev/null", 1);
    return slotdir_setup(state);
}

static int offline_teardown(void **state) {
    unsetenv("MAILSLOT_CONFIG");
    return slotdir_teardown(state);
}

#undef slot_test
#define slot_test(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, offline_setup, offline_teardown)

static mailslot_host offline(void) {
    mailslot_host host = MAILSLOT_HOST_INIT;
    host.computer = "self";
    host.workgroup = "lab";
    host.interfaces = "lo";
    return host;
}

static mailslot *open_offline(const char *name, size_t max_message) {
    const mailslot_host host = offline();
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.host = &host;
    options.max_message = max_message;
    return open_with(name, &options);
}

/* ---- Sizes ---- */

static const char bytes[1000];

static void check_limit(const char *name, size_t max_message, size_t limit) {
    char words[64];
    mailslot *slot = open_offline(name, max_message);
    size_t told = 0;
    check_ok(mailslot_limit(slot, &told));
    check_int((int64_t)limit, (int64_t)told);
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put_bytes(slot, bytes, limit));
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_bytes(slot, bytes, limit + 1));
    snprintf(words, sizeof words, "%zu bytes, limit %zu", limit + 1, limit);
    check_detail(words);
    mailslot_close(slot);
}

static void s14_between_computers_424_bytes_pass(void **state) {
    (void)state;
    check_limit("//host/mailslot/x", 0, 424);
    check_limit("//host/mailslot/eightXXX", 0, 424);
    check_limit("//lab/mailslot/x", 0, 424);
    check_limit("//*/mailslot/x", 0, 424);
}

static void s14_a_longer_name_leaves_less(void **state) {
    (void)state;
    char name[300] = "//host/mailslot/";
    check_limit("//host/mailslot/nineXXXXX", 0, 423);
    check_limit("//host/mailslot/dir/sub/trace", 0, 419);
    memset(name + strlen(name), 'p', 246);
    check_limit(name, 0, 186);
}

static void s13_of_two_limits_the_smaller_holds(void **state) {
    (void)state;
    check_limit("//host/mailslot/x", 100, 100);
    check_limit("//host/mailslot/x", 425, 424);
    check_limit("//host/mailslot/x", 70000, 424);
}

static void s13_a_value_too_big_is_refused_as_such(void **state) {
    (void)state;
    char text[426];
    memset(text, 'x', 425);
    text[425] = '\0';
    mailslot *slot = open_offline("//*/mailslot/x", 0);
    mailslot *reader = open_reader("x");
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(slot, text));
    check_detail("425 bytes, limit 424");
    expect_empty(reader);
    mailslot_close(reader);
    mailslot_close(slot);
}

/* ---- Nobody to ask ---- */

static void s35_without_an_interface_there_is_no_host(void **state) {
    (void)state;
    mailslot *slot = open_offline("//host/mailslot/x", 0);
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put(slot, "hello"));
    check_detail("x: no interface of lo is up and has an IPv4 address");
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put(slot, "hello"));
    mailslot_close(slot);
}

/* ---- This computer's own part ---- */

static void check_reaches(const char *name, mailslot *reader) {
    mailslot_record *record = NULL;
    mailslot *slot = open_offline(name, 0);
    check_ok(mailslot_record_new(&record));
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put(slot, "hello"));
    check_ok(mailslot_get_nowait(reader, record));
    check_text("hello", mailslot_record_value(record));
    const mailslot_origin *origin = mailslot_record_origin(record);
    check(!origin->remote);
    check_text(".", origin->computer);
    check_int(getpid(), origin->pid);
    expect_empty(reader);
    mailslot_record_free(record);
    mailslot_close(slot);
}

static void s36_own_readers_get_what_many_get_even_without_a_network(void **state) {
    (void)state;
    mailslot *reader = open_reader("dir/x");
    check_reaches("//*/mailslot/dir/x", reader);
    check_reaches("//LAB/mailslot/DIR/X", reader);
    mailslot_close(reader);
}

static void s36_another_group_is_not_for_own_readers(void **state) {
    (void)state;
    mailslot *reader = open_reader("x");
    mailslot *slot = open_offline("//others/mailslot/x", 0);
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put(slot, "hello"));
    expect_empty(reader);
    mailslot_close(slot);
    mailslot_close(reader);
}

static void s39_a_reader_that_refuses_the_network_gets_nothing_of_it(void **state) {
    (void)state;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.local_only = true;
    mailslot *reader = open_with("x", &options);
    mailslot *slot = open_offline("//*/mailslot/x", 0);
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put(slot, "hello"));
    expect_empty(reader);
    mailslot_close(slot);
    mailslot_close(reader);
}

static void s5_the_own_name_is_this_computer(void **state) {
    (void)state;
    mailslot *reader = open_reader("x");
    mailslot *slot = open_offline("//SELF/mailslot/x", 0);
    check_ok(mailslot_put(slot, "hello"));
    expect_text(reader, "hello");
    mailslot_close(slot);
    mailslot_close(reader);
}

/* ---- What this computer is ---- */

static void s35_the_options_say_what_this_computer_is(void **state) {
    (void)state;
    mailslot_host host = offline();
    mailslot_network *network = NULL;
    check_ok(mailslot_network_get(&network, &host));
    check_text("SELF", network->computer);
    check_text("LAB", network->workgroup);
    check_text("/dev/null", network->file);
    check_text("", network->scope);
    check_int(0, network->interface_count);
    check_int(0, network->wins_count);
    check_int(137, network->name_port);
    check_int(138, network->datagram_port);
    check_int(MAILSLOT_SOURCE_OPTION, network->computer_source);
    check_int(MAILSLOT_SOURCE_OPTION, network->interfaces_source);
    check_int(MAILSLOT_SOURCE_DEFAULT, network->wins_source);
    mailslot_network_free(network);
    mailslot_network_free(NULL);
}

static void s35_the_environment_and_the_file_say_it_too(void **state) {
    (void)state;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/conf", slotdir_path());
    FILE *file = fopen(path, "w");
    check(file &&
          fputs("name = file\nworkgroup = file\nwins = 192.0.2.1\nwins = 192.0.2.2\n"
                "interface = lo\nscope = a.b\nname-port = 1137\n",
                file) >= 0 &&
          fclose(file) == 0);
    setenv("MAILSLOT_CONFIG", path, 1);
    setenv("MAILSLOT_WORKGROUP", "environment", 1);
    mailslot_network *network = NULL;
    check_ok(mailslot_network_get(&network, NULL));
    unsetenv("MAILSLOT_WORKGROUP");
    check_text("FILE", network->computer);
    check_text("ENVIRONMENT", network->workgroup);
    check_text("a.b", network->scope);
    check_text(path, network->file);
    check_int(2, network->wins_count);
    check_text("192.0.2.1", network->wins[0]);
    check_text("192.0.2.2", network->wins[1]);
    check_int(1137, network->name_port);
    check_int(MAILSLOT_SOURCE_FILE, network->computer_source);
    check_int(MAILSLOT_SOURCE_ENVIRONMENT, network->workgroup_source);
    check_int(MAILSLOT_SOURCE_FILE, network->wins_source);
    mailslot_network_free(network);
}

static mailslot_err never_owner(void *ctx, const mailslot_name_owner *owner) {
    (void)ctx, (void)owner;
    check(false);
    return MAILSLOT_OK;
}

static mailslot_err never_node(void *ctx, const mailslot_node *node) {
    (void)ctx, (void)node;
    check(false);
    return MAILSLOT_OK;
}

static void s35_looking_around_without_an_interface_finds_nobody(void **state) {
    (void)state;
    mailslot_host host = offline();
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_lookup("host", 0, &host, never_owner, NULL));
    check_detail("no interface of lo");
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_hosts(&host, never_node, NULL));
    check_detail("no interface of lo");
}

static void s5_looking_around_refuses_what_is_no_name_or_address(void **state) {
    (void)state;
    mailslot_host host = offline();
    check_err(MAILSLOT_ERR_BAD_NAME,
              mailslot_lookup("sixteen-letters-", 0, &host, never_owner, NULL));
    check_err(MAILSLOT_ERR_BAD_NAME, mailslot_lookup("", 0, &host, never_owner, NULL));
    check_err(MAILSLOT_ERR_BAD_NAME, mailslot_lookup("*", 0, &host, never_owner, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_lookup("host", 0x100, &host, never_owner, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_lookup(NULL, 0, &host, never_owner, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_lookup("host", 0, &host, NULL, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_hosts(&host, NULL, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_network_get(NULL, &host));
    static const char *const addresses[] = {"",          "host",      "1.2.3",
                                            "1.2.3.256", "127.0.0.1", "0.0.0.0",
                                            "224.0.0.1", "1.2.3.4 ",  "255.255.255.255"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        check_err(MAILSLOT_ERR_INVALID,
                  mailslot_node_status(addresses[i], &host, never_node, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_node_status(NULL, &host, never_node, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_node_status("192.0.2.1", &host, NULL, NULL));
}

static void s35_a_host_of_a_newer_header_may_only_ask_for_nothing_new(void **state) {
    (void)state;
    struct {
        mailslot_host known;
        uint64_t later;
    } newer;
    memset(&newer, 0, sizeof newer);
    newer.known = offline();
    newer.known.size = sizeof newer;
    mailslot_network *network = NULL;
    check_ok(mailslot_network_get(&network, &newer.known));
    mailslot_network_free(network);
    newer.later = 1;
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_network_get(&network, &newer.known));
    check_detail("host set");
}

static void s35_wrong_options_are_named(void **state) {
    (void)state;
    mailslot_host host = offline();
    mailslot_network *network = NULL;
    mailslot *slot = NULL;
    host.computer = "sixteen-letters-";
    check_err(MAILSLOT_ERR_INVALID, mailslot_network_get(&network, &host));
    check_detail("name");
    check(!network);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.host = &host;
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(&slot, "//host/mailslot/x", &options));
    check(!slot);
    host = offline();
    host.sender = (mailslot_sender)4;
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(&slot, "//host/mailslot/x", &options));
    check_detail("no such sender: 4");
    host.size = 1;
    check_err(MAILSLOT_ERR_INVALID, mailslot_network_get(&network, &host));
    check_detail("MAILSLOT_HOST_INIT");
    setenv("MAILSLOT_CONFIG", "/nonexistent/conf", 1);
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_hosts(NULL, never_node, NULL));
    check_detail("/nonexistent/conf");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s14_between_computers_424_bytes_pass),
        slot_test(s14_a_longer_name_leaves_less),
        slot_test(s13_of_two_limits_the_smaller_holds),
        slot_test(s13_a_value_too_big_is_refused_as_such),
        slot_test(s35_without_an_interface_there_is_no_host),
        slot_test(s36_own_readers_get_what_many_get_even_without_a_network),
        slot_test(s36_another_group_is_not_for_own_readers),
        slot_test(s39_a_reader_that_refuses_the_network_gets_nothing_of_it),
        slot_test(s5_the_own_name_is_this_computer),
        slot_test(s35_the_options_say_what_this_computer_is),
        slot_test(s35_the_environment_and_the_file_say_it_too),
        slot_test(s35_looking_around_without_an_interface_finds_nobody),
        slot_test(s5_looking_around_refuses_what_is_no_name_or_address),
        slot_test(s35_a_host_of_a_newer_header_may_only_ask_for_nothing_new),
        slot_test(s35_wrong_options_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
