/* Senders across forks (S10, S37) and on a busy card (S28, S35), and nodes that tell their names.
 */
#include "child.h"
#include "lan.h"

#include <mailslot/network.h>
#include <sys/resource.h>

/* ---- Nodes ---- */

static void answer_status(const struct query *query) {
    static const msi_ns_status_name names[] = {
        {"HOST           ", MSI_NS_NAME_ACTIVE},
        {"LAB            ", MSI_NS_NAME_ACTIVE | MSI_NS_GROUP},
        {"B\x1b[1m          \x03", 0},
    };
    unsigned char data[256], bytes[MSI_NS_MAX];
    msi_ns_packet packet = {
        .id = query->id,
        .flags = MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE,
        .opcode = MSI_NS_QUERY,
        .has_record = true,
        .name = query->whole,
        .record_type = MSI_NS_TYPE_STATUS,
        .rdata = data,
        .rdata_len =
            (uint16_t)msi_ns_status_put(data, sizeof data, names, 3, (unsigned char[6]){0}),
    };
    size_t len = msi_ns_encode(&packet, bytes, sizeof bytes);
    check(sendto(name_port, bytes, len, 0, (const struct sockaddr *)&query->from,
                 sizeof query->from) == (ssize_t)len);
}

static mailslot_err check_node(void *ctx, const mailslot_node *node) {
    (void)ctx;
    check_text("10.77.0.1", node->address);
    check_text("HOST", node->computer);
    check_text("LAB", node->workgroup);
    check_int(3, node->name_count);
    check_text("B.[1m", node->names[2].name);
    check_int(0x03, node->names[2].suffix);
    check(node->names[1].group && node->names[1].active && !node->names[2].active);
    return MAILSLOT_ERR_EMPTY; /* what each returns is passed on */
}

static mailslot_err ask_node(mailslot *slot) {
    (void)slot;
    return mailslot_node_status("10.77.0.1", NULL, check_node, NULL);
}

/* Whoever else has asked before has given up. */
static bool node_tells_its_names(const char *name) {
    (void)name;
    while (has_packet(name_port, 0))
        (void)hear_query();
    struct blocker asker = {.call = ask_node};
    start_asking(&asker);
    struct query query = hear_query();
    check(msi_nbname_is_wildcard(&query.whole));
    answer_status(&query);
    return ends(&asker, MAILSLOT_ERR_EMPTY);
}

static void s35_a_node_tells_its_names(void **state) {
    (void)state;
    try_names("*", node_tells_its_names);
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_node_status("10.77.0.1", NULL, check_node, NULL));
    check_detail("no answer from 10.77.0.1");
}

/* ---- What the system has ---- */

static mailslot_network *network_now(void) {
    mailslot_network *network = NULL;
    check_ok(mailslot_network_get(&network, NULL));
    return network;
}

static void check_interface(const mailslot_interface *interface, const char *address,
                            const char *broadcast) {
    check_text("lan0", interface->name);
    check_text(address, interface->address);
    check_text(broadcast, interface->broadcast);
}

/* Of two addresses in one network one counts; one that is alone in its network has no broadcast. */
static void s35_interfaces_count_once_for_each_network_while_they_are_up(void **state) {
    (void)state;
    check(system("ip addr add 10.77.0.9/24 dev lan0 && ip addr add 10.78.0.1/24 dev lan0 &&"
                 " ip addr add 10.79.0.1/32 dev lan0") == 0);
    mailslot_network *network = network_now();
    check_int(2, (int64_t)network->interface_count);
    check_interface(&network->interfaces[0], "10.77.0.1", "10.77.0.255");
    check_interface(&network->interfaces[1], "10.78.0.1", "10.78.0.255");
    mailslot_network_free(network);
    check(system("ip addr del 10.77.0.9/24 dev lan0 && ip addr del 10.78.0.1/24 dev lan0 &&"
                 " ip addr del 10.79.0.1/32 dev lan0 && ip link set lan0 down") == 0);
    network = network_now();
    check_int(0, (int64_t)network->interface_count);
    mailslot_network_free(network);
    check(system("ip link set lan0 up") == 0);
}

static bool unreachable_host_is_named(const char *name) {
    struct blocker putter;
    start_put(&putter, name);
    struct query query = hear_query_for(name);
    answer(&query, 0xc0000207, 60);
    bool in_time = ends(&putter, MAILSLOT_ERR_OS);
    if (in_time) {
        check_err(MAILSLOT_ERR_OS, mailslot_put(putter.slot, "hello"));
        check_detail("x: cannot send to 192.0.2.7 port 138: ");
    }
    mailslot_close(putter.slot);
    return in_time;
}

static void s35_a_host_that_cannot_be_reached_is_named(void **state) {
    (void)state;
    try_names("FAR", unreachable_host_is_named);
}

/* With so many descriptors from now on; returns how many there were. */
static rlim_t set_descriptors(rlim_t count) {
    struct rlimit limit;
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = count;
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    return before;
}

static void check_put_without_descriptors(const char *name) {
    mailslot *slot = open_writer(name);
    rlim_t before = set_descriptors(0);
    mailslot_err put = mailslot_put(slot, "hello");
    set_descriptors(before);
    check_err(MAILSLOT_ERR_OS, put);
    check_detail("x: cannot look at the network interfaces: ");
    mailslot_close(slot);
}

