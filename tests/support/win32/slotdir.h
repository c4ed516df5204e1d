/* ../slotdir.h where slots are not files: all that can be counted is what mailslot_list() lists. */
#ifndef MAILSLOT_TEST_SLOTDIR_H
#define MAILSLOT_TEST_SLOTDIR_H

#include "test.h"

#include <limits.h>

/** Does nothing: the system removes a slot with its reader. */
int slotdir_setup(void **state);
int slotdir_teardown(void **state);

/** A cmocka test. */
#define slot_test(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, slotdir_setup, slotdir_teardown)

/** A name for messages; there is no such directory. */
const char *slotdir_path(void);

/** Counts the slots of this computer. */
int slotdir_files(void);

/** Counts the directories that hold slots: 1 if there is a slot, else 0. */
int slotdir_entries(const char *directory, char *last);

/** True if there is a slot. */
bool slotdir_is_mapped(const char *directory);

/** Counts the open handles of this process. */
int slotdir_descriptors(void);

#endif
