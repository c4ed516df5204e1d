/* top's data: the current and the previous sample of all slots, and the rows made of them. */
#ifndef CLI_TOP_VIEW_H
#define CLI_TOP_VIEW_H

#include "base/buffer.h"
#include "newest.h"
#include "rates.h"

/** Start from {0}; end with top_view_free(). */
struct top_view {
    struct top_sample before, now;
    struct top_row *rows; /* one for each slot of now, sorted */
    enum top_key key;
    bool reversed;
    const struct top_newest *newest; /* how to decode newest messages; NULL: not at all */
    uint64_t taken_ns;               /* when now was: ns since 1970 */
};

/** When to look after the look that was due at due_ns. Looks that were missed, because the process
 *  was stopped or the system is slow, are left out. */
uint64_t top_next_ns(uint64_t due_ns, uint64_t interval_ns);

/** Looks at all slots, which takes no message and no lock of theirs. On failure all stays as it
 *  was. Errors as mailslot_list(). */
MAILSLOT_MUST_USE mailslot_err top_view_look(struct top_view *view);

/** Sorts the rows, after a change of key or reversed. */
void top_view_sort(struct top_view *view);

/** Seconds from before to now; 0 while there is only one sample. */
double top_view_seconds(const struct top_view *view);

/** Appends the sample as one line of JSON. */
void top_view_json(struct buffer *out, const struct top_view *view);

/** Appends what stands above lines, and a line for each slot. */
void top_view_titles(struct buffer *out);
void top_view_lines(struct buffer *out, const struct top_view *view);

void top_view_free(struct top_view *view);

#endif
