/* What the files of the node have in common: node.c (claims), node_answer.c (what others ask) and
 * node_wins.c (name servers). */
#ifndef MSI_NODE_PRIVATE_H
#define MSI_NODE_PRIVATE_H

#include "node.h"

#define MSI_NODE_NEVER UINT64_MAX
#define MSI_NODE_MS    ((uint64_t)1000000)
#define MSI_NODE_S     ((uint64_t)1000000000)

/** A packet that came. */
typedef struct {
    msi_ns_packet ns;
    msi_udp_address from;
    int subnet; /* an index, or -1 */
    bool here;  /* it came from the host itself */
    uint64_t now;
} msi_node_packet;

/** A request about a name: its opcode, MSI_NS_ flags and transaction id. */
typedef struct {
    uint8_t opcode;
    uint16_t flags, id;
} msi_node_request;

/* ---- node.c ---- */

/** A transaction id, and a time in seconds between two, in ns. */
uint16_t msi_node_fresh_id(msi_node *node);
uint64_t msi_node_random_s(msi_node *node, uint64_t least, uint64_t most);

/** The index of a name, name_count if it is none of the node's. */
size_t msi_node_find(const msi_node *node, const msi_nbname *name);

/** NB_FLAGS of a name (RFC 1002 section 4.2.1.3). */
uint16_t msi_node_flags(const msi_node *node, bool group);

/** Sends a request about a name, with the node's address on a subnet, to a WINS server. */
void msi_node_send_server(const msi_node *node, size_t name, size_t subnet, uint32_t server,
                          msi_node_request request);

/** Somebody else has the name: it is in conflict until it is claimed again. */
void msi_node_lose(msi_node *node, size_t name, uint32_t by, uint64_t now);

/** Claims a name on the subnets, if it is still to be claimed there: the servers have agreed, or
 *  there is none. */
void msi_node_claim_by_broadcast(msi_node *node, size_t name, uint64_t now);

/* ---- node_answer.c ---- */

/** A request came: answers it, or does not. May lose a name that is being claimed. */
void msi_node_answer(msi_node *node, const msi_node_packet *packet);

/* ---- node_wins.c ---- */

/** Asks for a name from the first server on; true if there is one to ask. */
bool msi_wins_start(msi_node *node, size_t name, uint64_t now);

/** The node's addresses have changed: tells the server that knows the name. */
void msi_wins_renew(msi_node *node, size_t name, uint64_t now);

/** The name was lost: lets it go, when time comes, if a server has it. */
void msi_wins_leave(msi_node *node, size_t name, uint64_t now);

/** Does what is due. */
void msi_wins_tick(msi_node *node, size_t name, uint64_t now);

/** Takes in a response; false if it is not about a request under way. */
bool msi_wins_receive(msi_node *node, size_t name, const msi_node_packet *packet);

/** Releases the name at its server, if that has it. */
void msi_wins_release(msi_node *node, size_t name);

#endif
