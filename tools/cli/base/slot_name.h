/* Names of local slots as listings print them. */
#ifndef CLI_SLOT_NAME_H
#define CLI_SLOT_NAME_H

#include "buffer.h"

/** Appends a valid name as listings show it, and a NUL: without \\.\mailslot\, parted by single
 *  backslashes; one on another computer begins with two. */
void slot_name_bare(struct buffer *out, const char *name);

#endif
