/* How much of the machine the long-lived processes and their slots hold, over time. */
#ifndef SOAK_SAMPLES_H
#define SOAK_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/** Who lives as long as the soak: the resident reader, the resident writers, and who started them.
 */
enum { WATCHED = 4 };

struct samples;

/** Prepares for at most count samples of these processes and of the slots in directory. */
struct samples *samples_new(const pid_t watched[WATCHED], const char *directory, int count);
void samples_free(struct samples *samples);

void samples_take(struct samples *samples);

/** Prints the newest sample as one line; samples_header() says what is in it. */
void samples_header(FILE *out);
void samples_print(const struct samples *samples, int64_t ms, FILE *out);

/** Whether nothing grew: the least of the last quarter is not above the most of the second one (the
 *  first is warm-up) by more than a tolerance: RssAnon 2 MiB, since buffers grow to the largest
 *  message of 1 MiB and are freed with their slot; VmRSS, which has the slots' memory too, 4 MiB;
 *  everything else nothing. Says what grew. */
bool samples_are_flat(const struct samples *samples, FILE *out);

/** Counts this process's descriptors; files below a directory and the blocks of 512 bytes in them.
 */
int count_descriptors(pid_t pid);
void count_files(const char *directory, long *files, long *blocks);

#endif
