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

/** Reads what --from and --until say; reports what makes no sense. */
enum status playback_choose(const struct verb *verb, const struct option *from,
                            const struct option *until, const struct text_list *slots,
                            struct playback_choice *choice);

/** No slot can have this name. */
#define PLAYBACK_NO_NAME "?"

/** What is done with files. */
struct playback {
    struct playback_choice choice;
    struct progress progress;
    /** Whether messages are taken whose header is damaged, all as if of one slot named
     *  PLAYBACK_NO_NAME; and how people are told to do that. */
    bool needs_no_header;
    const char *without_header;
    /** Gets what counts for the messages that follow. Any status but DONE ends the file. */
    enum status (*on_header)(void *ctx, const record_header *header);
    /** Gets a chosen message, and which header's slot it is of. *end: no more are wanted. */
    enum status (*on_message)(void *ctx, const record_message *message, bool *end);
    /** Called when what follows may be long in coming: what was made of the messages so far is to
     * be written. *end: no more are wanted. May be NULL. */
    enum status (*on_wait)(void *ctx, bool *end);
    void *ctx;

    /* The rest begins as zeros. */
    const char *path;        /* of the file, for people */
    bool has_first, ended;   /* ended: no more are wanted */
    uint64_t first;          /* arrival of the first message of all files */
    uint64_t done, messages; /* bytes, and messages that were chosen */
    bool *wanted;            /* which slots of the header were chosen */
    bool has_stand_in;       /* on_header got one for a damaged one last */
    uint64_t untold;         /* messages of the file that were not taken for want of a header */
    enum status status;      /* of the first failure */
    bool file_failed;        /* one could not be gone through, as in another round */
    bool again;              /* not the first round: damage was told of */
};

/** Goes through files, "-" being standard input, one after the other, in the order in which they
 * were begun: by the arrival of their first messages. "-", and files of which that cannot be told
 * before, keep their places among the arguments. Damage, a file's torn end and what else fails is
 * reported, each with file and offset; after damage it goes on behind it. Returns the first
 * failure's status. May be called again, for another round, in which the damage and torn ends that
 * were reported are not again. */
enum status playback_run(struct playback *playback, struct arguments files);

/** Frees what playback_run() needed. */
void playback_free(struct playback *playback);

#endif
