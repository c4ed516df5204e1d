/* Implements platform.h and linux/process.h: clock, environment, futex, threads, fork handlers. */
#include "platform.h"
#include "futex_wait.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* glibc keeps a flag that says whether the process has one thread. Without it, assume several. */
#if __has_include(<sys/single_threaded.h>) /* glibc 2.32 or later; not musl */
#include <sys/single_threaded.h>
#define ONLY_THREAD __libc_single_threaded
#else
static const char unknown = 0;
#define ONLY_THREAD unknown
#endif

enum { FORK_HANDLERS_MAX = 2 }; /* slot.c's and relay/writer.c's */

const char *const msi_only_thread = &ONLY_THREAD;

uint64_t msi_now(void) { return msi_clock_read(CLOCK_MONOTONIC); }

/* secure_getenv() returns NULL in set-uid programs: the caller's environment must not choose
 * their files. */
const char *msi_environment(const char *name) {
    const char *value = secure_getenv(name);
    return value && *value ? value : NULL;
}

bool msi_system_name(char *name, size_t size) {
    if (gethostname(name, size))
        return false;
    name[size - 1] = 0;
    return *name;
}

const char *msi_configuration_file(void) { return "/etc/mailslot.conf"; }

void msi_sleep_on(atomic_uint *word, unsigned expected, uint64_t max_ns) {
    msi_futex_wait(word, expected, max_ns, FUTEX_PRIVATE_FLAG);
}

void msi_wake_one(atomic_uint *word) { msi_futex_wake(word, 1, FUTEX_PRIVATE_FLAG); }

/* ---- Descriptors ---- */

/* close() may change errno, which says why fcntl() failed. */
int msi_clear_of_stdio(int fd) {
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int clear = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(fd);
    errno = error;
    return clear;
}

/* A new thread inherits the mask: with every signal blocked it never runs a program's handler. */
int msi_start_thread(pthread_t *thread, void *(*run)(void *), void *ctx) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, NULL, run, ctx);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

void msi_process_name(uint32_t pid, char name[MSI_PROCESS_NAME_SIZE]) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%" PRIu32 "/comm", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, name, MSI_PROCESS_NAME_SIZE - 1);
    if (fd >= 0)
        close(fd);
    if (len > 0 && name[len - 1] == '\n')
        len--;
    for (ssize_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            name[i] = '?';
    if (len > 0)
        name[len] = 0;
    else
        strcpy(name, "?");
}

/* ---- fork ---- */

static pthread_mutex_t fork_mutex = PTHREAD_MUTEX_INITIALIZER;
static void (*in_child[FORK_HANDLERS_MAX])(void); /* under it */

/* fork() copies the thread that calls it. It holds the lock across the fork, so the child finds
 * everything under the lock whole, runs the handlers, and may unlock the mutex, being the thread
 * that locked it. */
static void platform_before_fork(void) { pthread_mutex_lock(&fork_mutex); }

static void platform_after_fork_in_child(void) {
    for (size_t i = 0; i < FORK_HANDLERS_MAX && in_child[i]; i++)
        in_child[i]();
    msi_fork_unlock();
}

static void platform_watch_forks(void) {
    pthread_atfork(platform_before_fork, msi_fork_unlock, platform_after_fork_in_child);
}

/* Installs the fork handlers before the first lock: a child must never inherit it locked. */
static void platform_ensure_fork_watch(void) {
    static pthread_once_t watching = PTHREAD_ONCE_INIT;
    pthread_once(&watching, platform_watch_forks);
}

void msi_fork_lock(void) {
    platform_ensure_fork_watch();
    pthread_mutex_lock(&fork_mutex);
}

bool msi_fork_trylock(void) {
    platform_ensure_fork_watch();
    return !pthread_mutex_trylock(&fork_mutex);
}

void msi_fork_unlock(void) { pthread_mutex_unlock(&fork_mutex); }

/* Ends: there are no more distinct callers than FORK_HANDLERS_MAX. */
void msi_on_fork(void (*fn)(void)) {
    size_t i = 0;
    while (in_child[i] && in_child[i] != fn)
        i++;
    in_child[i] = fn;
}
