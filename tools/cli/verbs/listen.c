/* mailslot listen: the reader of a mailslot, printing what arrives. */
#include "output/event.h"
#include "output/output.h"
#include "platform/platform.h"
#include "platform/signals.h"

#include <limits.h>

static const char help[] =
    "usage: mailslot listen NAME [OPTION...]\n"
    "\n"
    "Makes the mailslot NAME and prints each message as it comes. A name has one reader at a\n"
    "time; it is free, and what still waits is lost, when this ends.\n"
    "\n"
    "  --codec SPEC   how to decode (text); see 'mailslot codecs'\n"
    "  --schema F     a .proto file or descriptor set whose types SPEC may name; may be given "
    "more\n"
    "                 than once, see 'mailslot codecs --help'\n"
    "  --count N      end after N messages that were shown, decoded or not\n"
    "  --timeout MS   end when no message comes for MS milliseconds; -1: never (-1)\n"
    "  --max N        refuse messages of more than N bytes; 0: none set, which means 65535 (0)\n"
    "  --format F     text: the bytes and a newline; raw: the bytes and nothing else; hex: lower\n"
    "                 case, and a newline; json: one line; line: one for people, of trace.Event.\n"
    "                 Default: line with --severity or --color; json for msgpack and\n"
    "                 protobuf:..., text for others, which is what line means for them too. In\n"
    "                 json a text message is a string, bytes or invalid UTF-8\n"
    "                 {\"$bin\":\"<base64>\"}; see 'mailslot codecs --help'\n"
    "  --severity S   only events that are at least that bad; S is " EVENT_SEVERITIES_FROM "\n"
    "                 " EVENT_SEVERITIES_TO
    ". Of messages that are no trace.Event this is an error;\n"
    "                 without --codec they are taken for such\n"
    "  --color WHEN   color a line by its severity: always, or just --color; never; or auto: on a\n"
    "                 terminal unless NO_COLOR is set (auto)\n"
    "  --meta         one line of JSON with where from and when around the value:\n"
    "                 {\"time_ns\":N,\"size\":N,\"origin\":{\"computer\":\".\",\"address\":\"\",\n"
    "                 \"pid\":N,\"uid\":N},\"value\":...}; pid and uid are null from elsewhere\n"
    "\n"
    "A message that does not decode is one line on standard error, with --meta a line like the\n"
    "others with \"error\":\"BAD_MESSAGE\",\"bytes\":\"<base64>\" in place of the value;\n"
    "\"TOO_COMPLEX\" if decoding it would take too much.\n"
    "\n"
    "SIGINT, SIGTERM and a closed pipe end it with status 0; a second signal ends it even while\n"
    "its output is stuck. Exit status: 0 done, 1 error, such as a name that has a reader, 2 "
    "usage,\n"
    "3 fewer than N messages came before the timeout. Without --count a timeout is status 0.\n";

enum { CODEC, SCHEMA, COUNT, TIMEOUT, MAX, FORMAT, META, SEVERITY, COLOR, OPTION_COUNT };

/* How long a signal or a closed pipe may go unnoticed: a wait is not shortened by signals. */
enum { SLICE_MS = 100, NO_LIMIT = -1 };

/* An enum of proto3 may have any number. */
enum { ANY_SEVERITY = INT32_MIN };

struct listener {
    const char *name;
    mailslot *slot;
    mailslot_record *record;
    const struct text_codec *text_codec;
    enum format format;
    int32_t least_severity; /* of the events to show */
    int timeout_ms;
    struct buffer output;
};

/* Whether a message is one of those to show. What does not decode is: nobody knows how bad it is.
 */
static bool listen_wants(const struct listener *listener, mailslot_err err) {
    return err || listener->least_severity == ANY_SEVERITY ||
           event_severity(mailslot_record_value(listener->record)) >= listener->least_severity;
}

/*
 * Takes the next message to show. EMPTY: none came in time; CLOSED: it is time to end. Others do
 * not count as having come, but what waits behind them does, even without time to wait.
 */
static mailslot_err listen_next(const struct listener *listener) {
    /* One more, since both ends are rounded down. */
    int64_t deadline = platform_now_ms() + listener->timeout_ms + (listener->timeout_ms > 0);
    for (;;) {
        if (signals_came())
            return MAILSLOT_ERR_CLOSED;
        int64_t left = listener->timeout_ms < 0 ? SLICE_MS : deadline - platform_now_ms();
        int64_t slice = left < 0 ? 0 : left < SLICE_MS ? left : SLICE_MS;
        mailslot_err err = mailslot_get(listener->slot, listener->record, (int)slice);
        bool empty = err == MAILSLOT_ERR_EMPTY;
        if (!empty && listen_wants(listener, err))
            return err;
        bool limited = listener->timeout_ms > 0 || (empty && listener->timeout_ms == 0);
        if (limited && platform_now_ms() >= deadline)
            return MAILSLOT_ERR_EMPTY;
        if (platform_output_closed())
            return MAILSLOT_ERR_CLOSED;
    }
}

