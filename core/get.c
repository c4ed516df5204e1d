/* Getting messages: waits for one, takes it, decodes it. transport.take -> codec.decode ->
 * value. */
#include "error.h"
#include "options.h"
#include "platform.h"
#include "record.h"
#include "slot.h"

#include <stdio.h>

/* The destination of a get: a record, which grows as needed, or a caller's buffer. */
typedef struct {
    mailslot_record *record;
    void *buf;
    size_t cap;
    msi_message *message;
} get_target;

/* The timeout of one get. It lasts through all messages that the get skips. */
typedef struct {
    msi_timeout timeout; /* its deadline is needed once the get waits or skips a message */
    size_t skipped;      /* messages that did not decode */
    size_t skips_left;   /* of a get that does not wait, once it has skipped a message */
} get_patience;

/* A message never grows, but its size lies in shared memory, where any writer can change it. */
static mailslot_err get_message_grew(void) {
    return mailslot_fail(
        MAILSLOT_ERR_DAMAGED,
        "a message in the queue changed its size while it was taken; open the slot again");
}

/* With the gate locked, so no other thread takes the message between the two tries. */
static mailslot_err get_take(const mailslot *slot, msi_endpoint *reader, const get_target *to) {
    if (!to->record)
        return slot->transport->take(reader, to->buf, to->cap, to->message);
    mailslot_record *record = to->record;
    mailslot_err err =
        slot->transport->take(reader, record->data, record->capacity, &record->message);
    if (err != MAILSLOT_ERR_TOO_SMALL)
        return err;
    err = msi_record_make_room(record, record->message.len);
    if (!err)
        err = slot->transport->take(reader, record->data, record->capacity, &record->message);
    return err == MAILSLOT_ERR_TOO_SMALL ? get_message_grew() : err;
}

/* Called with the gate locked; waits with it unlocked, so that other threads can get and inspect
 * (S27). After each wait another thread may have closed the slot or taken the message: check
 * both again. Waits without a deadline end by a message or by closing. */
static mailslot_err get_take_in_time(mailslot *slot, msi_endpoint *reader, const get_target *to,
                                     get_patience *patience) {
    mailslot_err err = get_take(slot, reader, to);
    if (err != MAILSLOT_ERR_EMPTY || patience->timeout.ms == MAILSLOT_NO_WAIT)
        return err;
    uint64_t deadline = msi_timeout_deadline(&patience->timeout);
    do {
        msi_rundown_unlock(&slot->gate, MSI_BUSY);
        slot->transport->wait(reader, deadline);
        msi_rundown_lock(&slot->gate, MSI_BUSY);
        if (atomic_load_explicit(&slot->closing, memory_order_relaxed))
            return MAILSLOT_ERR_CLOSED;
        err = get_take(slot, reader, to);
    } while (err == MAILSLOT_ERR_EMPTY && (deadline == MSI_NEVER || msi_now() < deadline));
    return err;
}

/* A program may poll with gets that do not wait, so these cost no formatting. */
static void get_fail_empty(const mailslot *slot, const get_patience *patience) {
    char skipped[64] = "";
    if (patience->timeout.ms == MAILSLOT_NO_WAIT && !patience->skipped) {
        msi_fail_briefly(MAILSLOT_ERR_EMPTY, slot->name.path);
        return;
    }
    if (patience->skipped)
        snprintf(skipped, sizeof skipped, "; skipped %zu that do not decode", patience->skipped);
    if (patience->timeout.ms == MAILSLOT_NO_WAIT)
        mailslot_fail(MAILSLOT_ERR_EMPTY, "%s: %s%s", slot->name.path,
                      mailslot_strerror(MAILSLOT_ERR_EMPTY), skipped);
    else
        mailslot_fail(MAILSLOT_ERR_EMPTY, "%s: no message within %d ms%s", slot->name.path,
                      patience->timeout.ms, skipped);
}

/* Takes the gate from standing `from` to `upto`. Frequent failures carry no text of their own.
 * If the caller goes on (upto is BUSY), EMPTY sets no detail: mailslot_each() ends with it
 * successfully. */
