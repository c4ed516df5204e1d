/* Streams, clocks and processes of Linux. */
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char platform_list_separator[] = ":";
const char platform_slots_help[] =
    "The mailslots are those of this user on this computer, in MAILSLOT_DIR or /dev/shm.";

/*
 * What opens next takes the lowest free descriptor. Were that 0, 1 or 2, a slot's file could end up
 * where we print. What stands in for a closed one fails when it is used.
 */
void platform_begin(int *argc, char ***argv) {
    (void)argc, (void)argv;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int platform_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

void platform_close(int file) { close(file); }

/* Whether a call that failed is to be made again. A standard stream may be non-blocking, since
 * another process that shares its open file description set O_NONBLOCK: wait until it is ready. The
 * caller repeats its call after a signal too, and gets the error of a descriptor poll() refuses. */
static bool may_try_again(int file, short events) {
    if (errno != EAGAIN)
        return errno == EINTR;
    struct pollfd stream = {.fd = file, .events = events};
    return poll(&stream, 1, -1) > 0 || errno == EINTR;
}

ptrdiff_t platform_read(int file, void *buf, size_t len) {
    ssize_t got;
    do
        got = read(file, buf, len);
    while (got < 0 && may_try_again(file, POLLIN));
    return got;
}

int platform_write(int file, const void *data, size_t len) {
    const char *rest = data;
    while (len > 0) {
        ssize_t written = write(file, rest, len);
        if (written < 0 && !may_try_again(file, POLLOUT))
            return errno;
        if (written > 0) {
            rest += written;
            len -= (size_t)written;
        }
    }
    return 0;
}

bool platform_output_closed(void) {
    struct pollfd output = {.fd = STDOUT_FILENO};
    /* No events are requested: POLLERR is reported for a pipe without reader, POLLHUP for a closed
     * terminal. */
    return poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP));
}

/* Cached, since it is asked for each message. */
bool platform_output_is_terminal(void) {
    static enum { UNKNOWN, NO, YES } is_terminal;
    if (is_terminal == UNKNOWN)
        is_terminal = isatty(STDOUT_FILENO) ? YES : NO;
    return is_terminal == YES;
}

bool platform_output_colors(void) {
    const char *terminal = getenv("TERM");
    return platform_output_is_terminal() && terminal && strcmp(terminal, "dumb") != 0;
}

static uint64_t read_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t platform_now_ns(void) { return read_clock(CLOCK_MONOTONIC); }

uint64_t platform_steady_ns(void) { return read_clock(CLOCK_BOOTTIME); }

uint64_t platform_real_ns(void) { return read_clock(CLOCK_REALTIME); }

int platform_local_time(int64_t seconds, struct tm *local) {
    time_t time = seconds;
    localtime_r(&time, local);
    return (int)(local->tm_gmtoff / 60);
}

void platform_host_name(char *name, size_t size) {
    if (gethostname(name, size) != 0)
        name[0] = '\0';
    /* POSIX leaves open whether a truncated name ends with a NUL. */
    name[size - 1] = '\0';
}

int64_t platform_parent(void) { return getppid(); }

/* comm, see proc(5): at most 15 bytes, chosen by the process itself. "" if it has ended. */
void platform_process_name(int64_t id, char *name, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%" PRId64 "/comm", id);
    int file = platform_open(path);
    ptrdiff_t len = file < 0 ? 0 : platform_read(file, name, size - 1);
    if (file >= 0)
        platform_close(file);
    name[len < 0 ? 0 : len] = '\0';
    name[strcspn(name, "\n")] = '\0';
}

enum platform_kind platform_kind_of(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0)
        return PLATFORM_NOTHING;
    return S_ISDIR(status.st_mode) ? PLATFORM_FOLDER : PLATFORM_FILE;
}

const char *platform_variable(const char *name) { return getenv(name); }
