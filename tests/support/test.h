/*
 * cmocka with the headers that it needs, and checks that work in every thread and process.
 *
 * A failed assertion of cmocka leaves the test by longjmp, which only the thread that runs the
 * tests may do. check(), check_ok() and the others do that there; in another thread or a forked
 * child they print what failed and end the process with CHECK_FAILED, which child_join() and ctest
 * notice.
 */
#ifndef MAILSLOT_TEST_H
#define MAILSLOT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mailslot/mailslot.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHECK_FAILED 99

/** Ends the test, or the process if this is not the thread that runs the tests. */
void test_failed(const char *file, int line);

/** From now on a failed check ends the process: for a child that came about without fork(). */
void test_leave_runner(void);

/* ---- What the check macros below call ---- */

void test_check(bool holds, const char *what, const char *file, int line);
void test_check_err(mailslot_err expected, mailslot_err got, const char *what, const char *file,
                    int line);
void test_check_int(int64_t expected, int64_t got, const char *what, const char *file, int line);
void test_check_text(const char *expected, const char *got, const char *what, const char *file,
                     int line);
void test_check_detail(const char *part, const char *file, int line);
bool test_expects(bool holds, const char *function, const char *otherwise);

#define check(condition)          test_check((condition), #condition, __FILE__, __LINE__)
#define check_err(expected, call) test_check_err((expected), (call), #call, __FILE__, __LINE__)
#define check_ok(call)            check_err(MAILSLOT_OK, call)
#define check_int(expected, got)  test_check_int((expected), (got), #got, __FILE__, __LINE__)
#define check_text(expected, got) test_check_text((expected), (got), #got, __FILE__, __LINE__)
/** The last failure's detail contains part. */
#define check_detail(part) test_check_detail((part), __FILE__, __LINE__)

/** True if the system has an ability (see probe.h) that a part of the test needs. If not, prints
 * that the part is skipped and why, once for each test and reason. */
#define expects(ability, otherwise) test_expects((ability), __func__, (otherwise))

/** Skips the whole test if the system lacks an ability; called at its beginning. */
#define needs(ability, otherwise)                                                                  \
    do {                                                                                           \
        if (!expects(ability, otherwise))                                                          \
            skip();                                                                                \
    } while (0)

/** Skips the test and prints why. */
#define skip_loudly(reason)                                                                        \
    do {                                                                                           \
        dprintf(STDERR_FILENO, "SKIPPED: %s: %s\n", __func__, (reason));                           \
        skip();                                                                                    \
    } while (0)

#endif
