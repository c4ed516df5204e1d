/* Makes every access beside a mapped file a crash. */
#ifndef CRASH_GUARD_H
#define CRASH_GUARD_H

#include <stddef.h>
#include <sys/types.h>

/** What mmap and munmap are in programs linked with --wrap: shared mappings of files lie between
 *  two pages that cannot be touched. Anonymous ones are as ever, and never unmapped. */
void *__wrap_mmap(void *where, size_t len, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *map, size_t len);

#endif
