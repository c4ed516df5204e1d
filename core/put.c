/* Putting messages: encodes a value, checks its size, hands it to the transport. value ->
 * codec.encode -> limit -> transport.put. */
#include "error.h"
#include "platform.h"
#include "slot.h"

#include <stdlib.h>

static mailslot_err put_check_size(const mailslot *slot, size_t len, size_t limit) {
    if (len <= limit)
        return MAILSLOT_OK;
    return mailslot_fail(MAILSLOT_ERR_TOO_BIG, "%s: message too big: %zu bytes, limit %zu",
                         slot->name.path, len, limit);
}

/* In a process of one thread without atomic_exchange(), which costs as much as copying a
 * message. */
static mailslot_sink *put_exchange_sink(mailslot *slot, mailslot_sink *sink) {
    if (!msi_alone())
        return atomic_exchange(&slot->sink, sink);
    mailslot_sink *before = atomic_load_explicit(&slot->sink, memory_order_relaxed);
    atomic_store_explicit(&slot->sink, sink, memory_order_relaxed);
    return before;
}

/* One put at a time uses the slot's spare sink; concurrent puts allocate their own. */
static mailslot_sink *put_borrow_sink(mailslot *slot, size_t limit) {
    mailslot_sink *sink = put_exchange_sink(slot, NULL);
    if (!sink)
        sink = calloc(1, sizeof *sink);
    if (sink) {
        sink->len = sink->dropped = 0;
        sink->limit = limit;
    }
    return sink;
}

static void put_return_sink(mailslot *slot, mailslot_sink *sink) {
    sink = put_exchange_sink(slot, sink);
    if (sink)
        msi_sink_free(sink);
    free(sink);
}

/* The sink that a put has borrowed. */
typedef struct {
    mailslot *slot;
    mailslot_sink *sink;
} put_loan;

static void put_end_loan(put_loan *loan) {
    if (loan->sink)
        put_return_sink(loan->slot, loan->sink);
    loan->sink = NULL;
}

/* The error becomes NO_MEMORY or BAD_VALUE whatever the codec returns, and CLOSED in a child
 * that it forked. An unchanged number of failures means that the codec has set no detail. */
static mailslot_err put_encode(mailslot *slot, const mailslot_codec *codec, const void *value,
                               mailslot_sink *sink) {
    unsigned before = msi_failures();
    MSI_ON_UNWIND(msi_slot_come_back) mailslot *away = slot;
    mailslot_err err = codec->encode(codec, value, sink);
    msi_slot_come_back(&away);
    mailslot_err closed = msi_slot_check_child(slot);
    if (closed || !err)
        return closed;
    if (err != MAILSLOT_ERR_NO_MEMORY)
        err = MAILSLOT_ERR_BAD_VALUE;
    if (before == msi_failures())
        mailslot_fail(err, "codec %s cannot encode the value", codec->name);
    return msi_slot_fail(slot, err);
}

static mailslot_err put_count_too_big(const mailslot *slot, msi_endpoint *writer,
                                      mailslot_err err) {
    if (slot->transport->count_too_big)
        slot->transport->count_too_big(writer);
    return err;
}

/* S13: the size is checked before any I/O. */
static mailslot_err put_hand_over(const mailslot *slot, msi_endpoint *writer, const void *data,
                                  size_t len) {
    mailslot_err err = put_check_size(slot, len, slot->limit);
    if (err)
        return put_count_too_big(slot, writer, err);
    err = slot->transport->put(writer, data, len, slot->options.put_timeout_ms);
    return err ? msi_slot_fail(slot, err) : MAILSLOT_OK;
}

/* The codec gave back only part of a reservation beyond the limit, so the message has a gap. */
static mailslot_err put_never_written(const mailslot *slot, const mailslot_codec *codec,
                                      size_t len) {
    return mailslot_fail(MAILSLOT_ERR_TOO_BIG,
                         "%s: message too big: codec %s needs room beyond the limit of %zu bytes "
                         "for %zu",
                         slot->name.path, codec->name, slot->limit, len);
}

static mailslot_err put_encoded(mailslot *slot, msi_endpoint *writer, const mailslot_codec *codec,
                                const void *value) {
    mailslot_sink *sink = put_borrow_sink(slot, slot->limit);
    MSI_ON_UNWIND(put_end_loan) put_loan loan = {slot, sink};
    if (!sink)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "%s: no memory to encode", slot->name.path);
    mailslot_err err = put_encode(slot, codec, value, sink);
    if (!err && sink->dropped && sink->len <= slot->limit)
        err = put_count_too_big(slot, writer, put_never_written(slot, codec, sink->len));
    else if (!err)
        err = put_hand_over(slot, writer, sink->data, sink->len);
    put_end_loan(&loan);
    return err;
}

static mailslot_err put_null_argument(const char *which) {
    return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", which);
}

mailslot_err mailslot_put_as(mailslot *slot, const mailslot_codec *codec, const void *value) {
    if (!slot || !codec || !value)
        return put_null_argument(!slot ? "slot" : !codec ? "codec" : "value");
    MSI_ON_UNWIND(msi_slot_leave) mailslot *busy = slot;
    msi_endpoint *writer;
    mailslot_err err = msi_slot_enter(slot);
    if (!err)
        err = msi_slot_writer(slot, &writer);
    if (!err)
        err = put_encoded(slot, writer, codec, value);
    msi_slot_leave(&busy);
    return err;
}

mailslot_err mailslot_put(mailslot *slot, const void *value) {
    return mailslot_put_as(slot, mailslot_slot_codec(slot), value);
}

/* A message over this writer's own maximum fails before the first use attaches to a reader. Skip
 * reader handles, which must fail with WRONG_DIRECTION. */
static mailslot_err put_check_before_attaching(mailslot *slot, size_t len) {
    if (atomic_load_explicit(&slot->writer, memory_order_relaxed) || atomic_load(&slot->reader) ||
        slot->options.direction == MAILSLOT_READ)
        return MAILSLOT_OK;
    return put_check_size(slot, len, msi_slot_own_limit(slot));
}

mailslot_err mailslot_put_bytes(mailslot *slot, const void *data, size_t len) {
    if (!slot || (!data && len))
        return put_null_argument(slot ? "data" : "slot");
    msi_endpoint *writer;
    mailslot_err err = msi_slot_enter(slot);
    if (!err)
        err = put_check_before_attaching(slot, len);
    if (!err)
        err = msi_slot_writer(slot, &writer);
    if (!err)
        err = put_hand_over(slot, writer, data, len);
    msi_rundown_leave(&slot->gate);
    return err;
}

mailslot_err mailslot_limit(mailslot *slot, size_t *limit) {
    if (!slot || !limit)
        return put_null_argument(slot ? "limit" : "slot");
    msi_endpoint *writer;
    mailslot_err err = msi_slot_enter(slot);
    if (!err)
        err = msi_slot_writer(slot, &writer);
    if (!err)
        *limit = slot->limit;
    msi_rundown_leave(&slot->gate);
    return err;
}

mailslot_err mailslot_encoded_size(mailslot *slot, const void *value, size_t *len) {
    if (!slot || !value || !len)
        return put_null_argument(!slot ? "slot" : !value ? "value" : "len");
    /* With a limit of 0 it allocates nothing and only counts. */
    mailslot_sink sink = {.limit = 0};
    MSI_ON_UNWIND(msi_slot_leave) mailslot *busy = slot;
    mailslot_err err = msi_slot_enter(slot);
    if (!err)
        err = put_encode(slot, slot->options.codec, value, &sink);
    msi_slot_leave(&busy);
    if (!err)
        *len = sink.len;
    return err;
}
