/* mailslot top: samples this user's mailslots and shows them on the screen, as lines or as JSON. */
#include "base/options.h"
#include "base/units.h"
#include "output/output.h"
#include "platform/platform.h"
#include "platform/signals.h"
#include "shared_options.h"
#include "top/screen.h"

#include <locale.h>
#include <poll.h>

enum { INTERVAL, ONCE, JSON, CODEC, SCHEMA, OPTION_COUNT };

static const struct option_spec top_options[] = {
    [INTERVAL] = {.name = "--interval",
                  .kind = OPTION_TEXT,
                  .argument = "TIME",
                  .help = "take a sample every TIME seconds, from 0.1 to 3600; the number may be "
                          "followed by ms, s, m or h (default: 1)"},
    [ONCE] = {.name = "--once",
              .help = "print one sample, taken one interval after the start, and exit"},
    [JSON] = {.name = "--json",
              .help = "print each sample as one line of JSON",
              .detail =
                  "It has the members time_ns (since 1970), seconds (since the previous sample) "
                  "and slots, an array. Each of its objects has the members that 'mailslot info "
                  "--json' prints, and command (of the reader; null if unknown), messages_in_rate, "
                  "bytes_in_rate, messages_out_rate, bytes_out_rate (per second; null in the first "
                  "sample of a mailslot) and size_p50."},
    [CODEC] =
        SHARED_CODECS("show the newest message of each mailslot, or only of NAME, decoded with "
                      "SPEC; repeatable; see 'mailslot codecs'",
                      "The message is copied from the memory of the mailslot, whether it was read "
                      "already or not; it stays in the queue. The screen shows it below the "
                      "mailslot. In JSON it is newest, an object with time_ns (of its arrival), "
                      "size and value, or error if it does not decode; null if there is none."),
    [SCHEMA] = SHARED_SCHEMA(SCHEMA_HELP),
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status top_statuses[] = {
    {STATUS_DONE, "success, which includes a signal and a closed pipe"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

#define NS_PER_MS        UINT64_C(1000000)
#define INTERVAL_LEAST   (100 * NS_PER_MS)
#define INTERVAL_DEFAULT (1000 * NS_PER_MS)
#define INTERVAL_MOST    (3600 * 1000 * NS_PER_MS)

/* Longest wait, after which signals and a closed pipe are checked. */
enum { SLICE_MS = 100 };

/* Waits for the next sample. Returns false if a signal or a closed pipe ends the program. */
static bool top_wait_until(uint64_t until_ns) {
    for (;;) {
        if (signals_came() || platform_output_closed())
            return false;
        uint64_t now = platform_now_ns();
        if (now >= until_ns)
            return true;
        /* Rounded up: 0 would make poll() return at once and spin until the time has come. */
        uint64_t left = (until_ns - now) / NS_PER_MS + 1;
        (void)poll(NULL, 0, left < SLICE_MS ? (int)left : SLICE_MS);
    }
}

/* The first sample is not printed: rates need two. */
static enum status top_print_samples(struct top_view *view, uint64_t interval_ns, bool once,
                                     bool as_json) {
    struct buffer out = {0};
    enum status status = STATUS_DONE;
    mailslot_err err = top_view_look(view);
    uint64_t due_ns = platform_now_ns() + interval_ns;
    /* Column titles, once; JSON lines describe themselves. */
    if (!as_json)
        top_view_titles(&out);
    bool end = false;
    while (!err && !end && top_wait_until(due_ns)) {
        err = top_view_look(view);
        /* From the previous due time, not from now: samples keep their distance even if one was
         * late. */
        due_ns = top_next_ns(due_ns, interval_ns);
        if (err)
            break;
        if (as_json)
            top_view_json(&out, view);
        else
            top_view_lines(&out, view);
        /* After each sample: top is often read through a pipe. */
        status = output_flush(&out, &end);
        end = end || once;
    }
    buffer_free(&out);
    return err ? report_failure(err) : status;
}

static enum status top_show(struct top_view *view, uint64_t interval_ns,
                            const struct option *options) {
    bool once = options[ONCE].given, as_json = options[JSON].given;
    /* top_screen_open() fails unless standard input and output are terminals; then lines are
     * printed. */
    if (!once && !as_json && top_screen_open())
        return top_screen_run(view, interval_ns);
    return top_print_samples(view, interval_ns, once, as_json);
}

static enum status top_show_newest(const struct verb *verb, struct top_view *view,
                                   uint64_t interval_ns, const struct option *options) {
    struct top_newest newest;
    enum status status =
        top_newest_make(verb, &options[CODEC].list, &options[SCHEMA].list, &newest);
    /* Borrowed: top_view_free(), which the caller calls later, does not use it. */
    view->newest = &newest;
    if (!status)
        status = top_show(view, interval_ns, options);
    top_newest_free(&newest);
    return status;
}

static enum status top_read_interval(const struct verb *verb, const struct option *option,
                                     uint64_t *interval_ns) {
    *interval_ns = INTERVAL_DEFAULT;
    if (!option->given || (units_read_span(option->text, interval_ns) &&
                           *interval_ns >= INTERVAL_LEAST && *interval_ns <= INTERVAL_MOST))
        return STATUS_DONE;
    return report_usage(verb->name,
                        "option --interval: \"%.100s\" is not a duration from 0.1 to 3600 seconds",
                        option->text);
}

static int top_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    uint64_t interval_ns;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    status = top_read_interval(verb, &options[INTERVAL], &interval_ns);
    if (status)
        return status;
    /* A schema that nothing uses is likely a forgotten --codec. */
    if (options[SCHEMA].given && !options[CODEC].given)
        return report_usage(verb->name, "option --schema needs --codec");
    struct top_view view = {.key = TOP_NAME};
    signals_catch();
    setlocale(LC_CTYPE, ""); /* for names that are not ASCII, on a screen */
    status = options[CODEC].given ? top_show_newest(verb, &view, interval_ns, options)
                                  : top_show(&view, interval_ns, options);
    top_view_free(&view);
    return status;
}

const struct verb top_verb = {
    .name = "top",
    .summary = "watch the mailslots of this user live",
    .usage = (const char *const[]){"", NULL},
    .description =
        "Shows the mailslots of this user on this computer and updates them: their readers, the "
        "messages waiting, the rates and sizes of messages, and the messages that were refused or "
        "lost. It reads counters only; no message is removed. On a terminal it uses the whole "
        "screen; press ? for its keys. Otherwise it prints a line for each mailslot and sample.",
    .options = top_options,
    .notes =
        "P50 is an upper bound of the median size of the messages that arrived since the previous "
        "sample: a power of two less one, or the size of the largest message. It is - (null) if no "
        "message arrived. MAX is the size of the largest message since the reader opened the "
        "mailslot. REFUSED (the mailslot was full), BAD (did not decode) and LOST (delivered by "
        "mailslotd, but not accepted by the queue) count from then too.\n\n"
        "SIGINT, SIGTERM and a closed pipe end it.",
    .statuses = top_statuses,
    .run = top_run,
};
