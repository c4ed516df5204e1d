/* The console events of Windows, such as Ctrl-C, stand for SIGINT and SIGTERM. */
#include "signals.h"

#include <windows.h>

static volatile LONG asked;

/* Ctrl-C, Ctrl-Break and the closing of the console; false hands the second one on. */
static BOOL WINAPI on_control(DWORD event) {
    (void)event;
    return InterlockedExchange(&asked, 1) == 0;
}

void signals_catch(void) { SetConsoleCtrlHandler(on_control, TRUE); }

bool signals_came(void) { return asked; }
