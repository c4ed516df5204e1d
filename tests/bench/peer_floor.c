/*
 * The floor: a bare single-producer, single-consumer ring in shared memory, of the size of a
 * default mailslot. One length word before each record and one store to publish it; no locks, no
 * sleeping, no crash safety, no checks. What the two caches and a copy cost, and nothing else.
 *
 * Two of them: "floor" looks at the other side's position in each call, as a plain ring does;
 * "floor-best" keeps a copy and looks only when that says full or empty.
 */
#include "pause.h"
#include "peer.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RING_BYTES ((uint64_t)16 << 20)
#define RING_WRAP  UINT64_MAX /* in place of a length: the next record is at the start */
#define SPINS      10000      /* then yield, for machines with one CPU */

struct ring {
    _Alignas(128) _Atomic uint64_t tail;
    _Alignas(128) _Atomic uint64_t head;
    _Alignas(128) unsigned char bytes[RING_BYTES];
};

struct channel {
    struct ring *ring;
    bool keeps_copy;
};

/* One side's end. mine is its own position, theirs what it last saw of the other's. */
struct end {
    struct ring *ring;
    uint64_t mine;
    uint64_t theirs;
    bool keeps_copy;
};

static enum peer_status create_as(void **channel, bool keeps_copy) {
    struct channel *made = malloc(sizeof *made);
    struct ring *ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (made == NULL || ring == MAP_FAILED) {
        peer_fail("mmap", errno);
        free(made);
        return PEER_ERROR;
    }
    *made = (struct channel){ring, keeps_copy};
    *channel = made;
    return PEER_OK;
}

static enum peer_status create(const struct peer_place *place, void **channel) {
    (void)place;
    return create_as(channel, false);
}

static enum peer_status create_best(const struct peer_place *place, void **channel) {
    (void)place;
    return create_as(channel, true);
}

static void destroy(void *channel) {
    munmap(((struct channel *)channel)->ring, sizeof(struct ring));
    free(channel);
}

static void *open_end(void *channel) {
    const struct channel *place = channel;
    struct end *end = malloc(sizeof *end);
    if (end == NULL) {
        peer_fail("malloc", errno);
        return NULL;
    }
    *end = (struct end){place->ring, 0, 0, place->keeps_copy};
    return end;
}

static void *open_writer(void *channel, bool wait) {
    (void)wait;
    return open_end(channel);
}

static uint64_t record_bytes(size_t len) {
    return sizeof(uint64_t) + (((uint64_t)len + 7) & ~(uint64_t)7);
}

static bool has_room(struct end *writer, uint64_t need) {
    if (writer->keeps_copy && writer->mine + need - writer->theirs <= RING_BYTES)
        return true;
    writer->theirs = atomic_load_explicit(&writer->ring->head, memory_order_acquire);
    return writer->mine + need - writer->theirs <= RING_BYTES;
}

static enum peer_status put(void *end, const void *data, size_t len) {
    struct end *writer = end;
    struct ring *ring = writer->ring;
    uint64_t need = record_bytes(len);
    uint64_t at = writer->mine % RING_BYTES;
    uint64_t skip = RING_BYTES - at < need ? RING_BYTES - at : 0;
    if (!has_room(writer, skip + need))
        return PEER_FULL;
    if (skip != 0) {
        memcpy(ring->bytes + at, &(uint64_t){RING_WRAP}, sizeof(uint64_t));
        at = 0;
    }
    memcpy(ring->bytes + at, &(uint64_t){len}, sizeof(uint64_t));
    memcpy(ring->bytes + at + sizeof(uint64_t), data, len);
    writer->mine += skip + need;
    atomic_store_explicit(&ring->tail, writer->mine, memory_order_release);
    return PEER_OK;
}

static void wait_for_record(struct end *reader) {
    if (reader->keeps_copy && reader->theirs != reader->mine)
        return;
    for (unsigned spins = 0;; spins++) {
        reader->theirs = atomic_load_explicit(&reader->ring->tail, memory_order_acquire);
        if (reader->theirs != reader->mine)
            return;
        if (spins < SPINS)
            cpu_pause();
        else
            sched_yield();
    }
}

static long get(void *end, void *buf, size_t cap) {
    struct end *reader = end;
    struct ring *ring = reader->ring;
    wait_for_record(reader);
    uint64_t at = reader->mine % RING_BYTES;
    uint64_t len = 0;
    memcpy(&len, ring->bytes + at, sizeof len);
    if (len == RING_WRAP) {
        reader->mine += RING_BYTES - at;
        at = 0;
        memcpy(&len, ring->bytes, sizeof len);
    }
    if (len > cap) {
        peer_fail("record longer than the buffer", 0);
        return -1;
    }
    memcpy(buf, ring->bytes + at + sizeof len, len);
    reader->mine += record_bytes(len);
    atomic_store_explicit(&ring->head, reader->mine, memory_order_release);
    return (long)len;
}

const struct peer peer_floor = {
    .name = "floor",
    .what = "bare single-producer ring of 16 MiB in shared memory, the reader spinning",
    .max_writers = 1,
    .create = create,
    .destroy = destroy,
    .open_reader = open_end,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = free,
};

const struct peer peer_floor_best = {
    .name = "floor-best",
    .what = "the same, each side keeping a copy of the other's position",
    .max_writers = 1,
    .create = create_best,
    .destroy = destroy,
    .open_reader = open_end,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = free,
};
