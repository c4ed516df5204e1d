/* Processes that open slots and hold them until a pipe is closed. */
#include "holders.h"
#include "die_with_parent.h"
#include "peer.h"

#include <mailslot/mailslot.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define EACH 1000 /* slots of a process, which may not open many files */
#define MOST 16   /* processes */

struct holders {
    pid_t pids[MOST];
    unsigned count;
    int release; /* a pipe's writing end: closing it ends them all */
};

static bool open_slots(mailslot **slots, unsigned count, pid_t parent, unsigned first) {
    for (unsigned i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "bench\\held-%ld-%u", (long)parent, first + i);
        mailslot_options options = MAILSLOT_OPTIONS_INIT;
        options.direction = MAILSLOT_READ;
        if (mailslot_open(&slots[i], name, &options) != MAILSLOT_OK)
            return false;
    }
    return true;
}

/* Says in one byte whether the slots are open, then keeps them until the pipe is closed. */
static _Noreturn void hold(unsigned count, pid_t parent, unsigned first, int released, int told) {
    static mailslot *slots[EACH];
    bool open = open_slots(slots, count, parent, first);
    char text[160] = "";
    snprintf(text, sizeof text, "%s", open ? "" : mailslot_detail());
    bool heard = write(told, text, sizeof text) == sizeof text;
    while (heard && open && read(released, text, 1) < 0 && errno == EINTR) {
    }
    for (unsigned i = 0; i < count; i++)
        mailslot_close(slots[i]);
    _exit(0);
}

static bool start_one(struct holders *holders, unsigned count, const int release[2],
                      const int tell[2]) {
    pid_t parent = getpid();
    unsigned first = holders->count * EACH;
    pid_t pid = fork();
    if (pid == 0) {
        die_with_parent(parent);
        close(release[1]);
        hold(count, parent, first, release[0], tell[1]);
    }
    if (pid < 0) {
        peer_fail("fork", errno);
        return false;
    }
    holders->pids[holders->count++] = pid;
    char text[160] = "";
    if (read(tell[0], text, sizeof text) != sizeof text || text[0] != '\0') {
        peer_fail(text[0] != '\0' ? text : "a process that holds slots ended early", 0);
        return false;
    }
    return true;
}

static bool start_all(struct holders *holders, unsigned count, const int release[2],
                      const int tell[2]) {
    while (count != 0 && holders->count < MOST) {
        unsigned share = count < EACH ? count : EACH;
        if (!start_one(holders, share, release, tell))
            return false;
        count -= share;
    }
    return count == 0;
}

struct holders *holders_start(unsigned count) {
    struct holders *holders = calloc(1, sizeof *holders);
    int release[2] = {-1, -1};
    int tell[2] = {-1, -1};
    if (holders == NULL || pipe(release) != 0 || pipe(tell) != 0) {
        peer_fail("holding slots", errno);
        close(release[0]);
        close(release[1]);
        free(holders);
        return NULL;
    }
    holders->release = release[1];
    bool good = start_all(holders, count, release, tell);
    close(release[0]);
    close(tell[0]);
    close(tell[1]);
    if (!good) {
        holders_end(holders);
        return NULL;
    }
    return holders;
}

void holders_end(struct holders *holders) {
    close(holders->release);
    for (unsigned i = 0; i < holders->count; i++)
        waitpid(holders->pids[i], NULL, 0);
    free(holders);
}
