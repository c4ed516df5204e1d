/* Implements udp.h with Winsock and the IP helper library, for Windows. */
#define _CRT_RAND_S /* rand_s(): the system's own random numbers */
#include "interface_filter.h"
#include "udp.h"
#include "win32/win32.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <mswsock.h>
#include <stdlib.h>
#include <string.h>

/* ---- Interfaces ---- */

/* The name that Windows shows to users, in UTF-8, cut to fit. */
static void udp_read_name(msi_interface *one, const IP_ADAPTER_ADDRESSES *adapter) {
    char name[1024];
    if (WideCharToMultiByte(CP_UTF8, 0, adapter->FriendlyName, -1, name, sizeof name, NULL, NULL) <=
        0)
        name[0] = '\0';
    size_t len = strlen(name) < sizeof one->name ? strlen(name) : sizeof one->name - 1;
    while (len && (name[len] & 0xc0) == 0x80) /* not through a character */
        len--;
    memcpy(one->name, name, len);
    one->name[len] = '\0';
}

static bool udp_is_chosen(const msi_interface *one, const msi_config *host) {
    for (size_t i = 0; i < host->interface_count; i++)
        if (msi_interface_filter_matches(host->interfaces[i], one->name, one->ip))
            return true;
    return !host->interface_count;
}

static bool udp_can_broadcast(const IP_ADAPTER_ADDRESSES *adapter) {
    return adapter->IfType != IF_TYPE_PPP && adapter->IfType != IF_TYPE_TUNNEL;
}

/* Prefixes 31 and 32 leave no broadcast address; Windows does not report one, so derive it. */
static bool udp_read_address(msi_interface *one, const IP_ADAPTER_ADDRESSES *adapter,
                             const IP_ADAPTER_UNICAST_ADDRESS *unicast) {
    const unsigned prefix = unicast->OnLinkPrefixLength;
    struct sockaddr_in address;
    if (unicast->Address.lpSockaddr->sa_family != AF_INET || prefix < 1 || prefix > 32)
        return false;
    memcpy(&address, unicast->Address.lpSockaddr, sizeof address);
    *one = (msi_interface){.index = adapter->IfIndex, .ip = ntohl(address.sin_addr.s_addr)};
    one->netmask = UINT32_MAX << (32 - prefix);
    if (prefix <= 30 && udp_can_broadcast(adapter))
        one->broadcast = one->ip | ~one->netmask;
    udp_read_name(one, adapter);
    return one->ip != 0;
}

static bool udp_is_usable(const IP_ADAPTER_ADDRESSES *adapter) {
    return adapter->OperStatus == IfOperStatusUp && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK;
}

/* All adapters, in memory to be freed, or NULL for none. The list may grow between two calls, so
 * the size that the last call asked for need not do: try a few times. */
static mailslot_err udp_find_adapters(IP_ADAPTER_ADDRESSES **list) {
    const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ULONG size = 16384; /* of what the documentation advises to begin with */
    ULONG code = ERROR_BUFFER_OVERFLOW;
    for (int attempt = 0; attempt < 4 && code == ERROR_BUFFER_OVERFLOW; attempt++) {
        *list = malloc(size);
        if (!*list)
            return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for the network interfaces");
        code = GetAdaptersAddresses(AF_INET, flags, NULL, *list, &size);
        if (code == ERROR_SUCCESS)
            return MAILSLOT_OK;
        free(*list);
    }
    *list = NULL;
    if (code == ERROR_NO_DATA)
        return MAILSLOT_OK;
    return msi_fail_code(MAILSLOT_ERR_OS, code, "cannot look at the network interfaces");
}

/* Returns how many the list has then: those that can broadcast, or those that cannot, appended. */
static size_t udp_add_interfaces(msi_interface *list, size_t cap, const msi_config *host,
                                 const IP_ADAPTER_ADDRESSES *adapter, bool broadcast,
                                 size_t found) {
    for (; adapter; adapter = adapter->Next) {
        const IP_ADAPTER_UNICAST_ADDRESS *unicast =
            udp_is_usable(adapter) ? adapter->FirstUnicastAddress : NULL;
        for (; unicast && found < cap; unicast = unicast->Next)
            if (udp_read_address(&list[found], adapter, unicast) &&
                (list[found].broadcast != 0) == broadcast && udp_is_chosen(&list[found], host) &&
                !msi_interface_is_known(list, found, &list[found]))
                found++;
    }
    return found;
}

