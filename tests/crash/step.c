/*
 * Kills a process before every instruction of put, get, open and close.
 *
 *     test_crash_step [--stride N] [CASE...]
 *
 * Each worker process first steps once through the whole act to record it, then takes its share of
 * the instructions. It gets to one quickly: by breakpoint to an instruction shortly before that the
 * way has not passed often, and from there by steps.
 */
#include "step.h"
#include "clock.h"
#include "die_with_parent.h"
#include "slotdir.h"
#include "tracer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum {
    WORKERS = 12, /* most of the time they sleep, as survivors of those who died with the lock */
    POINTS_MAX = 1 << 20,
    PATIENCE_S = 20, /* for one kill and its check, or the recording */
};

/** What all processes share. */
struct shared {
    struct findings findings;
    struct last_words words[WORKERS];
    _Atomic int at[WORKERS]; /* the instruction a worker is at */
};

struct recording {
    uintptr_t pc[POINTS_MAX];
    int nth[POINTS_MAX]; /* how often the instruction has come by then, this time included */
    int points;
};

static struct shared *shared;
static int stride = 1;

/* ---- One scene ---- */

struct role {
    const struct step_case *which;
    struct scene *scene;
};

static void play_victim(void *ctx) {
    struct role *role = ctx;
    if (role->which->enter)
        role->which->enter(role->scene);
    tracer_mark();
    role->which->act(role->scene);
    tracer_mark();
}

/* Returns with the child about to begin its act. */
static pid_t set_scene(const struct step_case *which, struct scene *scene, int worker) {
    *scene = (struct scene){.words = &shared->words[worker], .findings = &shared->findings};
    atomic_store(&scene->words->acknowledged, false);
    if (which->prepare)
        which->prepare(scene);
    pid_t child = tracer_start(play_victim, &(struct role){which, scene});
    check(child > 0);
    if (which->await)
        which->await(scene);
    return child;
}

/* ---- Recording ---- */

static int compare_points(const void *a, const void *b, void *pcs) {
    uintptr_t x = ((uintptr_t *)pcs)[*(const int *)a], y = ((uintptr_t *)pcs)[*(const int *)b];
    return x != y ? (x > y) - (x < y) : *(const int *)a - *(const int *)b;
}

static void count_passes(struct recording *r) {
    int *order = calloc((size_t)r->points, sizeof *order);
    check(order != NULL);
    for (int i = 0; i < r->points; i++)
        order[i] = i;
    qsort_r(order, (size_t)r->points, sizeof *order, compare_points, r->pc);
    for (int i = 0; i < r->points; i++) {
        bool same = i > 0 && r->pc[order[i]] == r->pc[order[i - 1]];
        r->nth[order[i]] = same ? r->nth[order[i - 1]] + 1 : 1;
    }
    free(order);
}

static void record(const struct step_case *which, int worker, struct recording *r) {
    struct scene scene;
    pid_t child = set_scene(which, &scene, worker);
    enum tracer_event event = tracer_step(child, &r->pc[0]);
    for (r->points = 0; event == TRACER_STEPPED; event = tracer_step(child, &r->pc[r->points]))
        check(++r->points < POINTS_MAX);
    test_check(event == TRACER_MARKED, "the act comes to its end", __FILE__, __LINE__);
    tracer_kill(child);
    which->verify(&scene);
    count_passes(r);
}

/* ---- Killing ---- */

/* Where to go by breakpoint, so that the passes through it and the steps from there are few. */
static int find_anchor(const struct recording *r, int point) {
    int best = point;
    for (int i = point; i >= 0 && point - i < 2 * r->nth[best] + point - best; i--)
        if (2 * r->nth[i] + point - i < 2 * r->nth[best] + point - best)
            best = i;
    return best;
}

static enum tracer_event pass(pid_t child, const struct recording *r, int anchor, uintptr_t *pc) {
    enum tracer_event event = TRACER_STEPPED;
    for (int i = 0; i < r->nth[anchor] && event == TRACER_STEPPED; i++) {
        if (i > 0)
            event = tracer_step(child, pc);
        if (event == TRACER_STEPPED)
            event = tracer_run_to(child, r->pc[anchor]);
    }
    *pc = r->pc[anchor];
    return event;
}

/* Whether the child now stands where the recording says. */
static bool go_to_point(pid_t child, const struct recording *r, int point) {
    uintptr_t pc;
    int at = find_anchor(r, point);
    enum tracer_event event = pass(child, r, at, &pc);
    for (; at < point && event == TRACER_STEPPED; at++)
        event = tracer_step(child, &pc);
    check(event != TRACER_OVER);
    return event == TRACER_STEPPED && pc == r->pc[point];
}

