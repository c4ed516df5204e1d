/* mailslot record: opens mailslots as their reader and writes each message that arrives to a file.
 */
#include "base/units.h"
#include "platform/platform.h"
#include "platform/signals.h"
#include "recording/forward.h"
#include "recording/merge.h"
#include "recording/progress.h"
#include "recording/record_codecs.h"
#include "recording/record_writer.h"
#include "shared_options.h"

#include <mailslot/text.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT, CODEC, SCHEMA, MAX, FORWARD, ROTATE_SIZE, ROTATE_AGE, QUOTA, OPTION_COUNT };

static const struct option_spec record_options[] = {
    [OUTPUT] = {.name = "-o",
                .kind = OPTION_TEXT,
                .argument = "FILE",
                .completion = COMPLETE_FILE,
                .help =
                    "write to FILE, which must not exist unless files are rotated; - is standard "
                    "output"},
    [CODEC] = SHARED_CODECS("record that messages are encoded with SPEC, those of NAME only if it "
                            "is given (default: text); repeatable; see 'mailslot codecs'",
                            "Messages are not decoded while they are recorded."),
    [SCHEMA] =
        SHARED_SCHEMA(SCHEMA_HELP ". The types that SPEC needs are stored in the record file"),
    [MAX] = SHARED_MAX(RECORD_MESSAGE_MAX),
    [FORWARD] =
        {.name = "--forward",
         .kind = OPTION_TEXT,
         .argument = "NAME",
         .completion = COMPLETE_SLOT,
         .help = "also send every message to the mailslot NAME, which may be on another computer",
         .detail = "A message that cannot be forwarded at once is still recorded. Such messages "
                   "are counted, and the exit status is then 1."},
    [ROTATE_SIZE] = {.name = "--rotate-size",
                     .kind = OPTION_TEXT,
                     .argument = "SIZE",
                     .help = "start a new file before one exceeds SIZE bytes; the number may be "
                             "followed by K, M, G or T"},
    [ROTATE_AGE] = {.name = "--rotate-age",
                    .kind = OPTION_TEXT,
                    .argument = "AGE",
                    .help = "start a new file when one is older than AGE, a number of seconds, or "
                            "one followed by s, m, h or d",
                    .detail = "A file without messages is kept in use."},
    [QUOTA] = {.name = "--quota",
               .kind = OPTION_TEXT,
               .argument = "SIZE",
               .help = "remove the oldest files so that all together do not exceed SIZE bytes",
               .detail = "It must be at least twice --rotate-size. Without --rotate-size, a file "
                         "may have a quarter of it."},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status record_statuses[] = {
    {STATUS_DONE, "a signal ended it, and all messages were recorded"},
    {STATUS_ERROR, "error, such as a mailslot that has a reader already or a full disk"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

/* Longest wait, after which signals and the age of the file are checked, and how many messages of
 * one slot are taken in a turn, after which they are written. */
enum { SLICE_MS = 100, TURN = 512 };

/* Without --rotate-size, at least three quarters of the quota stay when the oldest file goes. */
enum { QUOTA_PARTS = 4 };

struct recorder {
    size_t count;
    char **names;
    struct merge merge;
    struct pollfd *waitables;
    size_t max_message;
    const char *forward_name;
    struct record_writer writer;
    struct forward forward;
    struct progress progress;
};

/* ---- Slots ---- */

static enum status record_open_slots(struct recorder *recorder) {
    mailslot_options how = MAILSLOT_OPTIONS_INIT;
    how.direction = MAILSLOT_READ;
    /* Decoding is left to the reader of the file: a message that does not decode must be recorded
     * as well. */
    how.codec = mailslot_codec_bytes();
    how.max_message = recorder->max_message;
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < recorder->count; i++) {
        struct merge_slot *slot = &recorder->merge.slots[i];
        mailslot_handle handle = -1;
        slot->floor = recorder->merge.begun;
        err = mailslot_record_new(&slot->record);
        if (!err)
            err = mailslot_open(&slot->slot, recorder->names[i], &how);
        if (!err)
            err = mailslot_waitable(slot->slot, &handle);
        recorder->waitables[i] = (struct pollfd){.fd = handle, .events = POLLIN};
    }
    return err ? report_failure(err) : STATUS_DONE;
}

static void record_close_slots(struct recorder *recorder) {
    for (size_t i = 0; i < recorder->count; i++) {
        mailslot_close(recorder->merge.slots[i].slot);
        mailslot_record_free(recorder->merge.slots[i].record);
    }
}

/* ---- Recording ---- */

/* Takes the messages of a turn. */
static enum status record_take_messages(struct recorder *recorder) {
    enum status status = STATUS_DONE;
    while (!status) {
        struct merge_slot *slot;
        mailslot_err err = merge_next(&recorder->merge, &slot);
        if (err)
            return report_failure(err);
        if (!slot)
            return STATUS_DONE;
        /* Recorded before it is forwarded: the file is the result that must be complete. */
        status = record_writer_add(&recorder->writer, (uint32_t)(slot - recorder->merge.slots),
                                   merge_elapsed(&recorder->merge, slot), slot->record);
        /* Never blocks; see forward.h. */
        forward_put(&recorder->forward, slot->record);
    }
    return status;
}

static void record_show_progress(struct recorder *recorder) {
    if (forward_has_news(&recorder->forward)) {
        progress_clear(&recorder->progress);
        forward_tell(&recorder->forward);
    }
    progress_tell(&recorder->progress, recorder->writer.rotation.total + recorder->writer.size,
                  recorder->writer.messages);
}

/* Takes what came before the turn, then flushes it to the file. */
static enum status record_take_turn(struct recorder *recorder) {
    merge_begin_turn(&recorder->merge, TURN);
    enum status status = record_take_messages(recorder);
    /* Once for each turn, so that a busy slot costs one write for up to TURN messages. */
    enum status flushed = record_writer_flush(&recorder->writer);
    record_show_progress(recorder);
    return status ? status : flushed;
}

/* Reads the messages that wait on exit, but none that arrive meanwhile: a writer must not keep it
 * from ending. */
static enum status record_take_rest(struct recorder *recorder) {
    mailslot_err err = merge_begin_last_turn(&recorder->merge);
    return err ? report_failure(err) : record_take_messages(recorder);
}

static enum status record_loop(struct recorder *recorder) {
    enum status status = STATUS_DONE;
    bool drained = true;
    while (!status && !signals_came()) {
        /* The result is not needed, since every slot is read. A signal interrupts the wait; one
         * that comes just before it is noticed SLICE_MS later. */
        poll(recorder->waitables, recorder->count, drained ? SLICE_MS : 0);
        status = record_take_turn(recorder);
        drained = merge_is_drained(&recorder->merge);
    }
    return status ? status : record_take_rest(recorder);
}

/* ---- Setting up ---- */

static enum status record_read_limits(const struct verb *verb, const struct option *options,
                                      struct record_limits *limits) {
    const struct option *size = &options[ROTATE_SIZE], *age = &options[ROTATE_AGE];
    const struct option *quota = &options[QUOTA];
    *limits = (struct record_limits){0};
    if (size->given && (!units_read_size(size->text, &limits->file_size) || !limits->file_size))
        return report_usage(verb->name,
                            "option --rotate-size: \"%.100s\" is not a size in bytes, such as 64M",
                            size->text);
    if (age->given && (!units_read_span(age->text, &limits->file_age_ns) || !limits->file_age_ns))
        return report_usage(verb->name,
                            "option --rotate-age: \"%.100s\" is not a duration, such as 90s or 1h",
                            age->text);
    if (quota->given && (!units_read_size(quota->text, &limits->quota) || !limits->quota))
        return report_usage(verb->name,
                            "option --quota: \"%.100s\" is not a size in bytes, such as 64M",
                            quota->text);
    if (quota->given && !size->given)
        limits->file_size = limits->quota / QUOTA_PARTS;
    /* With less, a finished file would be removed before the next one is full. */
    if (quota->given && limits->quota / 2 < limits->file_size)
        return report_usage(verb->name, "option --quota: %s is less than twice --rotate-size",
                            quota->text);
    return STATUS_DONE;
}

/* A file must be able to hold the largest message, or that message could never be recorded. */
static enum status record_check_size(const struct verb *verb, const struct recorder *recorder,
                                     const struct record_limits *limits, size_t head) {
    /* 65535 is the limit of a mailslot that sets none (mailslot/mailslot.h). */
    size_t message = recorder->max_message ? recorder->max_message : 65535;
    size_t least = head + message + RECORD_AROUND_MAX;
    if (!limits->file_size || limits->file_size >= least)
        return STATUS_DONE;
    return report_usage(
        verb->name,
        "files of up to %llu bytes are too small for the largest message: allow %zu bytes "
        "or lower --max",
        (unsigned long long)limits->file_size, least);
}

static enum status record_check_names(const struct verb *verb, const struct recorder *recorder,
                                      struct codec_choice *choice) {
    const char *forward = recorder->forward_name;
    /* Forwarding to a recorded slot would send each message round for ever. */
    for (size_t i = 0; forward && i < recorder->count; i++)
        if (mailslot_name_equal(forward, recorder->names[i]))
            return report_usage(verb->name, "--forward %.300s would record its own messages",
                                forward);
    for (size_t i = 0; i < recorder->count; i++)
        codec_choice_meet(choice, recorder->names[i]);
    const char *unmet = codec_choice_unmet(choice);
    return unmet
               ? report_usage(verb->name,
                              "option --codec %.300s: no mailslot of that name is recorded", unmet)
               : STATUS_DONE;
}

/* Opens the slots before the file, so that no file is created if a slot has a reader already. */
static enum status record_to(struct recorder *recorder, const char *path,
                             const struct record_limits *limits, struct buffer *head) {
    enum status status = record_open_slots(recorder);
    if (!status) {
        status = record_writer_open(&recorder->writer, path, limits, head);
        progress_begin(&recorder->progress, true);
        enum status begun =
            forward_begin(&recorder->forward, recorder->forward_name, recorder->max_message);
        status = status ? status : begun;
        if (!status)
            status = record_loop(recorder);
        progress_clear(&recorder->progress);
        enum status closed = record_writer_close(&recorder->writer);
        /* After the file is closed: forwarding what waits may take long, and a second signal may
         * end the process meanwhile. */
        enum status forwarded = forward_end(&recorder->forward);
        /* The first failure decides the exit status. */
        status = status ? status : closed ? closed : forwarded;
    }
    record_close_slots(recorder);
    return status;
}

static enum status record_with(const struct verb *verb, const struct option *options,
                               struct recorder *recorder, const char *path) {
    struct codec_choice choice;
    struct record_limits limits;
    struct buffer head = {0};
    enum status status = record_read_limits(verb, options, &limits);
    if (status)
        return status;
    status = codec_choice_make(verb, &options[CODEC].list, &options[SCHEMA].list, &choice);
    if (!status)
        status = record_check_names(verb, recorder, &choice);
    if (!status)
        status = record_codecs_header(&head, &choice, recorder->names, recorder->count);
    recorder->merge.begun = platform_steady_ns();
    if (!status)
        status = record_check_size(verb, recorder, &limits, head.len);
    /* The header holds copies of the schemas, so they are not kept while recording. */
    codec_choice_free(&choice);
    if (!status)
        status = record_to(recorder, path, &limits, &head);
    buffer_free(&head);
    return status;
}

static enum status record_start(const struct verb *verb, const struct option *options,
                                struct arguments names) {
    if (names.count > RECORD_SLOTS_MAX)
        return report_usage(verb->name, "%d mailslots are given, of at most %d", names.count,
                            RECORD_SLOTS_MAX);
    if (!options[OUTPUT].given)
        return report_usage(verb->name, "option -o FILE is missing");
    struct arena arena = {0};
    struct recorder recorder = {.count = (size_t)names.count, .names = names.items};
    recorder.merge.count = recorder.count;
    recorder.merge.slots = arena_alloc(&arena, recorder.count * sizeof *recorder.merge.slots);
    recorder.waitables = arena_alloc(&arena, recorder.count * sizeof *recorder.waitables);
    recorder.max_message = (size_t)options[MAX].number;
    recorder.forward_name = options[FORWARD].text;
    signals_catch();
    enum status status = record_with(verb, options, &recorder, options[OUTPUT].text);
    arena_free(&arena);
    return status;
}

static int record_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments names;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &names, &status))
        return status;
    return record_start(verb, options, names);
}

const struct verb record_verb = {
    .name = "record",
    .summary = "write the messages of mailslots to a file",
    .usage = (const char *const[]){"NAME... -o FILE", NULL},
    .operands = {"NAME", 1, VERB_OPERANDS_ANY, COMPLETE_NOTHING},
    .description = "Creates each mailslot NAME and writes every message that arrives to FILE, with "
                   "its time of arrival and origin. 'mailslot cat' prints the messages, 'mailslot "
                   "replay' sends them again. A mailslot has one reader at a time, which is this "
                   "program. Messages are in the file within a second of their arrival.",
    .options = record_options,
    .notes = "FILE is always the file that is written to. When a new one starts, the old one is "
             "renamed to FILE.000001, FILE.000002 and so on; so is one that exists at the start. "
             "If the recorder is killed, all complete entries of the file are valid. If the disk "
             "is full, everything recorded before is kept.\n\n"
             "SIGINT and SIGTERM end it, after the messages that still wait are in the file.",
    .statuses = record_statuses,
    .run = record_run,
};
