/* mailslot send: sends values from the command line, standard input or a file. */
#include "base/input.h"
#include "output/text_codec.h"
#include "sending.h"
#include "shared_options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { CODEC, SCHEMA, FILE_OPTION, RAW_FILE, MAX, PUT_TIMEOUT, OPTION_COUNT };

static const struct option_spec send_options[] = {
    [CODEC] = SHARED_CODEC("encode with SPEC (default: text), which must be the codec of the "
                           "reader; see 'mailslot codecs'"),
    [SCHEMA] = SHARED_SCHEMA(SCHEMA_HELP),
    [FILE_OPTION] = {.name = "--file",
                     .kind = OPTION_TEXT,
                     .argument = "FILE",
                     .completion = COMPLETE_FILE,
                     .help = "send the content of FILE as one value; - is standard input",
                     .detail = "With msgpack and protobuf:TYPE it is JSON, which may span lines."},
    [RAW_FILE] =
        {.name = "--raw-file",
         .kind = OPTION_TEXT,
         .argument = "FILE",
         .completion = COMPLETE_FILE,
         .help = "send the bytes of FILE as one message, whatever the codec; - is standard input"},
    [MAX] = SHARED_MAX(INT64_MAX),
    [PUT_TIMEOUT] = SHARED_PUT_TIMEOUT(0),
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status send_statuses[] = {
    {STATUS_DONE, "all messages were sent"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {STATUS_TOO_BIG, "a message is too big"},
    {STATUS_NO_SLOT, "no such mailslot, or its reader has closed it; nothing more is sent"},
    {0, NULL},
};

struct sender {
    mailslot *slot;
    struct text_codec text_codec;
};

static mailslot_err send_put(void *ctx, const char *text, size_t len) {
    const struct sender *sender = ctx;
    return text_codec_put(&sender->text_codec, sender->slot, text, len);
}

static void send_arguments(struct sending *sending, char **values, int count) {
    for (int i = 0; i < count && !sending->stopped; i++) {
        /* A single value needs no number in the error text. */
        struct source source = {count > 1 ? "value" : NULL, (size_t)i + 1};
        sending_put(sending, values[i], strlen(values[i]), source);
    }
}

static mailslot_err send_put_raw(void *ctx, const char *data, size_t len) {
    const struct sender *sender = ctx;
    return mailslot_put_bytes(sender->slot, data, len);
}

static void send_file(struct sending *sending, const char *path) {
    struct buffer content = {0};
    enum status status = input_file(path, &content);
    buffer_append(&content, "", 1); /* the NUL that a value needs */
    if (status)
        sending_note(sending, status);
    else
        sending_put(sending, content.data, content.len - 1, (struct source){0});
    buffer_free(&content);
}

static enum status send_all(const struct option *options, struct arguments values, const char *name,
                            const mailslot_registry *registry, const mailslot_codec *codec) {
    mailslot_options how = MAILSLOT_OPTIONS_INIT;
    how.direction = MAILSLOT_WRITE;
    how.codec = codec;
    how.max_message = (size_t)options[MAX].number;
    how.put_timeout_ms = (int)options[PUT_TIMEOUT].number;
    struct sender sender = {.text_codec = text_codec_of(registry, codec)};
    mailslot_err err = mailslot_open(&sender.slot, name, &how);
    if (err)
        return report_failure(err);
    struct sending sending = {.put = send_put, .ctx = &sender};
    if (options[RAW_FILE].given)
        sending.put = send_put_raw;
    if (options[RAW_FILE].given || options[FILE_OPTION].given)
        send_file(&sending, options[options[RAW_FILE].given ? RAW_FILE : FILE_OPTION].text);
    else if (values.count > 0)
        send_arguments(&sending, values.items, values.count);
    else
        sending_lines(&sending);
    mailslot_close(sender.slot);
    return sending.first_failure;
}

static int send_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments values;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &values, &status))
        return status;
    /* The table of operands ensures that there is at least one. */
    const char *name = *values.items++;
    values.count--;
    if (options[FILE_OPTION].given && options[RAW_FILE].given)
        return report_usage(verb->name, "--file and --raw-file cannot be combined");
    bool from_file = options[FILE_OPTION].given || options[RAW_FILE].given;
    if (from_file && values.count > 0)
        return report_usage(verb->name, "VALUE and %s cannot be combined",
                            options[FILE_OPTION].given ? "--file" : "--raw-file");
    mailslot_registry *registry;
    const mailslot_codec *codec;
    status = text_codec_find(verb, &options[CODEC], &options[SCHEMA].list, &registry, &codec);
    if (status)
        return status;
    status = send_all(options, values, name, registry, codec);
    mailslot_registry_free(registry);
    return status;
}

const struct verb send_verb = {
    .name = "send",
    .summary = "send messages to a mailslot",
    .usage =
        (const char *const[]){"NAME [VALUE...]", "NAME --file FILE", "NAME --raw-file FILE", NULL},
    .operands = {"NAME", 1, VERB_OPERANDS_ANY, COMPLETE_SLOT},
    .description = "Sends each VALUE as one message to the mailslot NAME. Without VALUE, sends "
                   "each line of standard input, without its newline.\n\n"
                   "With the codecs text, utf8 and bytes, a VALUE is the bytes of the message, and "
                   "an empty VALUE is an empty message. With msgpack and protobuf:TYPE, a VALUE is "
                   "JSON; see 'mailslot codecs --help'.",
    .options = send_options,
    .notes = "Options may stand anywhere before \"--\". Write \"--\" before values that begin with "
             "\"-\".\n\n"
             "If a message is refused, the error is reported and the next one is sent. The exit "
             "status is that of the first failure.",
    .statuses = send_statuses,
    .run = send_run,
};
