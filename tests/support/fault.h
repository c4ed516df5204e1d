/*
 * Fault injection: makes one chosen call of one libc function fail. The program must contain the
 * library's objects and be built by mailslot_add_fault_test() of fault.cmake, which has the linker
 * redirect their calls to fault.c.
 */
#ifndef MAILSLOT_TEST_FAULT_H
#define MAILSLOT_TEST_FAULT_H

#include <stdbool.h>

/** Makes a call of a function fail with an errno; `after` calls before it succeed. */
void fault_plan(const char *function, int error, int after);

/** Makes every call fail whose flags include these. For open, openat, and fallocate and
 * posix_fallocate, where the flags are the bits of the length. */
void fault_plan_flags(const char *function, int error, int flags);

/** Ends the plan; true if a call has failed. */
bool fault_end(void);

#endif
