/* How often this thread has asked for memory: malloc() and its kin are counted in the whole
 * process, libraries included. */
#ifndef BENCH_ALLOCATIONS_H
#define BENCH_ALLOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

/* False where a sanitizer brings an allocator of its own; then the count stays 0. */
bool allocations_are_counted(void);

uint64_t allocations_so_far(void);

#endif
