/* The table of cells. */
#include "cell.h"

const struct cell cells_all[CELL_COUNT] = {
    {"rate-64-1", "64 B, 1 writer", CELL_RATE, 64, 1},
    {"rate-400-1", "400 B, 1 writer", CELL_RATE, 400, 1},
    {"rate-64-4", "64 B, 4 writers", CELL_RATE, 64, 4},
    {"rate-400-4", "400 B, 4 writers", CELL_RATE, 400, 4},
    {"burst-64", "64 B, burst", CELL_BURST, 64, 1},
    {"pingpong-64", "64 B, ping-pong", CELL_PING_PONG, 64, 1},
    {"paced-64", "64 B, one a ms", CELL_PACED, 64, 1},
};

static const char *const value_names[][VALUE_COUNT] = {
    [CELL_RATE] = {"million_messages_per_s"},
    [CELL_BURST] = {"held", "put_million_per_s", "get_million_per_s"},
    [CELL_PING_PONG] = {"p50_us", "p99_us"},
    [CELL_PACED] = {"p50_us", "p99_us"},
};

const char *cell_value_name(enum cell_kind kind, unsigned value) {
    return value < VALUE_COUNT ? value_names[kind][value] : NULL;
}
