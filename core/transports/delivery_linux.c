/* delivery.h by way of relay/: joins a local reader with its connection to mailslotd. */
#include "error.h"
#include "local/delivery.h"
#include "platform.h"
#include "relay/reader.h"

#include <stdlib.h>
#include <unistd.h>

struct msi_delivery {
    msi_relay_reader *relay;
    const msi_attachment *reader;
    msi_attachment end;   /* made when mailslotd first answers */
    atomic_bool attached; /* whether end is attached */
    atomic_bool interrupted;
};

/* Called by the relay */

static mailslot_err delivery_attach(msi_delivery *delivery) {
    mailslot_err err = msi_slotfile_open_again(&delivery->end.file, &delivery->reader->file);
    return err ? err : msi_attachment_attach(&delivery->end, (uint32_t)getpid());
}

/* Attach before the slot registers: a process that has dropped its rights since, or whose slot
 * file was removed, cannot, and must not be sent messages then. */
static bool delivery_prepare(void *ctx) {
    msi_delivery *delivery = ctx;
    if (!atomic_load(&delivery->attached))
        atomic_store(&delivery->attached, !delivery_attach(delivery));
    return atomic_load(&delivery->attached);
}

static void delivery_set_registered(void *ctx, bool is, mailslot_err refusal) {
    const msi_delivery *delivery = ctx;
    msi_slotfile_set_registered(&delivery->reader->file, is, refusal);
}

/* Called by the relay's thread only. An interrupt either finds the writer attached, or sets the
 * flag that is tested here. */
static mailslot_err delivery_put(void *ctx, const msi_message *message, const void *data) {
    msi_delivery *delivery = ctx;
    if (atomic_load(&delivery->interrupted))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    mailslot_err err = msi_queue_put(&delivery->end.queue, message, data, MAILSLOT_FOREVER);
    if (err == MAILSLOT_ERR_DAMAGED || err == MAILSLOT_ERR_GONE)
        atomic_fetch_add_explicit(&delivery->reader->queue.shared->lost, 1, memory_order_relaxed);
    return err;
}

/* ---- From beginning to end ---- */

static bool delivery_has_no_senders(const mailslot_options *options) {
    return options->local_only && options->access == MAILSLOT_ACCESS_USER;
}

mailslot_err msi_delivery_new(msi_delivery **delivery, const msi_attachment *reader,
                              const mailslot_options *options) {
    *delivery = NULL;
    if (delivery_has_no_senders(options))
        return MAILSLOT_OK;
    msi_delivery *made = calloc(1, sizeof *made);
    if (!made)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    made->reader = reader;
    size_t limit = msi_attachment_limit(reader);
    const msi_relay_slot slot = {
        .key = reader->file.key,
        .access = options->access,
        .local_only = options->local_only,
        .limit = limit < MSI_DEFAULT_MAX ? (uint32_t)limit : MSI_DEFAULT_MAX,
        .deliver = delivery_put,
        .prepare = delivery_prepare,
        .registered = delivery_set_registered,
        .ctx = made,
    };
    mailslot_err err = msi_relay_reader_new(&made->relay, &slot);
    if (err)
        free(made);
    else
        *delivery = made;
    return err;
}

void msi_delivery_look(msi_delivery *delivery) { msi_relay_reader_look(delivery->relay); }

void msi_delivery_interrupt(msi_delivery *delivery) {
    atomic_store(&delivery->interrupted, true);
    if (atomic_load(&delivery->attached))
        msi_queue_interrupt(&delivery->end.queue);
}

void msi_delivery_stop(msi_delivery *delivery) { msi_relay_reader_stop(delivery->relay); }

void msi_delivery_free(msi_delivery *delivery) {
    msi_relay_reader_free(delivery->relay);
    if (atomic_load(&delivery->attached))
        msi_attachment_release(&delivery->end);
    free(delivery);
}

void msi_delivery_release(msi_delivery *delivery) {
    msi_relay_reader_release(delivery->relay);
    if (atomic_load(&delivery->attached))
        msi_attachment_release(&delivery->end);
}

void msi_delivery_abandon(msi_delivery *delivery) {
    msi_relay_reader_abandon(delivery->relay);
    free(delivery);
}
