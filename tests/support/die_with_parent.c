/* A parent that dies between fork() and prctl() sends no signal, so the child looks once more
 * whether it is still there. A change of the user resets the signal: prctl(2). */
#include "die_with_parent.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

void die_with_parent(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
}
