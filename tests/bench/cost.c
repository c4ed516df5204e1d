/* Runs ways in two processes that take turns; see cost.h. */
#include "cost.h"
#include "actors.h"
#include "allocations.h"
#include "die_with_parent.h"
#include "holders.h"
#include "pause.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_NS   UINT64_C(20000000000) /* a run may take so much longer than it should */
#define WRITERS    100                   /* most handles of one slot */
#define OPENINGS   4                     /* opens timed after each batch */
#define LEAST      3     /* batches, however short the time; the first is not timed */
#define WRONG_AT   5     /* the sequence number that a planted fault hits */
#define TURN_SPINS 20000 /* then yield, for machines with one CPU */

/* What the two processes know of a way. */
struct shared_way {
    struct histogram put, get, open_writer, open_reader;
    uint64_t messages, wrong;
    uint64_t allocations, counted; /* and over how many messages they were counted */
};

struct cost_arena {
    _Alignas(128) atomic_uint turn; /* even: the writer's; odd: the reader's */
    atomic_bool reader_open, over;
    char reason[160];
    struct shared_way ways[COST_WAYS];
};

/* One of the two processes. */
struct side {
    struct cost_arena *arena;
    const struct cost_way *const *ways;
    unsigned count;
    const struct run_settings *settings;
    struct cost_end ends[COST_WAYS];
    mailslot *others[COST_WAYS][WRITERS]; /* connected, and silent */
    pid_t parent;
};

const char *cost_value_name(enum cost_value value) {
    static const char *const names[COST_VALUES] = {
        [COST_PUT_NS] = "put_ns",
        [COST_GET_NS] = "get_ns",
        [COST_ALLOCATIONS] = "allocations_per_message",
        [COST_OPEN_WRITER_US] = "open_writer_us",
        [COST_OPEN_READER_US] = "open_reader_us",
    };
    return names[value];
}

/* ---- Both sides -------------------------------------------------------------------------- */

static _Noreturn void give_up(const struct side *side, const char *doing) {
    snprintf(side->arena->reason, sizeof side->arena->reason, "%s: %s", doing, mailslot_detail());
    _exit(1);
}

static void slot_name(char name[64], const struct side *side, unsigned way, const char *suffix) {
    snprintf(name, 64, "bench\\cost-%ld-%u%s", (long)side->parent, way, suffix);
}

static mailslot *open_end(const struct side *side, unsigned way, mailslot_direction direction,
                          const char *suffix) {
    char name[64];
    slot_name(name, side, way, suffix);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    if (side->ways[way]->codec != NULL)
        options.codec = side->ways[way]->codec();
    mailslot *slot = NULL;
    if (mailslot_open(&slot, name, &options) != MAILSLOT_OK)
        give_up(side, "open");
    return slot;
}

static void open_all(struct side *side, mailslot_direction direction) {
    for (unsigned i = 0; i < side->count; i++) {
        const struct cost_way *way = side->ways[i];
        side->ends[i].slot = open_end(side, i, direction, "");
        side->ends[i].memory = way->remember != NULL ? way->remember() : NULL;
        if (way->remember != NULL && side->ends[i].memory == NULL)
            give_up(side, "memory");
        for (unsigned other = 1; direction == MAILSLOT_WRITE && other < way->writers; other++)
            side->others[i][other] = open_end(side, i, direction, "");
    }
}

static void close_all(struct side *side) {
    for (unsigned i = 0; i < side->count; i++) {
        for (unsigned other = 1; other < WRITERS; other++)
            mailslot_close(side->others[i][other]);
        mailslot_close(side->ends[i].slot);
        if (side->ways[i]->forget != NULL)
            side->ways[i]->forget(side->ends[i].memory);
    }
}

/* Waits until it is the turn of a side: 0 the writer's, 1 the reader's. */
static void await_turn(const struct side *side, unsigned whose) {
    for (unsigned spins = 0;; spins++) {
        if (atomic_load_explicit(&side->arena->turn, memory_order_acquire) % 2 == whose)
            return;
        if (side->settings->pinned && spins < TURN_SPINS)
            cpu_pause();
        else
            sched_yield();
    }
}

static void end_turn(const struct side *side) {
    atomic_fetch_add_explicit(&side->arena->turn, 1, memory_order_release);
}

/* The first batch is for warming up. */
static void note_batch(struct histogram *times, struct shared_way *shared, uint64_t batch,
                       uint64_t ns, uint64_t allocations) {
    if (batch != 0) {
        histogram_add(times, ns);
        shared->allocations += allocations;
    }
}