static mailslot_err get_into(mailslot *slot, msi_standing from, msi_standing upto,
                             const get_target *to, get_patience *patience) {
    msi_endpoint *reader;
    mailslot_err err = msi_slot_lock_reader(slot, from, &reader);
    if (!err) {
        if (patience->timeout.ms == MAILSLOT_SLOT_TIMEOUT)
            patience->timeout.ms = atomic_load_explicit(&slot->timeout_ms, memory_order_relaxed);
        err = get_take_in_time(slot, reader, to, patience);
        if (err == MAILSLOT_ERR_CLOSED)
            msi_slot_fail(slot, msi_fail_plain(err));
        else if (err == MAILSLOT_ERR_TOO_SMALL)
            mailslot_fail(err, "%s: buffer too small: %zu bytes, message has %zu", slot->name.path,
                          to->cap, to->message->len);
        else if (err == MAILSLOT_ERR_EMPTY && upto == MSI_OUTSIDE)
            get_fail_empty(slot, patience);
        else if (err && err != MAILSLOT_ERR_EMPTY)
            msi_slot_fail(slot, err);
    }
    msi_rundown_unlock(&slot->gate, upto);
    return err;
}

/* ---- Decoding, and messages that do not decode ---- */

/* A child forked during decode must not keep its parent's message. */
static mailslot_err get_decode(mailslot *slot, mailslot_record *record) {
    MSI_ON_UNWIND(msi_slot_come_back) mailslot *away = slot;
    msi_record_fill(record);
    mailslot_err err = msi_record_decode(record, slot->options.codec, slot->options.decode_budget);
    msi_slot_come_back(&away);
    if (!slot->in_child)
        return err;
    msi_record_clear(record);
    return MAILSLOT_ERR_CLOSED;
}

static mailslot_err get_fail_to_decode(const mailslot *slot, const mailslot_record *record,
                                       mailslot_err err) {
    return msi_slot_fail(slot, msi_record_fail_naming_sender(record, err));
}

/* While BUSY: how many messages wait. */
static mailslot_err get_count_waiting(mailslot *slot, size_t *count) {
    mailslot_info info;
    msi_rundown_lock(&slot->gate, MSI_BUSY);
    mailslot_err err = slot->transport->look(atomic_load(&slot->reader), &info);
    msi_rundown_unlock(&slot->gate, MSI_BUSY);
    *count = err ? 0 : info.count;
    return err ? msi_slot_fail(slot, err) : MAILSLOT_OK;
}

/* Returns OK if a get that met a message which does not decode may take another one, else EMPTY. A
 * sender of many such messages must not keep it beyond its timeout, and a get that does not wait
 * looks only at the messages that waited when it met the first of them: the one more lets it find
 * the queue empty. */
static mailslot_err get_may_skip(mailslot *slot, get_patience *patience) {
    enum { SKIPS_LEAST = 1024 }; /* Wine counts no more than one message */
    if (patience->timeout.ms != MAILSLOT_NO_WAIT) {
        uint64_t deadline = msi_timeout_deadline(&patience->timeout);
        return deadline == MSI_NEVER || msi_now() < deadline ? MAILSLOT_OK : MAILSLOT_ERR_EMPTY;
    }
    if (patience->skipped == 1) {
        mailslot_err err = get_count_waiting(slot, &patience->skips_left);
        if (patience->skips_left < SKIPS_LEAST)
            patience->skips_left = SKIPS_LEAST;
        patience->skips_left++;
        return err;
    }
    return --patience->skips_left ? MAILSLOT_OK : MAILSLOT_ERR_EMPTY;
}

/* Returns OK if the get goes on with the next message, else the get's result. *taken is whether the
 * record holds the message. NO_MEMORY is no fault of the message's. */
static mailslot_err get_judge_undecoded(mailslot *slot, mailslot_record *record,
                                        get_patience *patience, mailslot_err err, bool *taken) {
    if (err == MAILSLOT_ERR_CLOSED) {
        *taken = false;
        return msi_slot_fail_closed(slot);
    }
    if (err == MAILSLOT_ERR_NO_MEMORY)
        return get_fail_to_decode(slot, record, err);
    slot->transport->count_bad(atomic_load(&slot->reader), err);
    if (slot->options.bad_messages == MAILSLOT_BAD_REPORT)
        return get_fail_to_decode(slot, record, err);
    msi_record_clear(record);
    *taken = false;
    patience->skipped++;
    return get_may_skip(slot, patience);
}

/* Takes the gate from `from` to BUSY. *taken distinguishes a message that does not decode from no
 * message. */
