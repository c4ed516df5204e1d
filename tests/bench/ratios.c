#include "campaign.h"

#include <string.h>

const struct ratio ratios_all[RATIO_COUNT] = {
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_UNIX, 10, false},
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_ZMQ, 5, false},
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_FLOOR, 0.4, false},
    {"rate-64-1", 0, "64 B, 1 writer", AGAINST_FLOOR_BEST, 0, false},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_UNIX, 12, false},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_ZMQ, 12, false},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_FLOOR, 0.45, false},
    {"rate-400-1", 0, "400 B, 1 writer", AGAINST_FLOOR_BEST, 0, false},
    {"rate-64-4", 0, "64 B, 4 writers", AGAINST_UNIX, 10, false},
    {"rate-64-4", 0, "64 B, 4 writers", AGAINST_ZMQ, 2, false},
    {"rate-400-4", 0, "400 B, 4 writers", AGAINST_UNIX, 0, false},
    {"rate-400-4", 0, "400 B, 4 writers", AGAINST_ZMQ, 0, false},
    {"pingpong-64", 0, "ping-pong p50", AGAINST_UNIX, 0.2, true},
    {"pingpong-64", 0, "ping-pong p50", AGAINST_ZMQ, 0, true},
    {"pingpong-64", 0, "ping-pong p50", AGAINST_FLOOR, 0, true},
    {"pingpong-64", 1, "ping-pong p99", AGAINST_UNIX, 0, true},
    {"paced-64", 0, "one a ms p50", AGAINST_UNIX, 1, true},
    {"paced-64", 0, "one a ms p50", AGAINST_ZMQ, 0, true},
    {"paced-64", 1, "one a ms p99", AGAINST_UNIX, 0, true},
};

static const char *const against_names[] = {[AGAINST_UNIX] = "AF_UNIX",
                                            [AGAINST_ZMQ] = "ZeroMQ",
                                            [AGAINST_FLOOR] = "floor",
                                            [AGAINST_FLOOR_BEST] = "floor-best"};

static const char *const against_peers[] = {[AGAINST_UNIX] = "unix",
                                            [AGAINST_ZMQ] = "zeromq",
                                            [AGAINST_FLOOR] = "floor",
                                            [AGAINST_FLOOR_BEST] = "floor-best"};

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
    if (ratio->against != AGAINST_UNIX) {
        return has_untuned;
    }
    double tuned = 0;
    bool has_tuned = figure(campaign, round, ratio, "unix-tuned", &tuned);
    if (has_tuned && (!has_untuned || (tuned < *value) == ratio->less_is_more)) {
        *value = tuned;
    }
    return has_untuned || has_tuned;
}

struct spread ratio_spread(const struct campaign *campaign, const struct ratio *ratio) {
    double values[ROUNDS_MAX];
    unsigned count = 0;
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        double ours = 0;
        double theirs = 0;
        if (figure(campaign, round, ratio, "mailslot", &ours) &&
            other_figure(campaign, round, ratio, &theirs)) {
            values[count++] = ours / theirs;
        }
    }
    return spread_of(values, count);
}

bool ratio_met(const struct ratio *ratio, const struct spread *spread) {
    return ratio->less_is_more ? spread->median <= ratio->aim : spread->median >= ratio->aim;
}
