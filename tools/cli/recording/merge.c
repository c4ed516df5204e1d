/* Merges the queues of several mailslots by the time of arrival. */
#include "merge.h"

#include "platform/platform.h"

/* ---- Time ---- */

/* If the computer's time is set between arrival and now, the age is wrong. The floor then keeps the
 * order of the slot, and the message is not later than now. */
static uint64_t merge_time_of(const struct merge_slot *slot) {
    uint64_t arrival = mailslot_record_origin(slot->record)->arrival_ns;
    uint64_t now = platform_steady_ns(), real = platform_real_ns();
    uint64_t age = real > arrival ? real - arrival : 0;
    uint64_t time = age < now ? now - age : 0;
    return time > slot->floor ? time : slot->floor;
}

uint64_t merge_elapsed(const struct merge *merge, const struct merge_slot *slot) {
    return slot->time > merge->begun ? slot->time - merge->begun : 1;
}

/* ---- Turns ---- */

void merge_begin_turn(struct merge *merge, size_t budget) {
    merge->turn = platform_steady_ns();
    for (size_t i = 0; i < merge->count; i++) {
        merge->slots[i].budget = budget;
        merge->slots[i].drained = false;
    }
}

mailslot_err merge_begin_last_turn(struct merge *merge) {
    merge_begin_turn(merge, 0);
    merge->last = true;
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < merge->count; i++)
        err = mailslot_count(merge->slots[i].slot, &merge->slots[i].budget);
    return err;
}

bool merge_is_drained(const struct merge *merge) {
    for (size_t i = 0; i < merge->count; i++)
        if (merge->slots[i].held || !merge->slots[i].drained)
            return false;
    return true;
}

/* ---- Taking ---- */

static mailslot_err merge_fill(const struct merge *merge, struct merge_slot *slot) {
    if (slot->held || slot->drained || slot->budget == 0)
        return MAILSLOT_OK;
    mailslot_err err = mailslot_get_nowait(slot->slot, slot->record);
    if (err == MAILSLOT_ERR_EMPTY) {
        slot->drained = true;
        slot->floor = merge->turn; /* it was empty then or later */
        return MAILSLOT_OK;
    }
    if (err)
        return err;
    slot->budget--;
    slot->held = true;
    slot->time = slot->floor = merge_time_of(slot);
    return MAILSLOT_OK;
}

/* A slot that may hold more than its budget may hold the earliest message: the turn ends. So it
 * does before a message that came during the turn, since an earlier one may have come to a slot
 * that was empty before. */
mailslot_err merge_next(struct merge *merge, struct merge_slot **next) {
    struct merge_slot *earliest = NULL;
    *next = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        struct merge_slot *slot = &merge->slots[i];
        mailslot_err err = merge_fill(merge, slot);
        if (err)
            return err;
        if (!slot->held && !slot->drained && !merge->last)
            return MAILSLOT_OK;
        if (slot->held && (!earliest || slot->time < earliest->time))
            earliest = slot;
    }
    bool came_meanwhile = earliest && merge->count > 1 && earliest->time > merge->turn;
    if (!earliest || (came_meanwhile && !merge->last))
        return MAILSLOT_OK;
    earliest->held = false;
    *next = earliest;
    return MAILSLOT_OK;
}
