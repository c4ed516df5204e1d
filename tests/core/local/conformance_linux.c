/* Behaviours that show only in what Linux has: files, memory, signals, epoll: parts of S3, S15,
 * S18, S22, S30 and S32. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>

#define MEGABYTE (1 << 20)

static void s3_parts_of_a_path_are_not_directories(void **state) {
    (void)state;
    mailslot *reader = open_reader("a\\b\\c\\d");
    char path[PATH_MAX];
    slotdir_only_file(path);
    struct stat status;
    check(lstat(path, &status) == 0);
    check(S_ISREG(status.st_mode));
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("a", &info));
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("a\\b\\c", &info));
    mailslot_close(reader);
}

static mailslot_err count_length(void *ctx, const char *name, const mailslot_info *info) {
    (void)info;
    ((int *)ctx)[strlen(name)]++;
    return MAILSLOT_OK;
}

static void s30_names_that_begin_with_a_dot_are_listed(void **state) {
    (void)state;
    mailslot *two = open_reader(".a"), *three = open_reader("..."), *four = open_reader(".abc");
    int lengths[247] = {0};
    check_ok(mailslot_list(count_length, lengths));
    check_int(0, lengths[1]);
    check_int(1, lengths[2]);
    check_int(1, lengths[3]);
    check_int(1, lengths[4]);
    mailslot_close(four);
    mailslot_close(three);
    mailslot_close(two);
}

/* ---- Memory ---- */

static char message[65536];

static int64_t occupied(void) {
    char path[PATH_MAX];
    struct stat status;
    slotdir_only_file(path);
    check(lstat(path, &status) == 0);
    return (int64_t)status.st_blocks * 512;
}

