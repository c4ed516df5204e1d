/* Runs one cell: forks its actors, lets them run, collects what they found. The parent sleeps in
 * sigtimedwait() all the while, so that it takes no time from the CPUs being measured. */
#include "actors.h"
#include "die_with_parent.h"

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

#define GRACE_NS    UINT64_C(10000000000) /* a cell may take so much longer than it should */
#define PER_MESSAGE UINT64_C(200000)      /* the same, in ns per message, when those are fixed */

struct run {
    const struct peer *peer;
    const struct cell *cell;
    const struct run_settings *settings;
    struct arena *arena;
    void *channels[2];
    unsigned channel_count; /* made so far */
    pid_t pids[ACTORS_MAX]; /* 0: not running */
    bool failed;
    bool interrupted;
};

/* ---- Channels ---------------------------------------------------------------------------- */

static enum peer_status make_channels(struct run *run) {
    static unsigned serial;
    unsigned wanted = run->cell->kind == CELL_PING_PONG ? 2 : 1;
    for (unsigned i = 0; i < wanted; i++) {
        char id[48];
        snprintf(id, sizeof id, "%ld-%u", (long)getpid(), serial++);
        struct peer_place place = {id, run->settings->dir, MESSAGE_MAX};
        enum peer_status status = run->peer->create(&place, &run->channels[i]);
        if (status != PEER_OK)
            return status;
        run->channel_count++;
    }
    return PEER_OK;
}

static void destroy_channels(struct run *run) {
    for (unsigned i = 0; i < run->channel_count; i++)
        run->peer->destroy(run->channels[i]);
}

/* ---- Processes --------------------------------------------------------------------------- */

static void pin(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fprintf(stderr, "mailslot_bench: CPU %u: %s\n", cpu, strerror(errno));
}

static _Noreturn void be_actor(const struct run *run, unsigned index) {
    const struct run_settings *settings = run->settings;
    if (settings->pinned) {
        pin(index == 0 ? settings->reader_cpu
                       : settings->writer_cpus[(index - 1) % settings->writer_cpu_count]);
    }
    struct actor actor = {
        .peer = run->peer,
        .cell = run->cell,
        .settings = settings,
        .arena = run->arena,
        .channels = (void **)run->channels,
        .index = index,
        .alone = settings->pinned && run->cell->writers <= settings->writer_cpu_count,
        .result = &run->arena->results[index],
    };
    actor_run(&actor);
    _exit(0);
}

static bool start_actors(struct run *run) {
    for (unsigned i = 0; i < actor_count(run->cell); i++) {
        pid_t parent = getpid();
        pid_t pid = fork();
        if (pid < 0) {
            peer_fail("fork", errno);
            return false;
        }
        if (pid == 0) {
            die_with_parent(parent);
            be_actor(run, i);
        }
        run->pids[i] = pid;
    }
    return true;
}

static void kill_actors(struct run *run) {
    for (unsigned i = 0; i < ACTORS_MAX; i++) {
        if (run->pids[i] != 0) {
            kill(run->pids[i], SIGKILL);
            waitpid(run->pids[i], NULL, 0);
            run->pids[i] = 0;
        }
    }
}

/* Collects actors that have exited; returns how many still run. */
static unsigned reap(struct run *run) {
    unsigned running = 0;
    for (unsigned i = 0; i < ACTORS_MAX; i++) {
        int status = 0;
        if (run->pids[i] != 0 && waitpid(run->pids[i], &status, WNOHANG) == run->pids[i]) {
            run->pids[i] = 0;
            run->failed = run->failed || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
        }
        running += run->pids[i] != 0;
    }
    return running;
}

/* Sleeps until an actor exits, a signal asks to end, or the time has come. Returns whether the
 * actors should go on running: true when the time has come and all is well. */
static bool sleep_until(struct run *run, uint64_t until) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    for (;;) {
        uint64_t now = clock_ns();
        uint64_t left = until > now ? until - now : 0;
        struct timespec wait = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        int signal = sigtimedwait(&set, NULL, &wait);
        run->interrupted = run->interrupted || signal == SIGINT || signal == SIGTERM;
        if (reap(run) == 0 || run->failed || run->interrupted)
            return false;
        if (signal < 0 && errno == EAGAIN)
            return true;
    }
}

/* Unlike arena_meet(), notices an actor that failed to open. */
static bool meet_at_start(struct run *run) {
    unsigned others = actor_count(run->cell);
    uint64_t limit = clock_ns() + GRACE_NS;
    while (atomic_load(&run->arena->arrived[PHASE_START]) < others)
        if (!sleep_until(run, clock_ns() + 100000) || clock_ns() > limit)
            return false;
    arena_meet(run->arena, PHASE_START, others + 1);
    return true;
}

