/* transport.take -> codec.decode -> value */
#include "error.h"
#include "options.h"
#include "platform.h"
#include "record.h"
#include "slot.h"

/* The destination of a get: a record, which grows as needed, or a caller's buffer. */
typedef struct {
    mailslot_record *record;
    void *buf;
    size_t cap;
    msi_message *message;
} get_target;

/* A message never grows, but its size lies in shared memory, where any writer can change it. */
static mailslot_err get_message_grew(void) {
    return mailslot_fail(
        MAILSLOT_ERR_DAMAGED,
        "a message in the queue changed its size while it was taken; open the slot again");
}

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

/* Called with the gate locked; waits with it unlocked, so that other threads can get and inspect.
 */
static mailslot_err get_take_in_time(mailslot *slot, msi_endpoint *reader, const get_target *to,
                                     int timeout_ms) {
    mailslot_err err = get_take(slot, reader, to);
    if (err != MAILSLOT_ERR_EMPTY || timeout_ms == MAILSLOT_NO_WAIT)
        return err;
    uint64_t deadline = msi_deadline(timeout_ms);
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

/* Takes the gate from standing `from` to `upto`. Frequent failures carry no text of their own.
 * EMPTY does not set the detail here, because mailslot_each() ends with it successfully. */
static mailslot_err get_into(mailslot *slot, msi_standing from, msi_standing upto,
                             const get_target *to, int timeout_ms) {
    msi_endpoint *reader;
    mailslot_err err = msi_slot_lock_reader(slot, from, &reader);
    if (!err) {
        if (timeout_ms == MAILSLOT_SLOT_TIMEOUT)
            timeout_ms = atomic_load_explicit(&slot->timeout_ms, memory_order_relaxed);
        err = get_take_in_time(slot, reader, to, timeout_ms);
        if (err == MAILSLOT_ERR_CLOSED)
            msi_slot_fail(slot, msi_fail_plain(err));
        else if (err == MAILSLOT_ERR_TOO_SMALL)
            mailslot_fail(err, "%s: buffer too small: %zu bytes, message has %zu", slot->name.path,
                          to->cap, to->message->len);
        else if (err && err != MAILSLOT_ERR_EMPTY)
            msi_slot_fail(slot, err);
    }
    msi_rundown_unlock(&slot->gate, upto);
    return err;
}

/* A child forked during decode must not keep its parent's message. */
static mailslot_err get_not_decoded(mailslot *slot, mailslot_record *record, mailslot_err err,
                                    bool *taken) {
    if (slot->in_child) {
        *taken = false;
        msi_record_clear(record);
        return msi_slot_come_back(slot);
    }
    if (err != MAILSLOT_ERR_NO_MEMORY)
        slot->transport->count_bad(atomic_load(&slot->reader), err);
    return msi_slot_fail(slot, err);
}

/* Takes the gate from `from` to BUSY. *taken distinguishes a message that does not decode from no
 * message. */
static mailslot_err get_record(mailslot *slot, msi_standing from, mailslot_record *record,
                               int timeout_ms, bool *taken) {
    msi_record_clear(record);
    const get_target to = {.record = record};
    mailslot_err err = get_into(slot, from, MSI_BUSY, &to, timeout_ms);
    *taken = !err;
    if (err)
        return err;
    msi_record_fill(record);
    err = msi_record_decode(record, slot->options.codec, slot->options.decode_budget);
    return err || slot->in_child ? get_not_decoded(slot, record, err, taken) : MAILSLOT_OK;
}

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
    bool taken;
    err = get_record(slot, MSI_OUTSIDE, record, timeout_ms, &taken);
    msi_rundown_leave(&slot->gate);
    return err == MAILSLOT_ERR_EMPTY ? msi_fail_plain(err) : err;
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
    err = get_into(slot, MSI_OUTSIDE, MSI_OUTSIDE, &to, timeout_ms);
    if (!err || err == MAILSLOT_ERR_TOO_SMALL)
        *len = message.len;
    return err == MAILSLOT_ERR_EMPTY ? msi_fail_plain(err) : err;
}

mailslot_err mailslot_each(mailslot *slot, mailslot_err (*fn)(void *ctx, const mailslot_record *),
                           void *ctx) {
    if (!slot || !fn)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", slot ? "fn" : "slot");
    mailslot_record *record;
    mailslot_err err = mailslot_record_new(&record);
    if (err)
        return err;
    msi_rundown_enter(&slot->gate);
    do {
        bool taken;
        err = get_record(slot, MSI_BUSY, record, MAILSLOT_SLOT_TIMEOUT, &taken);
        if (!taken) {
            err = err == MAILSLOT_ERR_EMPTY ? MAILSLOT_OK : err;
            break;
        }
        err = fn(ctx, record);
        mailslot_err closed = msi_slot_come_back(slot);
        err = err ? err : closed;
    } while (!err);
    msi_rundown_leave(&slot->gate);
    mailslot_record_free(record);
    return err;
}
