/* Wraps mmap() and munmap() so that pages without access surround each mapping of a file. */
#include "guard.h"

#include <sys/mman.h>
#include <unistd.h>

void *__real_mmap(void *where, size_t len, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *map, size_t len);

static size_t page(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static size_t with_guards(size_t len) { return (len + page() - 1) / page() * page() + 2 * page(); }

void *__wrap_mmap(void *where, size_t len, int protection, int flags, int fd, off_t offset) {
    if (fd < 0 || !(flags & MAP_SHARED))
        return __real_mmap(where, len, protection, flags, fd, offset);
    char *outer = __real_mmap(NULL, with_guards(len), PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (outer == MAP_FAILED)
        return MAP_FAILED;
    void *map = __real_mmap(outer + page(), len, protection, flags | MAP_FIXED, fd, offset);
    if (map == MAP_FAILED)
        __real_munmap(outer, with_guards(len));
    return map;
}

int __wrap_munmap(void *map, size_t len) {
    return __real_munmap((char *)map - page(), with_guards(len));
}
