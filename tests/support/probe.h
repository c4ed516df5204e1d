/*
 * What the system can do, for tests of behaviour that some systems lack. On Linux the library does
 * it all: nothing is probed, so that a failure is a failure.
 */
#ifndef MAILSLOT_TEST_PROBE_H
#define MAILSLOT_TEST_PROBE_H

#include "abilities.h"

#include <stdbool.h>
#include <stddef.h>

/** The count of waiting messages is exact. */
bool system_counts(void);

/** A queue's capacity and free space can be asked for. */
bool system_tells_capacity(void);

/** So many messages of len bytes can wait. */
bool system_holds(size_t count, size_t len);

/** A mailslot can be filled with a few thousand messages. */
bool system_fills(void);

/** A message may have len bytes. */
bool system_carries(size_t len);

/** A name is free once its reader has closed, even if a writer has not. */
bool system_frees_names(void);

/** A write fails once the reader has closed. */
bool system_tells_gone_readers(void);

/** A message comes with its writer's process and user. */
bool system_knows_writers(void);

/** A message comes with its time of arrival. */
bool system_notes_arrivals(void);

/** Names that differ in the case of letters other than ASCII's are two names. */
bool system_compares_exactly(void);

/** Dots and spaces at the end of a name count. */
bool system_keeps_final_dots(void);

/** A reader can refuse messages from other computers. */
bool system_refuses_network(void);

/** Mailslots of other computers can be opened for writing. */
bool system_reaches_others(void);

#endif
