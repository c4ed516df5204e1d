/* Shared memory between a test and its children: mmap() as tests call it, and nothing else. */
#ifndef MAILSLOT_TEST_MMAN_H
#define MAILSLOT_TEST_MMAN_H

#include <stddef.h>
#include <stdio.h>
#include <windows.h>

#define PROT_READ     1
#define PROT_WRITE    2
#define MAP_SHARED    1
#define MAP_ANONYMOUS 2
#define MAP_FAILED    ((void *)-1)

/** The one there is, for child.h. */
static struct {
    HANDLE section;
    void *memory;
} mman_shared;

static inline void *mman_open(DWORD creator, size_t size) {
    char name[64];
    snprintf(name, sizeof name, "Local\\mailslot-test-%lu", creator);
    mman_shared.section =
        CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, (DWORD)size, name);
    mman_shared.memory =
        mman_shared.section ? MapViewOfFile(mman_shared.section, FILE_MAP_WRITE, 0, 0, size) : NULL;
    return mman_shared.memory ? mman_shared.memory : MAP_FAILED;
}

static inline void *mmap(void *at, size_t size, int protection, int flags, int fd, int offset) {
    (void)at, (void)protection, (void)flags, (void)fd, (void)offset;
    return mman_shared.memory ? MAP_FAILED : mman_open(GetCurrentProcessId(), size);
}

static inline int munmap(void *memory, size_t size) {
    (void)size;
    UnmapViewOfFile(memory);
    CloseHandle(mman_shared.section);
    mman_shared.memory = NULL;
    return 0;
}

#endif