static mailslot_err get_record(mailslot *slot, msi_standing from, mailslot_record *record,
                               get_patience *patience, bool *taken) {
    msi_record_clear(record);
    const get_target to = {.record = record};
    for (;;) {
        mailslot_err err = get_into(slot, from, MSI_BUSY, &to, patience);
        *taken = !err;
        if (err)
            return err;
        err = get_decode(slot, record);
        if (!err)
            return MAILSLOT_OK;
        err = get_judge_undecoded(slot, record, patience, err, taken);
        if (err)
            return err;
        from = MSI_BUSY;
    }
}

/* ---- Calls ---- */

static mailslot_err get_check_timeout(const mailslot *slot, int timeout_ms) {
    if (timeout_ms == MAILSLOT_SLOT_TIMEOUT || !msi_timeout_check("timeout", timeout_ms))
        return MAILSLOT_OK;
    return msi_slot_fail(slot, MAILSLOT_ERR_INVALID);
}

mailslot_err mailslot_get(mailslot *slot, mailslot_record *record, int timeout_ms) {
    if (record)
        msi_record_clear(record);
    if (!slot || !record)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", slot ? "record" : "slot");
    mailslot_err err = get_check_timeout(slot, timeout_ms);
    if (err)
        return err;
    MSI_ON_UNWIND(msi_slot_leave) mailslot *busy = slot;
    get_patience patience = {.timeout.ms = timeout_ms};
    bool taken;
    err = get_record(slot, MSI_OUTSIDE, record, &patience, &taken);
    if (err == MAILSLOT_ERR_EMPTY)
        get_fail_empty(slot, &patience);
    msi_slot_leave(&busy);
    return err;
}

mailslot_err mailslot_get_nowait(mailslot *slot, mailslot_record *record) {
    return mailslot_get(slot, record, MAILSLOT_NO_WAIT);
}

mailslot_err mailslot_get_bytes(mailslot *slot, void *buf, size_t cap, size_t *len,
                                int timeout_ms) {
    if (len)
        *len = 0;
    if (!slot || !len || (!buf && cap))
        return mailslot_fail(MAILSLOT_ERR_INVALID, "slot, buf or len is NULL");
    mailslot_err err = get_check_timeout(slot, timeout_ms);
    if (err)
        return err;
    msi_message message;
    const get_target to = {.buf = buf, .cap = cap, .message = &message};
    get_patience patience = {.timeout.ms = timeout_ms};
    err = get_into(slot, MSI_OUTSIDE, MSI_OUTSIDE, &to, &patience);
    /* S25: with TOO_SMALL the caller learns the size, and the message stays. */
    if (!err || err == MAILSLOT_ERR_TOO_SMALL)
        *len = message.len;
    return err;
}

static mailslot_err get_call_fn(mailslot *slot, const mailslot_record *record,
                                mailslot_err (*fn)(void *ctx, const mailslot_record *), void *ctx) {
    MSI_ON_UNWIND(msi_slot_come_back) mailslot *away = slot;
    mailslot_err err = fn(ctx, record);
    msi_slot_come_back(&away);
    mailslot_err closed = msi_slot_check_child(slot);
    return err ? err : closed;
}

static void get_free_record(mailslot_record **record) {
    mailslot_record_free(*record);
    *record = NULL;
}

mailslot_err mailslot_each(mailslot *slot, mailslot_err (*fn)(void *ctx, const mailslot_record *),
                           void *ctx) {
    if (!slot || !fn)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", slot ? "fn" : "slot");
    MSI_ON_UNWIND(get_free_record) mailslot_record *record = NULL;
    mailslot_err err = mailslot_record_new(&record);
    if (err)
        return err;
    MSI_ON_UNWIND(msi_slot_leave) mailslot *busy = slot;
    /* BUSY between two gets as well: a close in another thread must wait until fn has returned. */
    msi_rundown_enter(&slot->gate);
    do {
        get_patience patience = {.timeout.ms = MAILSLOT_SLOT_TIMEOUT};
        bool taken;
        err = get_record(slot, MSI_BUSY, record, &patience, &taken);
        if (!taken) {
            err = err == MAILSLOT_ERR_EMPTY ? MAILSLOT_OK : err;
            break;
        }
        /* Also with a message that did not decode: its bytes are in the record (S29). */
        err = get_call_fn(slot, record, fn, ctx);
    } while (!err);
    msi_slot_leave(&busy);
    get_free_record(&record);
    return err;
}
