/* mailslot listen: opens a mailslot as its reader and prints each message that arrives. */
#include "output/event.h"
#include "output/output.h"
#include "platform/platform.h"
#include "platform/signals.h"
#include "shared_options.h"

#include <limits.h>
#include <unistd.h>

enum { CODEC, SCHEMA, COUNT, TIMEOUT, MAX, FORMAT, META, SEVERITY, COLOR, OPTION_COUNT };

/* Longest wait, after which signals and a closed pipe are checked: a get is not interrupted by
 * signals. */
enum { SLICE_MS = 100, NO_LIMIT = -1 };

/* In the order of enum output_color. */
static const struct verb_word color_words[] = {
    {"always", "color lines"},
    {"auto", "on a terminal, unless NO_COLOR is set and not empty"},
    {"never", "no colors"},
    {NULL, NULL},
};

static const struct option_spec listen_options[] = {
    [CODEC] = SHARED_CODEC(
        "decode with SPEC (default: text, or trace.Event with --severity); see 'mailslot codecs'"),
    [SCHEMA] = SHARED_SCHEMA(SCHEMA_HELP),
    [COUNT] = {.name = "--count",
               .kind = OPTION_NUMBER,
               .argument = "N",
               .max = INT64_MAX,
               .initial = NO_LIMIT,
               .help = "exit after N messages were printed, including those that do not decode"},
    [TIMEOUT] = {.name = "--timeout",
                 .kind = OPTION_NUMBER,
                 .argument = "MS",
                 .min = -1,
                 .max = INT_MAX,
                 .initial = -1,
                 .help = "exit if no message arrives for MS milliseconds; -1 waits forever"},
    [MAX] = SHARED_MAX(INT64_MAX),
    [FORMAT] = SHARED_FORMAT("print messages in this format (default: line with --severity or "
                             "--color, json for msgpack and protobuf:TYPE, text for other codecs)",
                             NULL),
    [META] = SHARED_META,
    [SEVERITY] =
        {.name = "--severity",
         .kind = OPTION_TEXT,
         .argument = "SEVERITY",
         .completion = COMPLETE_WORDS,
         .words = severity_words,
         .help = "print only events of at least this severity",
         .detail =
             "Case does not matter, and names such as 'SEVERITY_DEBUG' are accepted too. Messages "
             "must be of the type trace.Event. Events that are not printed do not count for "
             "--count and --timeout. Messages that do not decode are always printed."},
    [COLOR] = {.name = "--color",
               .kind = OPTION_CHOICE,
               .argument = "WHEN",
               .initial = OUTPUT_COLOR_AUTO,
               .completion = COMPLETE_WORDS,
               .words = color_words,
               .help = "color each line of the format line by the severity of its event; without "
                       "WHEN, always"},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status listen_statuses[] = {
    {STATUS_DONE, "success, which includes a signal, a closed pipe, and a timeout without --count"},
    {STATUS_ERROR, "error, such as a mailslot that has a reader already"},
    {STATUS_USAGE, "invalid command line"},
    {STATUS_FEWER, "fewer than N messages arrived before the timeout"},
    {0, NULL},
};

/* Less than any severity: an enum of proto3 can have any number. */
enum { ANY_SEVERITY = INT32_MIN };

struct listener {
    const char *name;
    mailslot *slot;
    mailslot_record *record;
    struct text_codec text_codec;
    enum format format;
    int32_t least_severity; /* of the events to show */
    int timeout_ms;
    struct buffer output;
};

/* Whether to print a message. One that does not decode has no known severity and is printed. */
static bool listen_wants(const struct listener *listener, mailslot_err err) {
    /* The value may be read as an event: listen_read_severity() refused other types. */
    return err || listener->least_severity == ANY_SEVERITY ||
           event_severity(mailslot_record_value(listener->record)) >= listener->least_severity;
}

/*
 * Reads the next message to print. EMPTY: the timeout passed; CLOSED: a signal or a closed pipe
 * ends the program. Messages that are not printed do not restart the timeout. Messages that wait
 * behind one are still read with a timeout of 0.
 */
static mailslot_err listen_next(const struct listener *listener) {
    /* One ms more, because both times are rounded down. */
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
        /* With a timeout of 0, messages that are filtered out do not end the loop: those that wait
         * behind them must still be read. */
        bool limited = listener->timeout_ms > 0 || (empty && listener->timeout_ms == 0);
        if (limited && platform_now_ms() >= deadline)
            return MAILSLOT_ERR_EMPTY;
        /* Checked in each slice: without messages there is no write that would fail with EPIPE. */
        if (platform_output_closed())
            return MAILSLOT_ERR_CLOSED;
    }
}

