/* Inspecting slots: the reader's own, and any live slot by name. Nothing is taken. */
#include "error.h"
#include "options.h"
#include "record.h"
#include "slot.h"
#include "transports/transports.h"

#include <mailslot/codec.h>

/* [MS-MAIL] 2.1: the largest message that Windows carries between computers, in bytes */
enum { USUAL_MAX = 424 };

static mailslot_err inspect_no_slot(void) {
    return mailslot_fail(MAILSLOT_ERR_INVALID, "slot is NULL");
}

static mailslot_err inspect_no_result(void) {
    return mailslot_fail(MAILSLOT_ERR_INVALID, "the pointer for the result is NULL");
}

/* With the rundown lock held for the call: takes by other threads must not run meanwhile. */
static mailslot_err inspect_slot(mailslot *slot, mailslot_info *info) {
    msi_endpoint *reader;
    mailslot_err err = msi_slot_lock_reader(slot, MSI_OUTSIDE, &reader);
    if (!err) {
        err = slot->transport->look(reader, info);
        if (err)
            msi_slot_fail(slot, err);
    }
    msi_rundown_unlock(&slot->gate, MSI_OUTSIDE);
    return err;
}

/* mailslot_info_get() and mailslot_waitable() do not turn a handle without a direction into a
 * reader. A slot that is being closed passes, to fail with CLOSED later. */
static mailslot_err inspect_check_direction(mailslot *slot) {
    if (atomic_load(&slot->reader) || atomic_load(&slot->writer) || atomic_load(&slot->closing))
        return MAILSLOT_OK;
    return mailslot_fail(MAILSLOT_ERR_INVALID, "%s: the slot has no direction yet",
                         slot->name.path);
}

mailslot_err mailslot_info_get(mailslot *slot, mailslot_info *info) {
    if (!slot)
        return inspect_no_slot();
    mailslot_err err = msi_info_check(info);
    if (!err)
        err = inspect_check_direction(slot);
    mailslot_info now;
    if (!err)
        err = inspect_slot(slot, &now);
    if (!err)
        msi_info_copy(info, &now);
    return err;
}

mailslot_err mailslot_count(mailslot *slot, size_t *count) {
    if (!slot)
        return inspect_no_slot();
    if (!count)
        return inspect_no_result();
    mailslot_info info;
    mailslot_err err = inspect_slot(slot, &info);
    if (!err)
        *count = info.count;
    return err;
}

mailslot_err mailslot_empty(mailslot *slot, bool *empty) {
    if (!empty)
        return inspect_no_result();
    size_t count = 0;
    mailslot_err err = mailslot_count(slot, &count);
    if (!err)
        *empty = count == 0;
    return err;
}

mailslot_err mailslot_full(mailslot *slot, bool *full) {
    if (!slot)
        return inspect_no_slot();
    if (!full)
        return inspect_no_result();
    /* S31: the slot's own maximum, or without one the most that Windows carries. */
    size_t max = slot->options.max_message ? slot->options.max_message : USUAL_MAX;
    msi_endpoint *reader;
    mailslot_err err = msi_slot_lock_reader(slot, MSI_OUTSIDE, &reader);
    if (!err) {
        err = slot->transport->full(reader, max, full);
        if (err)
            msi_slot_fail(slot, err);
    }
    msi_rundown_unlock(&slot->gate, MSI_OUTSIDE);
    return err;
}