static void s35_without_descriptors_it_says_so(void **state) {
    (void)state;
    mailslot *another;
    check_put_without_descriptors("//host/mailslot/x");
    check_put_without_descriptors("//*/mailslot/x");
    rlim_t before = set_descriptors(0);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    mailslot_err open = mailslot_open(&another, "//*/mailslot/x", &options);
    set_descriptors(before);
    check(open == MAILSLOT_ERR_OS && !another);
}

/* ---- The card ---- */

static mailslot_err put_until_it_fails(mailslot *slot) {
    mailslot_err err = mailslot_put(slot, "hello");
    while (!err)
        err = mailslot_put(slot, "hello");
    return err;
}

/* A card that sends next to nothing. */
static bool slow_down(void) {
    return system("tc qdisc add dev lan0 root tbf rate 64bit burst 2kb limit 64mb") == 0;
}

static void s35_a_card_that_is_busy_makes_it_full(void **state) {
    (void)state;
    if (!slow_down())
        skip_loudly("no traffic control here");
    mailslot *slot = open_writer("//*/mailslot/x");
    check_err(MAILSLOT_ERR_FULL, put_until_it_fails(slot));
    check_detail("the network card accepts no more packets");
    mailslot_close(slot);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    options.direction = MAILSLOT_WRITE;
    struct blocker putter = {.slot = open_with("//*/mailslot/x", &options),
                             .call = put_until_it_fails};
    blocker_start(&putter);
    sleep_ms(200);
    mailslot_close(putter.slot);
    check_err(MAILSLOT_ERR_CLOSED, blocker_join(&putter));
    check(system("tc qdisc del dev lan0 root") == 0);
}

/* ---- Forks ---- */

static int sockets_open(void) {
    int count = 0;
    for (int fd = 0; fd < 256; fd++) {
        struct stat status;
        count += fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
    }
    return count;
}

static void put_from_child(struct peer *parent, void *ctx) {
    mailslot *inherited = ctx;
    peer_tell(parent, sockets_open());
    check_err(MAILSLOT_ERR_CLOSED, mailslot_put(inherited, "hello"));
    mailslot *own = open_writer_to("FORKED");
    mailslot_err err = mailslot_put(own, "child");
    while (err == MAILSLOT_ERR_NO_HOST) {
        sleep_ms(50);
        err = mailslot_put(own, "child");
    }
    check_ok(err);
    mailslot_close(own);
    mailslot_close(inherited);
}

/* Who is too late to answer hears the question again. */
static void answer_new_queries_until_a_datagram_comes(const struct query *old) {
    int64_t until = now_ms() + SOON_MS;
    while (!has_packet(datagram_port, 10) && now_ms() < until) {
        if (!has_packet(name_port, 0))
            continue;
        struct query query = hear_query();
        if (query.id != old->id)
            answer(&query, OWN_ADDRESS, 60);
    }
}

static void s10_a_child_asks_for_itself_what_its_parent_was_asking(void **state) {
    (void)state;
    int before = sockets_open();
    struct blocker putter;
    start_put(&putter, "FORKED");
    struct query parents = hear_query_for("FORKED");
    struct peer child = child_start(put_from_child, putter.slot);
    check_int(before, peer_hear(&child));
    answer_new_queries_until_a_datagram_comes(&parents);
    (void)hear_datagram("child");
    child_join(&child);
    (void)blocker_join(&putter);
    mailslot_close(putter.slot);
    while (has_packet(datagram_port, 0))
        (void)hear_datagram("hello");
}

static void put_to_all(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    mailslot *all = open_writer("//*/mailslot/x");
    check_ok(mailslot_put(all, "same"));
    mailslot_close(all);
}

/* By chance it could begin where its parent goes on, but not three times. */
static void s37_a_childs_datagrams_are_no_copies_of_its_parents(void **state) {
    (void)state;
    int different = 0;
    mailslot *all = open_writer("//*/mailslot/x");
    for (int i = 0; i < 3; i++) {
        struct peer child = child_start(put_to_all, NULL);
        child_join(&child);
        uint16_t childs = hear_datagram("same");
        check_ok(mailslot_put(all, "same"));
        different += hear_datagram("same") != childs;
    }
    check(different > 0);
    mailslot_close(all);
}

static void s37_no_two_messages_have_one_id(void **state) {
    (void)state;
    mailslot *all = open_writer("//*/mailslot/x"), *lab = open_writer("//lab/mailslot/y");
    uint16_t last = 0;
    for (int i = 0; i < 100; i++) {
        check_ok(mailslot_put(i % 2 ? all : lab, "same"));
        uint16_t id = hear_datagram("same");
        check(!i || id == (uint16_t)(last + 1));
        last = id;
    }
    mailslot_close(all);
    mailslot_close(lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lan_test(s35_a_node_tells_its_names),
        lan_test(s35_interfaces_count_once_for_each_network_while_they_are_up),
        lan_test(s35_a_host_that_cannot_be_reached_is_named),
        lan_test(s35_without_descriptors_it_says_so),
        lan_test(s35_a_card_that_is_busy_makes_it_full),
        lan_test(s10_a_child_asks_for_itself_what_its_parent_was_asking),
        lan_test(s37_a_childs_datagrams_are_no_copies_of_its_parents),
        lan_test(s37_no_two_messages_have_one_id),
    };
    return lan_run(tests, sizeof tests / sizeof *tests);
}
