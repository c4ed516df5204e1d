/* mailslot cat: prints the messages of record files in the formats of listen. */
#include "output/output.h"
#include "platform/signals.h"
#include "recording/playback.h"
#include "recording/record_codecs.h"
#include "shared_options.h"

#include <mailslot/codec.h>

#include <string.h>
#include <unistd.h>

enum { SLOT, FROM, UNTIL, CODEC, SCHEMA, FORMAT, META, OPTION_COUNT };

static const struct option_spec cat_options[] = {
    [SLOT] = SHARED_SLOT,
    [FROM] = SHARED_FROM,
    [UNTIL] = SHARED_UNTIL,
    [CODEC] = SHARED_CODECS("decode with SPEC instead of the recorded codec, only messages of NAME "
                            "if it is given; repeatable; see 'mailslot codecs'",
                            "One of the files must hold the mailslot NAME."),
    [SCHEMA] = SHARED_SCHEMA(SCHEMA_HELP),
    [FORMAT] = SHARED_FORMAT("print messages in this format (default: json for msgpack and "
                             "protobuf:TYPE, text for other codecs)",
                             NULL),
    [META] = SHARED_META,
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status cat_statuses[] = {
    {STATUS_DONE, "success"},
    {STATUS_ERROR, "error, such as a damaged file or one that is not a record file"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

/* Output is written in batches of this many bytes, one write each: a write for each message would
 * dominate the run time of a large file. */
enum { OUTPUT_BATCH = 64 * 1024 };

struct slot_view {
    char *name;
    const mailslot_codec *codec;
    struct text_codec text_codec;
    enum format format;
};

struct printer {
    const struct verb *verb;
    const struct option *options;
    struct playback playback;
    struct codec_choice choice;
    mailslot_registry *registry; /* of the last header, or NULL until a slot needs it */
    struct arena arena;          /* of slots */
    struct slot_view *slots;
    mailslot_record *record;
    struct buffer output;
};

/* ---- Headers ---- */

/* The registry is made on first use: an invalid schema in the file must not keep slots that do not
 * need it from being printed. */
static mailslot_err cat_find_in_file(struct printer *printer, const record_header *header,
                                     const char *spec, const mailslot_codec **codec) {
    mailslot_err err = MAILSLOT_OK;
    if (!printer->registry)
        err = record_codecs_registry(header, &printer->registry);
    if (err)
        return mailslot_fail(err, "schemas stored in the file: %s", mailslot_detail());
    return mailslot_registry_find(printer->registry, spec, codec);
}

/* --codec overrides the codec in the file. */
static enum status cat_find_codec(struct printer *printer, const record_header *header,
                                  const Mailslot__Record__Slot *slot, struct slot_view *view) {
    const char *given = codec_choice_spec(&printer->choice, slot->name);
    mailslot_err err = given ? mailslot_registry_find(printer->choice.registry, given, &view->codec)
                             : cat_find_in_file(printer, header, slot->codec, &view->codec);
    if (!err) {
        view->text_codec =
            text_codec_of(given ? printer->choice.registry : printer->registry, view->codec);
        return STATUS_DONE;
    }
    return report_error(STATUS_ERROR,
                        "%s: slot %.300s: %s (use --codec to decode with another codec)",
                        printer->playback.path, slot->name, mailslot_detail());
}

static enum status cat_view_slot(struct printer *printer, const record_header *header,
                                 const Mailslot__Record__Slot *slot, struct slot_view *view) {
    enum status status = cat_find_codec(printer, header, slot, view);
    if (status)
        return status;
    view->name = arena_copy(&printer->arena, slot->name, strlen(slot->name));
    return output_choose_format(printer->verb, &printer->options[FORMAT], &printer->options[META],
                                &view->text_codec, &view->format);
}

static enum status cat_on_header(void *ctx, const record_header *header) {
    struct printer *printer = ctx;
    mailslot_registry_free(printer->registry);
    /* The codecs of the previous header belong to that registry; printer->slots is replaced below,
     * so nothing refers to them any more. */
    printer->registry = NULL;
    arena_free(&printer->arena);
    printer->slots = arena_alloc(&printer->arena, header->n_slots * sizeof *printer->slots);
    enum status status = STATUS_DONE;
    /* Slots that are not selected need no codec: one that this build does not know must not keep
     * the others from being printed. */
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
    /* Any other failure, such as lack of memory, would repeat with the next message. */
    if (err && !output_is_undecodable(err)) {
        *end = true;
        return report_failure(err);
    }
    enum status status = STATUS_DONE;
    if (err) {
        progress_clear(&printer->playback.progress);
        status =
            output_flush(&printer->output, end); /* earlier messages must appear before the error */
    }
    output_message(&printer->output, slot->format, &slot->text_codec, slot->name, printer->record,
                   err);
    if (!status && printer->output.len >= OUTPUT_BATCH)
        status = output_flush(&printer->output, end);
    return status;
}

/* The output may be empty for a long time when the file is a pipe or still grows: print complete
 * messages before blocking in a read. */
static enum status cat_on_wait(void *ctx, bool *end) {
    struct printer *printer = ctx;
    return printer->output.len ? output_flush(&printer->output, end) : STATUS_DONE;
}

/* ---- Setting up ---- */

/* If reading ended early, a file that was not read may hold the slot. */
static enum status cat_check_codecs(const struct printer *printer) {
    const char *unmet = codec_choice_unmet(&printer->choice);
    if (!unmet || printer->playback.ended)
        return STATUS_DONE;
    return report_error(STATUS_ERROR,
                        "option --codec %.300s: no file holds a mailslot of that name", unmet);
}

static enum status cat_print_files(struct printer *printer, struct arguments files) {
    struct playback *playback = &printer->playback;
    bool end;
    playback->on_header = cat_on_header;
    playback->on_message = cat_on_message;
    playback->on_wait = cat_on_wait;
    /* A --codec without a name decodes messages whose header is damaged; otherwise neither their
     * slot nor their codec is known. */
    playback->needs_no_header = codec_choice_spec(&printer->choice, PLAYBACK_NO_NAME);
    playback->without_header = "to print them, use --codec SPEC without --slot";
    playback->ctx = printer;
    progress_begin(&playback->progress, !isatty(STDOUT_FILENO));
    mailslot_err err = mailslot_record_new(&printer->record);
    if (err)
        return report_failure(err);
    enum status status = playback_run(playback, files);
    enum status flushed = output_flush(&printer->output, &end);
    /* Flushed after an error too: messages read before it must be printed. */
    status = status ? status : flushed;
    return status ? status : cat_check_codecs(printer);
}

/* Reports an invalid --format before any file is read. */
static enum status cat_check_format(const struct verb *verb, const struct option *options) {
    enum format format;
    const struct text_codec text_codec = text_codec_of(NULL, mailslot_codec_default());
    return output_choose_format(verb, &options[FORMAT], &options[META], &text_codec, &format);
}

static enum status cat_with(const struct verb *verb, const struct option *options,
                            struct arguments files) {
    struct printer printer = {.verb = verb, .options = options};
    enum status status = cat_check_format(verb, options);
    if (!status)
        status = playback_choose(verb, &options[FROM], &options[UNTIL], &options[SLOT].list,
                                 &printer.playback.choice);
    if (!status)
        status =
            codec_choice_make(verb, &options[CODEC].list, &options[SCHEMA].list, &printer.choice);
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
    struct option options[OPTION_COUNT];
    struct arguments files;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &files, &status))
        return status;
    signals_catch();
    return cat_with(verb, options, files);
}

const struct verb cat_verb = {
    .name = "cat",
    .summary = "print the messages of record files",
    .usage = (const char *const[]){"FILE...", NULL},
    .operands = {"FILE", 1, VERB_OPERANDS_ANY, COMPLETE_FILE},
    .description =
        "Prints the messages of each FILE that 'mailslot record' wrote, in the form that 'mailslot "
        "listen' uses. FILE - is standard input. Codecs and schemas are stored in the files. "
        "Files are taken in the order of their first messages.",
    .options = cat_options,
    .notes = SHARED_TIME_NOTE
    "\n\n"
    "An incomplete entry at the end of a file is skipped and reported on standard error. Damage is "
    "reported too, with exit status 1; the intact entries before and after it are printed. "
    "Messages that do not decode are shown like those of 'mailslot listen'.\n\n"
    "SIGINT, SIGTERM and a closed pipe end it.",
    .statuses = cat_statuses,
    .run = cat_run,
};
