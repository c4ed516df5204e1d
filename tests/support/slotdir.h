/* A MAILSLOT_DIR of its own for each test, removed with all it holds when the test is over. */
#ifndef MAILSLOT_TEST_SLOTDIR_H
#define MAILSLOT_TEST_SLOTDIR_H

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/** The directory of the running test. */
const char *slotdir_path(void);

/** Makes and removes the directory: a cmocka setup and teardown. */
int slotdir_setup(void **state);
int slotdir_teardown(void **state);

/** A cmocka test in a slot directory of its own. */
#define slot_test(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, slotdir_setup, slotdir_teardown)

/** The directory of the slots of user uid. */
void slotdir_of(uid_t uid, char path[PATH_MAX]);

/** Counts the entries of a directory, 0 if there is none such, and stores the path of the last one
 *  unless last is NULL. */
int slotdir_entries(const char *directory, char last[PATH_MAX]);

/** Counts the open descriptors of this process. */
int slotdir_descriptors(void);

/** True if this process maps a file below a directory. */
bool slotdir_is_mapped(const char *directory);

/** Counts the files in this user's slot directory. */
int slotdir_files(void);

/** Stores the path of the only file in this user's slot directory. */
void slotdir_only_file(char path[PATH_MAX]);

#endif
