/*
 * A system that refuses: makes one chosen call of one libc function fail. The program must contain
 * the library's objects and be linked with fault_link_options of tests/support/fault.cmake, which
 * has the linker lead their calls through fault.c.
 */
#ifndef MAILSLOT_TEST_FAULT_H
#define MAILSLOT_TEST_FAULT_H

#include <stdbool.h>

/** Makes the call of that function fail with that errno which comes after `after` others. */
void fault_plan(const char *function, int error, int after);

/** Makes every call of it fail that has all these flags; for open and openat, and for
 *  posix_fallocate, whose flags are the bits of its length. */
void fault_plan_flags(const char *function, int error, int flags);

/** Ends the plan; whether the call to fail came. */
bool fault_end(void);

#endif
