/* Lists the interfaces at the start and after each netlink notification. */
#include "interfaces.h"
#include "base/log.h"
#include "base/uv_poll.h"
#include "error.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* SETTLE_MS: a change, such as a new address, causes several notifications; they are followed by
 * one listing. BLIND_MS: retry after a failed listing. SEEN_MAX: networks that are looked at, of
 * which MSI_NODE_SUBNETS are used. */
enum {
    LOOPBACK = 1, /* Linux: in every network namespace */
    SETTLE_MS = 100,
    BLIND_MS = 1000,
    SEEN_MAX = 1024,
};

_Static_assert((int)MSI_NODE_SUBNETS == (int)MSI_INTERFACES_MAX,
               "every network that writers send to is listened on");

mailslot_err interfaces_open(struct interfaces *interfaces) {
    interfaces->netlink =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR};
    if (interfaces->netlink >= 0 &&
        !bind(interfaces->netlink, (const struct sockaddr *)&address, sizeof address))
        return MAILSLOT_OK;
    return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot watch the network interfaces");
}

/* ---- Listing ---- */

static void interfaces_report(const struct interfaces *interfaces) {
    if (!interfaces->count)
        log_line(
            "no usable interface (up, with an IPv4 address, selected by 'interface'): only "
            "datagrams "
            "of this computer are received until there is one; NetBIOS does not work over IPv6");
    for (size_t i = 0; i < interfaces->count; i++) {
        char ip[MSI_IP_TEXT], broadcast[MSI_IP_TEXT];
        msi_ip_text(interfaces->list[i].ip, ip);
        msi_ip_text(interfaces->list[i].broadcast, broadcast);
        log_line("using interface %s: address %s, broadcast %s", interfaces->list[i].name, ip,
                 interfaces->list[i].broadcast ? broadcast : "none, names by WINS only");
    }
    if (interfaces->left_out)
        log_line(
            "ignoring %zu of %zu networks, the maximum is %d: select some with 'interface' in the "
            "configuration file",
            interfaces->left_out, interfaces->left_out + interfaces->count, MSI_NODE_SUBNETS);
}

static bool same_interface(const msi_interface *a, const msi_interface *b) {
    return strcmp(a->name, b->name) == 0 && a->index == b->index && a->ip == b->ip &&
           a->netmask == b->netmask && a->broadcast == b->broadcast;
}

static bool same_list(const struct interfaces *interfaces, const msi_interface *list,
                      size_t count) {
    for (size_t i = 0; i < count && count == interfaces->count; i++)
        if (!same_interface(&interfaces->list[i], &list[i]))
            return false;
    return count == interfaces->count;
}

static void on_timer(uv_timer_t *timer) { interfaces_look(timer->data); }

/* On failure the known interfaces stay in use. */
static void look_later(struct interfaces *interfaces) {
    if (!interfaces->blind)
        log_failure("cannot list the interfaces, keeping the known ones and retrying");
    interfaces->blind = true;
    uv_timer_start(&interfaces->timer, on_timer, BLIND_MS, 0);
}

void interfaces_look(struct interfaces *interfaces) {
    msi_interface list[SEEN_MAX];
    size_t seen;
    if (msi_udp_list_interfaces(list, SEEN_MAX, interfaces->host, &seen)) {
        look_later(interfaces);
        return;
    }
    size_t count = seen < MSI_NODE_SUBNETS ? seen : MSI_NODE_SUBNETS;
    interfaces->blind = false;
    /* Most notifications change nothing that matters here; claims must not start anew then. */
    if (interfaces->seen && same_list(interfaces, list, count) &&
        interfaces->left_out == seen - count)
        return;
    interfaces->seen = true;
    memcpy(interfaces->list, list, count * sizeof *list);
    interfaces->count = count;
    interfaces->left_out = seen - count;
    interfaces_report(interfaces);
    interfaces->changed(interfaces->ctx);
}

/* ---- Changes ---- */

/* The content of the notifications does not matter, nor whether some were lost (ENOBUFS): the
 * interfaces are listed anew. */
static void on_change(uv_poll_t *poll, int status, int events) {
    struct interfaces *interfaces = poll->data;
    char ignored[8192];
    (void)events;
    poll_rearm(poll, status, on_change);
    while (recv(interfaces->netlink, ignored, sizeof ignored, MSG_DONTWAIT) >= 0 ||
           errno == ENOBUFS)
        ;
    if (!uv_is_active((uv_handle_t *)&interfaces->timer))
        uv_timer_start(&interfaces->timer, on_timer, SETTLE_MS, 0);
}

void interfaces_start(struct interfaces *interfaces, uv_loop_t *loop) {
    interfaces->poll.data = interfaces->timer.data = interfaces;
    uv_timer_init(loop, &interfaces->timer);
    uv_poll_init(loop, &interfaces->poll, interfaces->netlink);
    uv_poll_start(&interfaces->poll, UV_READABLE, on_change);
    interfaces_look(interfaces);
}

void interfaces_close(struct interfaces *interfaces) {
    if (interfaces->poll.data) {
        uv_close((uv_handle_t *)&interfaces->poll, NULL);
        uv_close((uv_handle_t *)&interfaces->timer, NULL);
    }
    if (interfaces->netlink >= 0)
        close(interfaces->netlink);
    interfaces->netlink = -1;
}

/* ---- Where a packet came from ---- */

bool interfaces_include(const struct interfaces *interfaces, unsigned index) {
    for (size_t i = 0; i < interfaces->count; i++)
        if (interfaces->list[i].index == index)
            return true;
    /* Datagrams of this computer to itself. */
    return index == LOOPBACK;
}

bool interfaces_have(const struct interfaces *interfaces, uint32_t ip) {
    for (size_t i = 0; i < interfaces->count; i++)
        if (interfaces->list[i].ip == ip)
            return true;
    return false;
}

/* An interface may have several networks; a packet from none of them came through a router. */
int interfaces_subnet(const struct interfaces *interfaces, unsigned index, uint32_t from) {
    int found = index == LOOPBACK ? MSI_NODE_HERE : -1;
    for (size_t i = 0; i < interfaces->count; i++) {
        const msi_interface *one = &interfaces->list[i];
        if (one->index != index)
            continue;
        if ((one->ip & one->netmask) == (from & one->netmask))
            return (int)i;
        if (found < 0)
            found = (int)i;
    }
    return found;
}
