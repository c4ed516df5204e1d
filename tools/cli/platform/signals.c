/* SIGINT and SIGTERM are noted by a handler that resets itself. */
#include "signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t signalled;

static void on_signal(int signal_number) {
    (void)signal_number;
    signalled = 1;
}

void signals_catch(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action = (struct sigaction){.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

bool signals_came(void) { return signalled; }
