/* What is measured: the cells of the table, and what running one of them gives. */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include "peer.h"

#include <stdint.h>

#define BURST_MESSAGES 10000

enum cell_kind { CELL_RATE, CELL_BURST, CELL_PING_PONG, CELL_PACED };

struct cell {
    const char *id; /* for --cells and JSON */
    const char *title;
    enum cell_kind kind;
    size_t size; /* bytes of each message */
    unsigned writers;
};

#define CELL_COUNT  7
#define VALUE_COUNT 3

extern const struct cell cells_all[CELL_COUNT];

/* Names of a cell kind's values with their units, for JSON; NULL where there are fewer than
 * VALUE_COUNT. */
const char *cell_value_name(enum cell_kind kind, unsigned value);

enum outcome_status { OUTCOME_NONE, OUTCOME_ABSENT, OUTCOME_FAILED, OUTCOME_MEASURED };

/* One cell of one peer in one round. */
struct outcome {
    enum outcome_status status;
    double values[VALUE_COUNT];
    uint64_t messages; /* checked, warts and all */
    uint64_t refused;  /* puts that found no room */
    uint64_t wrong;    /* messages torn, lost, repeated or out of order */
    char reason[160];  /* of ABSENT, FAILED, and of wrong messages */
};

/* What a writer does wrong on purpose, once in each cell, to show that the checks notice. */
enum plant { PLANT_NONE, PLANT_TORN, PLANT_LOST, PLANT_REPEATED, PLANT_SWAPPED, PLANT_SHORT };

struct run_settings {
    double seconds;    /* of each cell but bursts */
    uint64_t messages; /* if not 0: of each writer in a rate cell, instead of seconds */
    enum plant plant;
    const char *dir; /* for peers' socket files */
    unsigned reader_cpu;
    const unsigned *writer_cpus; /* used in turn */
    unsigned writer_cpu_count;
    bool pinned; /* false: one CPU for all */
};

/* Runs a cell in processes of its own. SIGCHLD, SIGINT and SIGTERM must be blocked. Returns false
 * if SIGINT or SIGTERM came, after cleaning up. */
bool cell_run(const struct peer *peer, const struct cell *cell, const struct run_settings *settings,
              struct outcome *outcome);

#endif
