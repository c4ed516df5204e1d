/* Who says what this computer is on its network: defaults, configuration file, environment,
 * options; and how each of them may be wrong. */
#include "child.h"
#include "clock.h"

#include "netbios/config.h"
#include "netbios/interface_filter.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

static msi_config fresh(void) {
    msi_config host;
    msi_config_defaults(&host);
    return host;
}

static mailslot_err parse(msi_config *host, const char *text) {
    return msi_config_parse(host, "conf", text, strlen(text));
}

/* ---- The file ---- */

static void every_setting_can_be_said_in_the_file(void **state) {
    (void)state;
    msi_config host = fresh();
    check_ok(parse(&host, "# a comment\n"
                          "name = alpha\r\n"
                          "\tworkgroup=Sales   # as it is called\n"
                          "\n"
                          "scope = a.b\n"
                          "interface = eth0\ninterface = eth1\n"
                          "wins = 192.0.2.1\n"
                          "nmbd-socket = /run/nmbd\n"
                          "name-port = 1137\ndatagram-port = 65535\n"
                          "user = slot\nsender = library\n"
                          "max-connections = 100\nmax-connections-per-user = 10\n"
                          "max-readers-per-name = 2"));
    check_text("ALPHA", host.computer);
    check_text("SALES", host.workgroup);
    check_text("a.b", host.scope);
    check_int(2, host.interface_count);
    check_text("eth0", host.interfaces[0]);
    check_text("eth1", host.interfaces[1]);
    check_int(1, host.wins_count);
    check_int(0xc0000201, host.wins[0]);
    check_text("/run/nmbd", host.nmbd_socket);
    check_int(1137, host.name_port);
    check_int(65535, host.datagram_port);
    check_text("slot", host.user);
    check_int(MAILSLOT_SENDER_LIBRARY, host.sender);
    check_int(100, host.max_connections);
    check_int(10, host.max_user_connections);
    check_int(2, host.max_name_readers);
    for (int i = 0; i < MSI_CONFIG_SETTINGS; i++)
        check_int(MSI_SOURCE_FILE, host.source[i]);
}

static void a_number_sign_within_a_word_is_no_comment(void **state) {
    (void)state;
    msi_config host = fresh();
    check_ok(parse(&host, "name = a#b"));
    check_text("A#B", host.computer);
}

static void a_mistake_in_the_file_names_file_line_and_word(void **state) {
    (void)state;
    static const struct {
        const char *text, *detail;
    } mistakes[] = {
        {"\nnam = x", "conf:2: no such setting: 'nam'"},
        {"name alpha", "conf:1: no '=' in: 'name alpha'"},
        {"name = sixteen-letters-", "conf:1: bad computer name: 16 characters"},
        {"name =", "conf:1: bad computer name: 0 characters"},
        {"name = a b", "conf:1: bad computer name: byte 0x20 at offset 1"},
        {"wins = 192.0.2", "conf:1: not an IPv4 address: '192.0.2'"},
        {"wins = 192.0.2.256", "not an IPv4 address"},
        {"wins = 192.0.2.1.1", "not an IPv4 address"},
        {"wins = 0.0.0.0", "not an IPv4 address"},
        {"wins = 192.0.02.1", "not an IPv4 address"},
        {"sender = nobody", "conf:1: not auto, system or library: 'nobody'"},
        {"name-port = 0", "not a port from 1 to 65535: '0'"},
        {"name-port = 65536", "not a port"},
        {"name-port = 137x", "not a port"},
        {"interface = 10.0.0.0/33", "not a network such as"},
        {"scope = a..b", "not a NetBIOS scope: 'a..b'"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        msi_config host = fresh();
        check_err(MAILSLOT_ERR_INVALID, parse(&host, mistakes[i].text));
        check_detail(mistakes[i].detail);
    }
}

static void too_many_of_a_repeatable_setting_are_refused(void **state) {
    (void)state;
    msi_config host = fresh();
    for (int i = 0; i < MSI_CONFIG_SERVERS; i++)
        check_ok(parse(&host, "wins = 192.0.2.1"));
    check_err(MAILSLOT_ERR_INVALID, parse(&host, "wins = 192.0.2.1"));
    for (int i = 0; i < MSI_CONFIG_INTERFACES; i++)
        check_ok(parse(&host, "interface = lo"));
    check_err(MAILSLOT_ERR_INVALID, parse(&host, "interface = lo"));
}

static void interfaces_are_names_patterns_addresses_and_networks(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool eth0, docker0, tun0; /* 10.77.0.1, 172.17.0.1 and 10.8.0.2 */
    } cases[] = {
        {"eth0", true, false, false},         {"eth", false, false, false},
        {"eth*", true, false, false},         {"*0", true, true, true},
        {"?u?0", false, false, true},         {"*", true, true, true},
        {"*o*r0", false, true, false},        {"", false, false, false},
        {"172.17.0.1", false, true, false},   {"10.0.0.0/8", true, false, true},
        {"10.77.0.1/32", true, false, false}, {"0.0.0.0/0", true, true, true},
        {"10.77.0.0/24", true, false, false}, {"10.77.0.2", false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        check(msi_interface_filter_is_valid(text));
        check(msi_interface_filter_matches(text, "eth0", 0x0a4d0001) == cases[i].eth0);
        check(msi_interface_filter_matches(text, "docker0", 0xac110001) == cases[i].docker0);
        check(msi_interface_filter_matches(text, "tun0", 0x0a080002) == cases[i].tun0);
    }
}

static void networks_that_are_none_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0.0/",   "10.0.0/8",    "eth0/24",
                                      "/8",          "10.0.0.0/8x", "10.0.0.0/-1", "10.0.0.0/008"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[64];
        msi_config host = fresh();
        snprintf(line, sizeof line, "interface = %s", bad[i]);
        check_err(MAILSLOT_ERR_INVALID, parse(&host, line));
        check_detail("not a network");
    }
}

