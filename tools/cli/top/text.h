/* Text for a screen of fixed columns. */
#ifndef CLI_TOP_TEXT_H
#define CLI_TOP_TEXT_H

#include "base/buffer.h"

#include <mailslot/mailslot.h>

/** Enough for a name and its mark. */
enum { TOP_MARKED_NAME_SIZE = 512 };

/** The slot's name, marked if mailslotd refused it; returns out. */
const char *top_marked_name(char out[TOP_MARKED_NAME_SIZE], const char *name,
                            const mailslot_info *info);

/** An amount of at most 6 characters, and its NUL. */
enum { TOP_AMOUNT_SIZE = 8 };

/** Appends text, which is UTF-8, in the locale's encoding and in exactly that many columns of a
 *  terminal: cut or filled up with spaces. A question mark stands for each character that the
 *  locale cannot show, that steers the terminal, or that changes the direction of writing, and for
 *  each byte that is not UTF-8. */
void top_append_fitted(struct buffer *out, const char *text, int columns);

/** 0 to 9999 as they are, below 10 with a decimal if there is one; more with k, M, G, T, P or E for
 *  powers of 1000. */
void top_amount(char out[TOP_AMOUNT_SIZE], double amount);

#endif
