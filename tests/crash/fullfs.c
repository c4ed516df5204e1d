/* S15: a file system of 1 MiB that runs full gives FULL, never a SIGBUS, and loses nothing. */
#include "child.h"
#include "clock.h"
#include "die_with_parent.h"
#include "message.h"
#include "slotdir.h"
#include "slots.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>

enum { LEN = 1000, WRITERS = 3 };

#define NAME "full"

/* ---- The file system ---- */

static void write_line(const char *path, const char *line) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        dprintf(fd, "%s", line);
        close(fd);
    }
}

/* A mount namespace of our own; who is not root becomes, there, a user who may mount. */
static bool enter_namespace(void) {
    char users[64], groups[64];
    snprintf(users, sizeof users, "%lu %lu 1", (unsigned long)geteuid(), (unsigned long)geteuid());
    snprintf(groups, sizeof groups, "%lu %lu 1", (unsigned long)getegid(),
             (unsigned long)getegid());
    if (unshare(CLONE_NEWNS)) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
            return false;
        write_line("/proc/self/uid_map", users);
        write_line("/proc/self/setgroups", "deny");
        write_line("/proc/self/gid_map", groups);
    }
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int mount_small(void **state) {
    return slotdir_setup(state) || mount("small", slotdir_path(), "tmpfs", 0, "size=1m");
}

static int unmount(void **state) { return umount(slotdir_path()) || slotdir_teardown(state); }

static bool can_mount(const char **why) {
    pid_t parent = getpid();
    pid_t trial = fork();
    if (trial == 0) {
        die_with_parent(parent);
        _exit(!enter_namespace() || mount_small(NULL) || unmount(NULL));
    }
    int status = -1;
    waitpid(trial, &status, 0);
    *why = "neither root nor user namespaces allow to mount a file system here";
    return status == 0;
}

