/* Iterates over the messages of record files, for cat and replay. */
#ifndef CLI_PLAYBACK_H
#define CLI_PLAYBACK_H

#include "base/options.h"
#include "base/units.h"
#include "progress.h"
#include "record_file.h"

/** The options that choose among messages. */
struct playback_choice {
    bool has_from, has_until;
    struct time_point from, until;
    const struct text_list *slots; /* none: all */
};

/** Reads --from and --until; reports invalid times. */
enum status playback_choose(const struct verb *verb, const struct option *from,
                            const struct option *until, const struct text_list *slots,
                            struct playback_choice *choice);

/** No slot can have this name. */
#define PLAYBACK_NO_NAME "?"

/** What is done with files. */
struct playback {
    struct playback_choice choice;
    struct progress progress;
    /** Whether messages with a damaged header are delivered, all as if from one slot named
     * PLAYBACK_NO_NAME; and the advice in the error text otherwise. */
    bool needs_no_header;
    const char *without_header;
    /** Called with the header of the messages that follow. Any status but DONE ends the file. */
    enum status (*on_header)(void *ctx, const record_header *header);
    /** Called with each selected message; message->slot is an index into the slots of the last
     * header. Set *end to stop playback. */
    enum status (*on_message)(void *ctx, const record_message *message, bool *end);
    /** Called before a read that may block: pending output should be written. Set *end to stop
     * playback. May be NULL. */
    enum status (*on_wait)(void *ctx, bool *end);
    void *ctx;

    /* The rest begins as zeros. */
    const char *path;        /* of the file, for error texts */
    bool has_first, ended;   /* ended: no more are wanted */
    uint64_t first;          /* arrival of the first message of all files */
    uint64_t begun;          /* the recording, as its header says; 0: not known */
    uint64_t done, messages; /* bytes, and messages that were chosen */
    bool *wanted;            /* which slots of the header were chosen */
    bool has_stand_in;       /* the last header that on_header got replaced a damaged one */
    uint64_t untold;         /* messages of the file skipped because their header is damaged */
    enum status status;      /* of the first failure */
    bool file_failed;        /* a file could not be read to its end; another round would fail too */
    bool again;              /* not the first round: damage was reported */
};

/** Reads files one after the other, "-" being standard input, in the order of the arrival of their
 * first messages. "-" and files whose first message is unknown keep their places among the
 * arguments. Damage, incomplete ends and other failures are reported with file and offset, and
 * reading continues behind damage. Returns the status of the first failure. May be called again
 * for another round, in which damage and incomplete ends are not reported again. */
enum status playback_run(struct playback *playback, struct arguments files);

/** Frees what playback_run() needed. */
/** When a message came, for pacing: as its arrival, but without the steps that the computer's time
 *  made during the recording. The arrival where that is not known. */
uint64_t playback_time(const struct playback *playback, const record_message *message);

void playback_free(struct playback *playback);

#endif
