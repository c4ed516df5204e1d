/* The part of POSIX that tests use and mingw-w64 lacks. This folder comes first in the include path
 * of the Windows build; its headers have the names of those they stand in for. */
#ifndef MAILSLOT_TEST_UNISTD_H
#define MAILSLOT_TEST_UNISTD_H

#include_next <unistd.h>

#include <stdarg.h>
#include <stdio.h>
#include <windows.h>

/** The process id in the main thread, as on Linux. */
pid_t gettid(void);

/** Prints to standard error, whatever the descriptor. */
__attribute__((format(gnu_printf, 2, 3))) int dprintf(int fd, const char *format, ...);

/** -1: Windows has no numbers for users, and a message's origin says -1 too. */
int geteuid(void);

/** Never returns. */
int pause(void);

#endif