mailslot_err msi_udp_list_interfaces(msi_interface *list, size_t cap, const msi_config *host,
                                     size_t *count) {
    IP_ADAPTER_ADDRESSES *all;
    mailslot_err err = udp_find_adapters(&all);
    if (err)
        return err;
    size_t found = udp_add_interfaces(list, cap, host, all, true, 0);
    *count = udp_add_interfaces(list, cap, host, all, false, found);
    free(all);
    return MAILSLOT_OK;
}

/* ---- Sockets ---- */

static BOOL CALLBACK udp_start(INIT_ONCE *once, void *ctx, void **result) {
    WSADATA data;
    (void)once, (void)ctx, (void)result;
    return WSAStartup(MAKEWORD(2, 2), &data) == 0;
}

/* Once for the process and never undone: a library cannot know which socket is the last. */
static SOCKET udp_new_socket(void) {
    static INIT_ONCE started = INIT_ONCE_STATIC_INIT;
    if (!InitOnceExecuteOnce(&started, udp_start, NULL, NULL)) {
        WSASetLastError(WSASYSNOTREADY);
        return INVALID_SOCKET;
    }
    return WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0,
                      WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

static SOCKET udp_socket_of(const msi_udp *udp) { return (SOCKET)udp->handle; }

mailslot_err msi_udp_open(msi_udp *udp) {
    const BOOL on = TRUE;
    u_long no_wait = 1;
    SOCKET s = udp_new_socket();
    *udp = s == INVALID_SOCKET ? MSI_UDP_NONE : (msi_udp){(intptr_t)s};
    if (s != INVALID_SOCKET &&
        !setsockopt(s, SOL_SOCKET, SO_BROADCAST, (const char *)&on, sizeof on) &&
        !ioctlsocket(s, (long)FIONBIO, &no_wait))
        return MAILSLOT_OK;
    DWORD code = (DWORD)WSAGetLastError();
    msi_udp_close(udp);
    return msi_fail_code(code == WSAENOBUFS ? MAILSLOT_ERR_NO_MEMORY : MAILSLOT_ERR_OS, code,
                         "cannot open a UDP socket");
}

void msi_udp_close(msi_udp *udp) {
    if (udp->handle >= 0)
        closesocket(udp_socket_of(udp));
    *udp = MSI_UDP_NONE;
}

static struct sockaddr_in udp_to_system(msi_udp_address address) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(address.port)};
    in.sin_addr.s_addr = htonl(address.ip);
    return in;
}

/* Each interface broadcasts to an address of its own network, which usually is route enough;
 * IP_PKTINFO decides where two interfaces are in one network. */
static int udp_send_through(SOCKET s, const msi_interface *from, struct sockaddr_in *to,
                            WSABUF *bytes) {
    union {
        WSACMSGHDR head;
        char room[WSA_CMSG_SPACE(sizeof(IN_PKTINFO))];
    } control = {.room = {0}};
    WSAMSG message = {
        .name = (struct sockaddr *)to,
        .namelen = sizeof *to,
        .lpBuffers = bytes,
        .dwBufferCount = 1,
        .Control = {sizeof control.room, control.room},
    };
    IN_PKTINFO info = {.ipi_ifindex = from->index};
    info.ipi_addr.s_addr = htonl(from->ip);
    control.head.cmsg_len = WSA_CMSG_LEN(sizeof info);
    control.head.cmsg_level = IPPROTO_IP;
    control.head.cmsg_type = IP_PKTINFO;
    memcpy(WSA_CMSG_DATA(&control.head), &info, sizeof info);
    DWORD sent;
    return WSASendMsg(s, &message, 0, &sent, NULL, NULL);
}

