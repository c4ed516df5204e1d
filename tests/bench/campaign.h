/* A whole run: every round of every cell of every peer, and the ratios between them. */
#ifndef BENCH_CAMPAIGN_H
#define BENCH_CAMPAIGN_H

#include "cost.h"
#include "machine.h"
#include "options.h"
#include "stats.h"
#include "syscalls.h"

#include <stdio.h>

struct campaign {
    const struct bench_options *options;
    const struct machine *machine;
    struct outcome *outcomes;      /* by round, cell and peer: see campaign_outcome() */
    double *line_ns;               /* by round and cell: see line.h; 0 with one CPU */
    struct cost_outcome *costs;    /* by round and way: see campaign_cost() */
    struct syscall_count syscalls; /* of mailslot */
    unsigned rounds_done;
};

/* Memory for all rounds; false if there is none. */
bool campaign_init(struct campaign *campaign, const struct bench_options *options,
                   const struct machine *machine);
void campaign_free(struct campaign *campaign);

/* What making and checking one message costs, in ns, whatever the peer. */
struct check_cost {
    size_t size;
    double fill_ns, check_ns;
};

struct check_cost check_cost_measure(size_t size);

/* All rounds. Returns whether it was not interrupted. */
bool campaign_run(struct campaign *campaign);

struct outcome *campaign_outcome(const struct campaign *campaign, unsigned round, unsigned cell,
                                 unsigned peer);

struct cost_outcome *campaign_cost(const struct campaign *campaign, unsigned round, unsigned way);

/* Over the rounds in which it was measured. count is 0 if the way does not have the value. */
struct spread campaign_cost_spread(const struct campaign *campaign, unsigned way,
                                   enum cost_value value);

/* Over the rounds in which it was measured; peer and cell are indices into the options' lists. */
struct spread campaign_spread(const struct campaign *campaign, unsigned cell, unsigned peer,
                              unsigned value);

/* What a cache line took from CPU to CPU before each cell. */
struct spread campaign_line_spread(const struct campaign *campaign);

/* Sums over the rounds. */
struct campaign_sums {
    uint64_t messages, refused, wrong;
    unsigned failed;    /* cells that did not come to an end */
    const char *reason; /* one of those of wrong messages, failures or absence; or NULL */
    bool measured, absent;
};

struct campaign_sums campaign_sum(const struct campaign *campaign, unsigned cell, unsigned peer);
struct campaign_sums campaign_cost_sum(const struct campaign *campaign, unsigned way);

/* ---- Ratios ------------------------------------------------------------------------------ */

enum against { AGAINST_UNIX, AGAINST_ZMQ, AGAINST_FLOOR, AGAINST_FLOOR_BEST, AGAINST_MAILSLOT };

struct ratio {
    const char *cell;
    unsigned value; /* which of the cell's values */
    const char *title;
    enum against against;
    double aim;        /* 0: none */
    double goal;       /* more than is asked for; 0: none */
    bool less_is_more; /* times, not rates: at most aim, and the better peer has less */
    const char *of;    /* the peer whose figure is divided; NULL: mailslot */
};

#define RATIO_COUNT 22

extern const struct ratio ratios_all[RATIO_COUNT];

const char *against_name(enum against against);

/* Of mailslot, or what `of` names, to the other, round by round. The better of the AF_UNIX peers
 * counts, in each round. count is 0 unless both were measured. */
struct spread ratio_spread(const struct campaign *campaign, const struct ratio *ratio);

bool ratio_met(const struct ratio *ratio, const struct spread *spread);

/* A cost by one way over the same cost by another, or what it is by itself. */
struct cost_ratio {
    const char *way;
    enum cost_value value;
    const char *against; /* NULL: nothing */
    const char *title;
    double aim; /* at most; negative: none */
};

#define COST_RATIO_COUNT 21

extern const struct cost_ratio cost_ratios_all[COST_RATIO_COUNT];

struct spread cost_ratio_spread(const struct campaign *campaign, const struct cost_ratio *ratio);

bool cost_ratio_met(const struct cost_ratio *ratio, const struct spread *spread);

#define SYSCALLS_AIM 0.001 /* per message, less than */

/* ---- Showing ----------------------------------------------------------------------------- */

void report_print(FILE *out, const struct campaign *campaign);

/* The part of report_print() about costs. */
void report_costs(FILE *out, const struct campaign *campaign);

/* Returns false, having said why, if the file cannot be written. */
bool json_write(const char *path, const struct campaign *campaign);

#endif
