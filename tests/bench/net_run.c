/* Each cell in each round is measured by a process group of its own, so that it begins as the
 * others did and nothing of it is left, however it ends. */
#include "clock.h"
#include "die_with_parent.h"
#include "net.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_S 60 /* for all that is not measured */

static struct net_outcome *own_outcome; /* in the process of a cell */

_Noreturn void net_give_up(const char *what, int error) {
    own_outcome->measured = false;
    snprintf(own_outcome->reason, sizeof own_outcome->reason, "%s%s%s", what,
             error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
    _exit(1);
}

_Noreturn void net_cannot(const char *why) {
    own_outcome->absent = true;
    net_give_up(why, 0);
}

_Noreturn static void measure(const struct net_cell *cell, const struct net_settings *settings,
                              struct net_outcome *outcome) {
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, &none, NULL);
    own_outcome = outcome;
    net_run_on_others(settings->machine);
    cell->measure(cell, settings, outcome);
    outcome->measured = true;
    _exit(0);
}

/* False if a signal came that ends the whole run. */
static bool wait_for(pid_t pid, uint64_t until, struct net_outcome *outcome) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    siginfo_t ended = {0};
    while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0) {
        const struct timespec slice = {.tv_nsec = 100000000};
        int number = sigtimedwait(&set, NULL, &slice);
        if (number == SIGINT || number == SIGTERM)
            return false;
        if (clock_ns() > until) {
            snprintf(outcome->reason, sizeof outcome->reason, "did not come to an end");
            return true;
        }
    }
    return true;
}

bool net_run(const struct net_cell *cell, const struct net_settings *settings,
             struct net_outcome *outcome) {
    *outcome = (struct net_outcome){0};
    if (cell->needs_mailslotd && access(settings->mailslotd, X_OK) != 0) {
        outcome->absent = true;
        snprintf(outcome->reason, sizeof outcome->reason, "no mailslotd: %.150s: %s",
                 settings->mailslotd, strerror(errno));
        return true;
    }
    snprintf(outcome->reason, sizeof outcome->reason, "it ended by itself");
    uint64_t until = clock_ns() + (uint64_t)((settings->seconds + GRACE_S) * 1e9);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        snprintf(outcome->reason, sizeof outcome->reason, "fork: %s", strerror(errno));
        return true;
    }
    if (pid == 0) {
        die_with_parent(parent);
        measure(cell, settings, outcome);
    }
    setpgid(pid, pid);
    bool go_on = wait_for(pid, until, outcome);
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return go_on;
}
