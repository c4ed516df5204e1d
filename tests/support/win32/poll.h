/* poll() on one pipe or event. */
#ifndef MAILSLOT_TEST_POLL_H
#define MAILSLOT_TEST_POLL_H

#include <windows.h>

#define POLLIN 1

struct pollfd {
    HANDLE fd;
    short events, revents;
};

/** Waits up to ms for one handle, forever if that is negative; count is not looked at. */
int poll(struct pollfd *handle, int count, int ms);

#endif
