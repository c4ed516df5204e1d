/* poll() for tests. A pipe cannot be waited for, so it is looked at every millisecond. */
#include "poll.h"

#include <limits.h>
#include <stdbool.h>

static bool poll_pipe(HANDLE pipe, int ms) {
    ULONGLONG until = GetTickCount64() + (ULONGLONG)(ms < 0 ? INT_MAX : ms);
    DWORD waiting = 0;
    while (PeekNamedPipe(pipe, NULL, 0, NULL, &waiting, NULL) && !waiting &&
           GetTickCount64() < until)
        Sleep(1);
    return waiting > 0;
}

int poll(struct pollfd *handle, int count, int ms) {
    (void)count;
    bool ready = GetFileType(handle->fd) == FILE_TYPE_PIPE
                     ? poll_pipe(handle->fd, ms)
                     : WaitForSingleObject(handle->fd, (DWORD)ms) == WAIT_OBJECT_0;
    handle->revents = ready ? POLLIN : 0;
    return ready;
}
