/* Runs all rounds and gathers medians and extremes over them. */
#include "campaign.h"
#include "actors.h"
#include "line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool campaign_init(struct campaign *campaign, const struct bench_options *options,
                   const struct machine *machine) {
    size_t cells = (size_t)options->rounds * options->cell_count;
    *campaign = (struct campaign){
        .options = options,
        .machine = machine,
        .outcomes = calloc(cells * options->peer_count, sizeof *campaign->outcomes),
        .line_ns = calloc(cells, sizeof *campaign->line_ns),
        .costs = calloc((size_t)options->rounds * COST_WAYS, sizeof *campaign->costs),
    };
    return campaign->outcomes != NULL && campaign->line_ns != NULL && campaign->costs != NULL;
}

void campaign_free(struct campaign *campaign) {
    free(campaign->outcomes);
    free(campaign->line_ns);
    free(campaign->costs);
}

struct outcome *campaign_outcome(const struct campaign *campaign, unsigned round, unsigned cell,
                                 unsigned peer) {
    const struct bench_options *options = campaign->options;
    size_t row = (size_t)round * options->cell_count + cell;
    return &campaign->outcomes[row * options->peer_count + peer];
}

struct cost_outcome *campaign_cost(const struct campaign *campaign, unsigned round, unsigned way) {
    return &campaign->costs[round * COST_WAYS + way];
}

static void show_progress(const struct campaign *campaign, unsigned round, const char *what,
                          const char *who) {
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r\033[Kround %u of %u: %s, %s", round + 1, campaign->options->rounds,
                what, who);
    }
}

static void end_progress(void) {
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* The reader gets the first CPU, the writers share the rest. */
static struct run_settings settings_of(const struct campaign *campaign, const char *dir) {
    const struct machine *machine = campaign->machine;
    return (struct run_settings){
        .seconds = campaign->options->seconds,
        .messages = campaign->options->messages,
        .plant = campaign->options->plant,
        .dir = dir,
        .reader_cpu = machine->cpus[0],
        .writer_cpus = machine->cpus + 1,
        .writer_cpu_count = machine->cpu_count - 1,
        .pinned = machine->cpu_count > 1,
    };
}

/* Peers take turns within a cell, so that a ratio is of figures taken one after the other. */
static bool run_round(struct campaign *campaign, unsigned round,
                      const struct run_settings *settings) {
    const struct bench_options *options = campaign->options;
    for (unsigned cell = 0; cell < options->cell_count; cell++) {
        if (settings->pinned) {
            campaign->line_ns[round * options->cell_count + cell] =
                line_measure(settings->reader_cpu, settings->writer_cpus[0]);
        }
        for (unsigned peer = 0; peer < options->peer_count; peer++) {
            show_progress(campaign, round, options->cells[cell]->title, options->peers[peer]->name);
            if (!cell_run(options->peers[peer], options->cells[cell], settings,
                          campaign_outcome(campaign, round, cell, peer)))
                return false;
        }
    }
    return true;
}

/* Groups stand together in the list. */
static bool run_costs(struct campaign *campaign, unsigned round,
                      const struct run_settings *settings) {
    if (settings->writer_cpu_count == 0)
        return true;
    unsigned count = 0;
    for (unsigned first = 0; campaign->options->costs && first < COST_WAYS; first += count) {
        const char *group = cost_ways[first]->group;
        count = 0;
        while (first + count < COST_WAYS && strcmp(cost_ways[first + count]->group, group) == 0)
            count++;
        show_progress(campaign, round, "costs", group);
        if (!cost_run(&cost_ways[first], count, settings, campaign_cost(campaign, round, first)))
            return false;
    }
    return true;
}

static void count_syscalls(struct campaign *campaign) {
    const struct bench_options *options = campaign->options;
    if (options->costs) {
        show_progress(campaign, options->rounds - 1, "system calls", "by strace");
        campaign->syscalls = syscalls_count(&peer_mailslot, options->syscall_messages);
    }
}

bool campaign_run(struct campaign *campaign) {
    char dir[] = "/tmp/mailslot-bench-XXXXXX";
    if (mkdtemp(dir) == NULL) {
        fprintf(stderr, "mailslot_bench: %s: %s\n", dir, strerror(errno));
        return false;
    }
    struct run_settings settings = settings_of(campaign, dir);
    bool whole = true;
    while (whole && campaign->rounds_done < campaign->options->rounds) {
        whole = run_round(campaign, campaign->rounds_done, &settings) &&
                run_costs(campaign, campaign->rounds_done, &settings);
        campaign->rounds_done += whole;
    }
    if (whole)
        count_syscalls(campaign);
    end_progress();
    rmdir(dir);
    return whole;
}

struct spread campaign_spread(const struct campaign *campaign, unsigned cell, unsigned peer,
                              unsigned value) {
    double values[ROUNDS_MAX];
    unsigned count = 0;
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        const struct outcome *outcome = campaign_outcome(campaign, round, cell, peer);
        if (outcome->status == OUTCOME_MEASURED)
            values[count++] = outcome->values[value];
    }
    return spread_of(values, count);
}

