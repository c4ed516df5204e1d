/*
 * Child processes in tests: a forked child runs a function. It and its parent send each other
 * numbers over two pipes, so that the order of events never depends on time.
 *
 * A child dies with its parent, however that ends, and after PEER_PATIENCE_S without progress.
 */
#ifndef MAILSLOT_TEST_CHILD_H
#define MAILSLOT_TEST_CHILD_H

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/** Seconds that a process waits for another before the test has failed. */
#define PEER_PATIENCE_S 60

/** The user id of "nobody". */
#define NOBODY 65534

/** The other process, as the parent or the child sees it. */
struct peer {
    pid_t pid;
    int in;
    int out;
};

typedef void child_body(struct peer *parent, void *ctx);

/** Sends the peer a number. */
void peer_tell(const struct peer *peer, int64_t number);

/** Waits for a number from the peer. */
int64_t peer_hear(const struct peer *peer);

/** Runs body in a child. */
struct peer child_start(child_body *body, void *ctx);

/** Runs body in a child of another user; only root may do that. */
struct peer child_start_as(uid_t uid, child_body *body, void *ctx);

/** In a child: starts its PEER_PATIENCE_S anew. A child that runs for long calls this while it
 * makes progress. */
void child_goes_on(void);

/** Waits until the child has ended; returns its status as waitpid() stores it. */
int child_reap(struct peer *child);

/** Waits until the child's body has returned and checks that nothing failed in it. */
void child_join(struct peer *child);

/** Kills the child by SIGKILL. Once this returns, the kernel has closed all it had open. */
void child_kill(struct peer *child);

#endif
