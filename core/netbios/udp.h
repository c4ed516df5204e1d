/* IPv4 interfaces and UDP sockets. One implementation per platform. */
#ifndef MSI_UDP_H
#define MSI_UDP_H

#include "config.h"
#include "ip.h"
#include "wire.h"

enum {
    MSI_INTERFACE_NAME_SIZE = 16, /* IFNAMSIZ */
    MSI_INTERFACES_MAX = 32, /* most interfaces one sends on: a host's, with some addresses each */
};

/** An interface with one of its addresses, in host byte order. An interface with several addresses
 *  makes several of these. */
typedef struct {
    char name[MSI_INTERFACE_NAME_SIZE];
    unsigned index;
    uint32_t ip, netmask;
    uint32_t broadcast; /* 0: it cannot broadcast (tunnels, and networks of two addresses) */
} msi_interface;

/** Whether the list has an entry with the same interface and broadcast address. Of an interface's
 *  addresses without one the first is enough, and none if it has another: such an address is no
 *  network of its own. */
static inline bool msi_interface_is_known(const msi_interface *list, size_t count,
                                          const msi_interface *one) {
    for (size_t i = 0; i < count; i++)
        if (list[i].index == one->index && (!one->broadcast || list[i].broadcast == one->broadcast))
            return true;
    return false;
}

/** Whether one of the list can broadcast. */
static inline bool msi_interfaces_broadcast(const msi_interface *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (list[i].broadcast)
            return true;
    return false;
}

/** Stores up to cap of the interfaces that are up, have an IPv4 address and are among host's, if it
 *  names any, and how many they are, in *count, unless it fails. Those that can broadcast come
 *  first. OS, NO_MEMORY: the system cannot tell
 *  now. Cheap enough to be called once a second, not once a message. */
mailslot_err msi_udp_list_interfaces(msi_interface *list, size_t cap, const msi_config *host,
                                     size_t *count);

typedef struct {
    intptr_t handle; /* a descriptor, or a SOCKET; -1: none */
} msi_udp;

#define MSI_UDP_NONE ((msi_udp){-1})

/** Opens a socket on an ephemeral port that may broadcast, closed on exec. OS, NO_MEMORY. */
mailslot_err msi_udp_open(msi_udp *udp);

/** Closes it, if it is not closed; async-signal-safe. */
void msi_udp_close(msi_udp *udp);

/** Sends from an interface's own address, through it (index 0: as the system routes); from may be
 * NULL: as the system routes. Does not wait. FULL if the system has no room for it now, OS naming
 * the destination. Safe from several threads. */
mailslot_err msi_udp_send(const msi_udp *udp, const msi_interface *from, msi_udp_address to,
                          const unsigned char *bytes, size_t len);

/** Waits until the system has room for a packet; false if it has none by the deadline. */
bool msi_udp_writable(const msi_udp *udp, uint64_t deadline);

/** Receives one packet, its bytes beyond cap cut off; false if none came until deadline. */
bool msi_udp_receive(const msi_udp *udp, unsigned char *buf, size_t cap, size_t *len,
                     msi_udp_address *from, uint64_t deadline);

/** The address this computer would send from to reach ip; 0 if there is no route. */
uint32_t msi_udp_source_for(uint32_t ip);

/** Whether this computer has an address, on whichever interface: it would send from it to it. */
static inline bool msi_udp_is_own(uint32_t ip) { return ip && msi_udp_source_for(ip) == ip; }

/** Random bits that other hosts cannot predict. */
uint32_t msi_udp_random(void);

/** The number of this process: another one in a forked child. */
uint32_t msi_udp_process(void);

#endif
