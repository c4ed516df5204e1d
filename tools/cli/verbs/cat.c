/* mailslot cat: what record files hold, printed as listen prints it. */
#include "output/output.h"
#include "platform/signals.h"
#include "recording/playback.h"
#include "recording/record_codecs.h"

#include <mailslot/codec.h>

#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: mailslot cat FILE... [OPTION...]\n"
    "\n"
    "Prints the messages that 'mailslot record' wrote to each FILE, - being standard input, as\n"
    "'mailslot listen' would have. Codecs and schemas are in the file.\n"
    "\n"
    "  --slot NAME    only messages of this slot; may be given more than once\n"
    "  --from T       only messages that arrived at T or later\n"
    "  --until T      only messages that arrived before T. T is a time such as\n"
    "                 2026-11-22T18:30:00Z or 2026-11-22T19:30:00.25+01:00, or a span from the\n"
    "                 first message on: a number with ns, us, ms, s, m, h or d, or of seconds\n"
    "  --codec SPEC   decode otherwise than the file says; NAME=SPEC for one slot. May be given\n"
    "                 more than once\n"
    "  --schema F     a .proto file or descriptor set whose types SPEC may name; may be given "
    "more\n"
    "                 than once, see 'mailslot codecs --help'\n"
    "  --format F     as of listen: text, raw, hex, json or line\n"
    "  --meta         as of listen: one line of JSON with where from and when around the value\n"
    "\n"
    "An entry that its recorder did not complete, at the end of a file, is dropped with a line on\n"
    "standard error. Damage is such a line too, and status 1; what is whole before and behind it\n"
    "is printed. A message that does not decode is shown as listen shows it.\n"
    "\n"
    "SIGINT, SIGTERM and a closed pipe end it. Exit status: 0 done, 1 error, such as damage or a\n"
    "file that is none, 2 usage.\n";

enum { SLOT, FROM, UNTIL, CODEC, SCHEMA, FORMAT, META, OPTION_COUNT };

enum { OUTPUT_BATCH = 64 * 1024 };

struct slot_view {
    char *name;
    const mailslot_codec *codec;
    const struct text_codec *text_codec;
    enum format format;
};

struct printer {
    const struct verb *verb;
    const struct option *options;
    struct playback playback;
    struct codec_choice choice;
    mailslot_registry *registry; /* of the last header, once it was needed; or NULL */
    struct arena arena;          /* of slots */
    struct slot_view *slots;
    mailslot_record *record;
    struct buffer output;
};

/* ---- Headers ---- */

/* Made only for a slot that needs it: what is wrong with it is no matter otherwise. */
static mailslot_err cat_find_in_file(struct printer *printer, const record_header *header,
                                     const char *spec, const mailslot_codec **codec) {
    mailslot_err err = MAILSLOT_OK;
    if (!printer->registry)
        err = record_codecs_registry(header, &printer->registry);
    if (err)
        return mailslot_fail(err, "the schemas in it: %s", mailslot_detail());
    return mailslot_registry_find(printer->registry, spec, codec);
}

/* What --codec says goes before what the file says. */
static enum status cat_find_codec(struct printer *printer, const record_header *header,
                                  const Mailslot__Record__Slot *slot,
                                  const mailslot_codec **codec) {
    const char *given = codec_choice_spec(&printer->choice, slot->name);
    mailslot_err err = given ? mailslot_registry_find(printer->choice.registry, given, codec)
                             : cat_find_in_file(printer, header, slot->codec, codec);
    if (!err)
        return STATUS_DONE;
    return report(STATUS_ERROR, "%s: slot %.300s: %s (--codec may say what to take instead)",
                  printer->playback.path, slot->name, mailslot_detail());
}

static enum status cat_view_slot(struct printer *printer, const record_header *header,
                                 const Mailslot__Record__Slot *slot, struct slot_view *view) {
    enum status status = cat_find_codec(printer, header, slot, &view->codec);
    if (status)
        return status;
    view->name = arena_copy(&printer->arena, slot->name, strlen(slot->name));
    view->text_codec = text_codec_of(view->codec);
    return output_choose_format(printer->verb, &printer->options[FORMAT], &printer->options[META],
                                view->text_codec, &view->format);
}

static enum status cat_on_header(void *ctx, const record_header *header) {
    struct printer *printer = ctx;
    mailslot_registry_free(printer->registry);
    printer->registry = NULL;
    arena_free(&printer->arena);
    printer->slots = arena_alloc(&printer->arena, header->n_slots * sizeof *printer->slots);
    enum status status = STATUS_DONE;
    for (size_t i = 0; !status && i < header->n_slots; i++) {
        codec_choice_meet(&printer->choice, header->slots[i]->name);
        if (printer->playback.wanted[i])
            status = cat_view_slot(printer, header, header->slots[i], &printer->slots[i]);
    }
    return status;
}

