/* A progress line on a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/** Start from progress_begin(). */
struct progress {
    bool shown;     /* on standard error */
    int width;      /* columns that the line on the terminal has; 0: there is none */
    uint64_t total; /* bytes there are to do; 0: not known */
    uint64_t begun_ns, next_ns;
};

/** Shows something only if wanted and if standard error is a terminal. */
void progress_begin(struct progress *progress, bool wanted);

/** Updates the number of bytes and messages done; redraws the line a few times a second. */
void progress_tell(struct progress *progress, uint64_t bytes, uint64_t messages);

/** Erases the line, so that other lines can be printed. */
void progress_clear(struct progress *progress);

#endif
