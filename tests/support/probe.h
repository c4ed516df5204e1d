/* What tests ask before they expect what some systems cannot do. On Linux the library does it all:
 * nothing is probed, so that a failure is a failure. */
#ifndef MAILSLOT_TEST_PROBE_H
#define MAILSLOT_TEST_PROBE_H

#include "abilities.h"

#include <stdbool.h>

static inline bool system_counts(void) { return true; }
static inline bool system_tells_capacity(void) { return true; }
static inline bool system_holds(size_t count, size_t len) { return (void)count, (void)len, true; }
static inline bool system_fills(void) { return true; }
static inline bool system_carries(size_t len) { return (void)len, true; }
static inline bool system_frees_names(void) { return true; }
static inline bool system_tells_gone_readers(void) { return true; }
static inline bool system_knows_writers(void) { return true; }
static inline bool system_notes_arrivals(void) { return true; }
static inline bool system_compares_exactly(void) { return true; }
static inline bool system_keeps_final_dots(void) { return true; }
static inline bool system_refuses_network(void) { return true; }
static inline bool system_reaches_others(void) { return true; }

#endif
