/*
 * ../child.h without fork(): a child is this program once more, and its environment names the
 * function that it runs. The memory that the context points to is copied from the parent, so a
 * child sees it as after a fork, except for pointers in it and for variables of the test.
 */
#ifndef MAILSLOT_TEST_CHILD_H
#define MAILSLOT_TEST_CHILD_H

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "poll.h"

/** Seconds that a process waits for another before the test has failed. */
#define PEER_PATIENCE_S 60

/** The other process, as the parent or the child sees it. */
struct peer {
    pid_t pid;
    HANDLE in;
    HANDLE out;
    HANDLE process;
};

typedef void child_body(struct peer *parent, void *ctx);

/** Sends the peer a number. */
void peer_tell(const struct peer *peer, int64_t number);

/** Waits for a number from the peer. */
int64_t peer_hear(const struct peer *peer);

/** Runs body in a child, which dies with its parent. */
struct peer child_start(child_body *body, void *ctx);

/** Waits until the child's body has returned and checks that nothing failed in it. */
void child_join(struct peer *child);

/** Terminates the child. Once this returns, the system has closed all it had open. */
void child_kill(struct peer *child);

#endif
