/* Deaths of writers: in a put, with the ring and the lock in every state that makes put take
 * another way, in open and in close. */
#include "clock.h"
#include "step.h"

enum {
    CHUNK = 4096, /* of queues under 1 MiB */
    SMALL = 64 << 10,
    LEAST_PUT = 120, /* instructions of a put by an optimising compiler, and some to spare */
};

/* ---- The victim ---- */

static void enter_writer(struct scene *scene) { scene->victim = open_writer(SLOT); }

static void put_as_victim(struct scene *scene) {
    static unsigned char bytes[64 << 10];
    message_fill(bytes, scene->victim_len, VICTIM, 0);
    check_ok(mailslot_put_bytes(scene->victim, bytes, scene->victim_len));
    atomic_store(&scene->words->acknowledged, true);
}

static void open_and_put(struct scene *scene) {
    enter_writer(scene);
    put_as_victim(scene);
}

static void close_victim(struct scene *scene) { mailslot_close(scene->victim); }

/* ---- The ring ---- */

static void prepare_queue(struct scene *scene, size_t capacity, size_t victim_len) {
    scene->victim_len = victim_len;
    scene_open_reader(scene, capacity);
    scene_open_survivor(scene);
}

static void prepare_plain(struct scene *scene) {
    prepare_queue(scene, SMALL, 100);
    scene_put(scene, 50);
}

/* The last 96 bytes of a chunk are free, so that the header still fits and the message crosses into
 * a fresh chunk. */
static void prepare_crossing(struct scene *scene) {
    prepare_queue(scene, SMALL, 200);
    scene_put(scene, CHUNK - 96 - 24);
}

static void prepare_boundary(struct scene *scene) {
    prepare_queue(scene, SMALL, 3 * CHUNK);
    scene_put(scene, CHUNK - 24);
}

/* Eight chunks and more are free behind the reader, as in a slot that is used for a while. */
static void prepare_reuse(struct scene *scene) {
    prepare_queue(scene, SMALL, 200);
    for (int i = 0; i < 24; i++) {
        scene_put(scene, CHUNK - 24);
        scene_get(scene);
    }
    scene_put(scene, CHUNK - 96 - 24);
}

/* No fresh chunk is left: the whole capacity has been used once. */
static void prepare_exhausted(struct scene *scene) {
    prepare_queue(scene, 3 * CHUNK, 200);
    for (int i = 0; i < 6; i++) {
        scene_put(scene, CHUNK - 24);
        scene_get(scene);
    }
    scene_put(scene, CHUNK - 96 - 24);
}

/* ---- The lock ---- */

static void mark_waiters(struct scene *scene) {
    atomic_fetch_or(&scene->view.shared->lock, VIEW_WAITERS);
    scene_ready(scene);
}

/* 3 is nobody's byte: the survivor has 1 and the victim 2. */
static void orphan_lock(struct scene *scene) {
    view_orphan_lock(&scene->view, 3);
    scene_ready(scene);
}

/* The victim will be given byte 2, and find the lock held by its predecessor. */
static void orphan_own_byte(struct scene *scene) {
    prepare_plain(scene);
    view_orphan_lock(&scene->view, 2);
    scene_ready(scene);
}

static void open_before_act(struct scene *scene) {
    prepare_plain(scene);
    scene_ready(scene);
}

/* ---- Readers that wait ---- */

static void prepare_empty(struct scene *scene) { prepare_queue(scene, SMALL, MESSAGE_MIN); }

static struct scene *slept_in;

static mailslot_err get_asleep(mailslot *reader) {
    size_t len;
    return mailslot_get_bytes(reader, slept_in->sleepers_message, sizeof slept_in->sleepers_message,
                              &len, MAILSLOT_FOREVER);
}

static void await_sleeper(struct scene *scene) {
    slept_in = scene;
    scene->sleeper = (struct blocker){.slot = scene->reader, .call = get_asleep};
    blocker_start(&scene->sleeper);
    check_within(SOON_MS, view_lock(&scene->view) & VIEW_ASLEEP);
    scene_ready(scene);
}

static void await_poller(struct scene *scene) {
    check_ok(mailslot_waitable(scene->reader, &scene->waitable));
    check_within(SOON_MS, view_lock(&scene->view) & VIEW_ASLEEP);
    scene_ready(scene);
}

/* A full queue: the victim waits a while for room, in vain. */
static void prepare_full(struct scene *scene) {
    prepare_queue(scene, CHUNK, CHUNK - 24);
    scene_put(scene, 100);
}

static void enter_patient_writer(struct scene *scene) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = 1;
    scene->victim = open_with(SLOT, &options);
}

static void put_in_vain(struct scene *scene) {
    static unsigned char bytes[CHUNK];
    check_err(MAILSLOT_ERR_FULL, mailslot_put_bytes(scene->victim, bytes, scene->victim_len));
}

/* It gave up, and nothing of it is there; the survivor's puts go on. */
static void check_given_up(struct scene *scene) {
    scene_note_lock(scene);
    check_int(scene->count_before, view_count_put(&scene->view));
    scene_get(scene);
    scene_put(scene, CHUNK - 24);
    scene_get(scene);
    expect_empty(scene->reader);
    mailslot_close(scene->survivor);
    view_close(&scene->view);
    mailslot_close(scene->reader);
}

const struct step_case step_put_cases[] = {
    {"put.plain", prepare_plain, enter_writer, scene_ready, put_as_victim,
     scene_check_writers_death, LEAST_PUT},
    {"put.across_chunks", prepare_crossing, enter_writer, scene_ready, put_as_victim,
     scene_check_writers_death, LEAST_PUT + 60},
    {"put.into_fresh_chunks", prepare_boundary, enter_writer, scene_ready, put_as_victim,
     scene_check_writers_death, LEAST_PUT + 100},
    {"put.reusing_a_chunk", prepare_reuse, enter_writer, scene_ready, put_as_victim,
     scene_check_writers_death, LEAST_PUT + 40},
    {"put.with_no_fresh_chunk", prepare_exhausted, enter_writer, scene_ready, put_as_victim,
     scene_check_writers_death, LEAST_PUT + 40},
    {"put.with_others_waiting", prepare_plain, enter_writer, mark_waiters, put_as_victim,
     scene_check_writers_death, LEAST_PUT},
    {"put.to_a_sleeper", prepare_empty, enter_writer, await_sleeper, put_as_victim,
     scene_check_writers_death, LEAST_PUT},
    {"put.to_a_poller", prepare_empty, enter_writer, await_poller, put_as_victim,
     scene_check_writers_death, LEAST_PUT},
    {"put.taking_over", prepare_plain, enter_writer, orphan_lock, put_as_victim,
     scene_check_writers_death, LEAST_PUT + 400},
    {"put.waiting_for_room", prepare_full, enter_patient_writer, scene_ready, put_in_vain,
     check_given_up, LEAST_PUT},
    {"open.writer", open_before_act, NULL, NULL, open_and_put, scene_check_writers_death, 400},
    {"open.writer_of_a_dead_owner", orphan_own_byte, NULL, NULL, open_and_put,
     scene_check_writers_death, 400},
    {"close.writer", prepare_plain, enter_writer, scene_ready, close_victim,
     scene_check_writers_death, 60},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0},
};
