/* The interfaces as mailslotd sees them, when there are many and when the system does not tell. The
 * linker leads what asks the system through here. */
#include <network/interfaces.h>
#include <test.h>

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/eventfd.h>

/* ---- The system ---- */

enum { NETWORKS_MAX = 100 };

static struct {
    struct ifaddrs entry;
    char name[IF_NAMESIZE];
    struct sockaddr_in address, netmask;
} made[NETWORKS_MAX];

static unsigned networks;       /* net1 with 10.0.1.1/24, net2 with 10.0.2.1/24, ... */
static int no_list, no_indexes; /* an errno: why it does not tell */

static struct sockaddr_in ipv4(uint32_t ip) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(ip)};
}

static struct ifaddrs *make_network(unsigned number) {
    made[number].address = ipv4(0x0a000001 | number << 8);
    made[number].netmask = ipv4(0xffffff00);
    snprintf(made[number].name, sizeof made[number].name, "net%u", number);
    made[number].entry = (struct ifaddrs){
        .ifa_next = number < networks ? make_network(number + 1) : NULL,
        .ifa_name = made[number].name,
        .ifa_flags = IFF_UP | IFF_BROADCAST,
        .ifa_addr = (struct sockaddr *)&made[number].address,
        .ifa_netmask = (struct sockaddr *)&made[number].netmask,
    };
    return &made[number].entry;
}

int __wrap_getifaddrs(struct ifaddrs **list);
int __wrap_getifaddrs(struct ifaddrs **list) {
    *list = networks ? make_network(1) : NULL;
    errno = no_list;
    return no_list ? -1 : 0;
}

void __wrap_freeifaddrs(struct ifaddrs *list);
void __wrap_freeifaddrs(struct ifaddrs *list) { (void)list; }

unsigned __wrap_if_nametoindex(const char *name);
unsigned __wrap_if_nametoindex(const char *name) {
    errno = no_indexes;
    return no_indexes ? 0 : 1 + (unsigned)atoi(name + strlen("net"));
}

/* ---- Looking ---- */

static uv_loop_t loop;
static msi_config host;
static struct interfaces interfaces;
static unsigned changes;

static void on_changed(void *ctx) { ++*(unsigned *)ctx; }

static int setup(void **state) {
    (void)state;
    networks = 2;
    no_list = no_indexes = 0;
    changes = 0;
    msi_config_defaults(&host);
    interfaces = (struct interfaces){.host = &host, .changed = on_changed, .ctx = &changes};
    interfaces.netlink = eventfd(0, EFD_CLOEXEC); /* which tells of nothing */
    return interfaces.netlink < 0 ? -1 : uv_loop_init(&loop);
}

static int teardown(void **state) {
    (void)state;
    interfaces_close(&interfaces);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

static void check_seen(unsigned count, unsigned times) {
    check_int(count, (int64_t)interfaces.count);
    check_int(times, changes);
}

static void wait_for_change(void) {
    for (unsigned before = changes; changes == before;)
        uv_run(&loop, UV_RUN_ONCE);
}

static void what_cannot_be_told_stays_as_it_was(void **state) {
    (void)state;
    interfaces_start(&interfaces, &loop);
    check_seen(2, 1);
    networks = 3;
    no_list = EMFILE;
    interfaces_look(&interfaces);
    check_seen(2, 1);
    no_list = 0;
    no_indexes = EMFILE;
    interfaces_look(&interfaces);
    check_seen(2, 1);
    no_indexes = 0;
    wait_for_change();
    check_seen(3, 2);
}

static void a_beginning_without_sight_is_made_up_for(void **state) {
    (void)state;
    no_list = ENOBUFS;
    interfaces_start(&interfaces, &loop);
    check_seen(0, 0);
    no_list = 0;
    wait_for_change();
    check_seen(2, 1);
}

static void an_interface_that_goes_meanwhile_is_none(void **state) {
    (void)state;
    no_indexes = ENODEV;
    interfaces_start(&interfaces, &loop);
    check_seen(0, 1);
}

/* Those that come first stay, whatever becomes of the others. */
static void networks_beyond_the_most_are_left_out_and_counted(void **state) {
    (void)state;
    networks = MSI_NODE_SUBNETS;
    interfaces_start(&interfaces, &loop);
    check_seen(MSI_NODE_SUBNETS, 1);
    check_int(0, (int64_t)interfaces.left_out);
    networks = MSI_NODE_SUBNETS + 20;
    interfaces_look(&interfaces);
    check_seen(MSI_NODE_SUBNETS, 2);
    check_int(20, (int64_t)interfaces.left_out);
    check_text("net1", interfaces.list[0].name);
    interfaces_look(&interfaces);
    check_seen(MSI_NODE_SUBNETS, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_cannot_be_told_stays_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_beginning_without_sight_is_made_up_for, setup, teardown),
        cmocka_unit_test_setup_teardown(an_interface_that_goes_meanwhile_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(networks_beyond_the_most_are_left_out_and_counted, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
