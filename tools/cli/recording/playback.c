/* The loop of cat and replay: files in order, entries filtered by slot and time. */
#include "playback.h"

#include "platform/signals.h"
#include "record_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Choosing ---- */

static enum status read_time(const struct verb *verb, const struct option *option,
                             struct time_point *point) {
    if (!option->given || units_read_time(option->text, point))
        return STATUS_DONE;
    return report_usage(verb->name,
                        "option %s: \"%.100s\" is neither a time such as 2026-11-22T18:30:00Z nor "
                        "a duration such as 90, 250ms or 1.5h",
                        option->name, option->text);
}

enum status playback_choose(const struct verb *verb, const struct option *from,
                            const struct option *until, const struct text_list *slots,
                            struct playback_choice *choice) {
    *choice = (struct playback_choice){
        .has_from = from->given, .has_until = until->given, .slots = slots};
    enum status status = read_time(verb, from, &choice->from);
    return status ? status : read_time(verb, until, &choice->until);
}

/* Saturates: an offset beyond the range of the clock selects nothing, or everything. */
static uint64_t time_of(const struct playback *playback, struct time_point point) {
    uint64_t first = point.is_offset ? playback->first : 0;
    return point.ns > UINT64_MAX - first ? UINT64_MAX : point.ns + first;
}

static bool is_chosen(const struct playback *playback, const record_message *message) {
    const struct playback_choice *choice = &playback->choice;
    return playback->wanted[message->slot] &&
           (!choice->has_from || message->arrival >= time_of(playback, choice->from)) &&
           (!choice->has_until || message->arrival < time_of(playback, choice->until));
}

/* ---- Failures ---- */

static void playback_note(struct playback *playback, enum status status) {
    if (!playback->status)
        playback->status = status;
}

static void give_up_file(struct playback *playback, enum status status) {
    playback_note(playback, status);
    playback->file_failed = true;
}

/* A torn end is normal: the recorder may still be writing, or was killed. It is reported, but is no
 * failure. Damage is one, though the messages around it are usable. */
static void tell_damage(struct playback *playback, enum record_result result,
                        const struct record_reader *reader, struct record_span span) {
    if (result == RECORD_TORN)
        report_error(STATUS_DONE,
                     "%s: the entry at offset %" PRIu64 " is incomplete: skipped the last %" PRIu64
                     " bytes",
                     playback->path, span.offset, span.size);
    else
        playback_note(playback,
                      report_error(STATUS_ERROR,
                                   "%s: damaged at offset %" PRIu64 ": %s; skipped %" PRIu64
                                   " bytes",
                                   playback->path, span.offset, reader->reason, span.size));
}

static void tell_result(struct playback *playback, enum record_result result,
                        const struct record_reader *reader, struct record_span span) {
    const char *path = playback->path;
    /* With --loop, the same damage is met in each round and reported in the first only. */
    if ((result == RECORD_TORN || result == RECORD_SKIPPED) && playback->again)
        return;
    progress_clear(&playback->progress);
    if (result == RECORD_TORN || result == RECORD_SKIPPED)
        tell_damage(playback, result, reader, span);
    else if (result == RECORD_OTHER)
        give_up_file(playback, report_error(STATUS_ERROR, "%s: not a record file", path));
    else if (result == RECORD_FAILED)
        give_up_file(playback, report_error(STATUS_ERROR, "cannot read %s: %s", path,
                                            strerror(reader->error)));
    else
        give_up_file(playback, report_error(STATUS_ERROR, "%s: %s", path, mailslot_detail()));
}

/* ---- Entries ---- */

static bool has_slot(const record_header *header, const char *name) {
    for (size_t i = 0; i < header->n_slots; i++)
        if (mailslot_name_equal(header->slots[i]->name, name))
            return true;
    return false;
}

static bool is_wanted(const struct text_list *slots, const char *name) {
    for (size_t i = 0; i < slots->count; i++)
        if (mailslot_name_equal(slots->items[i], name))
            return true;
    return slots->count == 0;
}

