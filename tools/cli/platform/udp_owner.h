/* Who has a UDP port of this computer. */
#ifndef CLI_PORTS_H
#define CLI_PORTS_H

#include <stdbool.h>
#include <stdint.h>

enum { PORT_PROGRAM_SIZE = 16 }; /* as the system cuts names */

struct port_owner {
    unsigned uid;
    int64_t pid;                     /* 0: not ours to know; root would */
    char program[PORT_PROGRAM_SIZE]; /* printable; "" without a pid */
};

/** Whether anybody has the port; if several have, one of them. */
bool port_find_owner(uint16_t port, struct port_owner *owner);

#endif