/* ---- Messages ---- */

static enum status cat_on_message(void *ctx, const record_message *message, bool *end) {
    struct printer *printer = ctx;
    const struct slot_view *slot = &printer->slots[message->slot];
    struct record_origin_text text;
    mailslot_origin origin = record_origin(message, &text);
    mailslot_err err = mailslot_record_decode(printer->record, slot->codec, message->data.data,
                                              message->data.len, &origin, 0);
    if (err)
        mailslot_fail(err, "%s: %s", slot->name, mailslot_detail());
    if (err && !output_is_undecodable(err)) {
        *end = true;
        return report_failure(err);
    }
    enum status status = STATUS_DONE;
    if (err) {
        progress_clear(&printer->playback.progress);
        status = output_flush(&printer->output, end); /* what came before is to be seen before */
    }
    output_message(&printer->output, slot->format, slot->text_codec, slot->name, printer->record,
                   err);
    if (!status && printer->output.len >= OUTPUT_BATCH)
        status = output_flush(&printer->output, end);
    return status;
}

/* ---- Setting up ---- */

/* A slot may be in a file that was not read any more. */
static enum status cat_check_codecs(const struct printer *printer) {
    const char *unmet = codec_choice_unmet(&printer->choice);
    if (!unmet || printer->playback.ended)
        return STATUS_DONE;
    return report(STATUS_ERROR, "--codec %.300s is for none of the slots", unmet);
}

static enum status cat_print_files(struct printer *printer, struct arguments files) {
    struct playback *playback = &printer->playback;
    bool end;
    playback->on_header = cat_on_header;
    playback->on_message = cat_on_message;
    playback->needs_no_header = codec_choice_spec(&printer->choice, PLAYBACK_NO_NAME);
    playback->without_header = "--codec SPEC prints them all if there is no --slot";
    playback->ctx = printer;
    progress_begin(&playback->progress, !isatty(STDOUT_FILENO));
    mailslot_err err = mailslot_record_new(&printer->record);
    if (err)
        return report_failure(err);
    enum status status = playback_run(playback, files);
    enum status flushed = output_flush(&printer->output, &end);
    status = status ? status : flushed;
    return status ? status : cat_check_codecs(printer);
}

/* So that a mistake is told before anything is read. */
static enum status cat_check_format(const struct verb *verb, const struct option *options) {
    enum format format;
    return output_choose_format(verb, &options[FORMAT], &options[META],
                                text_codec_of(mailslot_codec_default()), &format);
}

static enum status cat_with(const struct verb *verb, const struct option *options,
                            struct arguments files) {
    struct printer printer = {.verb = verb, .options = options};
    enum status status = cat_check_format(verb, options);
    if (!status)
        status = playback_choose(verb, &options[FROM], &options[UNTIL], options[SLOT].list,
                                 &printer.playback.choice);
    if (!status)
        status =
            codec_choice_make(verb, options[CODEC].list, options[SCHEMA].list, &printer.choice);
    if (!status)
        status = cat_print_files(&printer, files);
    codec_choice_free(&printer.choice);
    playback_free(&printer.playback);
    mailslot_registry_free(printer.registry);
    mailslot_record_free(printer.record);
    arena_free(&printer.arena);
    buffer_free(&printer.output);
    return status;
}

static int cat_run(const struct verb *verb, int argc, char **argv) {
    struct text_list slots = {.count = 0}, specs = {.count = 0}, schemas = {.count = 0};
    struct option options[OPTION_COUNT] = {
        [SLOT] = {.name = "--slot", .kind = OPTION_LIST, .list = &slots},
        [FROM] = {.name = "--from", .kind = OPTION_TEXT},
        [UNTIL] = {.name = "--until", .kind = OPTION_TEXT},
        [CODEC] = {.name = "--codec", .kind = OPTION_LIST, .list = &specs},
        [SCHEMA] = {.name = "--schema", .kind = OPTION_LIST, .list = &schemas},
        [FORMAT] = {.name = "--format", .kind = OPTION_TEXT},
        [META] = {.name = "--meta", .kind = OPTION_FLAG},
    };
    struct arguments files;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &files, &status))
        return status;
    if (files.count == 0)
        return report_usage(verb->name, "no FILE is given");
    signals_catch();
    return cat_with(verb, options, files);
}

const struct verb cat_verb = {"cat", "print the messages of record files", help, cat_run};