static void s15_memory_is_taken_only_as_the_slot_fills(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", (size_t)1 << 30, 0);
    mailslot *writer = open_writer("trace");
    check(occupied() < MEGABYTE);
    for (int i = 0; i < 100; i++)
        check_ok(mailslot_put_bytes(writer, message, 60000));
    check(occupied() >= 6000000 && occupied() < 6000000 + 2 * MEGABYTE);
    check_int(100, (int64_t)drain(reader));
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_after_a_million_messages_of_a_small_backlog_the_slot_is_small(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    for (int i = 0; i < 100000; i++) {
        char got[64];
        size_t len = 0;
        for (int j = 0; j < 10; j++)
            check_ok(mailslot_put_bytes(writer, message, 64));
        for (int j = 0; j < 10; j++)
            check_ok(mailslot_get_bytes(reader, got, sizeof got, &len, MAILSLOT_NO_WAIT));
    }
    check(occupied() < MEGABYTE);
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Whether the process may lock as much as the slot's capacity. */
static bool lock_future_memory(size_t capacity) {
    const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    if (mlockall(MCL_FUTURE))
        return false;
    void *trial = mmap(NULL, 2 * capacity, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return trial != MAP_FAILED && munmap(trial, 2 * capacity) == 0;
}

static void use_with_locked_memory(struct peer *parent, void *ctx) {
    (void)parent;
    const size_t capacity = (size_t)200 << 20;
    *(bool *)ctx = lock_future_memory(capacity);
    if (!*(bool *)ctx)
        return;
    mailslot *reader = open_small_reader("trace", capacity, 0);
    check(occupied() < MEGABYTE);
    mailslot *writer = open_writer("trace");
    check(occupied() < MEGABYTE);
    check_ok(mailslot_info_get(reader, &(mailslot_info)MAILSLOT_INFO_INIT));
    check_ok(mailslot_put(writer, "x"));
    expect_text(reader, "x");
    check(occupied() < 2 * MEGABYTE);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_memory_is_taken_only_as_the_slot_fills_after_mlockall(void **state) {
    (void)state;
    bool *locked =
        mmap(NULL, sizeof *locked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(locked != MAP_FAILED);
    struct peer child = child_start(use_with_locked_memory, locked);
    child_join(&child);
    bool could = *locked;
    munmap(locked, sizeof *locked);
    if (!could)
        skip_loudly("locking memory needs a right that this user lacks");
}

/* ---- Signals ---- */

static volatile sig_atomic_t signals_seen;

static void note_signal(int number) {
    (void)number;
    signals_seen = signals_seen + 1;
}

/* A signal every millisecond, or none if period_us is 0. */
static void signal_every(suseconds_t period_us, struct sigaction *before) {
    struct sigaction action = {.sa_handler = note_signal};
    struct itimerval timer = {{0, period_us}, {0, period_us}};
    if (period_us)
        check(sigaction(SIGALRM, &action, before) == 0);
    check(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    if (!period_us)
        sleep_ms(20); /* one that is on its way would be deadly; valgrind keeps them for a while */
    if (!period_us)
        check(sigaction(SIGALRM, before, NULL) == 0);
}

/* Returns how many signals came meanwhile. */
static int wait_with_signals(mailslot *reader) {
    struct sigaction before;
    signals_seen = 0;
    signal_every(1000, &before);
    size_t len = 0;
    int64_t start = now_ns();
    mailslot_err err = mailslot_get_bytes(reader, NULL, 0, &len, 300);
    int64_t waited_ms = (now_ns() - start) / 1000000;
    signal_every(0, &before);
    check_err(MAILSLOT_ERR_EMPTY, err);
    check(waited_ms >= 300 && waited_ms < 300 + PROMPT_MS);
    return signals_seen;
}

static void s22_signals_neither_shorten_nor_lengthen_a_wait(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    int seen = 0;
    for (int i = 0; i < 20 && seen < 10; i++) /* a busy machine merges them */
        seen = wait_with_signals(reader);
    check(seen >= 10);
    mailslot_close(reader);
}

static void s22_signals_neither_shorten_nor_lengthen_a_puts_wait(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", 4096, 0);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.put_timeout_ms = 300;
    mailslot *writer = open_with("trace", &options);
    while (info_of(reader).used + queue_bytes(1) <= info_of(reader).capacity)
        check_ok(mailslot_put_bytes(writer, "x", 1));
    struct sigaction before;
    signal_every(1000, &before);
    int64_t start = now_ns();
    mailslot_err err = mailslot_put_bytes(writer, "x", 1);
    int64_t waited_ms = (now_ns() - start) / 1000000;
    signal_every(0, &before);
    check_err(MAILSLOT_ERR_FULL, err);
    check(waited_ms >= 300 && waited_ms < 300 + PROMPT_MS);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s18_no_signal_tells_a_writer_that_its_reader_is_gone(void **state) {
    (void)state;
    sigset_t before;
    sigset_t blocked;
    sigset_t pending;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGPIPE);
    check(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_close(reader);
    check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
    mailslot_close(writer);
    check(sigpending(&pending) == 0);
    check(!sigismember(&pending, SIGPIPE));
    check(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

/* ---- The limit on the size of files, whose signal ends a process by default ---- */

static bool size_signal_is_pending(void) {
    sigset_t pending;
    check(sigpending(&pending) == 0);
    return sigismember(&pending, SIGXFSZ) == 1;
}

static void limit_files(rlim_t size) {
    const struct rlimit limit = {size, RLIM_INFINITY};
    check(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* The signal's mask and disposition must be those from before. */
static void check_readers_are_full(void) {
    static const rlim_t limits[] = {0, 1, 4096, 1024000};
    struct sigaction before, after;
    sigset_t mask_before, mask_after;
    check(sigaction(SIGXFSZ, NULL, &before) == 0);
    check(pthread_sigmask(SIG_BLOCK, NULL, &mask_before) == 0);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        limit_files(limits[i]);
        check_err(MAILSLOT_ERR_FULL, try_open("limited", MAILSLOT_READ));
        check_detail("RLIMIT_FSIZE");
    }
    check(sigaction(SIGXFSZ, NULL, &after) == 0);
    check(pthread_sigmask(SIG_BLOCK, NULL, &mask_after) == 0);
    check(before.sa_handler == after.sa_handler);
    check_int(sigismember(&mask_before, SIGXFSZ), sigismember(&mask_after, SIGXFSZ));
}

static void open_beyond_the_limit(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGXFSZ);
    check_readers_are_full();
    check(!size_signal_is_pending());
    check(pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0);
    check_readers_are_full();
    check(!size_signal_is_pending());
    check(raise(SIGXFSZ) == 0);
    check_readers_are_full();
    check(size_signal_is_pending()); /* the program's own stays */
    check(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    check(pthread_sigmask(SIG_UNBLOCK, &blocked, NULL) == 0);
    check_readers_are_full();
    limit_files(RLIM_INFINITY);
    check_ok(try_open("limited", MAILSLOT_READ));
}

static void s15_a_reader_beyond_the_file_size_limit_is_full_without_a_signal(void **state) {
    (void)state;
    struct peer child = child_start(open_beyond_the_limit, NULL);
    child_join(&child);
    check_int(0, slotdir_files());
}

static void fill_under_the_limit(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    limit_files(0);
    mailslot *writer = open_writer("trace");
    mailslot_err err;
    while ((err = mailslot_put_bytes(writer, message, 60000)) == MAILSLOT_OK) {
    }
    check_err(MAILSLOT_ERR_FULL, err);
    check_detail("is full");
    mailslot_close(writer);
}

static void s15_a_writer_needs_no_file_size_limit(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    struct peer child = child_start(fill_under_the_limit, NULL);
    child_join(&child);
    check(drain(reader) > 200);
    mailslot_close(reader);
}

static void s32_epoll_wakes_too(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_handle handle = -1;
    check_ok(mailslot_waitable(reader, &handle));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = handle}};
    check(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, handle, &event) == 0);
    for (int round = 0; round < 5; round++) {
        expect_empty(reader);
        check_within(SOON_MS, epoll_wait(epoll, &event, 1, 0) == 0);
        check_ok(mailslot_put(writer, "x"));
        event.data.fd = -1;
        check_int(1, epoll_wait(epoll, &event, 1, SOON_MS));
        check_int(handle, event.data.fd);
        check_int(1, (int64_t)drain(reader));
    }
    close(epoll);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s32_signals_go_past_the_helper_thread(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    check_ok(mailslot_waitable(reader, &(mailslot_handle){-1}));
    sigset_t blocked;
    sigset_t before;
    sigset_t pending;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    check(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    check(kill(getpid(), SIGUSR1) == 0); /* which would end us if the helper took it */
    check(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
    int taken = 0;
    check(sigwait(&blocked, &taken) == 0 && taken == SIGUSR1);
    check(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    mailslot_close(reader);
}

static void s7_a_name_in_use_names_its_readers_process_and_program(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    char program[64] = "", expected[128];
    FILE *file = fopen("/proc/self/comm", "re");
    check(file && fgets(program, sizeof program, file));
    fclose(file);
    program[strcspn(program, "\n")] = 0;
    snprintf(expected, sizeof expected, "already has a reader: process %ld (%s)", (long)getpid(),
             program);
    check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
    check_detail(expected);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s7_a_name_in_use_names_its_readers_process_and_program),
        slot_test(s3_parts_of_a_path_are_not_directories),
        slot_test(s30_names_that_begin_with_a_dot_are_listed),
        slot_test(s15_memory_is_taken_only_as_the_slot_fills),
        slot_test(s15_after_a_million_messages_of_a_small_backlog_the_slot_is_small),
        slot_test(s15_memory_is_taken_only_as_the_slot_fills_after_mlockall),
        slot_test(s22_signals_neither_shorten_nor_lengthen_a_wait),
        slot_test(s22_signals_neither_shorten_nor_lengthen_a_puts_wait),
        slot_test(s18_no_signal_tells_a_writer_that_its_reader_is_gone),
        slot_test(s15_a_reader_beyond_the_file_size_limit_is_full_without_a_signal),
        slot_test(s15_a_writer_needs_no_file_size_limit),
        slot_test(s32_epoll_wakes_too),
        slot_test(s32_signals_go_past_the_helper_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
