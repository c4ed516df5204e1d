/* mailslot trace: sends trace.Event messages from the command line or standard input. */
#include "base/options.h"
#include "base/utf8.h"
#include "output/event.h"
#include "platform/platform.h"
#include "sending.h"
#include "shared_options.h"

#include <mailslot/protobuf.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.pb-c.h"

MAILSLOT_PROTOBUF(trace_event, Trace__Event, trace__event__descriptor)

enum { PROCESS, SEVERITY, ATTRIBUTE, SLOT, PUT_TIMEOUT, OPTION_COUNT };

static const struct option_spec trace_options[] = {
    [PROCESS] = {.name = "-p",
                 .kind = OPTION_TEXT,
                 .argument = "ID",
                 .help = "name the process that the event is about: a name, such as backup or "
                         "'sshd[811]', or a process id, such as $$, to which its name is added "
                         "(default: the parent process, for example the shell of a script)"},
    [SEVERITY] = {.name = "-s",
                  .kind = OPTION_TEXT,
                  .argument = "SEVERITY",
                  .initial_text = "notice",
                  .completion = COMPLETE_WORDS,
                  .words = severity_words,
                  .help = "set the severity",
                  .detail =
                      "Case does not matter, and names such as 'SEVERITY_DEBUG' are accepted too."},
    [ATTRIBUTE] =
        {.name = "-a",
         .kind = OPTION_LIST,
         .argument = "KEY=VALUE",
         .help = "add an attribute; repeatable, up to 64 times, with a different KEY each time"},
    [SLOT] = {.name = "--slot",
              .kind = OPTION_TEXT,
              .argument = "NAME",
              .initial_text = "trace",
              .completion = COMPLETE_SLOT,
              .help = "send to this mailslot; '\\\\*\\mailslot\\trace' is that of every computer "
                      "in the workgroup"},
    [PUT_TIMEOUT] = SHARED_PUT_TIMEOUT(0),
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status trace_statuses[] = {
    {STATUS_DONE, "all events were sent"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {STATUS_TOO_BIG, "an event is too big"},
    {STATUS_NO_SLOT, "no such mailslot, or its reader has closed it"},
    {0, NULL},
};

/* How often a slot without a reader is tried. */
enum { RETRY_MS = 100 };

struct tracer {
    mailslot *slot; /* NULL: no reader, which was reported */
    const char *name;
    mailslot_options how;
    struct sending *sending;
    int64_t tried_ms;   /* when the slot was last found to have no reader */
    Trace__Event event; /* all but time and message */
    struct arena arena; /* memory of the event */
    struct buffer message;
};

static mailslot_err trace_put(void *ctx, const char *text, size_t len) {
    struct tracer *tracer = ctx;
    struct buffer *message = &tracer->message;
    /* The buffer is reused, so that a long input does not allocate for each line. */
    message->len = 0;
    buffer_reserve(message, UTF8_ESCAPED_SIZE(len));
    message->data[utf8_mended(message->data, text, len)] = '\0';
    tracer->event.message = message->data;
    /* Set for each event: lines of standard input may arrive over hours. */
    tracer->event.timestamp = platform_real_ns();
    return trace_event_put(tracer->slot, &tracer->event);
}

/* ---- A reader that comes and goes ---- */

static bool trace_lacks_reader(mailslot_err err) {
    return err == MAILSLOT_ERR_NOT_FOUND || err == MAILSLOT_ERR_GONE;
}

static mailslot_err trace_attach(struct tracer *tracer) {
    mailslot_close(tracer->slot);
    return mailslot_open(&tracer->slot, tracer->name, &tracer->how);
}

/* Reports that there is no reader, when that begins. */
static mailslot_err trace_go_without(struct tracer *tracer, bool is_new) {
    if (is_new)
        sending_note(tracer->sending,
                     report_error(STATUS_NO_SLOT, "%s; events are dropped until there is a reader",
                                  mailslot_detail()));
    mailslot_close(tracer->slot);
    tracer->slot = NULL;
    tracer->tried_ms = platform_now_ms();
    return MAILSLOT_OK;
}

/* The program at the other end of the pipe must not die because a reader restarts. */
static mailslot_err trace_put_line(void *ctx, const char *text, size_t len) {
    struct tracer *tracer = ctx;
    bool attached = tracer->slot != NULL;
    if (!attached && platform_now_ms() - tracer->tried_ms < RETRY_MS)
        return MAILSLOT_OK;
    mailslot_err err = attached ? trace_put(tracer, text, len) : MAILSLOT_ERR_GONE;
    if (!trace_lacks_reader(err))
        return err;
    err = trace_attach(tracer); /* there may be a new reader already */
    if (!err)
        err = trace_put(tracer, text, len);
    return trace_lacks_reader(err) ? trace_go_without(tracer, attached) : err;
}

/* ---- The event ---- */

static char *trace_mended(struct tracer *tracer, const char *text, size_t len) {
    char *copy = arena_alloc(&tracer->arena, UTF8_ESCAPED_SIZE(len));
    utf8_mended(copy, text, len); /* the arena's memory is zeroed: a NUL follows */
    return copy;
}

/* "name[id]", the form that proto/trace.proto defines. */
static char *trace_name_process(struct tracer *tracer, const char *id) {
    char name[256], whole[sizeof name + 32];
    platform_process_name(strtoll(id, NULL, 10), name, sizeof name);
    snprintf(whole, sizeof whole, "%s[%s]", name, id);
    return trace_mended(tracer, whole, strlen(whole));
}

static void trace_fill_process(struct tracer *tracer, const struct option *option) {
    /* 18 digits always fit an int64_t. */
    enum { ID_DIGITS = 18 };
    char parent[32];
    const char *id = option->text;
    if (!option->given) {
        snprintf(parent, sizeof parent, "%" PRId64, platform_parent());
        id = parent;
    }
    size_t len = strlen(id);
    bool is_number = len > 0 && len <= ID_DIGITS && strspn(id, "0123456789") == len;
    tracer->event.process =
        is_number ? trace_name_process(tracer, id) : trace_mended(tracer, id, len);
}

static void trace_fill_host(struct tracer *tracer) {
    char host[256];
    platform_host_name(host, sizeof host);
    tracer->event.host = trace_mended(tracer, host, strlen(host));
}

static enum status trace_fill_severity(const struct verb *verb, const struct option *option,
                                       struct tracer *tracer) {
    int32_t severity;
    if (!event_read_severity(option->text, &severity))
        return report_usage(verb->name, EVENT_NO_SEVERITY, option->text);
    tracer->event.severity = (Trace__Severity)severity;
    return STATUS_DONE;
}

static bool trace_has_attribute(const Trace__Event *event, const char *key) {
    for (size_t i = 0; i < event->n_attributes; i++)
        if (strcmp(event->attributes[i]->key, key) == 0)
            return true;
    return false;
}

static enum status trace_add_attribute(const struct verb *verb, struct tracer *tracer,
                                       const char *text) {
    const char *equals = strchr(text, '=');
    /* The first '=' ends the key, so that a value may contain one. An empty key could not be
     * printed. */
    if (!equals || equals == text)
        return report_usage(verb->name, "option -a: \"%.100s\" is not KEY=VALUE", text);
    Trace__Event__AttributesEntry *entry = arena_alloc(&tracer->arena, sizeof *entry);
    trace__event__attributes_entry__init(entry);
    entry->key = trace_mended(tracer, text, (size_t)(equals - text));
    entry->value = trace_mended(tracer, equals + 1, strlen(equals + 1));
    /* Keys of a Protobuf map are unique; a second one would silently replace the first at the
     * reader. */
    if (trace_has_attribute(&tracer->event, entry->key))
        return report_usage(verb->name, "option -a: \"%.100s\" is given twice", entry->key);
    tracer->event.attributes[tracer->event.n_attributes++] = entry;
    return STATUS_DONE;
}

static enum status trace_fill_event(const struct verb *verb, const struct option *options,
                                    struct tracer *tracer) {
    const struct text_list *list = &options[ATTRIBUTE].list;
    trace__event__init(&tracer->event);
    /* Room for every -a that options_parse() accepts, so adding needs no check. */
    tracer->event.attributes =
        arena_alloc(&tracer->arena, OPTION_LIST_MAX * sizeof *tracer->event.attributes);
    enum status status = trace_fill_severity(verb, &options[SEVERITY], tracer);
    for (size_t i = 0; !status && i < list->count; i++)
        status = trace_add_attribute(verb, tracer, list->items[i]);
    trace_fill_host(tracer);
    trace_fill_process(tracer, &options[PROCESS]);
    return status;
}

/* ---- Sending ---- */

static void trace_send_text(struct sending *sending, struct arguments words) {
    struct buffer text = {0};
    for (int i = 0; i < words.count; i++) {
        buffer_append_text(&text, i ? " " : "");
        buffer_append_text(&text, words.items[i]);
    }
    /* sending_put() needs a NUL behind the text. */
    buffer_append(&text, "", 1);
    sending_put(sending, text.data, text.len - 1, (struct source){0});
    buffer_free(&text);
}

static enum status trace_send_events(const struct option *options, struct arguments words,
                                     struct tracer *tracer) {
    bool lines = words.count == 0;
    struct sending sending = {.put = lines ? trace_put_line : trace_put, .ctx = tracer};
    tracer->sending = &sending;
    tracer->name = options[SLOT].text;
    tracer->how = (mailslot_options)MAILSLOT_OPTIONS_INIT;
    tracer->how.direction = MAILSLOT_WRITE;
    tracer->how.codec = trace_event_codec();
    tracer->how.put_timeout_ms = (int)options[PUT_TIMEOUT].number;
    mailslot_err err = trace_attach(tracer);
    if (lines && trace_lacks_reader(err))
        err = trace_go_without(tracer, true);
    if (err)
        return report_failure(err);
    if (lines)
        sending_lines(&sending);
    else
        trace_send_text(&sending, words);
    mailslot_close(tracer->slot);
    return sending.first_failure;
}

static int trace_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments words;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &words, &status))
        return status;
    struct tracer tracer = {.slot = NULL};
    status = trace_fill_event(verb, options, &tracer);
    if (!status)
        status = trace_send_events(options, words, &tracer);
    buffer_free(&tracer.message);
    arena_free(&tracer.arena);
    return status;
}

const struct verb trace_verb = {
    .name = "trace",
    .summary = "log an event to a mailslot, like logger(1)",
    .usage = (const char *const[]){"[TEXT...]", NULL},
    .operands = {"TEXT", 0, VERB_OPERANDS_ANY, COMPLETE_NOTHING},
    .description = "Sends a trace.Event with TEXT as its message; several TEXT are joined with "
                   "spaces. Without TEXT, sends one event for each line of standard input. The "
                   "event also holds the time and the name of this computer. To see events, run "
                   "'mailslot listen trace --severity debug'.",
    .options = trace_options,
    .notes = "Options may stand anywhere before \"--\". Write \"--\" before text that begins with "
             "\"-\".\n\n"
             "Bytes that are not UTF-8 are sent as \\xHH. An event of more than 424 bytes cannot "
             "be sent to another computer.\n\n"
             "If an event is refused, the error is reported and the next line is sent. While the "
             "mailslot has no reader, lines of standard input are read and dropped, which is "
             "reported once; when there is a reader, the next ones are sent. The exit status is "
             "that of the first failure.",
    .statuses = trace_statuses,
    .run = trace_run,
};