mailslot_err mailslot_set_timeout(mailslot *slot, int timeout_ms) {
    if (!slot)
        return inspect_no_slot();
    mailslot_err err = msi_timeout_check("timeout", timeout_ms);
    if (err)
        return msi_slot_fail(slot, err);
    /* The gate orders this with the first get, which hands the timeout to the new reader: a
     * timeout set meanwhile would otherwise not be published. */
    msi_rundown_lock(&slot->gate, MSI_OUTSIDE);
    msi_endpoint *reader = atomic_load(&slot->reader);
    if (atomic_load(&slot->closing))
        err = msi_slot_fail(slot, msi_fail_plain(MAILSLOT_ERR_CLOSED));
    else if (atomic_load(&slot->writer) || slot->options.direction == MAILSLOT_WRITE)
        err = mailslot_fail(MAILSLOT_ERR_WRONG_DIRECTION,
                            "%s: this handle is a writer: it has no timeout for gets",
                            slot->name.path);
    else {
        atomic_store(&slot->timeout_ms, timeout_ms);
        if (reader)
            slot->transport->set_timeout(reader, timeout_ms);
    }
    msi_rundown_unlock(&slot->gate, MSI_OUTSIDE);
    return err;
}

mailslot_err mailslot_waitable(mailslot *slot, mailslot_handle *handle) {
    if (!slot)
        return inspect_no_slot();
    if (!handle)
        return inspect_no_result();
    mailslot_err err = inspect_check_direction(slot);
    if (err)
        return err;
    msi_endpoint *reader;
    err = msi_slot_lock_reader(slot, MSI_OUTSIDE, &reader);
    if (!err) {
        err = slot->transport->waitable(reader, handle);
        if (err)
            msi_slot_fail(slot, err);
    }
    msi_rundown_unlock(&slot->gate, MSI_OUTSIDE);
    return err;
}

mailslot_err mailslot_stat(const char *name, mailslot_info *info) {
    msi_name parsed;
    const msi_transport *transport = NULL;
    mailslot_info now;
    mailslot_err err = msi_info_check(info);
    if (err)
        return err;
    err = msi_name_parse(&parsed, name);
    if (!err)
        err = msi_transports_find(&parsed, &transport);
    if (!err && !transport->stat)
        err = mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                            "only mailslots on this computer can be inspected");
    if (!err)
        err = transport->stat(&parsed, &now);
    if (err)
        return name ? msi_fail_about(err, parsed.path[0] ? parsed.path : name) : err;
    msi_info_copy(info, &now);
    return MAILSLOT_OK;
}

/* A newer, larger message may arrive between two tries. Ends: each try needs more room than the
 * one before, and the slot's capacity limits a message. */
static mailslot_err inspect_peek(const msi_transport *transport, const msi_name *name,
                                 mailslot_record *record) {
    mailslot_err err = MAILSLOT_OK;
    do {
        err = transport->peek(name, record->data, record->capacity, &record->message);
        if (err != MAILSLOT_ERR_TOO_SMALL)
            return err;
        err = msi_record_make_room(record, record->message.len);
    } while (!err);
    return err;
}

mailslot_err mailslot_peek(const char *name, const mailslot_codec *codec, mailslot_record *record) {
    msi_name parsed;
    const msi_transport *transport = NULL;
    if (!record)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "record is NULL");
    msi_record_clear(record);
    mailslot_err err = msi_name_parse(&parsed, name);
    if (!err)
        err = msi_transports_find(&parsed, &transport);
    if (!err && !transport->peek)
        err = mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                            "messages cannot be peeked at on this platform");
    if (!err)
        err = inspect_peek(transport, &parsed, record);
    if (err == MAILSLOT_ERR_EMPTY)
        msi_fail_plain(err);
    if (!err) {
        msi_record_fill(record);
        err = msi_record_decode(record, codec ? codec : mailslot_codec_default(), 0);
        if (err)
            msi_fail_publish(err);
    }
    return err && name ? msi_fail_about(err, parsed.path[0] ? parsed.path : name) : err;
}

mailslot_err mailslot_list(mailslot_err (*each)(void *ctx, const char *name,
                                                const mailslot_info *info),
                           void *ctx) {
    if (!each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "each is NULL");
    mailslot_err err = MAILSLOT_OK;
    for (const msi_transport *const *t = msi_transports; *t && !err; t++)
        if ((*t)->list)
            err = (*t)->list(each, ctx);
    return err;
}
