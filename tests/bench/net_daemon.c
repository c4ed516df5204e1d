/* Starts mailslotd, waits until it is ready, and reads its counters. */
#include "net_daemon.h"
#include "clock.h"
#include "die_with_parent.h"

#include <mailslot/network.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES 5 /* somebody else may take a port that was free */

static uint16_t free_port(void) {
    uint16_t port;
    close(net_udp_socket(&port));
    return port;
}

static void make_log_path(const struct net_settings *settings, char path[100]) {
    snprintf(path, 100, "%s/mailslotd.log", settings->dir);
}

_Noreturn static void become_mailslotd(const struct net_settings *settings, uint16_t port) {
    char names[8];
    char datagrams[8];
    char log[100];
    snprintf(names, sizeof names, "%u", (unsigned)free_port());
    snprintf(datagrams, sizeof datagrams, "%u", (unsigned)port);
    make_log_path(settings, log);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(fd, STDERR_FILENO);
    net_run_on_first(settings->machine);
    execl(settings->mailslotd, "mailslotd", "--name", NET_TARGET, "--workgroup", "BENCH",
          "--interface", "lo", "--config", "/dev/null", "--name-port", names, "--datagram-port",
          datagrams, (char *)NULL);
    fprintf(stderr, "%s: %s\n", settings->mailslotd, strerror(errno));
    _exit(127);
}

/* False if it ended instead. */
static bool is_ready(pid_t pid) {
    uint64_t begin = clock_ns();
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    while (mailslot_daemon_status_get(&status) != MAILSLOT_OK) {
        if (waitpid(pid, NULL, WNOHANG) == pid)
            return false;
        net_wait(begin, "mailslotd is not ready");
    }
    return true;
}

/* With the last line that it had to say. */
_Noreturn static void ended(const struct net_settings *settings) {
    char path[100];
    char line[160];
    char what[200] = "mailslotd ended at once";
    make_log_path(settings, path);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        snprintf(what, sizeof what, "mailslotd ended: %.*s", (int)strcspn(line, "\n"), line);
    net_give_up(what, 0);
}

void net_daemon_start(struct net_daemon *daemon, const struct net_settings *settings) {
    for (int i = 0; i < TRIES; i++) {
        daemon->port = free_port();
        pid_t parent = getpid();
        daemon->pid = fork();
        if (daemon->pid < 0)
            net_give_up("fork", errno);
        if (daemon->pid == 0) {
            die_with_parent(parent);
            become_mailslotd(settings, daemon->port);
        }
        if (is_ready(daemon->pid))
            return;
    }
    ended(settings);
}

/* ---- What it counts ---------------------------------------------------------------------- */

static mailslot_daemon_status ask_daemon(void) {
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    uint64_t begin = clock_ns();
    while (mailslot_daemon_status_get(&status) != MAILSLOT_OK)
        net_wait(begin, mailslot_detail());
    return status;
}

uint64_t net_daemon_malformed(void) {
    const mailslot_daemon_status status = ask_daemon();
    uint64_t sum = 0;
    for (size_t i = 0; i < status.malformed_count; i++)
        sum += status.malformed[i].count;
    return sum;
}

uint64_t net_daemon_count(const char *name) {
    const mailslot_daemon_status status = ask_daemon();
#define COUNTER(member, help)                                                                      \
    if (strcmp(name, #member) == 0)                                                                \
        return status.counters.member;
#define GAUGE(member, help)                                                                        \
    if (strcmp(name, #member) == 0)                                                                \
        return status.gauges.member;
    MAILSLOT_DAEMON_COUNTERS(COUNTER)
    MAILSLOT_DAEMON_GAUGES(GAUGE)
#undef COUNTER
#undef GAUGE
    net_give_up("mailslotd does not report what was asked for", 0);
}
