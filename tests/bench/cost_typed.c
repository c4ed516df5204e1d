/* trace.Event by the typed functions, and by protobuf-c and bytes as one would without them. */
#include "cost_event.h"
#include "cost_ways.h"
#include "trace.pb-c.h"

#include <mailslot/protobuf.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

MAILSLOT_PROTOBUF(event, Trace__Event, trace__event__descriptor)

#define PACKED_MAX 1024
#define ARENA_SIZE 16384

/* The least an arena can do: hand out, and take all back at once. */
struct arena {
    size_t used;
    alignas(max_align_t) unsigned char bytes[ARENA_SIZE];
};

struct memory {
    Trace__Event event; /* to be put */
    Trace__Event__AttributesEntry entries[EVENT_ATTRIBUTES];
    Trace__Event__AttributesEntry *attributes[EVENT_ATTRIBUTES];
    const Trace__Event *got;
    Trace__Event *owned; /* got, where it must be freed */
    mailslot_record *record;
    unsigned char packed[PACKED_MAX];
    struct arena arena;
};

static void fill(struct memory *memory) {
    memory->event = (Trace__Event)TRACE__EVENT__INIT;
    memory->event.severity = EVENT_SEVERITY;
    memory->event.host = EVENT_HOST;
    memory->event.process = EVENT_PROCESS;
    memory->event.message = EVENT_MESSAGE;
    memory->event.attributes = memory->attributes;
    memory->event.n_attributes = EVENT_ATTRIBUTES;
    for (unsigned i = 0; i < EVENT_ATTRIBUTES; i++) {
        memory->entries[i] = (Trace__Event__AttributesEntry)TRACE__EVENT__ATTRIBUTES_ENTRY__INIT;
        memory->entries[i].key = (char *)event_keys[i];
        memory->entries[i].value = (char *)event_values[i];
        memory->attributes[i] = &memory->entries[i];
    }
}

static void *remember(void) {
    struct memory *memory = calloc(1, sizeof *memory);
    if (memory != NULL && mailslot_record_new(&memory->record) != MAILSLOT_OK) {
        free(memory);
        return NULL;
    }
    if (memory != NULL)
        fill(memory);
    return memory;
}

static void forget(void *memory) {
    struct memory *mine = memory;
    if (mine->owned != NULL)
        trace__event__free_unpacked(mine->owned, NULL);
    mailslot_record_free(mine->record);
    free(mine);
}

static bool intact(const struct cost_end *end) {
    const Trace__Event *got = ((const struct memory *)end->memory)->got;
    bool same = got->severity == EVENT_SEVERITY && strcmp(got->host, EVENT_HOST) == 0 &&
                strcmp(got->process, EVENT_PROCESS) == 0 &&
                strcmp(got->message, EVENT_MESSAGE) == 0 && got->n_attributes == EVENT_ATTRIBUTES;
    for (unsigned i = 0; same && i < EVENT_ATTRIBUTES; i++) {
        same = strcmp(got->attributes[i]->key, event_keys[i]) == 0 &&
               strcmp(got->attributes[i]->value, event_values[i]) == 0;
    }
    return same;
}

/* ---- Typed ------------------------------------------------------------------------------- */

static mailslot_err typed_put(struct cost_end *end, uint64_t sequence) {
    struct memory *memory = end->memory;
    memory->event.timestamp = sequence;
    return event_put(end->slot, &memory->event);
}

static mailslot_err typed_get(struct cost_end *end, uint64_t *sequence) {
    struct memory *memory = end->memory;
    mailslot_err err = event_get(end->slot, memory->record, &memory->got, MAILSLOT_FOREVER);
    *sequence = err == MAILSLOT_OK ? memory->got->timestamp : 0;
    return err;
}

const struct cost_way cost_typed = {
    .id = "typed",
    .title = "trace.Event, typed",
    .group = "protobuf",
    .writers = 1,
    .codec = event_codec,
    .remember = remember,
    .forget = forget,
    .put = typed_put,
    .get = typed_get,
    .intact = intact,
};

/* ---- By hand ----------------------------------------------------------------------------- */

static mailslot_err packed_put(struct cost_end *end, uint64_t sequence) {
    struct memory *memory = end->memory;
    memory->event.timestamp = sequence;
    size_t len = trace__event__get_packed_size(&memory->event);
    if (len > PACKED_MAX)
        return mailslot_fail(MAILSLOT_ERR_TOO_BIG, "the event has %zu bytes", len);
    trace__event__pack(&memory->event, memory->packed);
    return mailslot_put_bytes(end->slot, memory->packed, len);
}

static void *arena_alloc(void *ctx, size_t size) {
    struct arena *arena = ctx;
    size_t rounded = (size + alignof(max_align_t) - 1) / alignof(max_align_t);
    rounded *= alignof(max_align_t);
    if (rounded > ARENA_SIZE - arena->used)
        return NULL;
    void *memory = arena->bytes + arena->used;
    arena->used += rounded;
    return memory;
}

static void arena_free(void *ctx, void *memory) {
    (void)ctx;
    (void)memory;
}

static mailslot_err unpack(struct memory *memory, ProtobufCAllocator *allocator, size_t len,
                           uint64_t *sequence) {
    Trace__Event *event = trace__event__unpack(allocator, len, memory->packed);
    if (event == NULL)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "protobuf-c cannot unpack it");
    memory->owned = allocator == NULL ? event : NULL;
    memory->got = event;
    *sequence = event->timestamp;
    return MAILSLOT_OK;
}

static mailslot_err packed_get(struct cost_end *end, uint64_t *sequence) {
    struct memory *memory = end->memory;
    size_t len = 0;
    mailslot_err err =
        mailslot_get_bytes(end->slot, memory->packed, PACKED_MAX, &len, MAILSLOT_FOREVER);
    if (err != MAILSLOT_OK)
        return err;
    memory->arena.used = 0;
    ProtobufCAllocator allocator = {arena_alloc, arena_free, &memory->arena};
    return unpack(memory, &allocator, len, sequence);
}

static mailslot_err default_get(struct cost_end *end, uint64_t *sequence) {
    struct memory *memory = end->memory;
    if (memory->owned != NULL) {
        trace__event__free_unpacked(memory->owned, NULL);
        memory->owned = NULL;
    }
    size_t len = 0;
    mailslot_err err =
        mailslot_get_bytes(end->slot, memory->packed, PACKED_MAX, &len, MAILSLOT_FOREVER);
    return err != MAILSLOT_OK ? err : unpack(memory, NULL, len, sequence);
}

const struct cost_way cost_packed = {
    .id = "packed",
    .title = "by hand, arena",
    .group = "protobuf",
    .writers = 1,
    .remember = remember,
    .forget = forget,
    .put = packed_put,
    .get = packed_get,
    .intact = intact,
};

const struct cost_way cost_packed_default = {
    .id = "packed-malloc",
    .title = "by hand, default allocator",
    .group = "protobuf",
    .writers = 1,
    .remember = remember,
    .forget = forget,
    .put = packed_put,
    .get = default_get,
    .intact = intact,
};
