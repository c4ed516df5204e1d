/* Deaths of readers: in a get, in open and in close. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "step.h"

enum { CHUNK = 4096, SMALL = 64 << 10, LEAST_GET = 100 };

/* ---- The victim ---- */

static void enter_reader(struct scene *scene) { scene->victim = open_small_reader(SLOT, SMALL, 0); }

static void enter_tiny_reader(struct scene *scene) {
    scene->victim = open_small_reader(SLOT, CHUNK, 0);
}

static void get_as_victim(struct scene *scene) {
    static unsigned char bytes[SMALL];
    size_t len;
    check_ok(mailslot_get_bytes(scene->victim, bytes, sizeof bytes, &len, MAILSLOT_FOREVER));
    check(message_is(bytes, len, SURVIVOR, 0));
}

static void get_record_as_victim(struct scene *scene) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_get(scene->victim, record, MAILSLOT_FOREVER));
    check(message_is(mailslot_record_bytes(record).data, mailslot_record_bytes(record).len,
                     SURVIVOR, 0));
    mailslot_record_free(record);
}

static void get_in_vain(struct scene *scene) {
    size_t len;
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_bytes(scene->victim, NULL, 0, &len, 1));
}

static void open_victim(struct scene *scene) { enter_reader(scene); }

static void close_victim(struct scene *scene) { mailslot_close(scene->victim); }

/* ---- What waits for it ---- */

static void attach(struct scene *scene) { scene_open_survivor(scene); }

static void put_one(struct scene *scene) {
    scene_open_survivor(scene);
    scene_put(scene, 100);
}

static void put_long_ones(struct scene *scene) {
    scene_open_survivor(scene);
    scene_put(scene, 3 * CHUNK + 500);
    scene_put(scene, 100);
}

/* A full queue whose writers wait for room: taking the message wakes them. */
static void fill_and_want_room(struct scene *scene) {
    scene_open_survivor(scene);
    scene_put(scene, CHUNK - 24);
    view_open(&scene->view, SLOT);
    atomic_store(&scene->view.shared->room_wanted, 1);
    view_close(&scene->view);
}

/* ---- A dead reader's file ---- */

static void open_and_linger(struct peer *parent, void *ctx) {
    (void)ctx;
    enter_reader(&(struct scene){0});
    peer_tell(parent, 0);
    pause();
}

static void leave_stale_file(struct scene *scene) {
    (void)scene;
    struct peer dead = child_start(open_and_linger, NULL);
    peer_hear(&dead);
    child_kill(&dead);
    check_int(1, slotdir_files());
}

const struct step_case step_reader_cases[] = {
    {"get.plain", NULL, enter_reader, put_one, get_as_victim, scene_check_readers_death, LEAST_GET},
    {"get.across_chunks", NULL, enter_reader, put_long_ones, get_as_victim,
     scene_check_readers_death, LEAST_GET},
    {"get.with_writers_waiting", NULL, enter_tiny_reader, fill_and_want_room, get_as_victim,
     scene_check_readers_death, LEAST_GET},
    {"get.record", NULL, enter_reader, put_one, get_record_as_victim, scene_check_readers_death,
     LEAST_GET},
    {"get.in_vain", NULL, enter_reader, attach, get_in_vain, scene_check_readers_death, LEAST_GET},
    {"open.reader", NULL, NULL, NULL, open_victim, scene_check_readers_death, 400},
    {"open.reader_over_a_dead_one", leave_stale_file, NULL, NULL, open_victim,
     scene_check_readers_death, 400},
    {"close.reader", NULL, enter_reader, put_one, close_victim, scene_check_readers_death, 100},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0},
};
