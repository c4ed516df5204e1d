/* Implements udp.h with POSIX sockets, for Linux. */
#include "error.h"
#include "interface_filter.h"
#include "linux/altname.h"
#include "linux/process.h"
#include "linux/timespec.h"
#include "udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

static mailslot_err udp_cannot(int error, const char *what) {
    bool memory = error == ENOMEM || error == ENOBUFS;
    return msi_fail_errno(memory ? MAILSLOT_ERR_NO_MEMORY : MAILSLOT_ERR_OS, error, "%s", what);
}

/* ---- Interfaces ---- */

/* Copied, since a sockaddr need not be aligned as a sockaddr_in. */
static uint32_t udp_address_of(const struct sockaddr *address) {
    if (!address || address->sa_family != AF_INET)
        return 0;
    struct sockaddr_in in;
    memcpy(&in, address, sizeof in);
    return ntohl(in.sin_addr.s_addr);
}

/* glibc repeats the own address where none for broadcasts is set (the member shares its place
 * with ifa_dstaddr): derive it from the netmask then. A /31 or /32 network has no broadcast
 * address. */
static uint32_t udp_broadcast_of(const struct ifaddrs *entry, uint32_t ip, uint32_t netmask) {
    uint32_t said = udp_address_of(entry->ifa_broadaddr);
    if (said && said != ip)
        return said;
    return ~netmask > 1 ? ip | ~netmask : 0;
}

static bool udp_read_interface(msi_interface *interface, const struct ifaddrs *entry) {
    *interface = (msi_interface){.ip = udp_address_of(entry->ifa_addr),
                                 .netmask = udp_address_of(entry->ifa_netmask)};
    if (!interface->ip || !interface->netmask || !(entry->ifa_flags & IFF_UP) ||
        (entry->ifa_flags & IFF_LOOPBACK))
        return false;
    if (entry->ifa_flags & IFF_BROADCAST)
        interface->broadcast = udp_broadcast_of(entry, interface->ip, interface->netmask);
    size_t len = strcspn(entry->ifa_name, ":");
    snprintf(interface->name, sizeof interface->name, "%.*s", (int)len, entry->ifa_name);
    return true;
}

static mailslot_err udp_cannot_look(int error) {
    return udp_cannot(error, "cannot look at the network interfaces");
}

/* Stores 0, which the caller skips, if the interface has disappeared since getifaddrs(). */
static mailslot_err udp_find_index(msi_interface *interface) {
    interface->index = if_nametoindex(interface->name);
    return interface->index || errno == ENODEV || errno == ENXIO ? MAILSLOT_OK
                                                                 : udp_cannot_look(errno);
}

/* What was chosen, and the interfaces that have that for an alternative name (0: none). */
typedef struct {
    const msi_config *host;
    unsigned indexes[MSI_CONFIG_INTERFACES];
} udp_choice;

static udp_choice udp_make_choice(const msi_config *host) {
    udp_choice choice = {.host = host};
    for (size_t i = 0; i < host->interface_count; i++)
        choice.indexes[i] = msi_altname_index(host->interfaces[i]);
    return choice;
}

/* A second address may have a name of its own, such as eth0:1. */
static bool udp_is_chosen(const udp_choice *choice, const msi_interface *one, const char *label) {
    for (size_t i = 0; i < choice->host->interface_count; i++) {
        const char *text = choice->host->interfaces[i];
        if (choice->indexes[i] == one->index ||
            msi_interface_filter_matches(text, one->name, one->ip) ||
            msi_interface_filter_matches(text, label, one->ip))
            return true;
    }
    return !choice->host->interface_count;
}

/* Appends the interfaces that can broadcast, or those that cannot, to *found of the list. */
static mailslot_err udp_add_interfaces(msi_interface *list, size_t cap, const udp_choice *choice,
                                       const struct ifaddrs *entries, bool broadcast,
                                       size_t *found) {
    mailslot_err err = MAILSLOT_OK;
    for (const struct ifaddrs *e = entries; e && *found < cap && !err; e = e->ifa_next) {
        msi_interface *one = &list[*found];
        if (!udp_read_interface(one, e) || !one->broadcast == broadcast)
            continue;
        err = udp_find_index(one);
        *found += one->index && udp_is_chosen(choice, one, e->ifa_name) &&
                  !msi_interface_is_known(list, *found, one);
    }
    return err;
}

mailslot_err msi_udp_list_interfaces(msi_interface *list, size_t cap, const msi_config *host,
                                     size_t *count) {
    struct ifaddrs *entries;
    if (getifaddrs(&entries) != 0)
        return udp_cannot_look(errno);
    const udp_choice choice = udp_make_choice(host);
    size_t found = 0;
    mailslot_err err = udp_add_interfaces(list, cap, &choice, entries, true, &found);
    if (!err)
        err = udp_add_interfaces(list, cap, &choice, entries, false, &found);
    freeifaddrs(entries);
    if (!err)
        *count = found;
    return err;
}

/* ---- Addresses ---- */

static struct sockaddr_in udp_to_system(msi_udp_address address) {
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(address.port),
        .sin_addr.s_addr = htonl(address.ip),
    };
}

/* ---- Sockets ---- */

