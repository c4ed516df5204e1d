/* Types and helpers that all files of the node use: node.c (interface), node_claim.c (claims by
 * broadcast), node_wins.c (WINS servers) and node_answer.c (requests of others). Includes go one
 * way: node.c > node_answer.c > node_claim.c > node_wins.c > node_common.c. */
#ifndef MSI_NODE_COMMON_H
#define MSI_NODE_COMMON_H

#include "node.h"

#define MSI_NODE_NEVER UINT64_MAX
#define MSI_NODE_MS    ((uint64_t)1000000)
#define MSI_NODE_S     ((uint64_t)1000000000)

/** A packet that was received. */
typedef struct {
    msi_ns_packet ns;
    msi_udp_address from;
    int subnet; /* where it was received: an index, or -1 */
    int link;   /* the subnet that its sender is on: an index, or -1 if it is elsewhere */
    bool here;  /* sent by this host itself */
    uint64_t now;
} msi_node_packet;

/** How the list of subnets has changed: a bit for each new subnet and for each that stays, and the
 *  former index of those (-1: new). */
typedef struct {
    uint32_t fresh, stays;
    int before[MSI_NODE_SUBNETS];
} msi_subnet_change;

/** A request about a name: its opcode, MSI_NS_ flags and transaction id. */
typedef struct {
    uint8_t opcode;
    uint16_t flags, id;
} msi_node_request;

/** A new transaction id. */
uint16_t msi_node_fresh_id(msi_node *node);

/** A random time between two numbers of seconds, in ns. */
uint64_t msi_node_random_s(msi_node *node, uint64_t least, uint64_t most);

/** The index of a name, name_count if it is none of the node's. */
size_t msi_node_find(const msi_node *node, const msi_nbname *name);

/** NB_FLAGS of a name (RFC 1002 section 4.2.1.3). */
uint16_t msi_node_flags(const msi_node *node, bool group);

/** A bit for each subnet. */
uint32_t msi_node_all_subnets(const msi_node *node);

/** Sends a request about a name, with and from the node's address on a subnet, to a WINS server. */
void msi_node_send_server(const msi_node *node, size_t name, size_t subnet, uint32_t server,
                          msi_node_request request);

/** A bit for each subnet that can broadcast. */
uint32_t msi_node_broadcast_subnets(const msi_node *node);

/** Broadcasts a request about a name on those subnets of a mask that can. */
void msi_node_broadcast(const msi_node *node, size_t name, uint32_t on, msi_node_request request);

#endif
