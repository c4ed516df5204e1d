/* The message types whose size is being computed, and the sizes known so far. */
#ifndef MSI_SCHEMA_SIZE_TABLE_H
#define MSI_SCHEMA_SIZE_TABLE_H

#include "arena.h"
#include "protobuf_scan.h"

#include <stdbool.h>
#include <stdint.h>

enum msi_size_kind { MSI_SIZE_SMALLEST, MSI_SIZE_TYPICAL, MSI_SIZE_WORST, MSI_SIZE_KINDS };

/** A message type. Its smallest and worst sizes depend on the depth at which it stands, since it
 *  cannot contain itself below the last level; known has a bit for each depth whose size is there.
 *  The typical size does not, and is stored under depth 0. */
struct msi_size_node {
    const ProtobufCMessageDescriptor *type;
    bool open; /* its typical size is being computed */
    uint64_t known[MSI_SIZE_KINDS];
    size_t sizes[MSI_SIZE_KINDS][MSI_PROTOBUF_DEPTH_MAX + 1];
};

/** Start from {.arena = {.left = SIZE_MAX}}; end with msi_size_table_free(). */
struct msi_size_table {
    struct msi_arena arena;
    struct msi_size_node **nodes; /* by type; places is a power of two, or 0 */
    size_t places, count;
};

/** The node of type, made if it is not there; NULL without memory. */
struct msi_size_node *msi_size_table_node(struct msi_size_table *table,
                                          const ProtobufCMessageDescriptor *type);

/** Frees the table and its nodes. */
void msi_size_table_free(struct msi_size_table *table);

#endif
