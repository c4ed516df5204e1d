/* The ratios of the report, and whether each meets its aim. */
#include "campaign.h"

#include <string.h>

const struct ratio ratios_all[RATIO_COUNT] = {
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_UNIX, 10, 0, false, NULL},
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_ZMQ, 5, 0, false, NULL},
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_FLOOR, 0.4, 0.6, false, NULL},
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_FLOOR_BEST, 0, 0, false, NULL},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_UNIX, 12, 0, false, NULL},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_ZMQ, 12, 0, false, NULL},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_FLOOR, 0.45, 0.75, false, NULL},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_FLOOR_BEST, 0, 0, false, NULL},
    {"rate-64-4", 0, "64 B, 4 writers", AGAINST_UNIX, 10, 0, false, NULL},
    {"rate-64-4", 0, "64 B, 4 writers", AGAINST_ZMQ, 2, 5, false, NULL},
    {"rate-400-4", 0, "400 B, 4 writers", AGAINST_UNIX, 0, 0, false, NULL},
    {"rate-400-4", 0, "400 B, 4 writers", AGAINST_ZMQ, 0, 0, false, NULL},
    {"rate-64-1", 0, "64 B, may wait", AGAINST_MAILSLOT, 0.98, 0, false, "mailslot-w"},
    {"rate-400-1", 0, "400 B, may wait", AGAINST_MAILSLOT, 0.98, 0, false, "mailslot-w"},
    {"rate-64-4", 0, "64 B, 4, may wait", AGAINST_MAILSLOT, 0.98, 0, false, "mailslot-w"},
    {"pingpong-64", 0, "ping-pong p50", AGAINST_UNIX, 0.2, 0, true, NULL},
    {"pingpong-64", 0, "ping-pong p50", AGAINST_ZMQ, 0, 0, true, NULL},
    {"pingpong-64", 0, "ping-pong p50", AGAINST_FLOOR, 0, 0, true, NULL},
    {"pingpong-64", 1, "ping-pong p99", AGAINST_UNIX, 0, 0, true, NULL},
    {"paced-64", 0, "one a ms p50", AGAINST_UNIX, 1, 0, true, NULL},
    {"paced-64", 0, "one a ms p50", AGAINST_ZMQ, 0, 0, true, NULL},
    {"paced-64", 1, "one a ms p99", AGAINST_UNIX, 0, 0, true, NULL},
};

static const char *const against_names[] = {[AGAINST_UNIX] = "AF_UNIX",
                                            [AGAINST_ZMQ] = "ZeroMQ",
                                            [AGAINST_FLOOR] = "floor",
                                            [AGAINST_FLOOR_BEST] = "floor-best",
                                            [AGAINST_MAILSLOT] = "mailslot"};

static const char *const against_peers[] = {[AGAINST_UNIX] = "unix",
                                            [AGAINST_ZMQ] = "zeromq",
                                            [AGAINST_FLOOR] = "floor",
                                            [AGAINST_FLOOR_BEST] = "floor-best",
                                            [AGAINST_MAILSLOT] = "mailslot"};

const char *against_name(enum against against) { return against_names[against]; }

/* Stores the figure of the named peer in a round; false if there is none. */
static bool figure(const struct campaign *campaign, unsigned round, const struct ratio *ratio,
                   const char *peer, double *value) {
    const struct bench_options *options = campaign->options;
    for (unsigned cell = 0; cell < options->cell_count; cell++) {
        for (unsigned i = 0; i < options->peer_count; i++) {
            const struct outcome *outcome = campaign_outcome(campaign, round, cell, i);
            if (strcmp(options->cells[cell]->id, ratio->cell) == 0 &&
                strcmp(options->peers[i]->name, peer) == 0 && outcome->status == OUTCOME_MEASURED) {
                *value = outcome->values[ratio->value];
                return *value > 0;
            }
        }
    }
    return false;
}

static bool other_figure(const struct campaign *campaign, unsigned round, const struct ratio *ratio,
                         double *value) {
    bool has_untuned = figure(campaign, round, ratio, against_peers[ratio->against], value);
    if (ratio->against != AGAINST_UNIX)
        return has_untuned;
    double tuned = 0;
    bool has_tuned = figure(campaign, round, ratio, "unix-tuned", &tuned);
    if (has_tuned && (!has_untuned || (tuned < *value) == ratio->less_is_more))
        *value = tuned;
    return has_untuned || has_tuned;
}