static mailslot_err udp_cannot_send(DWORD code, const msi_interface *from, msi_udp_address to) {
    if (code == WSAEWOULDBLOCK)
        return msi_fail_plain(MAILSLOT_ERR_FULL);
    char text[MSI_IP_TEXT];
    msi_ip_text(to.ip, text);
    return msi_fail_code(MAILSLOT_ERR_OS, code, "cannot send to %s port %u%s%s", text,
                         (unsigned)to.port, from ? " through " : "", from ? from->name : "");
}

mailslot_err msi_udp_send(const msi_udp *udp, const msi_interface *from, msi_udp_address to,
                          const unsigned char *bytes, size_t len) {
    struct sockaddr_in address = udp_to_system(to);
    WSABUF part = {(ULONG)len, (char *)(uintptr_t)bytes};
    DWORD sent;
    int failed = from ? udp_send_through(udp_socket_of(udp), from, &address, &part)
                      : WSASendTo(udp_socket_of(udp), &part, 1, &sent, 0,
                                  (struct sockaddr *)&address, sizeof address, NULL, NULL);
    return failed ? udp_cannot_send((DWORD)WSAGetLastError(), from, to) : MAILSLOT_OK;
}

/* In slices: a timeval holds less time than a deadline may. Winsock ignores select()'s first
 * argument. */
static bool udp_wait_for(SOCKET s, bool to_write, uint64_t deadline) {
    enum { SLICE_MS = 60000 };
    DWORD ms;
    do {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(s, &set);
        ms = msi_ms_until(deadline, SLICE_MS);
        struct timeval limit = {(long)(ms / 1000), (long)(ms % 1000 * 1000)};
        int ready = select(0, to_write ? NULL : &set, to_write ? &set : NULL, NULL, &limit);
        if (ready)
            return ready > 0;
    } while (ms > 0);
    return false;
}

bool msi_udp_writable(const msi_udp *udp, uint64_t deadline) {
    return udp_wait_for(udp_socket_of(udp), true, deadline);
}

/* A packet that was cut to cap counts, although Winsock reports an error (WSAEMSGSIZE) for it.
 * An ICMP rejection of an earlier send is reported here too, as WSAECONNRESET, and is no packet. */
static bool udp_receive_once(const msi_udp *udp, unsigned char *buf, size_t cap, size_t *len,
                             msi_udp_address *from) {
    struct sockaddr_in address;
    int size = sizeof address;
    int got =
        recvfrom(udp_socket_of(udp), (char *)buf, (int)cap, 0, (struct sockaddr *)&address, &size);
    if (got < 0 && WSAGetLastError() != WSAEMSGSIZE)
        return false;
    if (size != sizeof address || address.sin_family != AF_INET)
        return false;
    *len = got < 0 ? cap : (size_t)got;
    *from = (msi_udp_address){ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)};
    return true;
}

bool msi_udp_receive(const msi_udp *udp, unsigned char *buf, size_t cap, size_t *len,
                     msi_udp_address *from, uint64_t deadline) {
    do {
        if (udp_receive_once(udp, buf, cap, len, from))
            return true;
    } while (udp_wait_for(udp_socket_of(udp), false, deadline));
    return false;
}

/* Connecting a UDP socket sends nothing; it has the system choose a route. */
uint32_t msi_udp_source_for(uint32_t ip) {
    struct sockaddr_in address = udp_to_system((msi_udp_address){ip, 9}); /* discard */
    int size = sizeof address;
    SOCKET s = udp_new_socket();
    if (s == INVALID_SOCKET)
        return 0;
    bool known = connect(s, (struct sockaddr *)&address, sizeof address) == 0 &&
                 getsockname(s, (struct sockaddr *)&address, &size) == 0;
    closesocket(s);
    return known ? ntohl(address.sin_addr.s_addr) : 0;
}

/* ---- This process ---- */

uint32_t msi_udp_random(void) {
    unsigned bits;
    if (rand_s(&bits) == 0)
        return bits;
    return (uint32_t)(msi_now() * 0x9e3779b97f4a7c15u >> 32) ^ msi_udp_process();
}

uint32_t msi_udp_process(void) { return (uint32_t)GetCurrentProcessId(); }
