/*
 * For targets in which the library would sleep, spin or ask the clock: time passes only when it
 * waits. Link with --wrap=msi_now and --wrap=syscall.
 */
#ifndef MAILSLOT_FUZZ_SHORTCUTS_H
#define MAILSLOT_FUZZ_SHORTCUTS_H

#include <stdint.h>

/** Nanoseconds that the library believes to have passed since the program began. */
uint64_t shortcut_now(void);

/** How often it has looked at the clock: what waits without sleeping looks very often. */
uint64_t shortcut_looks(void);

#endif