static void time_opening(const struct side *side, unsigned way, mailslot_direction direction,
                         struct histogram *times) {
    for (unsigned i = 0; side->ways[way]->slots != 0 && i < OPENINGS; i++) {
        uint64_t begin = clock_ns();
        mailslot *slot = open_end(side, way, direction, direction == MAILSLOT_READ ? "-new" : "");
        histogram_add(times, clock_ns() - begin);
        mailslot_close(slot);
    }
}

/* ---- The writer -------------------------------------------------------------------------- */

static void put_batch(struct side *side, unsigned way, uint64_t batch) {
    struct cost_end *end = &side->ends[way];
    struct shared_way *shared = &side->arena->ways[way];
    bool planted = side->settings->plant != PLANT_NONE && batch == 0;
    uint64_t allocations = allocations_so_far();
    uint64_t begin = clock_ns();
    for (uint64_t i = 0; i < COST_BATCH; i++) {
        uint64_t sequence = batch * COST_BATCH + i + (planted && i == WRONG_AT);
        if (side->ways[way]->put(end, sequence) != MAILSLOT_OK)
            give_up(side, "put");
    }
    uint64_t ns = clock_ns() - begin;
    note_batch(&shared->put, shared, batch, ns, allocations_so_far() - allocations);
    time_opening(side, way, MAILSLOT_WRITE, &shared->open_writer);
}

static _Noreturn void be_writer(struct side *side) {
    while (!atomic_load(&side->arena->reader_open))
        nanosleep(&(struct timespec){0, 100000}, NULL);
    open_all(side, MAILSLOT_WRITE);
    uint64_t end = clock_ns() + (uint64_t)(side->settings->seconds * 1e9) * side->count;
    for (uint64_t batch = 0; batch < LEAST || clock_ns() < end; batch++) {
        for (unsigned way = 0; way < side->count; way++) {
            await_turn(side, 0);
            put_batch(side, way, batch);
            end_turn(side);
        }
    }
    await_turn(side, 0);
    atomic_store(&side->arena->over, true);
    end_turn(side);
    close_all(side);
    _exit(0);
}

/* ---- The reader -------------------------------------------------------------------------- */

static void get_batch(struct side *side, unsigned way, uint64_t batch) {
    struct cost_end *end = &side->ends[way];
    const struct cost_way *what = side->ways[way];
    struct shared_way *shared = &side->arena->ways[way];
    uint64_t wrong = 0;
    uint64_t allocations = allocations_so_far();
    uint64_t begin = clock_ns();
    for (uint64_t i = 0; i < COST_BATCH; i++) {
        uint64_t sequence = 0;
        if (what->get(end, &sequence) != MAILSLOT_OK)
            give_up(side, "get");
        wrong += sequence != batch * COST_BATCH + i || (batch == 0 && !what->intact(end));
    }
    uint64_t ns = clock_ns() - begin;
    note_batch(&shared->get, shared, batch, ns, allocations_so_far() - allocations);
    shared->wrong += wrong + !what->intact(end);
    shared->messages += COST_BATCH;
    shared->counted += batch != 0 ? COST_BATCH : 0;
    time_opening(side, way, MAILSLOT_READ, &shared->open_reader);
}

static _Noreturn void be_reader(struct side *side) {
    open_all(side, MAILSLOT_READ);
    atomic_store(&side->arena->reader_open, true);
    for (uint64_t turn = 0;; turn++) {
        await_turn(side, 1);
        if (atomic_load(&side->arena->over))
            break;
        get_batch(side, (unsigned)(turn % side->count), turn / side->count);
        end_turn(side);
    }
    close_all(side);
    _exit(0);
}

/* ---- The parent -------------------------------------------------------------------------- */

static void pin_to(const struct side *side, unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (side->settings->pinned && sched_setaffinity(0, sizeof set, &set) != 0)
        fprintf(stderr, "mailslot_bench: CPU %u: %s\n", cpu, strerror(errno));
}

static pid_t start(struct side *side, bool reads) {
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        die_with_parent(parent);
        if (reads) {
            pin_to(side, side->settings->reader_cpu);
            be_reader(side);
        }
        pin_to(side, side->settings->writer_cpus[0]);
        be_writer(side);
    }
    return pid;
}

