/* poll() on one pipe or event. */
#ifndef MAILSLOT_TEST_POLL_H
#define MAILSLOT_TEST_POLL_H

#include <windows.h>

#define POLLIN 1

struct pollfd {
    HANDLE fd;
    short events, revents;
};

static inline bool poll_pipe(HANDLE pipe, int ms) {
    ULONGLONG until = GetTickCount64() + (ULONGLONG)(ms < 0 ? INT_MAX : ms);
    DWORD waiting = 0;
    while (PeekNamedPipe(pipe, NULL, 0, NULL, &waiting, NULL) && !waiting &&
           GetTickCount64() < until)
        Sleep(1);
    return waiting > 0;
}

static inline int poll(struct pollfd *handle, int count, int ms) {
    (void)count;
    bool ready = GetFileType(handle->fd) == FILE_TYPE_PIPE
                     ? poll_pipe(handle->fd, ms)
                     : WaitForSingleObject(handle->fd, (DWORD)ms) == WAIT_OBJECT_0;
    handle->revents = ready ? POLLIN : 0;
    return ready;
}

#endif
