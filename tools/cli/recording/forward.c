/* The thread of record --forward: a queue, so that a slow slot does not hold up recording. */
#include "forward.h"
#include "platform/platform.h"

#include <mailslot/codec.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* RETRY_MS: how long a slot that failed is not tried again, so that a missing one is not searched
 * for with every message. WAITING_MAX: most bytes in the queue; beyond it messages are counted as
 * lost rather than using up memory. */
enum { RETRY_MS = 500, WAITING_MAX = 16 * 1024 * 1024 };

/* State that only the forwarding thread uses, hence without a lock. */
struct target {
    struct forward *forward;
    mailslot *slot;      /* NULL: it had no reader */
    bool failing;        /* the last message was not passed on */
    int64_t next_try_ms; /* then: when to try again */
};

/* ---- Putting ---- */

static mailslot_err target_attach(struct target *target) {
    mailslot_options how = MAILSLOT_OPTIONS_INIT;
    how.direction = MAILSLOT_WRITE;
    how.max_message = target->forward->max_message;
    return mailslot_open(&target->slot, target->forward->name, &how);
}

/* If the reader is gone, attach once more: another one may have opened the slot since. */
static mailslot_err target_put(struct target *target, const void *data, size_t len) {
    mailslot_err err = MAILSLOT_ERR_GONE;
    if (target->slot)
        err = mailslot_put_bytes(target->slot, data, len);
    if (err != MAILSLOT_ERR_GONE && err != MAILSLOT_ERR_DAMAGED)
        return err;
    mailslot_close(target->slot);
    target->slot = NULL;
    err = target_attach(target);
    return err ? err : mailslot_put_bytes(target->slot, data, len);
}

static void note_loss(struct target *target, mailslot_err err) {
    struct forward *forward = target->forward;
    pthread_mutex_lock(&forward->mutex);
    forward->lost++;
    /* One report for each series of losses; the total follows at the end. */
    if (err && !target->failing)
        snprintf(forward->reason, sizeof forward->reason, "%s", mailslot_detail());
    pthread_mutex_unlock(&forward->mutex);
}

/* Whether the error is about this message only, so that the next one is tried at once. */
static bool concerns_message(mailslot_err err) {
    return err == MAILSLOT_ERR_TOO_BIG || err == MAILSLOT_ERR_FULL;
}

static void target_pass_on(struct target *target, const void *data, size_t len) {
    if (target->failing && platform_now_ms() < target->next_try_ms) {
        note_loss(target, MAILSLOT_OK);
        return;
    }
    mailslot_err err = target_put(target, data, len);
    if (err)
        note_loss(target, err);
    target->failing = err != MAILSLOT_OK;
    target->next_try_ms = concerns_message(err) ? 0 : platform_now_ms() + RETRY_MS;
}

/* ---- The thread ---- */

/* Waits for messages and takes all of them: the two buffers are swapped, so that the lock is held
 * for a moment only and their memory is reused. False once the queue is empty and forward_end() was
 * called. */
static bool take_waiting(struct forward *forward, struct buffer *messages) {
    struct buffer emptied = *messages;
    emptied.len = 0;
    pthread_mutex_lock(&forward->mutex);
    while (!forward->waiting.len && !forward->ending)
        pthread_cond_wait(&forward->changed, &forward->mutex);
    *messages = forward->waiting;
    forward->waiting = emptied;
    pthread_mutex_unlock(&forward->mutex);
    return messages->len > 0;
}

static void *forward_run(void *ctx) {
    struct target target = {.forward = ctx};
    struct buffer messages = {0};
    while (take_waiting(ctx, &messages)) {
        size_t len;
        for (size_t at = 0; at < messages.len; at += sizeof len + len) {
            /* A length may be unaligned. */
            memcpy(&len, messages.data + at, sizeof len);
            target_pass_on(&target, messages.data + at + sizeof len, len);
        }
    }
    mailslot_close(target.slot);
    buffer_free(&messages);
    return NULL;
}

/* ---- The recording thread ---- */

enum status forward_begin(struct forward *forward, const char *name, size_t max_message) {
    *forward = (struct forward){.name = name, .max_message = max_message};
    pthread_mutex_init(&forward->mutex, NULL);
    pthread_cond_init(&forward->changed, NULL);
    int error = name ? pthread_create(&forward->thread, NULL, forward_run, forward) : 0;
    forward->has_thread = name && !error;
    if (error)
        return report_error(STATUS_ERROR, "cannot start the thread of --forward: %s",
                            strerror(error));
    return STATUS_DONE;
}

void forward_put(struct forward *forward, const mailslot_record *record) {
    if (!forward->name)
        return;
    mailslot_bytes bytes = mailslot_record_bytes(record);
    pthread_mutex_lock(&forward->mutex);
    /* A message alone is taken whatever its size; otherwise one over the limit could never be
     * forwarded. */
    if (forward->waiting.len + bytes.len > WAITING_MAX && forward->waiting.len) {
        if (!forward->lost++)
            snprintf(forward->reason, sizeof forward->reason,
                     "%s: its reader is too slow, more than %d bytes wait", forward->name,
                     WAITING_MAX);
    } else {
        buffer_append(&forward->waiting, &bytes.len, sizeof bytes.len);
        buffer_append(&forward->waiting, bytes.data, bytes.len);
    }
    pthread_cond_signal(&forward->changed);
    pthread_mutex_unlock(&forward->mutex);
}

bool forward_has_news(struct forward *forward) {
    if (!forward->name)
        return false;
    pthread_mutex_lock(&forward->mutex);
    bool has = *forward->reason != '\0';
    pthread_mutex_unlock(&forward->mutex);
    return has;
}

void forward_tell(struct forward *forward) {
    pthread_mutex_lock(&forward->mutex);
    report_error(STATUS_ERROR, "not forwarded: %s", forward->reason);
    *forward->reason = '\0';
    pthread_mutex_unlock(&forward->mutex);
}

/* The thread sends what waits before it ends: take_waiting() returns false only with an empty
 * queue. */
static void end_thread(struct forward *forward) {
    pthread_mutex_lock(&forward->mutex);
    forward->ending = true;
    pthread_cond_signal(&forward->changed);
    pthread_mutex_unlock(&forward->mutex);
    pthread_join(forward->thread, NULL);
}

enum status forward_end(struct forward *forward) {
    if (forward->has_thread)
        end_thread(forward);
    if (forward_has_news(forward))
        forward_tell(forward);
    buffer_free(&forward->waiting);
    pthread_cond_destroy(&forward->changed);
    pthread_mutex_destroy(&forward->mutex);
    if (!forward->lost)
        return STATUS_DONE;
    return report_error(STATUS_ERROR, "%s: messages not forwarded: %" PRIu64, forward->name,
                        forward->lost);
}