static enum status listen_loop(struct listener *listener, int64_t count) {
    enum status status = STATUS_DONE;
    bool end = false;
    /* NO_LIMIT is -1, which taken never reaches. */
    for (int64_t taken = 0; taken != count && !end; taken++) {
        mailslot_err err = listen_next(listener);
        if (err == MAILSLOT_ERR_CLOSED)
            return STATUS_DONE;
        /* Without --count the timeout is the expected end; with it, messages are missing. */
        if (err == MAILSLOT_ERR_EMPTY && count == NO_LIMIT)
            return STATUS_DONE;
        if (err == MAILSLOT_ERR_EMPTY)
            return report_error(STATUS_FEWER,
                                "%s: %lld of %lld messages arrived before the timeout",
                                listener->name, (long long)taken, (long long)count);
        if (err && !output_is_undecodable(err))
            return report_failure(err);
        output_message(&listener->output, listener->format, &listener->text_codec, listener->name,
                       listener->record, err);
        /* After each message: a program that reads a pipe sees it at once. */
        status = output_flush(&listener->output, &end);
    }
    return status;
}

/* ---- Setting up ---- */

/* Says once that messages of other computers do not arrive, unless a script reads standard error:
 * whoever watches a terminal would wait for them in vain. Windows needs no mailslotd. */
static void listen_report_unregistered(const struct listener *listener) {
#ifndef _WIN32
    mailslot_info info = MAILSLOT_INFO_INIT;
    if (!isatty(STDERR_FILENO) || mailslot_info_get(listener->slot, &info) ||
        info.registration == MAILSLOT_REGISTERED)
        return;
    report_error(STATUS_DONE,
                 "%s: %s: only messages of this user arrive until then; see 'mailslot doctor'",
                 listener->name, info.refusal ? info.refusal : "waiting for mailslotd");
#else
    (void)listener;
#endif
}

static enum status listen_on(struct listener *listener, const mailslot_codec *codec,
                             const struct option *options) {
    mailslot_options how = MAILSLOT_OPTIONS_INIT;
    how.direction = MAILSLOT_READ;
    how.codec = codec;
    how.max_message = (size_t)options[MAX].number;
    how.bad_messages = MAILSLOT_BAD_REPORT;
    mailslot_err err = mailslot_record_new(&listener->record);
    if (!err)
        err = mailslot_open(&listener->slot, listener->name, &how);
    if (!err)
        listen_report_unregistered(listener);
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
    if (!text_codec_is_event(&listener->text_codec))
        return report_usage(verb->name, "--severity is for messages of proto/trace.proto's "
                                        "trace.Event, which those of --codec are not");
    return STATUS_DONE;
}

/* --severity and --color imply the readable format. */
static enum status listen_choose_format(const struct verb *verb, const struct option *options,
                                        struct listener *listener) {
    struct option format = options[FORMAT];
    if (!format.given && !options[META].given && (options[SEVERITY].given || options[COLOR].given))
        format = (struct option){.given = true, .text = "line"};
    enum status status = output_choose_format(verb, &format, &options[META], &listener->text_codec,
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
    /* --severity works for events only, so it implies their codec. */
    if (!spec.given && options[SEVERITY].given)
        spec = (struct option){.given = true, .text = EVENT_SPEC};
    enum status status = text_codec_find(verb, &spec, &options[SCHEMA].list, &registry, &codec);
    if (status)
        return status;
    struct listener listener = {.name = name,
                                .text_codec = text_codec_of(registry, codec),
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
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    /* Before the mailslot is opened, so that a signal always leads to mailslot_close(), which
     * removes it. */
    signals_catch();
    return listen_with(verb, options, operands.items[0]);
}

const struct verb listen_verb = {
    .name = "listen",
    .summary = "print the messages of a mailslot as they arrive",
    .usage = (const char *const[]){"NAME", NULL},
    .operands = {"NAME", 1, 1, COMPLETE_NOTHING},
    .description =
        "Creates the mailslot NAME and prints each message as it arrives. A mailslot has one "
        "reader at a time. On exit the mailslot is removed, and messages that still wait are lost.",
    .options = listen_options,
    .notes =
        "With --meta a message is printed as\n\n"
        "  {\"time_ns\":N,\"size\":N,\"origin\":{\"computer\":\".\",\"address\":\"\",\n"
        "   \"pid\":N,\"uid\":N},\"value\":...}\n\n"
        "where pid and uid are null for messages from other computers.\n\n"
        "A message that does not decode is reported on standard error. With --meta it is "
        "printed with \"error\":\"BAD_MESSAGE\",\"bytes\":\"<base64>\" in place of the value, "
        "or with \"TOO_COMPLEX\" if decoding exceeds the memory limit.\n\n"
        "On a terminal, control characters in messages are escaped, except with --format raw.\n\n"
        "If standard error is a terminal and no mailslotd delivers messages of other computers and "
        "users to the mailslot, this is reported there once.\n\n"
        "SIGINT, SIGTERM and a closed pipe end it. A second signal ends it even if its output "
        "is blocked.",
    .statuses = listen_statuses,
    .run = listen_run,
};
