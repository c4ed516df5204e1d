/* Packets that we send, put where others can judge them. */
#ifndef MAILSLOT_TEST_NETBIOS_PACKETS_H
#define MAILSLOT_TEST_NETBIOS_PACKETS_H

#include <netbios/nameservice.h>

enum {
    OUR_IP = 0x0a4d0002, /* 10.77.0.2 */
    PEER_IP = 0x0a4d0003,
    SERVER_IP = 0x0a4d0009,
    BROADCAST_IP = 0x0a4d00ff,
};

/** Says what went wrong and ends the program. */
_Noreturn void packets_give_up(const char *what);

/** Puts the payload of a UDP packet to an address and port. */
void packets_put(const char *name, const unsigned char *bytes, size_t len, uint32_t to,
                 uint16_t port);

/** Puts everything that a node sends while it claims, defends, answers, refreshes and lets go. */
void packets_put_node(void);

#endif
