/* The progress line on standard error, redrawn in place. */
#include "progress.h"
#include "platform/platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define INTERVAL_NS   (NS_PER_SECOND / 4)

void progress_begin(struct progress *progress, bool wanted) {
    *progress = (struct progress){.shown = wanted && isatty(STDERR_FILENO)};
    if (progress->shown)
        progress->begun_ns = progress->next_ns = platform_now_ns();
}

enum { AMOUNT = 24, PART = 64, LEFT = 48, LINE = 256 }; /* bytes of texts */

enum { USUAL_COLUMNS = 80 };

/* Powers of 1000, as SI prefixes have it. */
static const char *bytes_text(char text[AMOUNT], uint64_t bytes) {
    static const char units[] = "kMGT";
    double amount = (double)bytes;
    int unit = -1;
    for (; amount >= 1000 && unit < 3; unit++)
        amount /= 1000;
    snprintf(text, AMOUNT, "%.*f %.*sB", unit < 0 ? 0 : 1, amount, unit < 0 ? 0 : 1,
             unit < 0 ? "" : units + unit);
    return text;
}

/* A file that grows may be larger than when its size was taken: at most 100 % is shown. */
static void part_text(char text[PART], uint64_t bytes, uint64_t total) {
    char amount[AMOUNT];
    double part = (double)bytes / (double)total;
    snprintf(text, PART, " of %s (%.0f %%)", bytes_text(amount, total),
             part > 1 ? 100 : part * 100);
}

static void left_text(char text[LEFT], double seconds) {
    /* 100,000 hours: the cast of a greater double would be undefined. */
    uint64_t whole = seconds < 360000000 ? (uint64_t)(seconds + 0.5) : 360000000;
    snprintf(text, LEFT, ", %" PRIu64 ":%02u:%02u left", whole / 3600, (unsigned)(whole / 60 % 60),
             (unsigned)(whole % 60));
}

/* The widest line: one column less than the terminal, since some terminals wrap after the last
 * column. */
static int most_columns(void) {
    struct winsize size;
    bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col;
    return (is_known ? size.ws_col : USUAL_COLUMNS) - 1;
}

static int smaller_of(int a, int b) { return a < b ? a : b; }

static void write_text(const char *text, int len) {
    (void)platform_write(PLATFORM_ERROR, text, (size_t)len);
}

/* Pads with blanks over the rest of a longer previous line, in one write, so no part is seen. */
static void show_line(struct progress *progress, const char *line, int len) {
    char text[2 * LINE]; /* a line and the blanks over the one before */
    int most = most_columns(), width = smaller_of(len, most);
    /* The terminal may be narrower than when the previous line was written; blanks for all of that
     * would wrap. */
    int before = smaller_of(progress->width, most);
    int size = snprintf(text, sizeof text, "\r%.*s%*s", width, line,
                        before > width ? before - width : 0, "");
    write_text(text, smaller_of(size, sizeof text - 1));
    progress->width = width;
}

static void progress_show(struct progress *progress, uint64_t bytes, uint64_t messages,
                          double seconds) {
    char amount[AMOUNT], part[PART] = "", left[LEFT] = "", line[LINE];
    if (progress->total)
        part_text(part, bytes, progress->total);
    /* Assumes that the rest takes as long per byte as what was read. */
    if (progress->total && bytes && bytes <= progress->total)
        left_text(left, seconds * (double)(progress->total - bytes) / (double)bytes);
    int len = snprintf(line, sizeof line, "%s%s, %" PRIu64 " messages, %.0f/s%s",
                       bytes_text(amount, bytes), part, messages,
                       seconds > 0 ? (double)messages / seconds : 0, left);
    show_line(progress, line, smaller_of(len, LINE - 1));
}

void progress_tell(struct progress *progress, uint64_t bytes, uint64_t messages) {
    if (!progress->shown)
        return;
    uint64_t now = platform_now_ns();
    if (now < progress->next_ns)
        return;
    progress->next_ns = now + INTERVAL_NS;
    progress_show(progress, bytes, messages, (double)(now - progress->begun_ns) / NS_PER_SECOND);
}

void progress_clear(struct progress *progress) {
    /* Only a line that is on the terminal: without one, nothing must be written. */
    if (progress->width) {
        show_line(progress, "", 0);
        write_text("\r", 1);
    }
}
