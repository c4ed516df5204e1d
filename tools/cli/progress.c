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

static void show_bytes(uint64_t bytes) {
    static const char units[] = "kMGT";
    double amount = (double)bytes;
    int unit = -1;
    for (; amount >= 1000 && unit < 3; unit++)
        amount /= 1000;
    fprintf(stderr, unit < 0 ? "%.0f " : "%.1f ", amount);
    fprintf(stderr, "%.*sB", unit < 0 ? 0 : 1, unit < 0 ? "" : units + unit);
}

static void show_time(double seconds) {
    uint64_t whole = seconds < 360000000 ? (uint64_t)(seconds + 0.5) : 360000000;
    fprintf(stderr, ", %" PRIu64 ":%02u:%02u left", whole / 3600, (unsigned)(whole / 60 % 60),
            (unsigned)(whole % 60));
}

static void show(struct progress *progress, uint64_t bytes, uint64_t messages, double seconds) {
    fputs(LINE_BEGIN, stderr);
    show_bytes(bytes);
    if (progress->total) {
        double part = (double)bytes / (double)progress->total;
        fputs(" of ", stderr);
        show_bytes(progress->total);
        fprintf(stderr, " (%.0f %%)", part > 1 ? 100 : part * 100);
    }
    fprintf(stderr, ", %" PRIu64 " messages, %.0f/s", messages,
            seconds > 0 ? (double)messages / seconds : 0);
    if (progress->total && bytes && bytes <= progress->total)
        show_time(seconds * (double)(progress->total - bytes) / (double)bytes);
    fputs(ERASE, stderr);
    fflush(stderr);
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
