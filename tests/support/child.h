/*
 * Other processes in tests: a forked child runs a function and talks with its parent in numbers
 * over two pipes, so that order never hangs on time.
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

/** How long anybody waits for anybody before the test has failed. */
#define PEER_PATIENCE_S 60

#define NOBODY 65534

/** The other process, seen from either side. */
struct peer {
    pid_t pid;
    int in;
    int out;
};

typedef void child_body(struct peer *parent, void *ctx);

static inline void peer_tell(const struct peer *peer, int64_t number) {
    check(write(peer->out, &number, sizeof number) == sizeof number);
}

/** Waits for a number of the peer's. */
static inline int64_t peer_hear(const struct peer *peer) {
    struct pollfd pipe_end = {peer->in, POLLIN, 0};
    int ready = poll(&pipe_end, 1, PEER_PATIENCE_S * 1000);
    while (ready < 0 && errno == EINTR)
        ready = poll(&pipe_end, 1, PEER_PATIENCE_S * 1000);
    int64_t number = 0;
    check(ready == 1 && read(peer->in, &number, sizeof number) == sizeof number);
    return number;
}

/** In a child: whoever goes on does not keep anybody waiting, however long it takes in all. */
static inline void child_goes_on(void) { alarm(PEER_PATIENCE_S); }

static inline void child_run(child_body *body, void *ctx, uid_t uid, struct peer *parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    child_goes_on();
    if (uid != geteuid()) {
        check(setgroups(0, NULL) == 0 && setresgid(uid, uid, uid) == 0);
        check(setresuid(uid, uid, uid) == 0);
    }
    body(parent, ctx);
    _exit(0);
}

/** Runs body in a child of another user, which only root may do; dies with its parent. */
static inline struct peer child_start_as(uid_t uid, child_body *body, void *ctx) {
    int down[2];
    int up[2];
    check(pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0);
    pid_t parent = getpid();
    pid_t pid = fork();
    check(pid >= 0);
    if (pid == 0) {
        close(down[1]);
        close(up[0]);
        child_run(body, ctx, uid, &(struct peer){parent, down[0], up[1]});
    }
    close(down[0]);
    close(up[1]);
    return (struct peer){pid, up[0], down[1]};
}

/** Runs body in a child. */
static inline struct peer child_start(child_body *body, void *ctx) {
    return child_start_as(geteuid(), body, ctx);
}

static inline int child_reap(struct peer *child) {
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(child->in);
    close(child->out);
    return status;
}

/** Waits until the child's body has returned and checks that nothing failed in it. */
static inline void child_join(struct peer *child) {
    int status = child_reap(child);
    check(WIFEXITED(status));
    check_int(0, WEXITSTATUS(status));
}

/** Kills the child by SIGKILL. Once this returns, the kernel has closed all it had open. */
static inline void child_kill(struct peer *child) {
    kill(child->pid, SIGKILL);
    int status = child_reap(child);
    check(WIFSIGNALED(status));
    check_int(SIGKILL, WTERMSIG(status));
}

#endif
