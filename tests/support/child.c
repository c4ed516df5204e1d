/* Forked children of tests, and the pipes between them and their parent. */
#include "child.h"

#include "die_with_parent.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

void peer_tell(const struct peer *peer, int64_t number) {
    check(write(peer->out, &number, sizeof number) == sizeof number);
}

int64_t peer_hear(const struct peer *peer) {
    struct pollfd pipe_end = {peer->in, POLLIN, 0};
    int ready = poll(&pipe_end, 1, PEER_PATIENCE_S * 1000);
    while (ready < 0 && errno == EINTR)
        ready = poll(&pipe_end, 1, PEER_PATIENCE_S * 1000);
    int64_t number = 0;
    check(ready == 1 && read(peer->in, &number, sizeof number) == sizeof number);
    return number;
}

void child_goes_on(void) { alarm(PEER_PATIENCE_S); }

static void child_run(child_body *body, void *ctx, uid_t uid, struct peer *parent) {
    child_goes_on();
    if (uid != geteuid()) {
        check(setgroups(0, NULL) == 0 && setresgid(uid, uid, uid) == 0);
        check(setresuid(uid, uid, uid) == 0);
    }
    die_with_parent(parent->pid);
    body(parent, ctx);
    _exit(0);
}

struct peer child_start_as(uid_t uid, child_body *body, void *ctx) {
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

struct peer child_start(child_body *body, void *ctx) {
    return child_start_as(geteuid(), body, ctx);
}

int child_reap(struct peer *child) {
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(child->in);
    close(child->out);
    return status;
}

void child_join(struct peer *child) {
    int status = child_reap(child);
    check(WIFEXITED(status));
    check_int(0, WEXITSTATUS(status));
}

void child_kill(struct peer *child) {
    kill(child->pid, SIGKILL);
    int status = child_reap(child);
    check(WIFSIGNALED(status));
    check_int(SIGKILL, WTERMSIG(status));
}
