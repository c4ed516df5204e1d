/* All ways, each in the file of its kind. */
#ifndef BENCH_COST_WAYS_H
#define BENCH_COST_WAYS_H

#include "cost.h"

extern const struct cost_way cost_typed, cost_packed, cost_packed_default;
extern const struct cost_way cost_msgpack, cost_msgpack_zone;
extern const struct cost_way cost_writers_1, cost_writers_10, cost_writers_100;
extern const struct cost_way cost_slots_1, cost_slots_100, cost_slots_10000;

#endif
