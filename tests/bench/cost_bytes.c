/* Messages of 64 bytes among other writers and other slots: the number of either should not matter.
 */
#include "cost_ways.h"
#include "message.h"

#include <stdlib.h>

#define SIZE 64

static void *remember(void) { return calloc(1, sizeof(union message)); }

static mailslot_err put(struct cost_end *end, uint64_t sequence) {
    union message *message = end->memory;
    message->head.sequence = sequence;
    message_fill(message, SIZE);
    return mailslot_put_bytes(end->slot, message->bytes, SIZE);
}

static mailslot_err get(struct cost_end *end, uint64_t *sequence) {
    union message *message = end->memory;
    size_t len = 0;
    mailslot_err err =
        mailslot_get_bytes(end->slot, message->bytes, sizeof *message, &len, MAILSLOT_FOREVER);
    *sequence = message->head.sequence;
    return err;
}

static bool intact(const struct cost_end *end) { return message_intact(end->memory, SIZE); }

#define BYTES(name, way_id, way_title, way_group, way_writers, way_slots)                          \
    const struct cost_way name = {                                                                 \
        .id = (way_id),                                                                            \
        .title = (way_title),                                                                      \
        .group = (way_group),                                                                      \
        .writers = (way_writers),                                                                  \
        .slots = (way_slots),                                                                      \
        .remember = remember,                                                                      \
        .forget = free,                                                                            \
        .put = put,                                                                                \
        .get = get,                                                                                \
        .intact = intact,                                                                          \
    }

BYTES(cost_writers_1, "writers-1", "64 B, 1 writer connected", "writers", 1, 0);
BYTES(cost_writers_10, "writers-10", "64 B, 10, one of them puts", "writers", 10, 0);
BYTES(cost_writers_100, "writers-100", "64 B, 100, one of them puts", "writers", 100, 0);
BYTES(cost_slots_1, "slots-1", "64 B, 1 slot on the host", "slots", 1, 1);
BYTES(cost_slots_100, "slots-100", "64 B, 100 slots", "slots", 1, 100);
BYTES(cost_slots_10000, "slots-10000", "64 B, 10,000 slots", "slots", 1, 10000);
