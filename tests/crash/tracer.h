/*
 * Stepping a forked child through the code of this program, one instruction at a time.
 *
 * Own code is what the linker put into this executable. A call to anything else (the C library,
 * the vdso) is one step: it runs until it returns.
 */
#ifndef CRASH_TRACER_H
#define CRASH_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum tracer_event {
    TRACER_STEPPED, /* stopped before an instruction of own code */
    TRACER_MARKED,  /* the child has called tracer_mark() */
    TRACER_OVER,    /* it ended, or a signal would have ended it */
};

/** Whether this machine and its policy allow it; otherwise *why is the reason. */
bool tracer_is_possible(const char **why);

/** Forks a child that runs body(ctx) and stands at its first mark when this returns; it dies with
 *  the calling thread. -1 if it never got there. */
pid_t tracer_start(void (*body)(void *ctx), void *ctx);

/** Called by the child: stops it until the tracer lets it go on. */
void tracer_mark(void);

/** Lets the child run to its next mark. */
enum tracer_event tracer_continue(pid_t child);

/** Executes one instruction of own code; *pc is the next one. The first step after a mark only
 *  leaves the mark. */
enum tracer_event tracer_step(pid_t child, uintptr_t *pc);

/** Lets the child run until it is about to execute the instruction at pc. */
enum tracer_event tracer_run_to(pid_t child, uintptr_t pc);

/** Kills the child where it stands. On return the kernel has closed all it had open. */
void tracer_kill(pid_t child);

#endif
