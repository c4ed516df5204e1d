#include "error.h"
#include "local/delivery.h"
#include "platform.h"
#include "relay/reader.h"

#include <stdlib.h>
#include <unistd.h>

struct msi_delivery {
    msi_relay_reader *relay;
    const msi_attachment *reader;
    msi_attachment end;   /* made when there is a mailslotd */
    atomic_bool attached; /* whether it is */
    atomic_bool interrupted;
};

/* ---- What the relay calls ---- */

static mailslot_err attach(msi_delivery *inlet) {
    mailslot_err err = msi_slotfile_open_again(&inlet->end.file, &inlet->reader->file);
    return err ? err : msi_attachment_attach(&inlet->end, (uint32_t)getpid());
}

/* Before anybody is told that the slot takes messages: a process that gave up its rights since, or
 * whose file was removed, cannot. */
static bool prepare(void *ctx) {
    msi_delivery *inlet = ctx;
    if (!atomic_load(&inlet->attached))
        atomic_store(&inlet->attached, !attach(inlet));
    return atomic_load(&inlet->attached);
}

static void registered(void *ctx, bool is) {
    const msi_delivery *inlet = ctx;
    msi_slotfile_set_registered(&inlet->reader->file, is);
}

/* By the relay's one thread. An interruption either finds the end attached, or is found here. */
static mailslot_err deliver(void *ctx, const msi_message *message, const void *data) {
    msi_delivery *inlet = ctx;
    if (atomic_load(&inlet->interrupted))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    mailslot_err err = msi_queue_put(&inlet->end.queue, message, data, MSI_NEVER);
    if (err == MAILSLOT_ERR_DAMAGED || err == MAILSLOT_ERR_GONE)
        atomic_fetch_add_explicit(&inlet->reader->queue.shared->lost, 1, memory_order_relaxed);
    return err;
}

/* ---- From beginning to end ---- */

static bool keeps_everybody_out(const mailslot_options *options) {
    return options->local_only && options->access == MAILSLOT_ACCESS_USER;
}

mailslot_err msi_delivery_new(msi_delivery **inlet, const msi_attachment *reader,
                              const mailslot_options *options) {
    *inlet = NULL;
    if (keeps_everybody_out(options))
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
        .deliver = deliver,
        .prepare = prepare,
        .registered = registered,
        .ctx = made,
    };
    mailslot_err err = msi_relay_reader_new(&made->relay, &slot);
    if (err)
        free(made);
    else
        *inlet = made;
    return err;
}

void msi_delivery_look(msi_delivery *inlet) { msi_relay_reader_look(inlet->relay); }

void msi_delivery_interrupt(msi_delivery *inlet) {
    atomic_store(&inlet->interrupted, true);
    if (atomic_load(&inlet->attached))
        msi_queue_interrupt(&inlet->end.queue);
}

void msi_delivery_stop(msi_delivery *inlet) { msi_relay_reader_stop(inlet->relay); }

void msi_delivery_free(msi_delivery *inlet) {
    msi_relay_reader_free(inlet->relay);
    if (atomic_load(&inlet->attached))
        msi_attachment_release(&inlet->end);
    free(inlet);
}

void msi_delivery_release(msi_delivery *inlet) {
    msi_relay_reader_release(inlet->relay);
    if (atomic_load(&inlet->attached))
        msi_attachment_release(&inlet->end);
}

void msi_delivery_abandon(msi_delivery *inlet) {
    msi_relay_reader_abandon(inlet->relay);
    free(inlet);
}
