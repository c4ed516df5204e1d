/* Allocation that ends the program when memory runs out. */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Neither formats nor allocates. 1 is the exit status of an error. */
_Noreturn void memory_exhausted(void) {
    fputs("mailslot: out of memory\n", stderr);
    exit(1);
}

void *memory_resize(void *memory, size_t size) {
    /* realloc() of 0 bytes may return NULL without an error. */
    void *resized = realloc(memory, size ? size : 1);
    if (!resized)
        memory_exhausted();
    return resized;
}