/* Waits for both to end well. False if one did not, if it took too long, or on a signal. */
static bool wait_for_both(pid_t pids[2], uint64_t until, bool *interrupted) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    while (pids[0] > 0 || pids[1] > 0) {
        int signal = sigtimedwait(&set, NULL, &(struct timespec){1, 0});
        *interrupted = *interrupted || signal == SIGINT || signal == SIGTERM;
        for (unsigned i = 0; i < 2; i++) {
            int status = 0;
            if (pids[i] > 0 && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
                pids[i] = 0;
                if (status != 0)
                    return false;
            }
        }
        if (*interrupted || clock_ns() > until)
            return false;
    }
    return true;
}

static void kill_rest(pid_t pids[2]) {
    for (unsigned i = 0; i < 2; i++) {
        if (pids[i] > 0) {
            kill(pids[i], SIGKILL);
            waitpid(pids[i], NULL, 0);
        }
    }
}

static double median_of(const struct histogram *times, double divisor) {
    return times->total == 0 ? -1 : histogram_percentile(times, 0.5) / divisor;
}

static void collect(const struct shared_way *shared, struct cost_outcome *outcome) {
    outcome->status = OUTCOME_MEASURED;
    outcome->messages = shared->messages;
    outcome->wrong = shared->wrong;
    if (shared->wrong != 0) {
        snprintf(outcome->reason, sizeof outcome->reason, "%llu messages were not as they were put",
                 (unsigned long long)shared->wrong);
    }
    outcome->values[COST_PUT_NS] = median_of(&shared->put, COST_BATCH);
    outcome->values[COST_GET_NS] = median_of(&shared->get, COST_BATCH);
    outcome->values[COST_ALLOCATIONS] =
        allocations_are_counted() ? (double)shared->allocations / (double)shared->counted : -1;
    outcome->values[COST_OPEN_WRITER_US] = median_of(&shared->open_writer, 1e3);
    outcome->values[COST_OPEN_READER_US] = median_of(&shared->open_reader, 1e3);
}

static void set_all(struct cost_outcome *outcomes, unsigned count, enum outcome_status status,
                    const char *reason) {
    for (unsigned i = 0; i < count; i++) {
        outcomes[i] = (struct cost_outcome){.status = status};
        snprintf(outcomes[i].reason, sizeof outcomes[i].reason, "%s", reason);
    }
}

static bool run_both(struct side *side, struct cost_outcome *outcomes) {
    bool interrupted = false;
    pid_t pids[2] = {start(side, true), start(side, false)};
    uint64_t ns = (uint64_t)(side->settings->seconds * 1e9) * side->count;
    bool good =
        pids[0] > 0 && pids[1] > 0 && wait_for_both(pids, clock_ns() + ns + GRACE_NS, &interrupted);
    kill_rest(pids);
    for (unsigned i = 0; good && i < side->count; i++)
        collect(&side->arena->ways[i], &outcomes[i]);
    if (!good) {
        const char *reason = side->arena->reason;
        set_all(outcomes, side->count, OUTCOME_FAILED,
                reason[0] != '\0' ? reason : "did not come to an end in time");
    }
    return !interrupted;
}

static bool run_taking_turns(const struct cost_way *const *ways, unsigned count,
                             const struct run_settings *settings, struct cost_outcome *outcomes) {
    struct cost_arena *arena =
        mmap(NULL, sizeof *arena, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct side *side = calloc(1, sizeof *side);
    bool whole = true;
    if (arena == MAP_FAILED || side == NULL) {
        set_all(outcomes, count, OUTCOME_FAILED, strerror(errno));
    } else {
        *side = (struct side){arena, ways, count, settings, .parent = getpid()};
        whole = run_both(side, outcomes);
    }
    free(side);
    if (arena != MAP_FAILED)
        munmap(arena, sizeof *arena);
    return whole;
}

/* Ways that need a number of slots on the host cannot take turns. */
static bool run_among_others(const struct cost_way *const *way, const struct run_settings *settings,
                             struct cost_outcome *outcome) {
    struct holders *holders = holders_start((*way)->slots - 1);
    if (holders == NULL) {
        set_all(outcome, 1, OUTCOME_ABSENT, peer_reason());
        return true;
    }
    bool whole = run_taking_turns(way, 1, settings, outcome);
    holders_end(holders);
    return whole;
}

bool cost_run(const struct cost_way *const *ways, unsigned count,
              const struct run_settings *settings, struct cost_outcome *outcomes) {
    if (ways[0]->slots == 0)
        return run_taking_turns(ways, count, settings, outcomes);
    bool whole = true;
    for (unsigned i = 0; whole && i < count; i++)
        whole = run_among_others(&ways[i], settings, &outcomes[i]);
    return whole;
}
