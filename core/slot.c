/* The mailslot object's life: opening, attaching as reader or writer at first use, closing, and
 * what a forked child does with its copies. */
#include "slot.h"
#include "error.h"
#include "options.h"
#include "platform.h"
#include "transports/transports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mailslot
    *slots; /* every slot of this process, for the fork handler; under msi_fork_lock() */

mailslot_err msi_slot_fail(const mailslot *slot, mailslot_err err) {
    return msi_fail_about(err, slot->name.path);
}

size_t msi_slot_own_limit(const mailslot *slot) {
    return slot->options.max_message ? slot->options.max_message : SIZE_MAX;
}

/* At most one of the two is set; see slot.h. */
static msi_endpoint *slot_endpoint(mailslot *slot) {
    msi_endpoint *reader = atomic_load(&slot->reader);
    return reader ? reader : atomic_load(&slot->writer);
}

/* ---- Direction ---- */

static mailslot_err slot_fail_direction(const mailslot *slot, const char *what) {
    return mailslot_fail(MAILSLOT_ERR_WRONG_DIRECTION, "%s: %s", slot->name.path, what);
}

/* With the gate locked. The fork lock is held until slot->reader is set: a child must find the
 * endpoint, to release its copy. The timeout may have been set since open. */
static mailslot_err slot_attach_reader(mailslot *slot, msi_endpoint **reader) {
    if (!slot->transport->open_reader)
        return slot_fail_direction(slot, "mailslots on other computers can only be written");
    mailslot_options options = slot->options;
    options.timeout_ms = atomic_load(&slot->timeout_ms);
    msi_fork_lock();
    mailslot_err err = slot->transport->open_reader(reader, &slot->name, &options);
    if (!err)
        atomic_store(&slot->reader, *reader);
    msi_fork_unlock();
    return err ? msi_slot_fail(slot, err) : MAILSLOT_OK;
}

static mailslot_err slot_try_transport(const mailslot *slot, const msi_transport *transport,
                                       msi_endpoint **writer, size_t *limit) {
    if (!transport->open_writer || !transport->serves(&slot->name))
        return MAILSLOT_ERR_NOT_FOUND;
    return transport->open_writer(writer, &slot->name, &slot->options, limit);
}

/* If the first transport that serves the name cannot attach, try the next: another user's slot
 * is reached through mailslotd. If all fail, report the first one's error; if one succeeds,
 * restore the detail of before, since the call did not fail. */
static mailslot_err slot_open_writer(mailslot *slot, msi_endpoint **writer, size_t *limit) {
    char before[MSI_DETAIL_SIZE], words[MSI_DETAIL_SIZE];
    snprintf(before, sizeof before, "%s", mailslot_detail());
    const msi_transport *const *t = msi_transports;
    while (*t != slot->transport)
        t++;
    mailslot_err err = slot_try_transport(slot, *t, writer, limit);
    while ((err == MAILSLOT_ERR_NOT_FOUND || err == MAILSLOT_ERR_DENIED) && *++t) {
        snprintf(words, sizeof words, "%s", mailslot_detail());
        mailslot_err next = slot_try_transport(slot, *t, writer, limit);
        if (!next) {
            slot->transport = *t;
            err = mailslot_fail(MAILSLOT_OK, "%s", before);
        } else {
            err = next == MAILSLOT_ERR_NOT_FOUND ? mailslot_fail(err, "%s", words) : next;
        }
    }
    return err;
}

/* The limit is stored before the writer: a thread that sees the writer also sees its limit. */
static mailslot_err slot_attach_writer(mailslot *slot, msi_endpoint **writer) {
    size_t limit;
    msi_fork_lock();
    mailslot_err err = slot_open_writer(slot, writer, &limit);
    if (!err) {
        slot->limit = limit < msi_slot_own_limit(slot) ? limit : msi_slot_own_limit(slot);
        atomic_store(&slot->writer, *writer);
    }
    msi_fork_unlock();
    return err ? msi_slot_fail(slot, err) : MAILSLOT_OK;
}

