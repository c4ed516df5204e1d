/* The process that has bound a UDP port of this computer. */
#ifndef CLI_UDP_OWNER_H
#define CLI_UDP_OWNER_H

#include <stdbool.h>
#include <stdint.h>

enum { UDP_OWNER_PROGRAM_SIZE = 16 }; /* as the system cuts names */

struct udp_owner {
    unsigned uid;
    int64_t pid;                          /* 0: unknown without privileges */
    char program[UDP_OWNER_PROGRAM_SIZE]; /* printable; "" without a pid */
};

/** Finds a process that has bound the port. Returns false if there is none. */
bool udp_owner_find(uint16_t port, struct udp_owner *owner);

#endif
