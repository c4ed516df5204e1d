/* Passes messages on to another slot from a thread of its own, so that the caller never waits for a
 * network or a full slot. */
#ifndef CLI_FORWARD_H
#define CLI_FORWARD_H

#include "base/buffer.h"
#include "base/report.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/** Start with forward_begin(); end with forward_end(). */
struct forward {
    const char *name; /* NULL: nothing is passed on */
    size_t max_message;
    bool has_thread;
    pthread_t thread;

    /* What both threads use: */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct buffer waiting; /* messages, each behind its length */
    bool ending;
    uint64_t lost;    /* messages that were not passed on */
    char reason[400]; /* why, if that has not been told yet */
};

/** name may be NULL; what is passed on has at most max_message bytes, 0: none set. Reports what
 *  fails; then nothing is to be done but forward_end(). */
enum status forward_begin(struct forward *forward, const char *name, size_t max_message);

/** Passes a message on, as soon as may be, once and without waiting for room. */
void forward_put(struct forward *forward, const mailslot_record *record);

/** Whether there is something to tell: messages began to get lost. forward_tell() reports it. */
bool forward_has_news(struct forward *forward);
void forward_tell(struct forward *forward);

/** Passes on what is left and ends the thread. Reports how many messages were lost; ERROR if any
 *  were. */
enum status forward_end(struct forward *forward);

#endif
