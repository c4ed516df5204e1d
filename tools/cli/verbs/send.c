/* mailslot send: values from the command line, standard input or a file into a mailslot. */
#include "base/input.h"
#include "output/text_codec.h"
#include "sending.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: mailslot send NAME [VALUE...] [OPTION...]\n"
    "       mailslot send NAME --file FILE [OPTION...]\n"
    "\n"
    "Sends each VALUE as one message; without any, each line of standard input, without its\n"
    "newline. With the codecs text, utf8 and bytes a value is the message's bytes, and an empty\n"
    "one a message of no bytes. With msgpack and protobuf:... a value is JSON; see 'mailslot\n"
    "codecs --help'.\n"
    "\n"
    "  --codec SPEC      what the reader expects (text)\n"
    "  --schema F        a .proto file or descriptor set whose types SPEC may name; may be given\n"
    "                    more than once, see 'mailslot codecs --help'\n"
    "  --file FILE       send the bytes of FILE as one message, whatever the codec; - is standard\n"
    "                    input\n"
    "  --max N           refuse messages of more than N bytes, as the reader's maximum also does;\n"
    "                    0: none set, which means 65535 (0)\n"
    "  --put-timeout MS  how long to wait for room in a full mailslot; -1: for ever (0)\n"
    "\n"
    "Options may stand anywhere before \"--\", which goes before values that begin with \"-\".\n"
    "A value that is refused is reported and the next one sent; the exit status is that of the\n"
    "first failure: 1 error, 2 usage, 4 message too big, 5 no such mailslot or its reader is "
    "gone,\n"
    "which ends it at once.\n";

enum { CODEC, SCHEMA, FILE_OPTION, MAX, PUT_TIMEOUT, OPTION_COUNT };

struct sender {
    mailslot *slot;
    const struct text_codec *text_codec;
};

static mailslot_err send_put(void *ctx, const char *text, size_t len) {
    const struct sender *sender = ctx;
    return text_codec_put(sender->text_codec, sender->slot, text, len);
}

static void send_arguments(struct sending *sending, char **values, int count) {
    for (int i = 0; i < count && !sending->stopped; i++) {
        struct source source = {count > 1 ? "value" : NULL, (size_t)i + 1};
        sending_put(sending, values[i], strlen(values[i]), source);
    }
}

static void send_file(struct sending *sending, mailslot *slot, const char *path) {
    struct buffer content = {0};
    enum status status = input_file(path, &content);
    if (status)
        sending_note(sending, status);
    else
        sending_settle(sending, mailslot_put_bytes(slot, content.data, content.len),
                       (struct source){0});
    buffer_free(&content);
}

static enum status send_all(const struct option *options, struct arguments values, const char *name,
                            const mailslot_codec *codec) {
    mailslot_options how = MAILSLOT_OPTIONS_INIT;
    how.direction = MAILSLOT_WRITE;
    how.codec = codec;
    how.max_message = (size_t)options[MAX].number;
    how.put_timeout_ms = (int)options[PUT_TIMEOUT].number;
    struct sender sender = {.text_codec = text_codec_of(codec)};
    mailslot_err err = mailslot_open(&sender.slot, name, &how);
    if (err)
        return report_failure(err);
    struct sending sending = {.put = send_put, .ctx = &sender};
    if (options[FILE_OPTION].given)
        send_file(&sending, sender.slot, options[FILE_OPTION].text);
    else if (values.count > 0)
        send_arguments(&sending, values.items, values.count);
    else
        sending_lines(&sending);
    mailslot_close(sender.slot);
    return sending.first_failure;
}

static int send_run(const struct verb *verb, int argc, char **argv) {
    struct text_list schemas = {.count = 0};
    struct option options[OPTION_COUNT] = {
        [CODEC] = {.name = "--codec", .kind = OPTION_TEXT},
        [SCHEMA] = {.name = "--schema", .kind = OPTION_LIST, .list = &schemas},
        [FILE_OPTION] = {.name = "--file", .kind = OPTION_TEXT},
        [MAX] = {.name = "--max", .kind = OPTION_NUMBER, .max = INT64_MAX},
        [PUT_TIMEOUT] = {.name = "--put-timeout", .kind = OPTION_NUMBER, -1, INT_MAX},
    };
    struct arguments values;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &values, &status))
        return status;
    if (values.count == 0)
        return report_usage(verb->name, "the mailslot's NAME is missing");
    const char *name = *values.items++;
    values.count--;
    if (options[FILE_OPTION].given && values.count > 0)
        return report_usage(verb->name, "values and --file exclude each other");
    mailslot_registry *registry;
    const mailslot_codec *codec;
    status = text_codec_find(verb, &options[CODEC], &schemas, &registry, &codec);
    if (status)
        return status;
    status = send_all(options, values, name, codec);
    mailslot_registry_free(registry);
    return status;
}

const struct verb send_verb = {"send", "send messages to a mailslot", help, send_run};