static enum status take_header(struct playback *playback, const record_header *header) {
    const struct text_list *slots = playback->choice.slots;
    for (size_t i = 0; i < slots->count; i++)
        if (!has_slot(header, slots->items[i]))
            return report_error(STATUS_ERROR, "%s: holds no mailslot %.300s", playback->path,
                                slots->items[i]);
    /* A later header replaces the slots of an earlier one: files can be concatenated. */
    playback->begun = header->begun;
    playback->wanted = memory_resize(playback->wanted, header->n_slots * sizeof *playback->wanted);
    for (size_t i = 0; i < header->n_slots; i++)
        playback->wanted[i] = is_wanted(slots, header->slots[i]->name);
    return playback->on_header(playback->ctx, header);
}

static void take_message(struct playback *playback, const record_message *message) {
    /* Of all messages, chosen or not: --from and --until count from the beginning of the recording,
     * whatever --slot selects. */
    if (!playback->has_first)
        playback->first = message->arrival;
    playback->has_first = true;
    if (!is_chosen(playback, message))
        return;
    playback->messages++;
    playback_note(playback, playback->on_message(playback->ctx, message, &playback->ended));
}

/* A header with one unnamed slot, for messages whose header is damaged. It lives on the stack:
 * on_header() copies what it needs. */
static enum status stand_in_for_header(struct playback *playback) {
    static char no_name[] = PLAYBACK_NO_NAME;
    Mailslot__Record__Slot slot = MAILSLOT__RECORD__SLOT__INIT, *slots = &slot;
    record_header header = MAILSLOT__RECORD__HEADER__INIT;
    slot.name = slot.codec = no_name;
    header.slots = &slots;
    header.n_slots = 1;
    return take_header(playback, &header);
}

/* A message whose header is damaged, so that the name of its slot is unknown. Counted if it cannot
 * be used; reported once at the end of the file. */
static enum status take_nameless(struct playback *playback, const record_message *message) {
    if (!playback->needs_no_header || playback->choice.slots->count) {
        playback->untold++;
        return STATUS_DONE;
    }
    enum status status = playback->has_stand_in ? STATUS_DONE : stand_in_for_header(playback);
    if (status)
        return status;
    record_message taken = *message;
    /* The stand-in has one slot, whatever number the message has. */
    taken.slot = 0;
    playback->has_stand_in = true;
    take_message(playback, &taken);
    return STATUS_DONE;
}

/* Handles an entry; returns whether to read the next one of this file. */
static bool take_entry(struct playback *playback, const record_entry *entry, bool is_nameless) {
    enum status status = STATUS_DONE;
    bool is_header = entry->content_case == MAILSLOT__RECORD__ENTRY__CONTENT_HEADER;
    if (is_header)
        status = take_header(playback, entry->header);
    else if (is_nameless)
        status = take_nameless(playback, entry->message);
    else
        take_message(playback, entry->message);
    if (status)
        give_up_file(playback, status);
    /* A header that is intact ends the use of the stand-in; after more damage a new one is
     * needed. */
    playback->has_stand_in = playback->has_stand_in && !is_header;
    return !status && !playback->ended;
}

/* ---- Files ---- */

static void tell_untold(struct playback *playback) {
    if (!playback->untold || playback->again)
        return;
    progress_clear(&playback->progress);
    playback_note(playback,
                  report_error(STATUS_ERROR,
                               "%s: the header is damaged: skipped %" PRIu64
                               " intact messages, whose mailslots are unknown; %s",
                               playback->path, playback->untold, playback->without_header));
}

static void before_read(void *ctx) {
    struct playback *playback = ctx;
    if (playback->on_wait && !playback->ended)
        playback_note(playback, playback->on_wait(playback->ctx, &playback->ended));
}

static void run_file(struct playback *playback, int fd) {
    struct record_reader reader = {.fd = fd, .before_read = before_read, .ctx = playback};
    uint64_t before = playback->done;
    bool more = true;
    playback->has_stand_in = false;
    playback->untold = 0;
    while (more && !playback->ended && !signals_came()) {
        const record_entry *entry;
        struct record_span span;
        enum record_result result = record_reader_next(&reader, &entry, &span);
        /* From the offset, not from the bytes read: the reader reads ahead. */
        playback->done = before + reader.offset;
        progress_tell(&playback->progress, playback->done, playback->messages);
        if (result == RECORD_END)
            break;
        if (result == RECORD_READ)
            more = take_entry(playback, entry, reader.slots == RECORD_SLOTS_UNKNOWN);
        else
            tell_result(playback, result, &reader, span);
    }
    playback->ended = playback->ended || signals_came();
    tell_untold(playback);
    record_reader_free(&reader);
}

