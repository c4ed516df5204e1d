/* mailslot top: the mailslots of this user, live. */
#include "base/options.h"
#include "base/units.h"
#include "output/output.h"
#include "platform/platform.h"
#include "platform/signals.h"
#include "top/screen.h"

#include <locale.h>
#include <poll.h>

static const char help[] =
    "usage: mailslot top [OPTION...]\n"
    "\n"
    "Shows this user's mailslots on this computer, again and again: who reads them, what waits,\n"
    "how fast messages come and go, how big they are, and what did not get through. It reads\n"
    "counters, and takes no message. On a terminal it has the whole screen; ? explains it and its\n"
    "keys. Elsewhere it prints a line for each mailslot and sample.\n"
    "\n"
    "  --interval S   look every S seconds, from 0.1 to 3600; ms, s, m or h may stand behind "
    "(1)\n"
    "  --once         print one sample, an interval after the start, and end\n"
    "  --json         print an object a line for each sample instead: {\"time_ns\":N,\n"
    "                 \"seconds\":N,\"slots\":[...]}, with the time since the sample before, and\n"
    "                 for each mailslot what 'mailslot info --json' says, and command (of the\n"
    "                 reader; null if unknown), messages_in_rate, bytes_in_rate,\n"
    "                 messages_out_rate, bytes_out_rate (a second; null in a mailslot's first\n"
    "                 sample) and size_p50\n"
    "  --codec SPEC   show each mailslot's newest message, taken or not, as SPEC decodes it: on\n"
    "                 the screen below the mailslot, in JSON as newest: "
    "{\"time_ns\":N,\"size\":N,\n"
    "                 \"value\":...}, with \"error\" for a value that does not decode, null if "
    "there\n"
    "                 is none. NAME=SPEC for one mailslot. May be given more than once\n"
    "  --schema F     a .proto file or descriptor set whose types SPEC may name; may be given\n"
    "                 more than once, see 'mailslot codecs --help'\n"
    "\n"
    "P50 is a bound: half of the messages that came since the sample before had so many bytes or\n"
    "fewer. It is a power of two less one, or the largest message's size; - or null if none came.\n"
    "MAX is the largest since the reader opened, as are REFUSED (the mailslot was full), BAD (did\n"
    "not decode) and LOST (mailslotd delivered it, but it did not get in).\n"
    "\n"
    "SIGINT, SIGTERM and a closed pipe end it with status 0. Exit status: 0 done, 1 error, 2 "
    "usage.\n";

#define NS_PER_MS        UINT64_C(1000000)
#define INTERVAL_LEAST   (100 * NS_PER_MS)
#define INTERVAL_DEFAULT (1000 * NS_PER_MS)
#define INTERVAL_MOST    (3600 * 1000 * NS_PER_MS)

/* How long a signal or a closed pipe may go unnoticed. */
enum { SLICE_MS = 100 };

enum { INTERVAL, ONCE, JSON, CODEC, SCHEMA, OPTION_COUNT };

/* Whether it is time for the next sample; otherwise it is time to end. */
static bool top_wait_until(uint64_t until_ns) {
    for (;;) {
        if (signals_came() || platform_output_closed())
            return false;
        uint64_t now = platform_now_ns();
        if (now >= until_ns)
            return true;
        uint64_t left = (until_ns - now) / NS_PER_MS + 1;
        (void)poll(NULL, 0, left < SLICE_MS ? (int)left : SLICE_MS);
    }
}

/* The first sample only says what the second one's rates are since. */
static enum status top_print_samples(struct top_view *view, uint64_t interval_ns, bool once,
                                     bool as_json) {
    struct buffer out = {0};
    enum status status = STATUS_DONE;
    mailslot_err err = top_view_look(view);
    uint64_t due_ns = platform_now_ns() + interval_ns;
    if (!as_json)
        top_view_titles(&out);
    bool end = false;
    while (!err && !end && top_wait_until(due_ns)) {
        err = top_view_look(view);
        due_ns = top_next_ns(due_ns, interval_ns);
        if (err)
            break;
        if (as_json)
            top_view_json(&out, view);
        else
            top_view_lines(&out, view);
        status = output_flush(&out, &end);
        end = end || once;
    }
    buffer_free(&out);
    return err ? report_failure(err) : status;
}

static enum status top_show(struct top_view *view, uint64_t interval_ns,
                            const struct option *options) {
    bool once = options[ONCE].given, as_json = options[JSON].given;
    if (!once && !as_json && top_screen_open())
        return top_screen_run(view, interval_ns);
    return top_print_samples(view, interval_ns, once, as_json);
}

static enum status top_show_newest(const struct verb *verb, struct top_view *view,
                                   uint64_t interval_ns, const struct option *options) {
    struct top_newest newest;
    enum status status = top_newest_make(verb, options[CODEC].list, options[SCHEMA].list, &newest);
    view->newest = &newest;
    if (!status)
        status = top_show(view, interval_ns, options);
    top_newest_free(&newest);
    return status;
}

static int top_run(const struct verb *verb, int argc, char **argv) {
    struct text_list codecs = {.count = 0}, schemas = {.count = 0};
    struct option options[OPTION_COUNT] = {
        [INTERVAL] = {.name = "--interval", .kind = OPTION_TEXT},
        [ONCE] = {.name = "--once", .kind = OPTION_FLAG},
        [JSON] = {.name = "--json", .kind = OPTION_FLAG},
        [CODEC] = {.name = "--codec", .kind = OPTION_LIST, .list = &codecs},
        [SCHEMA] = {.name = "--schema", .kind = OPTION_LIST, .list = &schemas},
    };
    struct arguments arguments;
    enum status status;
    uint64_t interval_ns = INTERVAL_DEFAULT;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &arguments, &status))
        return status;
    if (arguments.count)
        return report_usage(verb->name, "unexpected argument \"%.100s\"", arguments.items[0]);
    if (options[INTERVAL].given && (!units_read_span(options[INTERVAL].text, &interval_ns) ||
                                    interval_ns < INTERVAL_LEAST || interval_ns > INTERVAL_MOST))
        return report_usage(verb->name, "option --interval: \"%.100s\" is not 0.1 to 3600 seconds",
                            options[INTERVAL].text);
    if (schemas.count && !codecs.count)
        return report_usage(verb->name, "--schema is for --codec, which is not given");
    struct top_view view = {.key = TOP_NAME};
    signals_catch();
    setlocale(LC_CTYPE, ""); /* for names that are not ASCII, on a screen */
    status = codecs.count ? top_show_newest(verb, &view, interval_ns, options)
                          : top_show(&view, interval_ns, options);
    top_view_free(&view);
    return status;
}

const struct verb top_verb = {"top", "watch mailslots live", help, top_run};
