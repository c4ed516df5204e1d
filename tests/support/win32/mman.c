/* One section of shared memory, named after the process that made it. */
#include <sys/mman.h>

#include <stdio.h>

static struct {
    HANDLE section;
    void *memory;
} mman_shared;

void *mman_memory(void) { return mman_shared.memory; }

void *mman_open(DWORD creator, size_t size) {
    char name[64];
    snprintf(name, sizeof name, "Local\\mailslot-test-%lu", creator);
    mman_shared.section =
        CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, (DWORD)size, name);
    mman_shared.memory =
        mman_shared.section ? MapViewOfFile(mman_shared.section, FILE_MAP_WRITE, 0, 0, size) : NULL;
    return mman_shared.memory ? mman_shared.memory : MAP_FAILED;
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, int offset) {
    (void)at, (void)protection, (void)flags, (void)fd, (void)offset;
    return mman_shared.memory ? MAP_FAILED : mman_open(GetCurrentProcessId(), size);
}

int munmap(void *memory, size_t size) {
    (void)size;
    UnmapViewOfFile(memory);
    CloseHandle(mman_shared.section);
    mman_shared.memory = NULL;
    return 0;
}