/* Linux fails a send to a broadcast address with EACCES unless SO_BROADCAST is set (ip(7)). */
mailslot_err msi_udp_open(msi_udp *udp) {
    const int on = 1;
    int fd = msi_clear_of_stdio(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    udp->handle = fd;
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0)
        return MAILSLOT_OK;
    mailslot_err err = udp_cannot(errno, "cannot open a UDP socket");
    msi_udp_close(udp);
    return err;
}

void msi_udp_close(msi_udp *udp) {
    if (udp->handle >= 0)
        close((int)udp->handle);
    udp->handle = -1;
}

/* IP_PKTINFO (ip(7)) chooses the interface and the source address, where the routing table would
 * choose one interface for all broadcasts. The union aligns the buffer for its cmsghdr. */
static ssize_t udp_send_through(int fd, const msi_interface *from, struct sockaddr_in *to,
                                struct iovec *bytes) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {.room = {0}};
    struct msghdr message = {
        .msg_name = to,
        .msg_namelen = sizeof *to,
        .msg_iov = bytes,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control.room,
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = IPPROTO_IP;
    head->cmsg_type = IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    struct in_pktinfo info = {.ipi_ifindex = (int)from->index,
                              .ipi_spec_dst.s_addr = htonl(from->ip)};
    memcpy(CMSG_DATA(head), &info, sizeof info);
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t udp_send_once(int fd, const msi_interface *from, msi_udp_address to,
                             const unsigned char *bytes, size_t len) {
    struct sockaddr_in address = udp_to_system(to);
    struct iovec part = {(void *)(uintptr_t)bytes, len};
    if (from)
        return udp_send_through(fd, from, &address, &part);
    return sendto(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
                  sizeof address);
}

static mailslot_err udp_cannot_send(int error, const msi_interface *from, msi_udp_address to) {
    if (error == EAGAIN || error == EWOULDBLOCK)
        return msi_fail_plain(MAILSLOT_ERR_FULL);
    char text[MSI_IP_TEXT];
    msi_ip_text(to.ip, text);
    return msi_fail_errno(MAILSLOT_ERR_OS, error, "cannot send to %s port %u%s%s", text,
                          (unsigned)to.port, from ? " through " : "", from ? from->name : "");
}

mailslot_err msi_udp_send(const msi_udp *udp, const msi_interface *from, msi_udp_address to,
                          const unsigned char *bytes, size_t len) {
    ssize_t sent = udp_send_once((int)udp->handle, from, to, bytes, len);
    while (sent < 0 && errno == EINTR)
        sent = udp_send_once((int)udp->handle, from, to, bytes, len);
    return sent < 0 ? udp_cannot_send(errno, from, to) : MAILSLOT_OK;
}

/* Computes the remaining time again after each signal, so that signals do not lengthen the wait.
 * A deadline of 0 only looks, without reading the clock. */
static bool udp_wait_for(int fd, short event, uint64_t deadline) {
    struct pollfd one = {fd, event, 0};
    for (;;) {
        uint64_t now = deadline ? msi_now() : 0;
        uint64_t left = deadline > now ? deadline - now : 0;
        struct timespec limit = msi_timespec_from_ns(left);
        int ready = ppoll(&one, 1, deadline == MSI_NEVER ? NULL : &limit, NULL);
        if (ready >= 0 || errno != EINTR)
            return ready > 0 && !(one.revents & POLLNVAL);
    }
}

bool msi_udp_writable(const msi_udp *udp, uint64_t deadline) {
    return udp_wait_for((int)udp->handle, POLLOUT, deadline);
}

/* A socket may be ready without a packet: one whose checksum is wrong is dropped when read, and
 * an ICMP error about an earlier send is reported by the read, once. Neither ends the wait. */
bool msi_udp_receive(const msi_udp *udp, unsigned char *buf, size_t cap, size_t *len,
                     msi_udp_address *from, uint64_t deadline) {
    do {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        ssize_t got =
            recvfrom((int)udp->handle, buf, cap, MSG_DONTWAIT, (struct sockaddr *)&address, &size);
        if (got >= 0 && size == sizeof address && address.sin_family == AF_INET) {
            *len = (size_t)got;
            *from = (msi_udp_address){ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)};
            return true;
        }
    } while (udp_wait_for((int)udp->handle, POLLIN, deadline));
    return false;
}

/* Connecting a UDP socket sends nothing; it has the system choose a route. */
uint32_t msi_udp_source_for(uint32_t ip) {
    struct sockaddr_in address = udp_to_system((msi_udp_address){ip, 9}); /* discard */
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool known = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                 getsockname(fd, (struct sockaddr *)&address, &size) == 0;
    if (fd >= 0)
        close(fd);
    return known ? ntohl(address.sin_addr.s_addr) : 0;
}

/* ---- This process ---- */

/* Cannot fail for so few bytes once the system is up; before that, the clock has to do. */
uint32_t msi_udp_random(void) {
    uint32_t bits;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) == sizeof bits)
        return bits;
    return (uint32_t)(msi_now() * 0x9e3779b97f4a7c15u >> 32) ^ msi_udp_process();
}

uint32_t msi_udp_process(void) { return (uint32_t)getpid(); }
