/* ../slotdir.h where slots are no files: what exists is what a listing shows. */
#ifndef MAILSLOT_TEST_SLOTDIR_H
#define MAILSLOT_TEST_SLOTDIR_H

#include "test.h"

#include <limits.h>

static inline mailslot_err slotdir_count_one(void *ctx, const char *name,
                                             const mailslot_info *info) {
    (void)name, (void)info;
    ++*(int *)ctx;
    return MAILSLOT_OK;
}

/** Counts the slots there are. */
static inline int slotdir_files(void) {
    int count = 0;
    check_ok(mailslot_list(slotdir_count_one, &count));
    return count;
}

static inline const char *slotdir_path(void) { return "slots"; }

/** How many directories with slots in them there would be. */
static inline int slotdir_entries(const char *directory, char *last) {
    (void)directory, (void)last;
    return slotdir_files() > 0;
}

/** Whether this process has a slot open. */
static inline bool slotdir_is_mapped(const char *directory) {
    (void)directory;
    return slotdir_files() > 0;
}

/** Counts what this process holds open. */
static inline int slotdir_descriptors(void) {
    DWORD count = 0;
    check(GetProcessHandleCount(GetCurrentProcess(), &count));
    return (int)count;
}

/* A test that failed or was skipped may have left slots open, which the next would find in use. */
static inline int slotdir_setup(void **state) {
    (void)state;
    return 0;
}

static inline int slotdir_teardown(void **state) {
    (void)state;
    return 0;
}

/** A cmocka test. */
#define slot_test(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, slotdir_setup, slotdir_teardown)

#endif
