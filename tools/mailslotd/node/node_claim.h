/* Claims of names by broadcast, together with their registration at WINS servers. */
#ifndef MSI_NODE_CLAIM_H
#define MSI_NODE_CLAIM_H

#include "node_common.h"

/** Claims a name anew: by broadcast, and at the WINS servers meanwhile. */
void msi_claim_start(msi_node *node, size_t name, uint64_t now);

/** Does what is due for a name. */
void msi_claim_tick(msi_node *node, size_t name, uint64_t now);

/** Another computer has the name: it is in conflict until it is claimed again. */
void msi_claim_lose(msi_node *node, size_t name, uint32_t by, uint64_t now);

/** Takes in a response to a registration. */
void msi_claim_receive(msi_node *node, const msi_node_packet *packet);

/** Adapts a claim to a changed list of subnets. */
void msi_claim_move(msi_node *node, size_t name, const msi_subnet_change *change, uint64_t now);

/** Releases a name for good. */
void msi_claim_release(msi_node *node, size_t name);

#endif
