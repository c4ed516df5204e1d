/* The part of POSIX that tests use and mingw-w64 lacks. */
#include <unistd.h>

static DWORD unistd_main_thread;

__attribute__((constructor)) static void unistd_note_main_thread(void) {
    unistd_main_thread = GetCurrentThreadId();
}

pid_t gettid(void) {
    DWORD thread = GetCurrentThreadId();
    return thread == unistd_main_thread ? getpid() : (pid_t)thread;
}

int dprintf(int fd, const char *format, ...) {
    (void)fd;
    va_list args;
    va_start(args, format);
    int len = vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
    return len;
}

int geteuid(void) { return -1; }

int pause(void) {
    Sleep(INFINITE);
    return -1;
}
