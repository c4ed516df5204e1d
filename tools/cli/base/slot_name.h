/* Names of local slots, as the library compares them. */
#ifndef CLI_SLOT_NAME_H
#define CLI_SLOT_NAME_H

#include "buffer.h"

#include <stdbool.h>

/** Appends a valid name as listings show it, and a NUL: without \\.\mailslot\, parted by single
 *  backslashes; one on another computer begins with two. */
void slot_name_bare(struct buffer *out, const char *name);

/** Whether two valid names are of one slot. */
bool slot_name_same(const char *a, const char *b);

#endif
