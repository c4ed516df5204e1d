/* Registration of a name with WINS servers. Knows nothing of claims by broadcast: what a server's
 * answer means for them is returned as an event. */
#ifndef MSI_NODE_WINS_H
#define MSI_NODE_WINS_H

#include "node_common.h"

/** What a response or a timeout means for the claim. */
typedef enum {
    MSI_WINS_UNRELATED, /* not a response to a request under way */
    MSI_WINS_PENDING,   /* nothing yet */
    MSI_WINS_REFUSED,   /* another computer owns the name: refused, and granted to no address */
} msi_wins_event;

/** Asks for a name for each address, beginning with the first server; forgets what was before. */
void msi_wins_start(msi_node *node, size_t name, uint64_t now);

/** The node's addresses have changed: registers them with the servers that know the name. */
void msi_wins_move(msi_node *node, size_t name, const msi_subnet_change *change, uint64_t now);

/** The name was lost: schedules its release for each address that a server may have it for. */
void msi_wins_leave(msi_node *node, size_t name, uint64_t now);

/** When to call msi_wins_tick(); MSI_NODE_NEVER: not before something else happens. */
uint64_t msi_wins_next(const msi_node *node, size_t name);

/** Does what is due. */
msi_wins_event msi_wins_tick(msi_node *node, size_t name, uint64_t now);

/** Takes in a response. */
msi_wins_event msi_wins_receive(msi_node *node, size_t name, const msi_node_packet *packet);

/** Releases the name at once, for each address that a server may have it for. */
void msi_wins_release(msi_node *node, size_t name);

/** Whether a server has granted the name to an address. */
bool msi_wins_is_registered(const msi_node *node, size_t name);

/** A server that refused the name; 0: none did. */
uint32_t msi_wins_refused_by(const msi_node *node, size_t name);

#endif
