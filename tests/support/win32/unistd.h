/* What tests use of POSIX and mingw-w64 lacks. This folder comes first in the include path of the
 * Windows build; its headers have the names of those they stand in for. */
#ifndef MAILSLOT_TEST_UNISTD_H
#define MAILSLOT_TEST_UNISTD_H

#include_next <unistd.h>

#include <stdarg.h>
#include <stdio.h>
#include <windows.h>

static DWORD unistd_main_thread;

__attribute__((constructor)) static void unistd_note_main_thread(void) {
    unistd_main_thread = GetCurrentThreadId();
}

/** The process id in the main thread, as on Linux. */
static inline pid_t gettid(void) {
    DWORD thread = GetCurrentThreadId();
    return thread == unistd_main_thread ? getpid() : (pid_t)thread;
}

/** To standard error, whatever the descriptor. */
__attribute__((format(gnu_printf, 2, 3))) static inline int dprintf(int fd, const char *format,
                                                                    ...) {
    (void)fd;
    va_list args;
    va_start(args, format);
    int len = vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
    return len;
}

/** Windows has no numbers for users: what a message's origin says then. */
static inline int geteuid(void) { return -1; }

static inline int pause(void) {
    Sleep(INFINITE);
    return -1;
}

#endif