struct spread ratio_spread(const struct campaign *campaign, const struct ratio *ratio) {
    double values[ROUNDS_MAX];
    unsigned count = 0;
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        double ours = 0;
        double theirs = 0;
        if (figure(campaign, round, ratio, ratio->of ? ratio->of : "mailslot", &ours) &&
            other_figure(campaign, round, ratio, &theirs))
            values[count++] = ours / theirs;
    }
    return spread_of(values, count);
}

bool ratio_met(const struct ratio *ratio, const struct spread *spread) {
    return ratio->less_is_more ? spread->median <= ratio->aim : spread->median >= ratio->aim;
}

/* ---- Costs ------------------------------------------------------------------------------- */

#define NO_AIM (-1)

const struct cost_ratio cost_ratios_all[COST_RATIO_COUNT] = {
    {"typed", COST_PUT_NS, "packed", "typed put to size, pack, put_bytes", 1.15},
    {"typed", COST_GET_NS, "packed", "typed get to get_bytes, arena unpack", 1.5},
    {"typed", COST_GET_NS, "packed-malloc", "the same, default allocator", 1},
    {"msgpack", COST_PUT_NS, "msgpack-zone", "MessagePack put to pack, put_bytes", NO_AIM},
    {"msgpack", COST_GET_NS, "msgpack-zone", "MessagePack get to get_bytes, unpack", 1.5},
    {"writers-10", COST_PUT_NS, "writers-1", "put, 10 writers connected to 1", 1.1},
    {"writers-10", COST_GET_NS, "writers-1", "get, 10 to 1", 1.1},
    {"writers-100", COST_PUT_NS, "writers-1", "put, 100 to 1", 1.1},
    {"writers-100", COST_GET_NS, "writers-1", "get, 100 to 1", 1.1},
    {"slots-100", COST_OPEN_READER_US, "slots-1", "open to read, 100 slots to 1", 1.2},
    {"slots-100", COST_OPEN_WRITER_US, "slots-1", "open to write, 100 to 1", 1.2},
    {"slots-100", COST_PUT_NS, "slots-1", "put, 100 to 1", 1.2},
    {"slots-100", COST_GET_NS, "slots-1", "get, 100 to 1", 1.2},
    {"slots-10000", COST_OPEN_READER_US, "slots-1", "open to read, 10,000 to 1", 1.2},
    {"slots-10000", COST_OPEN_WRITER_US, "slots-1", "open to write, 10,000 to 1", 1.2},
    {"slots-10000", COST_PUT_NS, "slots-1", "put, 10,000 to 1", 1.2},
    {"slots-10000", COST_GET_NS, "slots-1", "get, 10,000 to 1", 1.2},
    {"writers-1", COST_ALLOCATIONS, NULL, "allocations per message, bytes", 0},
    {"typed", COST_ALLOCATIONS, NULL, "allocations, typed", 0},
    {"msgpack", COST_ALLOCATIONS, NULL, "allocations, MessagePack", 0},
    {"packed-malloc", COST_ALLOCATIONS, NULL, "allocations, default allocator", NO_AIM},
};

/* False if the way does not have the value in that round. */
static bool cost_figure(const struct campaign *campaign, unsigned round, const char *way,
                        enum cost_value value, double *figure) {
    const struct cost_outcome *outcome = campaign_cost(campaign, round, cost_find(way));
    *figure = outcome->values[value];
    return outcome->status == OUTCOME_MEASURED && *figure >= 0;
}

struct spread cost_ratio_spread(const struct campaign *campaign, const struct cost_ratio *ratio) {
    double values[ROUNDS_MAX];
    unsigned count = 0;
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        double ours = 0;
        double theirs = 1;
        if (cost_figure(campaign, round, ratio->way, ratio->value, &ours) &&
            (ratio->against == NULL ||
             cost_figure(campaign, round, ratio->against, ratio->value, &theirs)) &&
            theirs > 0)
            values[count++] = ours / theirs;
    }
    return spread_of(values, count);
}

bool cost_ratio_met(const struct cost_ratio *ratio, const struct spread *spread) {
    return spread->median <= ratio->aim;
}