static enum status listen_loop(struct listener *listener, int64_t count) {
    enum status status = STATUS_DONE;
    bool end = false;
    for (int64_t taken = 0; taken != count && !end; taken++) {
        mailslot_err err = listen_next(listener);
        if (err == MAILSLOT_ERR_CLOSED)
            return STATUS_DONE;
        if (err == MAILSLOT_ERR_EMPTY && count == NO_LIMIT)
            return STATUS_DONE;
        if (err == MAILSLOT_ERR_EMPTY)
            return report(STATUS_FEWER, "%s: %lld of %lld messages came in time", listener->name,
                          (long long)taken, (long long)count);
        if (err && !output_is_undecodable(err))
            return report_failure(err);
        output_message(&listener->output, listener->format, listener->text_codec, listener->name,
                       listener->record, err);
        status = output_flush(&listener->output, &end);
    }
    return status;
}

/* ---- Setting up ---- */

static enum status listen_on(struct listener *listener, const mailslot_codec *codec,
                             const struct option *options) {
    mailslot_options how = MAILSLOT_OPTIONS_INIT;
    how.direction = MAILSLOT_READ;
    how.codec = codec;
    how.max_message = (size_t)options[MAX].number;
    mailslot_err err = mailslot_record_new(&listener->record);
    if (!err)
        err = mailslot_open(&listener->slot, listener->name, &how);
    enum status status = err ? report_failure(err) : listen_loop(listener, options[COUNT].number);
    mailslot_close(listener->slot);
    mailslot_record_free(listener->record);
    buffer_free(&listener->output);
    return status;
}

static enum status listen_read_severity(const struct verb *verb, const struct option *option,
                                        struct listener *listener) {
    listener->least_severity = ANY_SEVERITY;
    if (!option->given)
        return STATUS_DONE;
    if (!event_read_severity(option->text, &listener->least_severity))
        return report_usage(verb->name, EVENT_NO_SEVERITY, option->text);
    if (!text_codec_is_event(listener->text_codec))
        return report_usage(verb->name, "--severity is for messages of proto/trace.proto's "
                                        "trace.Event, which those of --codec are not");
    return STATUS_DONE;
}

/* Who asks for severities or colors wants to read. */
static enum status listen_choose_format(const struct verb *verb, const struct option *options,
                                        struct listener *listener) {
    struct option format = options[FORMAT];
    if (!format.given && !options[META].given && (options[SEVERITY].given || options[COLOR].given))
        format = (struct option){.given = true, .text = "line"};
    enum status status = output_choose_format(verb, &format, &options[META], listener->text_codec,
                                              &listener->format);
    if (!status)
        output_use_color((enum output_color)options[COLOR].number, &listener->format);
    return status;
}

static enum status listen_with(const struct verb *verb, const struct option *options,
                               const char *name) {
    mailslot_registry *registry;
    const mailslot_codec *codec;
    struct option spec = options[CODEC];
    if (!spec.given && options[SEVERITY].given)
        spec = (struct option){.given = true, .text = EVENT_SPEC};
    enum status status = text_codec_find(verb, &spec, options[SCHEMA].list, &registry, &codec);
    if (status)
        return status;
    struct listener listener = {.name = name,
                                .text_codec = text_codec_of(codec),
                                .timeout_ms = (int)options[TIMEOUT].number};
    status = listen_read_severity(verb, &options[SEVERITY], &listener);
    if (!status)
        status = listen_choose_format(verb, options, &listener);
    if (!status)
        status = listen_on(&listener, codec, options);
    mailslot_registry_free(registry);
    return status;
}

static int listen_run(const struct verb *verb, int argc, char **argv) {
    struct text_list schemas = {.count = 0};
    struct option options[OPTION_COUNT] = {
        [CODEC] = {.name = "--codec", .kind = OPTION_TEXT},
        [SCHEMA] = {.name = "--schema", .kind = OPTION_LIST, .list = &schemas},
        [COUNT] = {.name = "--count", .kind = OPTION_NUMBER, .max = INT64_MAX, .number = NO_LIMIT},
        [TIMEOUT] = {.name = "--timeout", .kind = OPTION_NUMBER, -1, INT_MAX, .number = -1},
        [MAX] = {.name = "--max", .kind = OPTION_NUMBER, .max = INT64_MAX},
        [FORMAT] = {.name = "--format", .kind = OPTION_TEXT},
        [META] = {.name = "--meta", .kind = OPTION_FLAG},
        [SEVERITY] = {.name = "--severity", .kind = OPTION_TEXT},
        [COLOR] = {.name = "--color",
                   .kind = OPTION_CHOICE,
                   .number = OUTPUT_COLOR_AUTO,
                   .choices = output_colors},
    };
    struct arguments arguments;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &arguments, &status))
        return status;
    if (arguments.count != 1)
        return report_usage(verb->name, "one NAME is wanted, not %d", arguments.count);
    signals_catch();
    return listen_with(verb, options, arguments.items[0]);
}

const struct verb listen_verb = {"listen", "print the messages of a mailslot as they come", help,
                                 listen_run};