struct spread campaign_cost_spread(const struct campaign *campaign, unsigned way,
                                   enum cost_value value) {
    double values[ROUNDS_MAX];
    unsigned count = 0;
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        const struct cost_outcome *outcome = campaign_cost(campaign, round, way);
        if (outcome->status == OUTCOME_MEASURED && outcome->values[value] >= 0)
            values[count++] = outcome->values[value];
    }
    return spread_of(values, count);
}

struct spread campaign_line_spread(const struct campaign *campaign) {
    unsigned count = campaign->rounds_done * campaign->options->cell_count;
    double values[ROUNDS_MAX * CELL_COUNT];
    memcpy(values, campaign->line_ns, count * sizeof *values);
    return spread_of(values, count);
}

struct campaign_sums campaign_sum(const struct campaign *campaign, unsigned cell, unsigned peer) {
    struct campaign_sums sums = {0};
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        const struct outcome *outcome = campaign_outcome(campaign, round, cell, peer);
        sums.messages += outcome->messages;
        sums.refused += outcome->refused;
        sums.wrong += outcome->wrong;
        sums.failed += outcome->status == OUTCOME_FAILED;
        sums.measured = sums.measured || outcome->status == OUTCOME_MEASURED;
        sums.absent = sums.absent || outcome->status == OUTCOME_ABSENT;
        if (outcome->reason[0] != '\0')
            sums.reason = outcome->reason;
    }
    return sums;
}

struct campaign_sums campaign_cost_sum(const struct campaign *campaign, unsigned way) {
    struct campaign_sums sums = {0};
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        const struct cost_outcome *outcome = campaign_cost(campaign, round, way);
        sums.messages += outcome->messages;
        sums.wrong += outcome->wrong;
        sums.failed += outcome->status == OUTCOME_FAILED;
        sums.measured = sums.measured || outcome->status == OUTCOME_MEASURED;
        sums.absent = sums.absent || outcome->status == OUTCOME_ABSENT;
        if (outcome->reason[0] != '\0')
            sums.reason = outcome->reason;
    }
    return sums;
}

/* ---- The cost of checking ---------------------------------------------------------------- */

struct check_cost check_cost_measure(size_t size) {
    enum { TIMES = 200000 };
    union message message = {.head = {.sequence = 0}};
    struct tally tally = {0};
    uint64_t begin = clock_ns();
    for (uint64_t i = 0; i < TIMES; i++) {
        message.head.sequence = i;
        message_fill(&message, size);
        __asm__ volatile("" ::"r"(&message) : "memory");
    }
    uint64_t filled = clock_ns();
    for (uint64_t i = 0; i < TIMES; i++) {
        __asm__ volatile("" ::"r"(&message) : "memory");
        tally_take(&tally, &message, size, size, 1);
    }
    uint64_t checked = clock_ns();
    return (struct check_cost){size, (double)(filled - begin) / TIMES,
                               (double)(checked - filled) / TIMES};
}
