/* SIGINT and SIGTERM are noted by a handler that resets itself. */
#include "signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t signalled;

static void on_signal(int signal_number) {
    (void)signal_number;
    signalled = 1;
}

/* A signal that was ignored at the start stays ignored: a shell without job control starts
 * background jobs that way, so that Ctrl-C ends the foreground job only. */
static void catch_signal(int number) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, before;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

void signals_catch(void) {
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

bool signals_came(void) { return signalled; }