static void let_run(struct run *run) {
    uint64_t allowed = GRACE_NS + run->settings->messages * PER_MESSAGE;
    uint64_t ns = (uint64_t)(run->settings->seconds * 1e9);
    bool timed = run->cell->kind != CELL_BURST &&
                 (run->cell->kind != CELL_RATE || run->settings->messages == 0);
    if (!meet_at_start(run) || (timed && !sleep_until(run, clock_ns() + ns))) {
        run->failed = true;
        return;
    }
    atomic_store(&run->arena->stop, true);
    run->failed = sleep_until(run, clock_ns() + allowed) || run->failed;
}

/* ---- Results ----------------------------------------------------------------------------- */

static double per_us(uint64_t messages, uint64_t ns) {
    return ns == 0 ? 0 : (double)messages * 1e3 / (double)ns;
}

static void set_values(const struct run *run, struct outcome *outcome) {
    const struct result *reader = &run->arena->results[0];
    const struct result *writer = &run->arena->results[1];
    const struct histogram *latencies =
        run->cell->kind == CELL_PING_PONG ? &writer->latencies : &reader->latencies;
    switch (run->cell->kind) {
    case CELL_RATE:
        outcome->values[0] = per_us(reader->tally.received, reader->get_ns);
        break;
    case CELL_BURST:
        outcome->values[0] = (double)reader->tally.received;
        outcome->values[1] = per_us(reader->tally.received, writer->put_ns);
        outcome->values[2] = per_us(reader->tally.received, reader->get_ns);
        break;
    default:
        outcome->values[0] = histogram_percentile(latencies, 0.5) / 1e3;
        outcome->values[1] = histogram_percentile(latencies, 0.99) / 1e3;
    }
}

static void count_messages(const struct run *run, struct outcome *outcome) {
    const struct result *results = run->arena->results;
    uint64_t sent = 0;
    for (unsigned i = 0; i < actor_count(run->cell); i++) {
        sent += results[i].sent;
        outcome->refused += results[i].refused;
    }
    unsigned readers = run->cell->kind == CELL_PING_PONG ? 2 : 1;
    for (unsigned i = 0; i < readers; i++) {
        const struct tally *tally = &results[i].tally;
        outcome->messages += tally->received;
        outcome->wrong += tally_wrong(tally, sent);
        if (outcome->wrong != 0 && outcome->reason[0] == '\0') {
            snprintf(outcome->reason, sizeof outcome->reason,
                     "sent %llu, received %llu, torn %llu, lost %llu, repeated %llu",
                     (unsigned long long)sent, (unsigned long long)tally->received,
                     (unsigned long long)tally->torn, (unsigned long long)tally->lost,
                     (unsigned long long)tally->repeated);
        }
    }
}

static void set_reason(struct outcome *outcome, enum outcome_status status, const char *reason) {
    outcome->status = status;
    snprintf(outcome->reason, sizeof outcome->reason, "%.*s", (int)sizeof outcome->reason - 1,
             reason);
}

/* An actor's own reason, or what can be said from outside. */
static void explain_failure(const struct run *run, struct outcome *outcome) {
    const char *reason = "messages did not all arrive in time";
    for (unsigned i = 0; i < ACTORS_MAX; i++)
        if (run->arena->results[i].reason[0] != '\0')
            reason = run->arena->results[i].reason;
    set_reason(outcome, OUTCOME_FAILED, reason);
}

static void collect(const struct run *run, struct outcome *outcome) {
    for (unsigned i = 0; i < actor_count(run->cell); i++) {
        if (run->failed || !run->arena->results[i].done) {
            explain_failure(run, outcome);
            return;
        }
    }
    outcome->status = OUTCOME_MEASURED;
    count_messages(run, outcome);
    set_values(run, outcome);
}

static void run_actors(struct run *run, struct outcome *outcome) {
    run->arena =
        mmap(NULL, sizeof *run->arena, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run->arena == MAP_FAILED) {
        set_reason(outcome, OUTCOME_FAILED, strerror(errno));
        return;
    }
    if (start_actors(run)) {
        let_run(run);
        kill_actors(run);
        collect(run, outcome);
    } else {
        kill_actors(run);
        set_reason(outcome, OUTCOME_FAILED, peer_reason());
    }
    munmap(run->arena, sizeof *run->arena);
}

bool cell_run(const struct peer *peer, const struct cell *cell, const struct run_settings *settings,
              struct outcome *outcome) {
    *outcome = (struct outcome){0};
    if (peer->missing != NULL) {
        set_reason(outcome, OUTCOME_ABSENT, peer->missing);
        return true;
    }
    if (peer->max_writers != 0 && cell->writers > peer->max_writers)
        return true;
    struct run run = {.peer = peer, .cell = cell, .settings = settings};
    enum peer_status status = make_channels(&run);
    if (status == PEER_OK)
        run_actors(&run, outcome);
    else
        set_reason(outcome, status == PEER_ABSENT ? OUTCOME_ABSENT : OUTCOME_FAILED, peer_reason());
    destroy_channels(&run);
    return !run.interrupted;
}
