/* What is common to the scenes of step.h: setting up, and checking what a death left. */
#include "clock.h"
#include "slotdir.h"
#include "step.h"

#include <poll.h>

/* ---- Setting up ---- */

void scene_open_reader(struct scene *scene, size_t capacity) {
    scene->reader = open_small_reader(SLOT, capacity, 0);
    view_open(&scene->view, SLOT);
}

void scene_open_survivor(struct scene *scene) { scene->survivor = open_writer(SLOT); }

static void put_message(mailslot *writer, size_t len, uint32_t who, uint32_t number) {
    static unsigned char bytes[64 << 10];
    check(len >= MESSAGE_MIN && len <= sizeof bytes);
    message_fill(bytes, len, who, number);
    check_ok(mailslot_put_bytes(writer, bytes, len));
}

void scene_put(struct scene *scene, size_t len) {
    put_message(scene->survivor, len, SURVIVOR, scene->next_put++);
}

void scene_ready(struct scene *scene) { scene->count_before = view_count_put(&scene->view); }

void scene_note_delay(struct scene *scene, _Atomic int64_t *slowest, int64_t delay_ns) {
    int64_t old = atomic_load(slowest);
    scene->findings->late += delay_ns > PROMISE_MS * 1000000LL;
    while (delay_ns > old && !atomic_compare_exchange_weak(slowest, &old, delay_ns)) {
    }
}

/* ---- Reading what is there ---- */

static void expect_message(mailslot *reader, uint32_t who, uint32_t number) {
    static unsigned char bytes[64 << 10];
    size_t len = 0;
    mailslot_err err = mailslot_get_bytes(reader, bytes, sizeof bytes, &len, MAILSLOT_NO_WAIT);
    if (err || len < MESSAGE_MIN || !message_is(bytes, len, who, number)) {
        dprintf(STDERR_FILENO,
                "torn, lost or out of order: instead of message %u of writer %u: "
                "%s, %zu bytes, \"%s\"\n",
                number, who, mailslot_errname(err), len, mailslot_detail());
        _exit(CHECK_FAILED);
    }
}

void scene_get(struct scene *scene) { expect_message(scene->reader, SURVIVOR, scene->next_get++); }

/* ---- After a writer's death ---- */

static bool poller_noticed(struct scene *scene) {
    struct pollfd poller = {scene->waitable, POLLIN, 0};
    return poll(&poller, 1, BOUND_MS) == 1 && poller.revents == POLLIN;
}

static bool sleeper_noticed(struct scene *scene) {
    for (int64_t until = now_ms() + BOUND_MS; now_ms() < until; sleep_ms(1))
        if (scene->sleeper.done)
            return true;
    return false;
}

/* Nobody puts anything meanwhile: it must come about by what the victim did, or in spite of it. */
static void check_noticed(struct scene *scene) {
    int64_t start = now_ns();
    bool noticed = true;
    if (scene->sleeper.tid)
        noticed = sleeper_noticed(scene);
    else if (scene->waitable)
        noticed = poller_noticed(scene);
    if (!noticed) {
        dprintf(STDERR_FILENO, "what a dead writer published went unnoticed\n");
        _exit(CHECK_FAILED);
    }
    scene_note_delay(scene, &scene->findings->slowest_notice_ns, now_ns() - start);
}

/* How long this thread has been ready to run on a processor that others had: no blocking, and on a
 * busy machine most of a delay. 0 where the kernel does not tell. */
static int64_t processor_wait_ns(void) {
    long long wait = 0;
    FILE *file = fopen("/proc/thread-self/schedstat", "re");
    if (file) {
        if (fscanf(file, "%*s %lld", &wait) != 1)
            wait = 0;
        fclose(file);
    }
    return wait;
}

