/* Slots on FUSE, where unnamed files and renaming without replacing may be missing, and where
 * link() can lead to a second inode: by bindfs, which passes a directory on. */
#include "child.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>

enum { CONTENDERS = 8, ROUNDS = 20 };

static char behind[] = "/tmp/mailslot-fuse-XXXXXX";

static int mount_fuse(void **state) {
    char command[3 * PATH_MAX];
    if (slotdir_setup(state))
        return -1;
    snprintf(command, sizeof command, "bindfs %s %s 2>/dev/null", behind, slotdir_path());
    return system(command);
}

static int unmount_fuse(void **state) {
    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "umount %s || fusermount -u %s", slotdir_path(),
             slotdir_path());
    return system(command) || slotdir_teardown(state);
}

static void put_and_close(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    mailslot *writer = open_writer("trace");
    for (int i = 0; i < 1000; i++)
        put_number(writer, (uint64_t)i);
    mailslot_close(writer);
}

static void s15_a_slot_works_on_fuse(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    struct peer child = child_start(put_and_close, NULL);
    for (int i = 0; i < 1000; i++)
        check_int(i, (int64_t)get_number(reader));
    child_join(&child);
    check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
    mailslot_close(reader);
    check_int(0, slotdir_files());
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
}

/* Opens for reading each time it is told to, and tells whether it became the reader. */
static void contend(struct peer *parent, void *ctx) {
    (void)ctx;
    for (int i = 0; i < ROUNDS; i++) {
        mailslot *reader = NULL;
        mailslot_options options = MAILSLOT_OPTIONS_INIT;
        options.direction = MAILSLOT_READ;
        peer_hear(parent);
        mailslot_err err = mailslot_open(&reader, "trace", &options);
        check(err == MAILSLOT_OK || err == MAILSLOT_ERR_IN_USE);
        peer_tell(parent, !err);
        peer_hear(parent);
        mailslot_close(reader);
        peer_tell(parent, 0);
    }
}

static void tell_all(const struct peer peers[CONTENDERS]) {
    for (int i = 0; i < CONTENDERS; i++)
        peer_tell(&peers[i], 0);
}

static int64_t hear_all(const struct peer peers[CONTENDERS]) {
    int64_t sum = 0;
    for (int i = 0; i < CONTENDERS; i++)
        sum += peer_hear(&peers[i]);
    return sum;
}

static void s7_one_of_many_becomes_the_reader_on_fuse(void **state) {
    (void)state;
    struct peer peers[CONTENDERS];
    for (int i = 0; i < CONTENDERS; i++)
        peers[i] = child_start(contend, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        tell_all(peers);
        check_int(1, hear_all(peers));
        tell_all(peers);
        check_int(0, hear_all(peers));
    }
    for (int i = 0; i < CONTENDERS; i++)
        child_join(&peers[i]);
    check_int(0, slotdir_files());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(s15_a_slot_works_on_fuse, mount_fuse, unmount_fuse),
        cmocka_unit_test_setup_teardown(s7_one_of_many_becomes_the_reader_on_fuse, mount_fuse,
                                        unmount_fuse),
    };
    if (!mkdtemp(behind) || mount_fuse(NULL) || unmount_fuse(NULL)) {
        fprintf(stderr, "SKIPPED: hostile.fuse: bindfs cannot mount here\n");
        rmdir(behind);
        return 77;
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    char command[PATH_MAX];
    snprintf(command, sizeof command, "rm -rf %s", behind);
    return system(command) || failures;
}
