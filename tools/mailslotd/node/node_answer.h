/* Requests of other computers. */
#ifndef MSI_NODE_ANSWER_H
#define MSI_NODE_ANSWER_H

#include "node_common.h"

/** Answers a request, or does not. May lose a name that is being claimed. */
void msi_node_answer(msi_node *node, const msi_node_packet *packet);

#endif