mailslot_err msi_slot_fail_closed(const mailslot *slot) {
    return msi_slot_fail(slot, msi_fail_plain(MAILSLOT_ERR_CLOSED));
}

/* If close ran before the endpoint existed, interrupt it now. This thread stores the endpoint,
 * then reads `closing`; close stores `closing`, then reads the endpoint: at least one of them
 * sees the other's store. */
static mailslot_err slot_finish_attach(mailslot *slot, msi_endpoint *endpoint) {
    if (!atomic_load(&slot->closing))
        return MAILSLOT_OK;
    slot->transport->interrupt(endpoint);
    return msi_slot_fail_closed(slot);
}

/* The gate decides a race for the direction: the first thread to lock it attaches (S6). */
mailslot_err msi_slot_lock_reader(mailslot *slot, msi_standing from, msi_endpoint **reader) {
    msi_rundown_lock(&slot->gate, from);
    if (atomic_load_explicit(&slot->closing, memory_order_relaxed))
        return msi_slot_fail_closed(slot);
    *reader = atomic_load_explicit(&slot->reader, memory_order_relaxed);
    if (*reader)
        return MAILSLOT_OK;
    if (atomic_load(&slot->writer) || slot->options.direction == MAILSLOT_WRITE)
        return slot_fail_direction(slot,
                                   "this handle is a writer: it can neither read nor inspect");
    mailslot_err err = slot_attach_reader(slot, reader);
    return err ? err : slot_finish_attach(slot, *reader);
}

/* Look again with the gate locked: another thread may have attached or fixed the direction. */
static mailslot_err slot_make_writer(mailslot *slot, msi_endpoint **writer) {
    msi_rundown_lock(&slot->gate, MSI_BUSY);
    mailslot_err err = MAILSLOT_OK;
    *writer = atomic_load(&slot->writer);
    if (atomic_load(&slot->closing))
        err = msi_slot_fail_closed(slot);
    else if (atomic_load(&slot->reader) || slot->options.direction == MAILSLOT_READ)
        err = slot_fail_direction(slot, "this handle is the reader: it cannot put");
    else if (!*writer) {
        err = slot_attach_writer(slot, writer);
        if (!err)
            err = slot_finish_attach(slot, *writer);
    }
    msi_rundown_unlock(&slot->gate, MSI_BUSY);
    return err;
}

mailslot_err msi_slot_enter(mailslot *slot) {
    msi_rundown_enter(&slot->gate);
    return atomic_load_explicit(&slot->closing, memory_order_relaxed) ? msi_slot_fail_closed(slot)
                                                                      : MAILSLOT_OK;
}

mailslot_err msi_slot_writer(mailslot *slot, msi_endpoint **writer) {
    *writer = atomic_load_explicit(&slot->writer, memory_order_acquire);
    return *writer ? MAILSLOT_OK : slot_make_writer(slot, writer);
}

/* ---- Forked children ---- */

/* Runs in the child before fork() returns. Other threads of the parent may have been at any
 * point inside a slot, but not between opening an endpoint and listing its slot, which holds
 * msi_fork_lock(). So the rundown word is reset: none of those threads exists here. */
static void slot_close_in_child(void) {
    for (mailslot *slot = slots; slot; slot = slot->next) {
        atomic_store(&slot->closing, true);
        atomic_store(&slot->gate.word, 0);
        msi_endpoint *endpoint = slot_endpoint(slot);
        if (endpoint && !slot->in_child)
            slot->transport->release(endpoint);
        slot->in_child = true;
    }
}

static void slot_list(mailslot *slot) {
    msi_fork_lock();
    msi_on_fork(slot_close_in_child);
    slot->next = slots;
    slot->self = &slots;
    if (slots)
        slots->self = &slot->next;
    slots = slot;
    msi_fork_unlock();
}

/* With msi_fork_lock() held. */
static void slot_unlist(mailslot *slot) {
    *slot->self = slot->next;
    if (slot->next)
        slot->next->self = slot->self;
}

/* ---- Opening and closing ---- */