static void bytes_that_are_no_text_are_refused(void **state) {
    (void)state;
    msi_config host = fresh();
    check_err(MAILSLOT_ERR_INVALID, msi_config_parse(&host, "conf", "user=\0x", 7));
    char line[600];
    memset(line, 'x', sizeof line);
    check_err(MAILSLOT_ERR_INVALID, msi_config_parse(&host, "conf", line, sizeof line));
}

/* ---- Who wins ---- */

static int setup(void **state) {
    (void)state;
    static char path[] = "/tmp/mailslot-host-XXXXXX";
    strcpy(path, "/tmp/mailslot-host-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    unsetenv("MAILSLOT_NAME");
    unsetenv("MAILSLOT_WORKGROUP");
    *state = path;
    return setenv("MAILSLOT_CONFIG", path, 1);
}

static int teardown(void **state) {
    remove(*state);
    unsetenv("MAILSLOT_CONFIG");
    unsetenv("MAILSLOT_NAME");
    unsetenv("MAILSLOT_WORKGROUP");
    return 0;
}

static void write_file(void **state, const char *text) {
    FILE *file = fopen(*state, "w");
    check(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void options_beat_the_environment_which_beats_the_file(void **state) {
    write_file(state, "name = one\nworkgroup = one\ninterface = eth0\ninterface = eth1\n");
    msi_config host;
    check_ok(msi_config_read(&host, NULL));
    check_text("ONE", host.computer);
    check_int(2, host.interface_count);
    setenv("MAILSLOT_NAME", "two", 1);
    check_ok(msi_config_read(&host, NULL));
    check_text("TWO", host.computer);
    check_text("ONE", host.workgroup);
    check_int(MSI_SOURCE_ENVIRONMENT, host.source[MSI_CONFIG_NAME]);
    mailslot_host given = MAILSLOT_HOST_INIT;
    given.computer = "three";
    given.workgroup = "four";
    given.interfaces = "eth5,eth6,eth7";
    check_ok(msi_config_read(&host, &given));
    check_text("THREE", host.computer);
    check_text("FOUR", host.workgroup);
    check_int(3, host.interface_count);
    check_text("eth5", host.interfaces[0]);
    check_text("eth7", host.interfaces[2]);
}

static void a_weaker_speaker_is_not_heard_later_either(void **state) {
    (void)state;
    msi_config host = fresh();
    check_ok(msi_config_set(&host, MSI_CONFIG_INTERFACE, "eth0", MSI_SOURCE_OPTION));
    check_ok(msi_config_set(&host, MSI_CONFIG_INTERFACE, "eth1", MSI_SOURCE_FILE));
    check_int(1, host.interface_count);
    check_text("eth0", host.interfaces[0]);
}

static void a_mistake_names_who_made_it(void **state) {
    write_file(state, "name = one\n");
    msi_config host;
    setenv("MAILSLOT_WORKGROUP", "a*b", 1);
    check_err(MAILSLOT_ERR_INVALID, msi_config_read(&host, NULL));
    check_detail("MAILSLOT_WORKGROUP: ");
    unsetenv("MAILSLOT_WORKGROUP");
    mailslot_host given = MAILSLOT_HOST_INIT;
    given.interfaces = "eth0,,eth1";
    check_err(MAILSLOT_ERR_INVALID, msi_config_read(&host, &given));
    check_detail("interface: ");
}

static void a_file_that_was_chosen_must_be_there(void **state) {
    (void)state;
    msi_config host;
    setenv("MAILSLOT_CONFIG", "/nowhere/mailslot.conf", 1);
    check_err(MAILSLOT_ERR_NOT_FOUND, msi_config_read(&host, NULL));
    check_detail("/nowhere/mailslot.conf");
    msi_config_defaults(&host);
    check_ok(msi_config_read_file(&host, "/nowhere/mailslot.conf", false));
}

static void a_file_without_end_is_refused(void **state) {
    (void)state;
    msi_config host = fresh();
    check_err(MAILSLOT_ERR_INVALID, msi_config_read_file(&host, "/dev/zero", true));
    check_detail("more than");
}

/* What a process holds open of a file: a number of /proc/PID/fd, or -1. */
static int descriptor_of(pid_t pid, const char *path) {
    char directory[64], link[PATH_MAX];
    int found = -1;
    snprintf(directory, sizeof directory, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(directory);
    for (struct dirent *entry; dir && found < 0 && (entry = readdir(dir));) {
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
        link[len > 0 ? len : 0] = '\0';
        if (strcmp(link, path) == 0)
            found = atoi(entry->d_name);
    }
    check(dir && closedir(dir) == 0);
    return found;
}

static unsigned flags_of(pid_t pid, int fd) {
    char path[64], line[128];
    unsigned flags = 0;
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)pid, fd);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "flags: %o", &flags) != 1) {
    }
    check(file && fclose(file) == 0);
    return flags;
}

