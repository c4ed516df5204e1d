/* Registration of a name with WINS servers. Knows nothing of claims by broadcast: what a server's
 * answer means for them is returned as an event. */
#ifndef MSI_NODE_WINS_H
#define MSI_NODE_WINS_H

#include "node_common.h"

/** What a response or a timeout means for the claim. */
typedef enum {
    MSI_WINS_UNRELATED, /* not a response to a request under way */
    MSI_WINS_PENDING,   /* nothing yet */
    MSI_WINS_PROCEED,   /* granted, or no server answers: claim by broadcast */
    MSI_WINS_REFUSED,   /* another computer owns the name */
} msi_wins_event;

/** Asks for a name, beginning with the first server; false if there is no server to ask. */
bool msi_wins_start(msi_node *node, size_t name, uint64_t now);

/** The node's addresses have changed: registers them with the server that knows the name. */
void msi_wins_renew(msi_node *node, size_t name, uint64_t now);

/** The name was lost: schedules its release if a server may have it. */
void msi_wins_leave(msi_node *node, size_t name, uint64_t now);

/** Does what is due. */
msi_wins_event msi_wins_tick(msi_node *node, size_t name, uint64_t now);

/** Takes in a response. */
msi_wins_event msi_wins_receive(msi_node *node, size_t name, const msi_node_packet *packet);

/** Releases the name at its server at once, if that may have it. */
void msi_wins_release(msi_node *node, size_t name);

#endif
