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

/** Starts the thread; name may be NULL, then nothing is forwarded. max_message is the largest
 * message to forward in bytes; 0: the default limit. Reports errors; after one, only forward_end()
 * may be called. */
enum status forward_begin(struct forward *forward, const char *name, size_t max_message);

/** Queues a message. The thread sends it once, without waiting for room in the slot. Never blocks
 * on the network. */
void forward_put(struct forward *forward, const mailslot_record *record);

/** Whether messages began to be lost since the last forward_tell(), which reports why. */
bool forward_has_news(struct forward *forward);
void forward_tell(struct forward *forward);

/** Sends what is queued and ends the thread. Reports how many messages were lost; ERROR if any
 * were. */
enum status forward_end(struct forward *forward);

#endif
