/*
 * A hundred processes race to become the reader of one name: always exactly one wins. Others race
 * to remove the files of dead readers: never that of a living one.
 *
 *     test_crash_race [--rounds N]
 *
 * The racers are one pool, started once, that meets before and after each round.
 */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { RACERS = 100 };

#define NAME "race"

/** What the racers share. */
struct course {
    pthread_barrier_t line;
    atomic_int winners, inside, passages;
    atomic_bool over;
};

static struct course *course;
static int rounds = 1000;

static int meet(void) { return pthread_barrier_wait(&course->line); }

static void run_racers(child_body *body, void (*lead)(void)) {
    struct peer racers[RACERS];
    pthread_barrierattr_t shared;
    *course = (struct course){.winners = 0};
    pthread_barrierattr_init(&shared);
    pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    check(pthread_barrier_init(&course->line, &shared, RACERS + 1) == 0);
    for (int i = 0; i < RACERS; i++)
        racers[i] = child_start(body, NULL);
    lead();
    for (int i = 0; i < RACERS; i++)
        child_join(&racers[i]);
    pthread_barrier_destroy(&course->line);
}

/* ---- One wins ---- */

static mailslot_err try_to_read(mailslot **slot) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    mailslot_err err = mailslot_open(slot, NAME, &options);
    if (err)
        check_err(MAILSLOT_ERR_IN_USE, err);
    return err;
}

/* Nobody closes before all have tried. */
static void race(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    for (int i = 0; i < rounds; i++) {
        mailslot *slot = NULL;
        child_goes_on();
        meet();
        course->winners += try_to_read(&slot) == MAILSLOT_OK;
        meet();
        meet();
        mailslot_close(slot);
        meet();
    }
}

static void open_and_linger(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *slot = open_reader(NAME);
    peer_tell(parent, 0);
    pause();
    mailslot_close(slot);
}

/* Keeps a dead reader's file under another name in the slot directory, to be put in the way by a
 * link, which is much quicker than another death. */
static void keep_stale_file(char stale[PATH_MAX], char name[PATH_MAX]) {
    struct peer dead = child_start(open_and_linger, NULL);
    peer_hear(&dead);
    child_kill(&dead);
    slotdir_only_file(name);
    snprintf(stale, PATH_MAX, "%s/stale", slotdir_path());
    check(rename(name, stale) == 0);
}

static void start_and_judge(void) {
    char stale[PATH_MAX], name[PATH_MAX];
    keep_stale_file(stale, name);
    for (int i = 0; i < rounds; i++) {
        course->winners = 0;
        check_int(0, slotdir_files());
        if (i % 2)
            check(link(stale, name) == 0);
        meet();
        meet();
        check_int(1, course->winners);
        check_int(1, slotdir_files());
        meet();
        meet();
    }
}

static void s7_of_100_that_race_to_read_exactly_one_wins(void **state) {
    (void)state;
    run_racers(race, start_and_judge);
}

/* ---- One at a time ---- */

static void pass_when_free(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    meet();
    while (!course->over) {
        mailslot *slot = NULL;
        if (try_to_read(&slot) == MAILSLOT_OK) {
            check_int(0, course->inside++);
            course->passages++;
            course->inside--;
            mailslot_close(slot);
        }
    }
}

static void watch_for_a_while(void) {
    meet();
    int64_t until = now_ms() + 2000;
    while (now_ms() < until)
        sleep_ms(10);
    course->over = true;
}

/* Closing and opening at once, so that names go and come while others look at them. */
static void s7_there_is_never_more_than_one_reader(void **state) {
    (void)state;
    run_racers(pass_when_free, watch_for_a_while);
    print_message("%d readers, one after the other\n", course->passages);
    check(course->passages >= RACERS);
    check_int(0, slotdir_files());
}

/* ---- Removing what dead readers left ---- */

enum { LOOKERS = 8 };

static mailslot_err ignore_slot(void *ctx, const char *name, const mailslot_info *info) {
    (void)ctx, (void)name, (void)info;
    return MAILSLOT_OK;
}

/* In all the ways that remove a dead reader's file. */
static void look_around(struct peer *parent, void *ctx) {
    (void)parent;
    char own[32];
    snprintf(own, sizeof own, "looker%d", *(int *)ctx);
    while (!course->over) {
        mailslot_info info = MAILSLOT_INFO_INIT;
        mailslot_err err = mailslot_stat(NAME, &info);
        check(err == MAILSLOT_OK || err == MAILSLOT_ERR_NOT_FOUND);
        check_ok(mailslot_list(ignore_slot, NULL));
        check_ok(try_open(own, MAILSLOT_READ));
        err = try_open(NAME, MAILSLOT_WRITE);
        check(err == MAILSLOT_OK || err == MAILSLOT_ERR_NOT_FOUND);
    }
}

/* The name must be free although others may be removing what the last reader left; and once it is
 * ours, all must find it. */
static void read_and_linger(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    for (int i = 0; i < 20; i++) {
        mailslot_info info = MAILSLOT_INFO_INIT;
        check_ok(mailslot_put(writer, "x"));
        check_ok(mailslot_stat(NAME, &info));
        expect_text(reader, "x");
    }
    peer_tell(parent, 0);
    pause();
}

static void s11_dead_readers_are_removed_and_living_ones_are_not(void **state) {
    (void)state;
    struct peer lookers[LOOKERS];
    int numbers[LOOKERS];
    *course = (struct course){.winners = 0};
    for (int i = 0; i < LOOKERS; i++) {
        numbers[i] = i;
        lookers[i] = child_start(look_around, &numbers[i]);
    }
    for (int i = 0; i < rounds / 4 + 1; i++) {
        struct peer reader = child_start(read_and_linger, NULL);
        peer_hear(&reader);
        child_kill(&reader);
    }
    course->over = true;
    for (int i = 0; i < LOOKERS; i++)
        child_join(&lookers[i]);
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat(NAME, &info));
    check_int(0, slotdir_files());
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--rounds") == 0)
        rounds = atoi(argv[2]);
    course = mmap(NULL, sizeof *course, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (rounds < 1 || course == MAP_FAILED) {
        fprintf(stderr, "usage: %s [--rounds N]\n", argv[0]);
        return 2;
    }
    const struct CMUnitTest tests[] = {
        slot_test(s7_of_100_that_race_to_read_exactly_one_wins),
        slot_test(s7_there_is_never_more_than_one_reader),
        slot_test(s11_dead_readers_are_removed_and_living_ones_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
