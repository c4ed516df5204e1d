/* Memory for a tool whose only answer to a lack of it is to report that and end with status 1. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stddef.h>

/** realloc that never returns NULL. */
void *memory_resize(void *memory, size_t size);

/** Reports that memory ran out and ends the program. */
_Noreturn void memory_exhausted(void);

#endif
