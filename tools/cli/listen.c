/* mailslot listen: the reader of a mailslot, printing what arrives. */
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: mailslot listen NAME [OPTION...]\n"
    "\n"
    "Makes the mailslot NAME and prints each message as it comes. A name has one reader at a\n"
    "time; it is free, and what still waits is lost, when this ends.\n"
    "\n"
    "  --codec SPEC   how to decode (text); see 'mailslot codecs'\n"
    "  --count N      end after N messages, decoded or not\n"
    "  --timeout MS   end when no message comes for MS milliseconds; -1: never (-1)\n"
    "  --max N        refuse messages of more than N bytes; 0: none set, which means 65535 (0)\n"
    "  --format F     text: the bytes and a newline; raw: the bytes and nothing else; hex: lower\n"
    "                 case, and a newline; json: one line. Default: json for msgpack and\n"
    "                 protobuf:..., text for others. In json a text message is a string, bytes or\n"
    "                 invalid UTF-8 {\"$bin\":\"<base64>\"}; see 'mailslot codecs --help'\n"
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

enum { CODEC, COUNT, TIMEOUT, MAX, FORMAT, META, OPTION_COUNT };

/* How long a signal or a closed pipe may go unnoticed: a wait is not shortened by signals. */
enum { SLICE_MS = 100, NO_LIMIT = -1 };

struct listener {
    const char *name;
    mailslot *slot;
    mailslot_record *record;
    const struct form *form;
    enum format format;
    int timeout_ms;
    struct buffer output;
};

static volatile sig_atomic_t signalled;

static void on_signal(int signal_number) {
    (void)signal_number;
    signalled = 1;
}

/* Once only: the second signal does what it does by default. A write to a closed pipe is an error
 * like others. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action = (struct sigaction){.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
}

static bool output_closed(void) {
    struct pollfd output = {.fd = STDOUT_FILENO};
    return poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP));
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes the next message. EMPTY: none came in time; CLOSED: it is time to end. */
static mailslot_err take(const struct listener *listener) {
    /* One more, since both ends are rounded down. */
    int64_t deadline = now_ms() + listener->timeout_ms + (listener->timeout_ms > 0);
    for (;;) {
        if (signalled)
            return MAILSLOT_ERR_CLOSED;
        int64_t left = listener->timeout_ms < 0 ? SLICE_MS : deadline - now_ms();
        int64_t slice = left < 0 ? 0 : left < SLICE_MS ? left : SLICE_MS;
        mailslot_err err = mailslot_get(listener->slot, listener->record, (int)slice);
        if (err != MAILSLOT_ERR_EMPTY)
            return err;
        if (listener->timeout_ms >= 0 && now_ms() >= deadline)
            return err;
        if (output_closed())
            return MAILSLOT_ERR_CLOSED;
    }
}

/* ---- Printing ---- */

/* A closed pipe is no failure, only the end. */
static enum status flush(struct listener *listener, bool *end) {
    int failure = output_write(listener->output.data, listener->output.len);
    listener->output.len = 0;
    *end = failure != 0;
    if (failure == 0 || failure == EPIPE)
        return STATUS_DONE;
    return report(STATUS_ERROR, "cannot write to standard output: %s", strerror(failure));
}

static bool is_undecodable(mailslot_err err) {
    return err == MAILSLOT_ERR_BAD_MESSAGE || err == MAILSLOT_ERR_TOO_COMPLEX;
}

/* What a message that was taken came to; err is what mailslot_get() said of it. */
static enum status print(struct listener *listener, mailslot_err err, bool *end) {
    if (!err) {
        err = format_message(&listener->output, listener->format, listener->form, listener->record);
        if (err)
            mailslot_fail(err, "%s: %s", listener->name, mailslot_detail());
    }
    if (err && listener->format == FORMAT_META)
        format_undecodable(&listener->output, listener->record, err);
    else if (err)
        report_failure(err);
    return flush(listener, end);
}

static enum status listen_loop(struct listener *listener, int64_t count) {
    enum status status = STATUS_DONE;
    bool end = false;
    for (int64_t taken = 0; taken != count && !end; taken++) {
        mailslot_err err = take(listener);
        if (err == MAILSLOT_ERR_CLOSED)
            return STATUS_DONE;
        if (err == MAILSLOT_ERR_EMPTY && count == NO_LIMIT)
            return STATUS_DONE;
        if (err == MAILSLOT_ERR_EMPTY)
            return report(STATUS_FEWER, "%s: %lld of %lld messages came in time", listener->name,
                          (long long)taken, (long long)count);
        if (err && !is_undecodable(err))
            return report_failure(err);
        status = print(listener, err, &end);
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

static enum status choose_format(const struct verb *verb, const struct option *options,
                                 const struct form *form, enum format *format) {
    *format = form_is_json(form) ? FORMAT_JSON : FORMAT_TEXT;
    if (options[FORMAT].given && !format_by_name(options[FORMAT].text, format))
        return report_usage(verb->name, "no format \"%.100s\"; there are: text, raw, hex, json",
                            options[FORMAT].text);
    if (options[META].given && options[FORMAT].given && *format != FORMAT_JSON)
        return report_usage(verb->name, "--meta prints json, not %s", options[FORMAT].text);
    if (options[META].given)
        *format = FORMAT_META;
    return STATUS_DONE;
}

static enum status listen_with(const struct verb *verb, const struct option *options,
                               const char *name) {
    mailslot_registry *registry;
    const mailslot_codec *codec;
    enum status status = forms_find(verb, &options[CODEC], &registry, &codec);
    if (status)
        return status;
    struct listener listener = {
        .name = name, .form = form_of(codec), .timeout_ms = (int)options[TIMEOUT].number};
    status = choose_format(verb, options, listener.form, &listener.format);
    if (!status)
        status = listen_on(&listener, codec, options);
    mailslot_registry_free(registry);
    return status;
}

static int run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT] = {
        [CODEC] = {.name = "--codec", .kind = OPTION_TEXT},
        [COUNT] = {.name = "--count", .kind = OPTION_NUMBER, .max = INT64_MAX, .number = NO_LIMIT},
        [TIMEOUT] = {.name = "--timeout", .kind = OPTION_NUMBER, -1, INT_MAX, .number = -1},
        [MAX] = {.name = "--max", .kind = OPTION_NUMBER, .max = INT64_MAX},
        [FORMAT] = {.name = "--format", .kind = OPTION_TEXT},
        [META] = {.name = "--meta", .kind = OPTION_FLAG},
    };
    struct arguments arguments;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &arguments, &status))
        return status;
    if (arguments.count != 1)
        return report_usage(verb->name, "one NAME is wanted, not %d", arguments.count);
    catch_signals();
    return listen_with(verb, options, arguments.items[0]);
}

const struct verb listen_verb = {"listen", "print the messages of a mailslot as they come", help,
                                 run};
