/* Shared memory between a test and its children: mmap() as tests call it, and nothing else. */
#ifndef MAILSLOT_TEST_MMAN_H
#define MAILSLOT_TEST_MMAN_H

#include <stddef.h>
#include <windows.h>

#define PROT_READ     1
#define PROT_WRITE    2
#define MAP_SHARED    1
#define MAP_ANONYMOUS 2
#define MAP_FAILED    ((void *)-1)

/** Maps the shared memory; there can be one at a time. */
void *mmap(void *at, size_t size, int protection, int flags, int fd, int offset);
int munmap(void *memory, size_t size);

/** For child.c: the memory that process creator shares, which is made if it does not exist. */
void *mman_open(DWORD creator, size_t size);

/** For child.c: where this process has mapped it; NULL if it has not. */
void *mman_memory(void);

#endif