/* Takes all that is left, as another program's file would; deleted by unlink(hog). */
static void hog_the_rest(char hog[PATH_MAX]) {
    static const char zeros[4096];
    snprintf(hog, PATH_MAX, "%s/hog", slotdir_path());
    int fd = open(hog, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    check(fd >= 0);
    ssize_t written = sizeof zeros;
    while (written > 0)
        written = write(fd, zeros, sizeof zeros);
    check(errno == ENOSPC);
    close(fd);
}

/* ---- Putting and getting ---- */

static mailslot_err put_one(mailslot *writer, uint32_t who, uint32_t number) {
    unsigned char bytes[LEN];
    message_fill(bytes, LEN, who, number);
    return mailslot_put_bytes(writer, bytes, LEN);
}

static uint32_t put_until_full(mailslot *writer, uint32_t who, uint32_t *number) {
    uint32_t before = *number;
    mailslot_err err;
    while ((err = put_one(writer, who, *number)) == MAILSLOT_OK)
        ++*number;
    check_err(MAILSLOT_ERR_FULL, err);
    return *number - before;
}

static uint32_t get_one(mailslot *reader) {
    unsigned char bytes[LEN];
    uint32_t who, number;
    size_t len;
    check_ok(mailslot_get_bytes(reader, bytes, LEN, &len, MAILSLOT_NO_WAIT));
    message_read(bytes, &who, &number);
    check(len == LEN && message_is(bytes, LEN, who, number));
    return number;
}

static void get_all(mailslot *reader, uint32_t *next, uint32_t end) {
    while (*next < end)
        check_int((*next)++, get_one(reader));
    expect_empty(reader);
}

/* ---- Tests ---- */

static void s15_puts_run_into_full_and_all_that_was_put_is_read(void **state) {
    (void)state;
    uint32_t put = 0, got = 0;
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    for (int round = 0; round < 20; round++) {
        uint32_t more = put_until_full(writer, 1, &put);
        check(more > 500 && more < 1024);
        check_detail("memory");
        check_int(round + 1, (int64_t)info_of(reader).refused);
        get_all(reader, &got, put);
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_a_put_works_again_after_a_get(void **state) {
    (void)state;
    uint32_t put = 0, got = 0;
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    put_until_full(writer, 1, &put);
    for (int i = 0; i < 5000; i++) {
        check_int(got++, get_one(reader));
        put_until_full(writer, 1, &put);
    }
    get_all(reader, &got, put);
    check(put > 4000);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void put_and_tell(struct peer *parent, void *ctx) {
    uint32_t number = 0;
    mailslot *writer = open_writer(NAME);
    put_until_full(writer, *(uint32_t *)ctx, &number);
    peer_tell(parent, number);
    mailslot_close(writer);
}

static void s15_several_writers_run_into_full_together(void **state) {
    (void)state;
    struct peer writers[WRITERS];
    uint32_t ids[WRITERS];
    int64_t put = 0;
    mailslot *reader = open_reader(NAME);
    for (uint32_t i = 0; i < WRITERS; i++) {
        ids[i] = i;
        writers[i] = child_start(put_and_tell, &ids[i]);
    }
    for (int i = 0; i < WRITERS; i++) {
        put += peer_hear(&writers[i]);
        child_join(&writers[i]);
    }
    check_int(put, (int64_t)count_of(reader));
    for (int64_t i = 0; i < put; i++)
        get_one(reader);
    expect_empty(reader);
    mailslot_close(reader);
}

/* Others fill the file system while the slot is small: what it has serves it. */
static void s15_a_slot_lives_on_in_what_memory_it_has(void **state) {
    (void)state;
    char hog[PATH_MAX];
    uint32_t put = 0, got = 0;
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    check_ok(put_one(writer, 1, put++));
    hog_the_rest(hog);
    for (int round = 0; round < 100; round++) {
        check(put_until_full(writer, 1, &put) > 0);
        get_all(reader, &got, put);
    }
    check(unlink(hog) == 0);
    check(put_until_full(writer, 1, &put) > 500);
    get_all(reader, &got, put);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void unlink_after_a_while(struct peer *parent, void *ctx) {
    peer_tell(parent, 0);
    sleep_ms(100);
    check(unlink(ctx) == 0);
}

static void s15_a_put_that_waits_goes_on_once_others_free_memory(void **state) {
    (void)state;
    char hog[PATH_MAX];
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_with(NAME, &options);
    hog_the_rest(hog);
    struct peer other = child_start(unlink_after_a_while, hog);
    peer_hear(&other);
    check_ok(put_one(writer, 1, 0));
    check(access(hog, F_OK) != 0);
    check_int(0, get_one(reader));
    child_join(&other);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_no_slot_fits_a_file_system_without_room(void **state) {
    (void)state;
    char hog[PATH_MAX];
    hog_the_rest(hog);
    check_err(MAILSLOT_ERR_FULL, try_open(NAME, MAILSLOT_READ));
    check_int(0, slotdir_files());
    check(unlink(hog) == 0);
    check_ok(try_open(NAME, MAILSLOT_READ));
}

static void s15_no_slot_fits_a_file_system_without_inodes(void **state) {
    (void)state;
    check(mount(NULL, slotdir_path(), NULL, MS_REMOUNT, "size=1m,nr_inodes=3") == 0);
    mailslot *first = open_reader("first");
    check_err(MAILSLOT_ERR_FULL, try_open(NAME, MAILSLOT_READ));
    mailslot_close(first);
}

#define small_test(function) cmocka_unit_test_setup_teardown(function, mount_small, unmount)

int main(void) {
    const char *why;
    const struct CMUnitTest tests[] = {
        small_test(s15_puts_run_into_full_and_all_that_was_put_is_read),
        small_test(s15_a_put_works_again_after_a_get),
        small_test(s15_several_writers_run_into_full_together),
        small_test(s15_a_slot_lives_on_in_what_memory_it_has),
        small_test(s15_a_put_that_waits_goes_on_once_others_free_memory),
        small_test(s15_no_slot_fits_a_file_system_without_room),
        small_test(s15_no_slot_fits_a_file_system_without_inodes),
    };
    if (!can_mount(&why) || !enter_namespace()) {
        fprintf(stderr, "SKIPPED: hostile.fullfs: %s\n", why);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
