#include "clock.h"
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUEUE      (4 << 20) /* bytes; what mailslotd asks for */
#define PATIENCE_S 30

/* ---- Datagrams --------------------------------------------------------------------------- */

size_t net_datagram(unsigned char out[MSI_DATAGRAM_MAX], const char *path, const void *data,
                    size_t len, uint64_t id) {
    unsigned char body[MSI_DATAGRAM_DATA_MAX];
    msi_smb_mailslot write = {.data = data, .len = len};
    msi_datagram datagram = {.type = MSI_DATAGRAM_UNIQUE,
                             .id = (uint16_t)id,
                             .source_ip = INADDR_LOOPBACK,
                             .source_port = MSI_DATAGRAM_PORT,
                             .data = body};
    snprintf(write.path, sizeof write.path, "%s", path);
    msi_nbname_set(&datagram.source, "SENDER", MSI_SUFFIX_WORKSTATION);
    msi_nbname_set(&datagram.destination, NET_TARGET, MSI_SUFFIX_WORKSTATION);
    datagram.len = msi_smb_mailslot_encode(&write, body, sizeof body);
    return msi_datagram_encode(&datagram, out, MSI_DATAGRAM_MAX);
}

/* ---- Sockets ----------------------------------------------------------------------------- */

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int net_udp_socket(uint16_t *port) {
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    const struct timeval patience = {.tv_sec = 1};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        net_give_up("no UDP socket on the loopback", errno);
    *port = ntohs(address.sin_port);
    return fd;
}

int net_udp_connect(uint16_t port) {
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        net_give_up("no UDP socket to the loopback", errno);
    return fd;
}

void net_enlarge_queue(int fd) {
    const int size = QUEUE;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* ---- Processes --------------------------------------------------------------------------- */

static void run_on(const unsigned *cpus, unsigned count) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < count; i++)
        CPU_SET(cpus[i], &set);
    sched_setaffinity(0, sizeof set, &set);
}

void net_run_on_first(const struct machine *machine) { run_on(machine->cpus, 1); }

void net_run_on_others(const struct machine *machine) {
    if (machine->cpu_count > 1)
        run_on(machine->cpus + 1, machine->cpu_count - 1);
}

void net_stop(pid_t child) {
    int status;
    kill(child, SIGSTOP);
    if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
        net_give_up("a process of the benchmark ended early", 0);
}

void net_continue(pid_t child) { kill(child, SIGCONT); }

void net_wait(uint64_t begin, const char *what) {
    if (clock_ns() - begin > PATIENCE_S * UINT64_C(1000000000))
        net_give_up(what, 0);
    usleep(1000);
}