/* Names on other computers can only be written. */
static mailslot_err slot_fix_direction(const msi_name *name, mailslot_options *options) {
    if (name->scope == MSI_SCOPE_LOCAL)
        return MAILSLOT_OK;
    if (options->direction == MAILSLOT_READ)
        return mailslot_fail(MAILSLOT_ERR_WRONG_DIRECTION,
                             "mailslots on other computers can only be written");
    options->direction = MAILSLOT_WRITE;
    return MAILSLOT_OK;
}

static mailslot_err slot_new(mailslot **slot, const char *text, const mailslot_options *given) {
    msi_name name;
    mailslot_options options;
    const msi_transport *transport = NULL;
    mailslot_err err = msi_name_parse(&name, text);
    if (!err)
        err = msi_options_read(&options, given);
    if (!err)
        err = slot_fix_direction(&name, &options);
    if (!err)
        err = msi_transports_localize(&name, options.host);
    if (!err)
        err = msi_transports_find(&name, &transport);
    if (!err && !(*slot = calloc(1, sizeof **slot)))
        err = mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    if (err)
        return text ? msi_fail_about(err, text) : err;
    (*slot)->name = name;
    (*slot)->options = options;
    (*slot)->transport = transport;
    atomic_init(&(*slot)->timeout_ms, options.timeout_ms);
    slot_list(*slot);
    return MAILSLOT_OK;
}

mailslot_err mailslot_open(mailslot **slot, const char *name, const mailslot_options *options) {
    if (!slot)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "slot is NULL");
    *slot = NULL;
    mailslot_err err = slot_new(slot, name, options);
    if (err)
        return err;
    msi_endpoint *endpoint;
    if ((*slot)->options.direction == MAILSLOT_READ) {
        err = msi_slot_lock_reader(*slot, MSI_OUTSIDE, &endpoint);
        msi_rundown_unlock(&(*slot)->gate, MSI_OUTSIDE);
    } else if ((*slot)->options.direction == MAILSLOT_WRITE) {
        err = msi_slot_enter(*slot);
        if (!err)
            err = msi_slot_writer(*slot, &endpoint);
        msi_rundown_leave(&(*slot)->gate);
    }
    (*slot)->options.host = NULL; /* valid during this call only */
    if (err) {
        mailslot_close(*slot);
        *slot = NULL;
    }
    return err;
}

/* Threads inside the slot notice `closing`, or are woken by the interrupt; wait until they have
 * left. Stored before the endpoint is read: see slot_finish_attach(). In a forked child the
 * endpoint was released already and no other thread is inside. */
static void slot_wait_until_alone(mailslot *slot) {
    atomic_store(&slot->closing, true);
    msi_endpoint *endpoint = slot_endpoint(slot);
    if (endpoint && !slot->in_child)
        slot->transport->interrupt(endpoint);
    msi_rundown_lock(&slot->gate, MSI_OUTSIDE);
    msi_rundown_drain(&slot->gate);
}

/* stop() runs without the fork lock, since the thread that it waits for may need that lock. In a
 * forked child the endpoint is the parent's: only its memory is freed. */
void mailslot_close(mailslot *slot) {
    if (!slot)
        return;
    slot_wait_until_alone(slot);
    msi_endpoint *endpoint = slot_endpoint(slot);
    if (endpoint && !slot->in_child && slot->transport->stop)
        slot->transport->stop(endpoint);
    msi_fork_lock();
    slot_unlist(slot);
    if (endpoint && slot->in_child)
        slot->transport->abandon(endpoint);
    else if (endpoint)
        slot->transport->close(endpoint);
    msi_fork_unlock();
    mailslot_sink *sink = atomic_load(&slot->sink);
    if (sink)
        msi_sink_free(sink);
    free(sink);
    free(slot);
}

void mailslot_close_scoped(mailslot **slot) {
    mailslot_close(*slot);
    *slot = NULL;
}

const mailslot_codec *mailslot_slot_codec(const mailslot *slot) {
    return slot ? slot->options.codec : mailslot_codec_default();
}
