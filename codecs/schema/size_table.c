/* A hash table with open addressing, at most half full. It maps types to what is known of their
 * sizes; nodes do not move when it grows. */
#include "size_table.h"

#include <stdlib.h>

/* Fibonacci hashing (Knuth, TAOCP 3, 6.4): the upper half has the well-mixed bits. */
static struct msi_size_node **table_place(const struct msi_size_table *table,
                                          const ProtobufCMessageDescriptor *type) {
    uint64_t hash = (uint64_t)(uintptr_t)type * UINT64_C(0x9e3779b97f4a7c15);
    size_t place = (size_t)(hash >> 32) & (table->places - 1);
    while (table->nodes[place] && table->nodes[place]->type != type)
        place = (place + 1) & (table->places - 1);
    return &table->nodes[place];
}

static bool table_grow(struct msi_size_table *table) {
    struct msi_size_table larger = *table;
    larger.places = table->places ? table->places * 2 : 64;
    larger.nodes = calloc(larger.places, sizeof(struct msi_size_node *));
    if (!larger.nodes)
        return false;
    for (size_t i = 0; i < table->places; i++)
        if (table->nodes[i])
            *table_place(&larger, table->nodes[i]->type) = table->nodes[i];
    free(table->nodes);
    *table = larger;
    return true;
}

struct msi_size_node *msi_size_table_node(struct msi_size_table *table,
                                          const ProtobufCMessageDescriptor *type) {
    bool room = table->count < table->places / 2 || table_grow(table);
    struct msi_size_node **place = room ? table_place(table, type) : NULL;
    if (place && *place)
        return *place;
    struct msi_size_node *node = place ? msi_arena_alloc(&table->arena, sizeof *node) : NULL;
    if (!node)
        return NULL;
    node->type = type;
    table->count++;
    return *place = node;
}

void msi_size_table_free(struct msi_size_table *table) {
    free(table->nodes);
    msi_arena_free(&table->arena);
}
