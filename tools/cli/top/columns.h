/* The columns of top's screen, behind the name. */
#ifndef CLI_TOP_COLUMNS_H
#define CLI_TOP_COLUMNS_H

#include "base/buffer.h"
#include "rates.h"

/** Which columns a screen has room for. */
struct top_columns {
    int name; /* columns of the terminal that the name takes */
    int rank; /* of the columns, those up to this one */
};

/** Chooses for a screen so many columns of the terminal wide: the narrower, the fewer. */
struct top_columns top_columns_choose(int width);

/** Append a line as wide as the screen, in the locale's encoding. */
void top_columns_titles(struct buffer *line, struct top_columns columns);
void top_columns_row(struct buffer *line, struct top_columns columns, const struct top_row *row);

#endif
