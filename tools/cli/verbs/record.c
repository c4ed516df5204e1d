/* mailslot record: the reader of mailslots, writing what arrives to a file. */
#include "base/slot_name.h"
#include "base/units.h"
#include "platform/signals.h"
#include "recording/forward.h"
#include "recording/progress.h"
#include "recording/record_codecs.h"
#include "recording/record_writer.h"

#include <mailslot/text.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: mailslot record NAME... -o FILE [OPTION...]\n"
    "\n"
    "Makes each mailslot NAME and writes every message that arrives to FILE, its bytes as they\n"
    "come, with time and origin; 'mailslot cat' prints them, 'mailslot replay' sends them again. "
    "A\n"
    "name has one reader at a time: this one. What has arrived is in the file within a second.\n"
    "\n"
    "  -o FILE          where to; must not exist unless files are rotated\n"
    "  --codec SPEC     what messages are, for those who will read FILE (text); NAME=SPEC for one\n"
    "                   of several slots. May be given more than once; see 'mailslot codecs'\n"
    "  --schema F       a .proto file or descriptor set whose types SPEC may name; may be given\n"
    "                   more than once, see 'mailslot codecs --help'. What a SPEC needs of it "
    "goes\n"
    "                   into FILE\n"
    "  --max N          refuse messages of more than N bytes; 0: none set, which means 65535 (0)\n"
    "  --forward NAME   also send every message on to this mailslot, which may be on another\n"
    "                   computer; what it does not take at once is recorded all the same, "
    "counted,\n"
    "                   and status 1 in the end\n"
    "  --rotate-size N  begin a new file before one has over N bytes; K, M, G or T may follow\n"
    "  --rotate-age T   begin a new file when one is older than T: a number with s, m, h or d, or\n"
    "                   of seconds\n"
    "  --quota N        let all files together not have over N bytes: remove the oldest. Without\n"
    "                   --rotate-size, a file then has up to a quarter of that\n"
    "\n"
    "FILE is always the one that is written to. When it is time for a new one it is renamed to\n"
    "FILE.000001, FILE.000002 and so on; so is one that exists at the start. A recorder that is\n"
    "killed leaves a file whose complete entries are all good. If the disk is full, what was\n"
    "recorded before stays.\n"
    "\n"
    "SIGINT and SIGTERM end it, after what still waited is in the file. Exit status: 0 done, 1\n"
    "error, such as a name that has a reader or a full disk, 2 usage.\n";

enum { OUTPUT, CODEC, SCHEMA, MAX, FORWARD, ROTATE_SIZE, ROTATE_AGE, QUOTA, OPTION_COUNT };

/* How long a signal, or the end of a file's time, may go unnoticed; how many messages of one slot
 * are taken before others have their turn; and how many each may still have when it ends. */
enum { SLICE_MS = 100, TURN = 512 };

enum { QUOTA_PARTS = 4 };

struct recorder {
    size_t count;
    char **names;
    mailslot **slots;
    struct pollfd *waitables;
    mailslot_record *record;
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
    how.codec = mailslot_codec_bytes();
    how.max_message = recorder->max_message;
    mailslot_err err = mailslot_record_new(&recorder->record);
    for (size_t i = 0; !err && i < recorder->count; i++) {
        mailslot_handle handle = -1;
        err = mailslot_open(&recorder->slots[i], recorder->names[i], &how);
        if (!err)
            err = mailslot_waitable(recorder->slots[i], &handle);
        recorder->waitables[i] = (struct pollfd){.fd = handle, .events = POLLIN};
    }
    return err ? report_failure(err) : STATUS_DONE;
}

static void record_close_slots(struct recorder *recorder) {
    for (size_t i = 0; i < recorder->count; i++)
        mailslot_close(recorder->slots[i]);
    mailslot_record_free(recorder->record);
}

/* ---- Recording ---- */

