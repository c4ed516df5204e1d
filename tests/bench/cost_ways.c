/* The table of ways, from the files of their kinds. */
#include "cost_ways.h"

#include <string.h>

const struct cost_way *const cost_ways[COST_WAYS] = {
    &cost_typed,        &cost_packed,    &cost_packed_default, &cost_msgpack,
    &cost_msgpack_zone, &cost_writers_1, &cost_writers_10,     &cost_writers_100,
    &cost_slots_1,      &cost_slots_100, &cost_slots_10000,
};

unsigned cost_find(const char *id) {
    unsigned i = 0;
    while (i < COST_WAYS && strcmp(cost_ways[i]->id, id) != 0)
        i++;
    return i;
}
