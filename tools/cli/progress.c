#include "progress.h"
#include "platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define INTERVAL_NS   (NS_PER_SECOND / 4)

/* To the line's begin, and its end erased (ECMA-48: EL). */
#define LINE_BEGIN "\r"
#define ERASE      "\033[K"

void progress_begin(struct progress *progress, bool wanted) {
    *progress = (struct progress){.shown = wanted && isatty(STDERR_FILENO)};
    if (progress->shown)
        progress->begun_ns = progress->next_ns = platform_now_ns();
}

enum { AMOUNT = 24, PART = 64, LEFT = 48 }; /* bytes of texts */

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

static void part_text(char text[PART], uint64_t bytes, uint64_t total) {
    char amount[AMOUNT];
    double part = (double)bytes / (double)total;
    snprintf(text, PART, " of %s (%.0f %%)", bytes_text(amount, total),
             part > 1 ? 100 : part * 100);
}

static void left_text(char text[LEFT], double seconds) {
    uint64_t whole = seconds < 360000000 ? (uint64_t)(seconds + 0.5) : 360000000;
    snprintf(text, LEFT, ", %" PRIu64 ":%02u:%02u left", whole / 3600, (unsigned)(whole / 60 % 60),
             (unsigned)(whole % 60));
}

/* In one piece, so that nobody sees half of it. */
static void show(struct progress *progress, uint64_t bytes, uint64_t messages, double seconds) {
    char amount[AMOUNT], part[PART] = "", left[LEFT] = "";
    if (progress->total)
        part_text(part, bytes, progress->total);
    if (progress->total && bytes && bytes <= progress->total)
        left_text(left, seconds * (double)(progress->total - bytes) / (double)bytes);
    fprintf(stderr, LINE_BEGIN "%s%s, %" PRIu64 " messages, %.0f/s%s" ERASE,
            bytes_text(amount, bytes), part, messages, seconds > 0 ? (double)messages / seconds : 0,
            left);
    progress->is_there = true;
}

void progress_tell(struct progress *progress, uint64_t bytes, uint64_t messages) {
    if (!progress->shown)
        return;
    uint64_t now = platform_now_ns();
    if (now < progress->next_ns)
        return;
    progress->next_ns = now + INTERVAL_NS;
    show(progress, bytes, messages, (double)(now - progress->begun_ns) / NS_PER_SECOND);
}

void progress_clear(struct progress *progress) {
    if (progress->is_there)
        fputs(LINE_BEGIN ERASE, stderr);
    progress->is_there = false;
}
