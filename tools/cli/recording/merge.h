/*
 * Takes the messages of several mailslots in the order in which they arrived, also after a pause in
 * which many came, and tells when each arrived by a clock that setting the computer's time does not
 * change. The library knows the computer's time of arrival only; how long that is ago tells the
 * rest.
 */
#ifndef CLI_MERGE_H
#define CLI_MERGE_H

#include <mailslot/mailslot.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One mailslot. Start from {.slot = ..., .record = ..., .floor = merge.begun}. */
struct merge_slot {
    mailslot *slot;
    mailslot_record *record; /* the message that was taken, if one is held or was given last */
    bool held;               /* record is the next message */
    bool drained;            /* it was empty in this turn */
    size_t budget;           /* how many messages may still be taken in this turn */
    uint64_t time;           /* when record arrived, by platform_steady_ns() */
    uint64_t floor;          /* the next message arrived no earlier */
};

struct merge {
    struct merge_slot *slots;
    size_t count;
    uint64_t begun; /* the recording, by platform_steady_ns() */
    uint64_t turn;  /* when the turn began */
    bool last;      /* the last turn: a slot whose budget is spent is done with */
};

/** Begins a turn, in which at most budget messages of each slot are taken. */
void merge_begin_turn(struct merge *merge, size_t budget);

/** Begins the last turn, which takes the messages that wait now and none that come meanwhile. */
MAILSLOT_MUST_USE mailslot_err merge_begin_last_turn(struct merge *merge);

/** Gives the slot of the message that arrived first, which is in its record until the next call.
 *  NULL: the turn has ended. Errors as mailslot_get(). */
MAILSLOT_MUST_USE mailslot_err merge_next(struct merge *merge, struct merge_slot **next);

/** Whether the turn found each slot empty in the end. */
bool merge_is_drained(const struct merge *merge);

/** When a message arrived, in nanoseconds since merge->begun, at least 1. */
uint64_t merge_elapsed(const struct merge *merge, const struct merge_slot *slot);

#endif
