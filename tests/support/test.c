/* Checks: prints what failed, with both values, and ends the test or the process. */
#include "test.h"

/* The process, and its thread, that runs the tests; 0 if there is none. */
static pid_t test_runner;

__attribute__((constructor)) static void test_note_runner(void) { test_runner = getpid(); }

void test_failed(const char *file, int line) {
    if (getpid() == test_runner && gettid() == test_runner)
        _fail(file, line);
    _exit(CHECK_FAILED);
}

void test_leave_runner(void) { test_runner = 0; }

void test_check(bool holds, const char *what, const char *file, int line) {
    if (!holds) {
        dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, what);
        test_failed(file, line);
    }
}

void test_check_err(mailslot_err expected, mailslot_err got, const char *what, const char *file,
                    int line) {
    if (got != expected) {
        dprintf(STDERR_FILENO, "%s:%d: %s: %s, expected %s; last detail: \"%s\"\n", file, line,
                what, mailslot_errname(got), mailslot_errname(expected), mailslot_detail());
        test_failed(file, line);
    }
}

void test_check_int(int64_t expected, int64_t got, const char *what, const char *file, int line) {
    if (got != expected) {
        dprintf(STDERR_FILENO, "%s:%d: %s: %lld, expected %lld\n", file, line, what, (long long)got,
                (long long)expected);
        test_failed(file, line);
    }
}

void test_check_text(const char *expected, const char *got, const char *what, const char *file,
                     int line) {
    if (!got || strcmp(got, expected) != 0) {
        dprintf(STDERR_FILENO, "%s:%d: %s: \"%s\", expected \"%s\"\n", file, line, what,
                got ? got : "(null)", expected);
        test_failed(file, line);
    }
}

void test_check_detail(const char *part, const char *file, int line) {
    if (!strstr(mailslot_detail(), part)) {
        dprintf(STDERR_FILENO, "%s:%d: detail \"%s\" lacks \"%s\"\n", file, line, mailslot_detail(),
                part);
        test_failed(file, line);
    }
}

bool test_expects(bool holds, const char *function, const char *otherwise) {
    static const char *last_function, *last_otherwise;
    if (!holds && (function != last_function || otherwise != last_otherwise))
        dprintf(STDERR_FILENO, "SKIPPED: %s: %s\n", function, otherwise);
    if (!holds) {
        last_function = function;
        last_otherwise = otherwise;
    }
    return holds;
}