static void check_not_blocked(struct scene *scene) {
    unsigned char bytes[100];
    message_fill(bytes, sizeof bytes, SURVIVOR, scene->next_put++);
    int64_t waited = processor_wait_ns();
    int64_t start = now_ns();
    mailslot_err err = mailslot_put_bytes(scene->survivor, bytes, sizeof bytes);
    int64_t took = now_ns() - start;
    took -= processor_wait_ns() - waited;
    if (err || took > BOUND_MS * 1000000LL) {
        dprintf(STDERR_FILENO, "a survivor is blocked by the dead: %s after %d ms, \"%s\"\n",
                mailslot_errname(err), (int)(took / 1000000), mailslot_detail());
        _exit(CHECK_FAILED);
    }
    scene_note_delay(scene, &scene->findings->slowest_put_ns, took);
}

/* The sleeper has taken the first message that came: the victim's or the survivor's. */
static void join_sleeper(struct scene *scene, bool published) {
    check_ok(blocker_join(&scene->sleeper));
    uint32_t who, number;
    message_read(scene->sleepers_message, &who, &number);
    check_int(published ? VICTIM : SURVIVOR, who);
    check_int(published ? 0 : scene->next_get++, number);
}

static void check_content(struct scene *scene, bool published) {
    if (scene->sleeper.tid) {
        join_sleeper(scene, published);
        published = false;
    }
    while (scene->next_get < scene->next_put - 1)
        scene_get(scene);
    if (published)
        expect_message(scene->reader, VICTIM, 0);
    while (scene->next_get < scene->next_put)
        scene_get(scene);
    expect_message(scene->reader, NEWCOMER, 0);
    expect_empty(scene->reader);
}

/* The whole capacity is there and no two of its parts are the same memory. */
static void check_capacity(struct scene *scene) {
    size_t messages = info_of(scene->reader).capacity / queue_bytes(1000);
    for (size_t i = 0; i < messages; i++)
        scene_put(scene, 1000);
    check_err(MAILSLOT_ERR_FULL, mailslot_put_bytes(scene->survivor, (char[1000]){0}, 1000));
    while (scene->next_get < scene->next_put)
        scene_get(scene);
    expect_empty(scene->reader);
}

void scene_note_lock(struct scene *scene) {
    scene->findings->held += (view_lock(&scene->view) & VIEW_OWNER) != 0;
}

void scene_check_writers_death(struct scene *scene) {
    scene_note_lock(scene);
    uint32_t published = view_count_put(&scene->view) - scene->count_before;
    check(published <= 1);
    if (scene->words->acknowledged)
        test_check(published == 1, "an acknowledged message is there", __FILE__, __LINE__);
    if (published)
        check_noticed(scene);
    check_not_blocked(scene);
    check_int(0, (int64_t)(view_lock(&scene->view) & VIEW_OWNER));
    mailslot *newcomer = open_writer(SLOT);
    put_message(newcomer, 5000, NEWCOMER, 0);
    mailslot_close(newcomer);
    check_content(scene, published);
    check_capacity(scene);
    mailslot_close(scene->survivor);
    view_close(&scene->view);
    mailslot_close(scene->reader);
    check_int(0, slotdir_files());
}

/* ---- After a reader's death ---- */

static void check_gone(struct scene *scene) {
    int64_t start = now_ns();
    mailslot_err err = MAILSLOT_OK;
    while (err == MAILSLOT_OK && now_ns() - start < BOUND_MS * 1000000LL) {
        err = mailslot_put_bytes(scene->survivor, "x", 1);
        if (err == MAILSLOT_ERR_FULL)
            err = MAILSLOT_OK;
        sleep_ms(1);
    }
    check_err(MAILSLOT_ERR_GONE, err);
    scene_note_delay(scene, &scene->findings->slowest_gone_ns, now_ns() - start);
    mailslot_close(scene->survivor);
}

void scene_check_readers_death(struct scene *scene) {
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open(SLOT, MAILSLOT_WRITE));
    mailslot *successor = open_reader(SLOT);
    check_int(0, (int64_t)count_of(successor));
    check_int(1, slotdir_files());
    mailslot *newcomer = open_writer(SLOT);
    put_message(newcomer, 100, NEWCOMER, 0);
    if (scene->survivor)
        check_gone(scene);
    expect_message(successor, NEWCOMER, 0);
    expect_empty(successor);
    mailslot_close(newcomer);
    mailslot_close(successor);
    check_int(0, slotdir_files());
}
