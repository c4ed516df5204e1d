/* platform.h for Linux. */
#include "platform.h"
#include "futex.h"
#include "netbios/netbios.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/single_threaded.h>
#include <unistd.h>

extern const msi_transport msi_local_transport, msi_relay_transport;

const msi_transport *const msi_transports[] = {&msi_local_transport, &msi_relay_transport,
                                               &msi_netbios_transport, NULL};

const char *const msi_only_thread = &__libc_single_threaded;

uint64_t msi_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

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

int msi_clear_of_stdio(int fd) {
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int clear = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(fd);
    errno = error;
    return clear;
}

int msi_start_thread(pthread_t *thread, void *(*run)(void *), void *ctx) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, NULL, run, ctx);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* ---- fork ---- */

static pthread_mutex_t fork_mutex = PTHREAD_MUTEX_INITIALIZER;
static void (*in_child)(void);

void msi_fork_lock(void) { pthread_mutex_lock(&fork_mutex); }

bool msi_fork_trylock(void) { return !pthread_mutex_trylock(&fork_mutex); }

void msi_fork_unlock(void) { pthread_mutex_unlock(&fork_mutex); }

static void after_fork_in_child(void) {
    in_child();
    msi_fork_unlock();
}

void msi_on_fork(void (*fn)(void)) {
    in_child = fn;
    pthread_atfork(msi_fork_lock, msi_fork_unlock, after_fork_in_child);
}