static void read_configuration(struct peer *parent, void *ctx) {
    (void)parent;
    msi_config host = fresh();
    check_ok(msi_config_read_file(&host, ctx, true));
    check_text("PIPED", host.computer);
}

/* A FIFO, which the child can open only when we do, and cannot end reading before we write. */
static void nothing_inherits_the_file_while_it_is_read(void **state) {
    (void)state;
    char directory[] = "/tmp/mailslot-test-XXXXXX", path[64];
    check(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/conf", directory);
    check(mkfifo(path, 0600) == 0);
    struct peer child = child_start(read_configuration, path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int its = -1;
    check(fd >= 0);
    check_within(SOON_MS, (its = descriptor_of(child.pid, path)) >= 0);
    check(flags_of(child.pid, its) & O_CLOEXEC);
    check(write(fd, "name = piped\n", 13) == 13 && close(fd) == 0);
    child_join(&child);
    check(unlink(path) == 0 && rmdir(directory) == 0);
}

static void defaults_are_the_system_s(void **state) {
    (void)state;
    msi_config host = fresh();
    char name[256];
    check(gethostname(name, sizeof name) == 0);
    size_t len = strcspn(name, ".");
    check_int(len < 15 ? len : 15, strlen(host.computer));
    check(strncasecmp(name, host.computer, strlen(host.computer)) == 0);
    check_text("WORKGROUP", host.workgroup);
    check_int(137, host.name_port);
    check_int(138, host.datagram_port);
    check_int(4096, host.max_connections);
    check_int(512, host.max_user_connections);
    check_int(4, host.max_name_readers);
    check_int(0, host.interface_count + host.wins_count);
}

/* ---- In a slot ---- */

static void the_own_name_is_this_computer(void **state) {
    write_file(state, "name = me\n");
    char directory[] = "/dev/shm/mailslot-host-XXXXXX";
    check(mkdtemp(directory) != NULL);
    setenv("MAILSLOT_DIR", directory, 1);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    mailslot *reader, *writer;
    check_ok(mailslot_open(&reader, "host\\own", &options));
    check_ok(mailslot_open(&writer, "\\\\Me\\mailslot\\host\\own", NULL));
    check_ok(mailslot_put(writer, "hello"));
    char text[8];
    size_t len;
    check_ok(mailslot_get_bytes(reader, text, sizeof text, &len, 0));
    check_int(5, len);
    mailslot_close(writer);
    mailslot_close(reader);
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_open(&writer, "\\\\ME\\mailslot\\host\\own", NULL));
    check_err(MAILSLOT_ERR_WRONG_DIRECTION,
              mailslot_open(&reader, "\\\\ME\\mailslot\\host\\own", &options));
    unsetenv("MAILSLOT_DIR");
    char path[64];
    snprintf(path, sizeof path, "%s/mailslot-%u", directory, (unsigned)geteuid());
    check(rmdir(path) == 0 && rmdir(directory) == 0);
}

static void a_bad_setting_fails_the_open_of_another_computer_s_slot_only(void **state) {
    write_file(state, "nonsense\n");
    mailslot *slot;
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(&slot, "\\\\other\\mailslot\\x", NULL));
    check_detail("no '=' in");
    check_ok(mailslot_open(&slot, "x", NULL));
    mailslot_close(slot);
}

#define file_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_can_be_said_in_the_file),
        cmocka_unit_test(a_number_sign_within_a_word_is_no_comment),
        cmocka_unit_test(a_mistake_in_the_file_names_file_line_and_word),
        cmocka_unit_test(too_many_of_a_repeatable_setting_are_refused),
        cmocka_unit_test(interfaces_are_names_patterns_addresses_and_networks),
        cmocka_unit_test(networks_that_are_none_are_refused),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        file_test(options_beat_the_environment_which_beats_the_file),
        cmocka_unit_test(a_weaker_speaker_is_not_heard_later_either),
        file_test(a_mistake_names_who_made_it),
        file_test(a_file_that_was_chosen_must_be_there),
        cmocka_unit_test(a_file_without_end_is_refused),
        cmocka_unit_test(nothing_inherits_the_file_while_it_is_read),
        cmocka_unit_test(defaults_are_the_system_s),
        file_test(the_own_name_is_this_computer),
        file_test(a_bad_setting_fails_the_open_of_another_computer_s_slot_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
