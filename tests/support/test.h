/*
 * cmocka with the headers it insists on, and checks that work in every thread and process.
 *
 * cmocka's own assertions leave a test by longjmp, which only the thread that runs the tests may
 * do. check(), check_ok() and their like do that there; in another thread or a forked child they
 * say what was wrong and end the process with CHECK_FAILED, which child_join() and ctest notice.
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

static pid_t test_runner;

__attribute__((constructor)) static void test_note_runner(void) { test_runner = getpid(); }

static inline void test_failed(const char *file, int line) {
    if (getpid() == test_runner && gettid() == test_runner)
        _fail(file, line);
    _exit(CHECK_FAILED);
}

static inline void test_check(bool holds, const char *what, const char *file, int line) {
    if (!holds) {
        dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, what);
        test_failed(file, line);
    }
}

static inline void test_check_err(mailslot_err expected, mailslot_err got, const char *what,
                                  const char *file, int line) {
    if (got != expected) {
        dprintf(STDERR_FILENO, "%s:%d: %s: %s, expected %s; last detail: \"%s\"\n", file, line,
                what, mailslot_errname(got), mailslot_errname(expected), mailslot_detail());
        test_failed(file, line);
    }
}

static inline void test_check_int(int64_t expected, int64_t got, const char *what, const char *file,
                                  int line) {
    if (got != expected) {
        dprintf(STDERR_FILENO, "%s:%d: %s: %lld, expected %lld\n", file, line, what, (long long)got,
                (long long)expected);
        test_failed(file, line);
    }
}

static inline void test_check_text(const char *expected, const char *got, const char *what,
                                   const char *file, int line) {
    if (!got || strcmp(got, expected) != 0) {
        dprintf(STDERR_FILENO, "%s:%d: %s: \"%s\", expected \"%s\"\n", file, line, what,
                got ? got : "(null)", expected);
        test_failed(file, line);
    }
}

static inline void test_check_detail(const char *part, const char *file, int line) {
    if (!strstr(mailslot_detail(), part)) {
        dprintf(STDERR_FILENO, "%s:%d: detail \"%s\" lacks \"%s\"\n", file, line, mailslot_detail(),
                part);
        test_failed(file, line);
    }
}

#define check(condition)          test_check((condition), #condition, __FILE__, __LINE__)
#define check_err(expected, call) test_check_err((expected), (call), #call, __FILE__, __LINE__)
#define check_ok(call)            check_err(MAILSLOT_OK, call)
#define check_int(expected, got)  test_check_int((expected), (got), #got, __FILE__, __LINE__)
#define check_text(expected, got) test_check_text((expected), (got), #got, __FILE__, __LINE__)
/** The last failure's detail contains part. */
#define check_detail(part) test_check_detail((part), __FILE__, __LINE__)

/* Once for each test and reason. */
static inline bool test_expects(bool holds, const char *function, const char *otherwise) {
    static const char *last_function, *last_otherwise;
    if (!holds && (function != last_function || otherwise != last_otherwise))
        dprintf(STDERR_FILENO, "SKIPPED: %s: %s\n", function, otherwise);
    if (!holds) {
        last_function = function;
        last_otherwise = otherwise;
    }
    return holds;
}

/** Whether a part of the test that a system may not be able to pass is to run; if not, says why
 *  where it is seen. The abilities of systems are in probe.h. */
#define expects(ability, otherwise) test_expects((ability), __func__, (otherwise))

/** The same for all of a test, at its beginning. */
#define needs(ability, otherwise)                                                                  \
    do {                                                                                           \
        if (!expects(ability, otherwise))                                                          \
            skip();                                                                                \
    } while (0)

/** Leaves the test as skipped and says why where it is seen. */
#define skip_loudly(reason)                                                                        \
    do {                                                                                           \
        dprintf(STDERR_FILENO, "SKIPPED: %s: %s\n", __func__, (reason));                           \
        skip();                                                                                    \
    } while (0)

#endif