/* Takes up to `most` messages of a slot. *emptied: it has no more. */
static enum status record_take_slot(struct recorder *recorder, size_t number, size_t most,
                                    bool *emptied) {
    enum status status = STATUS_DONE;
    *emptied = false;
    while (!status && most--) {
        mailslot_err err = mailslot_get_nowait(recorder->slots[number], recorder->record);
        *emptied = err == MAILSLOT_ERR_EMPTY;
        if (err)
            return *emptied ? STATUS_DONE : report_failure(err);
        status = record_writer_add(&recorder->writer, (uint32_t)number, recorder->record);
        forward_put(&recorder->forward, recorder->record);
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

/* Every slot in turn; what they had is in the file then. */
static enum status record_take_turns(struct recorder *recorder, bool *all_empty) {
    enum status status = STATUS_DONE;
    *all_empty = true;
    for (size_t i = 0; !status && i < recorder->count; i++) {
        bool emptied;
        status = record_take_slot(recorder, i, TURN, &emptied);
        *all_empty = *all_empty && emptied;
    }
    enum status flushed = record_writer_flush(&recorder->writer);
    record_show_progress(recorder);
    return status ? status : flushed;
}

/* What waits when it ends, not what comes meanwhile. */
static enum status record_take_rest(struct recorder *recorder) {
    enum status status = STATUS_DONE;
    for (size_t i = 0; !status && i < recorder->count; i++) {
        size_t count;
        bool emptied;
        mailslot_err err = mailslot_count(recorder->slots[i], &count);
        status = err ? report_failure(err) : record_take_slot(recorder, i, count, &emptied);
    }
    return status;
}

static enum status record_loop(struct recorder *recorder) {
    enum status status = STATUS_DONE;
    bool all_empty = true;
    while (!status && !signals_came()) {
        poll(recorder->waitables, recorder->count, all_empty ? SLICE_MS : 0);
        status = record_take_turns(recorder, &all_empty);
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
        return report_usage(verb->name, "option --rotate-size: \"%.100s\" is no size", size->text);
    if (age->given && (!units_read_span(age->text, &limits->file_age_ns) || !limits->file_age_ns))
        return report_usage(verb->name, "option --rotate-age: \"%.100s\" is no span of time",
                            age->text);
    if (quota->given && (!units_read_size(quota->text, &limits->quota) || !limits->quota))
        return report_usage(verb->name, "option --quota: \"%.100s\" is no size", quota->text);
    if (quota->given && !size->given)
        limits->file_size = limits->quota / QUOTA_PARTS;
    if (quota->given && limits->quota / 2 < limits->file_size)
        return report_usage(verb->name, "option --quota: must be twice --rotate-size or more");
    return STATUS_DONE;
}

/* Else there would be messages that no file may hold. */
static enum status record_check_size(const struct verb *verb, const struct recorder *recorder,
                                     const struct record_limits *limits, size_t head) {
    size_t message = recorder->max_message ? recorder->max_message : 65535;
    size_t least = head + message + RECORD_AROUND_MAX;
    if (!limits->file_size || limits->file_size >= least)
        return STATUS_DONE;
    return report_usage(verb->name,
                        "a file of up to %llu bytes does not hold the largest message: %zu are "
                        "needed, or less with a smaller --max",
                        (unsigned long long)limits->file_size, least);
}

static enum status record_check_names(const struct verb *verb, const struct recorder *recorder,
                                      struct codec_choice *choice) {
    const char *forward = recorder->forward_name;
    for (size_t i = 0; forward && i < recorder->count; i++)
        if (slot_name_same(forward, recorder->names[i]))
            return report_usage(verb->name, "--forward %.300s would record its own messages",
                                forward);
    for (size_t i = 0; i < recorder->count; i++)
        codec_choice_meet(choice, recorder->names[i]);
    const char *unmet = codec_choice_unmet(choice);
    return unmet ? report_usage(verb->name, "--codec %.300s is for none of the slots", unmet)
                 : STATUS_DONE;
}

/* The slots come before the file: whoever may not read leaves nothing behind. */
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
        enum status forwarded = forward_end(&recorder->forward);
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
    status = codec_choice_make(verb, options[CODEC].list, options[SCHEMA].list, &choice);
    if (!status)
        status = record_check_names(verb, recorder, &choice);
    if (!status)
        status = record_codecs_header(&head, &choice, recorder->names, recorder->count);
    if (!status)
        status = record_check_size(verb, recorder, &limits, head.len);
    codec_choice_free(&choice);
    if (!status)
        status = record_to(recorder, path, &limits, &head);
    buffer_free(&head);
    return status;
}

static enum status record_start(const struct verb *verb, const struct option *options,
                                struct arguments names) {
    if (names.count == 0)
        return report_usage(verb->name, "the mailslot's NAME is missing");
    if (names.count > RECORD_SLOTS_MAX)
        return report_usage(verb->name, "more than %d names", RECORD_SLOTS_MAX);
    if (!options[OUTPUT].given)
        return report_usage(verb->name, "-o FILE is missing");
    struct arena arena = {0};
    struct recorder recorder = {.count = (size_t)names.count, .names = names.items};
    recorder.slots = arena_alloc(&arena, recorder.count * sizeof *recorder.slots);
    recorder.waitables = arena_alloc(&arena, recorder.count * sizeof *recorder.waitables);
    recorder.max_message = (size_t)options[MAX].number;
    recorder.forward_name = options[FORWARD].text;
    signals_catch();
    enum status status = record_with(verb, options, &recorder, options[OUTPUT].text);
    arena_free(&arena);
    return status;
}

static int record_run(const struct verb *verb, int argc, char **argv) {
    struct text_list specs = {.count = 0}, schemas = {.count = 0};
    struct option options[OPTION_COUNT] = {
        [OUTPUT] = {.name = "-o", .kind = OPTION_TEXT},
        [CODEC] = {.name = "--codec", .kind = OPTION_LIST, .list = &specs},
        [SCHEMA] = {.name = "--schema", .kind = OPTION_LIST, .list = &schemas},
        [MAX] = {.name = "--max", .kind = OPTION_NUMBER, .max = RECORD_MESSAGE_MAX},
        [FORWARD] = {.name = "--forward", .kind = OPTION_TEXT},
        [ROTATE_SIZE] = {.name = "--rotate-size", .kind = OPTION_TEXT},
        [ROTATE_AGE] = {.name = "--rotate-age", .kind = OPTION_TEXT},
        [QUOTA] = {.name = "--quota", .kind = OPTION_TEXT},
    };
    struct arguments names;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &names, &status))
        return status;
    return record_start(verb, options, names);
}

const struct verb record_verb = {"record", "write the messages of mailslots to a file", help,
                                 record_run};