static bool is_input(const char *path) { return strcmp(path, "-") == 0; }

static void open_and_run(struct playback *playback, const char *path) {
    int fd = is_input(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    playback->path = is_input(path) ? "standard input" : path;
    if (fd < 0) {
        progress_clear(&playback->progress);
        give_up_file(playback,
                     report_error(STATUS_ERROR, "cannot open %s: %s", path, strerror(errno)));
        return;
    }
    run_file(playback, fd);
    if (!is_input(path))
        close(fd);
}

/* ---- The order of files ---- */

struct begun_file {
    char *path;
    uint64_t begun; /* arrival of the first message */
    int place;      /* among the arguments */
};

/* Finds the time of the first message, behind damage too. Reports nothing: playback reports damage
 * when it reaches the file. */
static bool first_arrival(int fd, uint64_t *arrival) {
    struct record_reader reader = {.fd = fd};
    const record_entry *entry;
    struct record_span span;
    enum record_result result;
    bool found = false;
    do {
        result = record_reader_next(&reader, &entry, &span);
        found = result == RECORD_READ &&
                entry->content_case == MAILSLOT__RECORD__ENTRY__CONTENT_MESSAGE;
        if (found)
            *arrival = entry->message->arrival;
    } while (!found && (result == RECORD_READ || result == RECORD_SKIPPED));
    record_reader_free(&reader);
    return found;
}

/* Regular files only: bytes read from a pipe could not be read again. */
static bool when_begun(const char *path, uint64_t *begun) {
    struct stat status;
    if (is_input(path) || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    /* O_NONBLOCK: a pipe that replaced the file since stat() must not block open(). */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool known = fd >= 0 && first_arrival(fd, begun);
    if (fd >= 0)
        close(fd);
    return known;
}

static int compare_begun(const void *a, const void *b) {
    const struct begun_file *x = a, *y = b;
    if (x->begun != y->begun)
        return x->begun < y->begun ? -1 : 1;
    /* qsort() is not stable, so the place decides between equal times. */
    return x->place - y->place;
}

/* Sorts files by the time of their first messages: rotation makes FILE the newest, but a shell
 * sorts it before FILE.000001. Files without a known time keep their places; the others are sorted
 * among theirs. */
static void sort_files(struct arguments files) {
    struct begun_file *known = memory_resize(NULL, (size_t)files.count * sizeof *known);
    int *places = memory_resize(NULL, (size_t)files.count * sizeof *places);
    size_t count = 0;
    for (int i = 0; i < files.count; i++)
        if (when_begun(files.items[i], &known[count].begun)) {
            known[count].path = files.items[i];
            places[count] = known[count].place = i;
            count++;
        }
    qsort(known, count, sizeof *known, compare_begun);
    for (size_t i = 0; i < count; i++)
        files.items[places[i]] = known[i].path;
    free(known);
    free(places);
}

/* Bytes of all files; 0 if that cannot be told. */
static uint64_t size_of(struct arguments files) {
    uint64_t total = 0;
    for (int i = 0; i < files.count; i++) {
        struct stat file;
        bool known = is_input(files.items[i]) ? fstat(STDIN_FILENO, &file) == 0
                                              : stat(files.items[i], &file) == 0;
        if (!known || !S_ISREG(file.st_mode))
            return 0;
        total += (uint64_t)file.st_size;
    }
    return total;
}

enum status playback_run(struct playback *playback, struct arguments files) {
    playback->done = 0;
    playback->has_first = false;
    playback->progress.total = size_of(files);
    /* The first round has sorted the arguments in place. */
    if (files.count > 1 && !playback->again)
        sort_files(files);
    for (int i = 0; i < files.count && !playback->ended; i++)
        open_and_run(playback, files.items[i]);
    progress_clear(&playback->progress);
    playback->again = true;
    return playback->status;
}

uint64_t playback_time(const struct playback *playback, const record_message *message) {
    if (!message->elapsed || !playback->begun)
        return message->arrival;
    uint64_t begun = playback->begun, elapsed = message->elapsed;
    return elapsed < UINT64_MAX - begun ? begun + elapsed : UINT64_MAX;
}

void playback_free(struct playback *playback) { free(playback->wanted); }
