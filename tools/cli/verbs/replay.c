/* mailslot replay: sends the messages of record files again, with the time between them. */
#include "platform/platform.h"
#include "platform/signals.h"
#include "recording/playback.h"
#include "recording/replay_clock.h"
#include "shared_options.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TO, SLOT, FROM, UNTIL, SPEED, LOOP, PUT_TIMEOUT, OPTION_COUNT };

static const struct option_spec replay_options[] = {
    [TO] = {.name = "--to",
            .kind = OPTION_TEXT,
            .argument = "NAME",
            .completion = COMPLETE_SLOT,
            .help = "send all messages to the mailslot NAME, which may be on another computer"},
    [SLOT] = SHARED_SLOT,
    [FROM] = SHARED_FROM,
    [UNTIL] = SHARED_UNTIL,
    [SPEED] = {.name = "--speed",
               .kind = OPTION_TEXT,
               .argument = "FACTOR",
               .initial_text = "1",
               .help = "send FACTOR times as fast as the messages arrived, such as 10 or 0.5; 0 "
                       "sends as fast as the reader accepts"},
    [LOOP] = {.name = "--loop",
              .help = "repeat until a signal ends it",
              .detail = "The pause before each round is the average time between two messages, or "
                        "a second if there is only one or all arrived at the same time, divided by "
                        "--speed. Standard input cannot be repeated."},
    [PUT_TIMEOUT] = SHARED_PUT_TIMEOUT(-1),
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status replay_statuses[] = {
    {STATUS_DONE, "success"},
    {STATUS_ERROR, "error, such as a damaged file or one that is not a record file"},
    {STATUS_USAGE, "invalid command line"},
    {STATUS_TOO_BIG, "a message is too big"},
    {STATUS_NO_SLOT, "no such mailslot, or its reader has closed it; nothing more is sent"},
    {0, NULL},
};

struct target {
    char *name;
    mailslot *slot;
};

struct player {
    const char *to; /* NULL: the mailslots of the file */
    int put_timeout_ms;
    struct playback playback;
    struct replay_clock clock;
    struct target *targets; /* opened so far */
    size_t target_count;
    size_t *of_slot; /* index into targets for each slot of the header that is selected */
};

/* ---- Slots to send to ---- */

static mailslot_err replay_open_target(struct player *player, const char *name) {
    mailslot_options how = MAILSLOT_OPTIONS_INIT;
    mailslot *slot;
    how.direction = MAILSLOT_WRITE;
    how.max_message = RECORD_MESSAGE_MAX;
    how.put_timeout_ms = replay_clock_try_ms(player->put_timeout_ms);
    mailslot_err err = mailslot_open(&slot, name, &how);
    if (err)
        return err;
    player->targets =
        memory_resize(player->targets, (player->target_count + 1) * sizeof *player->targets);
    /* The name is copied: a header lives only until the next entry is read. */
    char *copy = memory_resize(NULL, strlen(name) + 1);
    memcpy(copy, name, strlen(name) + 1);
    player->targets[player->target_count++] = (struct target){copy, slot};
    return MAILSLOT_OK;
}

static mailslot_err replay_find_target(struct player *player, const char *name, size_t *number) {
    for (*number = 0; *number < player->target_count; ++*number)
        if (mailslot_name_equal(player->targets[*number].name, name))
            return MAILSLOT_OK;
    return replay_open_target(player, name);
}

static void replay_close_targets(struct player *player) {
    for (size_t i = 0; i < player->target_count; i++) {
        mailslot_close(player->targets[i].slot);
        free(player->targets[i].name);
    }
    free(player->targets);
    free(player->of_slot);
}

/* Opens all targets before anything is sent, so that a missing reader ends it without side effects.
 */
static enum status replay_on_header(void *ctx, const record_header *header) {
    struct player *player = ctx;
    mailslot_err err = MAILSLOT_OK;
    player->of_slot = memory_resize(player->of_slot, header->n_slots * sizeof *player->of_slot);
    for (size_t i = 0; !err && i < header->n_slots; i++)
        if (player->playback.wanted[i])
            err = replay_find_target(player, player->to ? player->to : header->slots[i]->name,
                                     &player->of_slot[i]);
    /* The files that follow are not sent either: part of a recording is not what was asked for. */
    player->playback.ended = err != MAILSLOT_OK;
    return err ? report_failure(err) : STATUS_DONE;
}

/* ---- Messages ---- */

/* Waits in several tries, because a signal does not interrupt a put. */
static mailslot_err replay_put(const struct player *player, mailslot *slot,
                               const ProtobufCBinaryData *bytes) {
    int64_t begun = platform_now_ms();
    mailslot_err err = mailslot_put_bytes(slot, bytes->data, bytes->len);
    while (err == MAILSLOT_ERR_FULL && !signals_came() &&
           (player->put_timeout_ms < 0 || platform_now_ms() - begun < player->put_timeout_ms))
        err = mailslot_put_bytes(slot, bytes->data, bytes->len);
    return err;
}

/* Whether an error concerns one message, so that the next can be sent. */
static bool replay_concerns_message(mailslot_err err) {
    return err == MAILSLOT_ERR_TOO_BIG || err == MAILSLOT_ERR_FULL || err == MAILSLOT_ERR_NO_MEMORY;
}

static enum status replay_on_message(void *ctx, const record_message *message, bool *end) {
    struct player *player = ctx;
    struct playback *playback = &player->playback;
    *end = !replay_clock_wait(&player->clock, playback_time(playback, message), &playback->progress,
                              playback->done, playback->messages);
    if (*end)
        return STATUS_DONE;
    mailslot *slot = player->targets[player->of_slot[message->slot]].slot;
    mailslot_err err = replay_put(player, slot, &message->data);
    /* A signal during the wait ends the program; it is no failure. */
    if (!err || (err == MAILSLOT_ERR_FULL && signals_came()))
        return STATUS_DONE;
    *end = !replay_concerns_message(err);
    progress_clear(&playback->progress);
    return report_error(status_of(err), "%s (message %" PRIu64 " of %s)", mailslot_detail(),
                        playback->messages, playback->path);
}

/* ---- Setting up ---- */

/* Messages that are damaged or refused do not end the loop. */
static bool replay_may_continue(const struct playback *playback) {
    return !playback->ended && !playback->file_failed;
}

static bool replay_wait_for_round(struct player *player) {
    struct playback *playback = &player->playback;
    bool waited = replay_clock_next_round(&player->clock, &playback->progress, playback->done,
                                          playback->messages);
    progress_clear(&playback->progress);
    return waited;
}

static enum status replay_loop(struct player *player, struct arguments files, bool loop) {
    struct playback *playback = &player->playback;
    enum status status;
    uint64_t before;
    do {
        before = playback->messages;
        status = playback_run(playback, files);
    } while (loop && replay_may_continue(playback) && playback->messages > before &&
             replay_wait_for_round(player));
    /* Without this, --loop would spin on a file that has no message to send. */
    if (loop && replay_may_continue(playback) && playback->messages == before)
        return report_error(STATUS_ERROR, "%s: --loop found no message to send", files.items[0]);
    return status;
}

static enum status replay_read_speed(const struct verb *verb, const struct option *option,
                                     double *speed) {
    char *end;
    const char *text = option->text;
    *speed = strtod(text, &end);
    /* strtod() also accepts signs, exponents, hexadecimal, "inf" and "nan". */
    if (strspn(text, "0123456789.") == strlen(text) && end > text && !*end && isfinite(*speed))
        return STATUS_DONE;
    return report_usage(verb->name, "option --speed: \"%.100s\" is not a number of 0 or more",
                        text);
}

/* Standard input cannot be read again. */
static enum status replay_check_loop(const struct verb *verb, struct arguments files) {
    for (int i = 0; i < files.count; i++)
        if (strcmp(files.items[i], "-") == 0)
            return report_usage(verb->name, "--loop and standard input cannot be combined");
    return STATUS_DONE;
}

static enum status replay_with(const struct verb *verb, const struct option *options,
                               struct arguments files) {
    struct player player = {.to = options[TO].text,
                            .put_timeout_ms = (int)options[PUT_TIMEOUT].number};
    enum status status = replay_read_speed(verb, &options[SPEED], &player.clock.speed);
    if (!status && options[LOOP].given)
        status = replay_check_loop(verb, files);
    if (!status)
        status = playback_choose(verb, &options[FROM], &options[UNTIL], &options[SLOT].list,
                                 &player.playback.choice);
    if (status)
        return status;
    player.playback.on_header = replay_on_header;
    player.playback.on_message = replay_on_message;
    /* With --to, the target is known even if the header, which names the slot, is damaged. */
    player.playback.needs_no_header = player.to != NULL;
    player.playback.without_header = "to send them, use --to NAME without --slot";
    player.playback.ctx = &player;
    progress_begin(&player.playback.progress, true);
    status = replay_loop(&player, files, options[LOOP].given);
    playback_free(&player.playback);
    replay_close_targets(&player);
    return status;
}

static int replay_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments files;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &files, &status))
        return status;
    signals_catch();
    return replay_with(verb, options, files);
}

const struct verb replay_verb = {
    .name = "replay",
    .summary = "send the messages of record files again",
    .usage = (const char *const[]){"FILE...", NULL},
    .operands = {"FILE", 1, VERB_OPERANDS_ANY, COMPLETE_FILE},
    .description =
        "Sends the messages of each FILE that 'mailslot record' wrote to the mailslots that they "
        "were sent to, unchanged and with the same time between them. FILE - is standard input. "
        "Files are taken in the order of their first messages.",
    .options = replay_options,
    .notes = SHARED_TIME_NOTE
    "\n\n"
    "An incomplete entry at the end of a file is skipped and reported on standard error. Damage is "
    "reported too, with exit status 1; the intact entries before and after it are sent. With "
    "--loop these are reported in the first round only. If a message is refused, the error is "
    "reported and the next one is sent. The exit status is that of the first failure.\n\n"
    "SIGINT and SIGTERM end it.",
    .statuses = replay_statuses,
    .run = replay_run,
};