static void kill_at(const struct step_case *which, int worker, const struct recording *r,
                    int point) {
    struct scene scene;
    shared->at[worker] = point;
    alarm(PATIENCE_S);
    pid_t child = set_scene(which, &scene, worker);
    shared->findings.strayed += !go_to_point(child, r, point);
    tracer_kill(child);
    shared->findings.kills++;
    which->verify(&scene);
}

static void work(const struct step_case *which, int worker, pid_t parent) {
    static struct recording recording;
    char directory[PATH_MAX];
    die_with_parent(parent);
    snprintf(directory, sizeof directory, "%s/%d", slotdir_path(), worker);
    check(mkdir(directory, 0700) == 0 || errno == EEXIST);
    check(setenv("MAILSLOT_DIR", directory, 1) == 0);
    shared->at[worker] = -1;
    alarm(PATIENCE_S);
    record(which, worker, &recording); /* what only the first act of a process does is in here */
    record(which, worker, &recording);
    shared->findings.points = recording.points;
    for (int point = worker * stride; point < recording.points; point += WORKERS * stride)
        kill_at(which, worker, &recording, point);
    _exit(0);
}

/* ---- A case ---- */

static void tell_failure(const struct step_case *which, int worker, int status) {
    const char *how = WIFEXITED(status)             ? "see above"
                      : WTERMSIG(status) == SIGALRM ? "somebody is blocked"
                                                    : strsignal(WTERMSIG(status));
    fprintf(stderr, "%s: failed at instruction %d: %s\n", which->name, shared->at[worker], how);
}

/* Reaps all workers. The first that fails ends the others. */
static bool reap_workers(const struct step_case *which, const pid_t *workers) {
    bool failed = false;
    for (int left = WORKERS; left > 0; left--) {
        int status;
        pid_t pid = wait(&status);
        for (int i = 0; i < WORKERS && !failed && status; i++)
            if (workers[i] == pid)
                tell_failure(which, i, status);
        for (int i = 0; i < WORKERS && !failed && status; i++)
            kill(workers[i], SIGKILL);
        failed = failed || status;
    }
    return !failed;
}

static bool run_workers(const struct step_case *which) {
    pid_t workers[WORKERS];
    pid_t parent = getpid();
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            work(which, i, parent);
        check(workers[i] > 0);
    }
    return reap_workers(which, workers);
}

static bool is_plausible(const struct step_case *which) {
    const struct findings *f = &shared->findings;
    int expected = (f->points + stride - 1) / stride;
    bool covered = f->points >= which->least_points && f->kills >= expected - WORKERS * 4 &&
                   f->strayed * 4 <= f->kills;
    bool in_time = f->late <= 2 + f->kills / 50;
    if (!covered)
        fprintf(stderr, "%s: stepping did not cover the act\n", which->name);
    if (!in_time)
        fprintf(stderr, "%s: %d delays over %d ms\n", which->name, f->late, PROMISE_MS);
    return covered && in_time;
}

static bool run_case(const struct step_case *which) {
    memset(shared, 0, sizeof *shared);
    int64_t start = now_ms();
    if (!run_workers(which))
        return false;
    const struct findings *f = &shared->findings;
    printf("%-28s %6d instructions %6d kills %5d with the lock %4d strayed; ms: next put %.1f, "
           "notice %.1f, gone %.1f; %.1f s\n",
           which->name, f->points, f->kills, f->held, f->strayed, (double)f->slowest_put_ns / 1e6,
           (double)f->slowest_notice_ns / 1e6, (double)f->slowest_gone_ns / 1e6,
           (double)(now_ms() - start) / 1e3);
    fflush(stdout);
    return is_plausible(which);
}

static bool is_asked_for(const struct step_case *which, char **names) {
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(*names, which->name) == 0)
            return true;
    return false;
}

static int run_cases(const struct step_case *cases, char **names, int *failures) {
    int run = 0;
    for (; cases->name; cases++) {
        if (is_asked_for(cases, names)) {
            *failures += !run_case(cases);
            run++;
        }
    }
    return run;
}

int main(int argc, char **argv) {
    const char *why;
    if (argc > 2 && strcmp(argv[1], "--stride") == 0) {
        stride = atoi(argv[2]);
        argv += 2;
    }
    if (stride < 1) {
        fprintf(stderr, "usage: %s [--stride N] [CASE...]\n", argv[0]);
        return 2;
    }
    if (!tracer_is_possible(&why)) {
        fprintf(stderr, "SKIPPED: crash.step: %s\n", why);
        return 77;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || slotdir_setup(NULL)) {
        perror("crash.step");
        return 1;
    }
    int failures = 0;
    int run = run_cases(step_put_cases, argv + 1, &failures) +
              run_cases(step_reader_cases, argv + 1, &failures);
    slotdir_teardown(NULL);
    printf("%d cases, %d failed\n", run, failures);
    return run == 0 || failures != 0;
}
