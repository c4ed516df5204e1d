/* What lies in the slot directory and is no live slot: stale files and files not ours: S11. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>

static void read_forever(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "lost with its reader"));
    check_count(1, reader);
    peer_tell(parent, 0);
    pause();
}

/* Leaves the file of a reader that was killed and stores where it lies. */
static void leave_stale_file(char path[PATH_MAX]) {
    struct peer child = child_start(read_forever, NULL);
    peer_hear(&child);
    child_kill(&child);
    slotdir_only_file(path);
}

/* Stores where the file of slot trace would lie; none does. */
static void find_place(char path[PATH_MAX]) {
    mailslot *reader = open_reader("trace");
    slotdir_only_file(path);
    mailslot_close(reader);
    check_int(0, slotdir_files());
}

static void s11_the_stale_file_of_a_dead_reader_is_taken_over(void **state) {
    (void)state;
    char path[PATH_MAX];
    leave_stale_file(path);
    mailslot *reader = open_reader("trace");
    check_int(1, slotdir_files());
    expect_empty(reader);
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    expect_text(reader, "x");
    mailslot_close(writer);
    mailslot_close(reader);
    check_int(0, slotdir_files());
}

static mailslot_err count_name(void *ctx, const char *name, const mailslot_info *info) {
    (void)name, (void)info;
    ++*(int *)ctx;
    return MAILSLOT_OK;
}

static void s11_a_stale_file_is_no_slot(void **state) {
    (void)state;
    char path[PATH_MAX];
    leave_stale_file(path);
    mailslot_info info = MAILSLOT_INFO_INIT;
    int count = 0;
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("trace", &info));
    check_ok(mailslot_list(count_name, &count));
    check_int(0, count);
}

/* What any of these finds of a dead reader it removes, with the memory of its messages. */
static void s11_whoever_looks_opens_or_lists_removes_what_a_dead_reader_left(void **state) {
    (void)state;
    char path[PATH_MAX];
    mailslot_info info = MAILSLOT_INFO_INIT;
    int count = 0;
    leave_stale_file(path);
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("trace", &info));
    check_int(0, slotdir_files());
    leave_stale_file(path);
    check_ok(mailslot_list(count_name, &count));
    check_int(0, slotdir_files());
    leave_stale_file(path);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_int(0, slotdir_files());
    leave_stale_file(path);
    check_ok(try_open("other", MAILSLOT_READ));
    check_int(0, slotdir_files());
}

/* An open looks at a few only, so it takes several to find one among many. */
static void s11_a_dead_reader_is_found_among_many_living_ones(void **state) {
    (void)state;
    enum { LIVING = 100 };
    char path[PATH_MAX];
    mailslot *living[LIVING];
    leave_stale_file(path);
    for (int i = 0; i < LIVING; i++) {
        char name[32];
        snprintf(name, sizeof name, "living%d", i);
        living[i] = open_reader(name);
    }
    for (int i = 0; i < 5000 && access(path, F_OK) == 0; i++)
        check_ok(try_open("other", MAILSLOT_READ));
    check(access(path, F_OK) != 0);
    check_int(LIVING, slotdir_files());
    for (int i = 0; i < LIVING; i++)
        mailslot_close(living[i]);
}

static bool is_refusal(mailslot_err err) {
    return err == MAILSLOT_ERR_DAMAGED || err == MAILSLOT_ERR_DENIED;
}

/* Checks that whatever lies in the place of slot trace is refused in every role and left alone. */
static void check_refused(const char *path) {
    struct stat before;
    struct stat after;
    check(lstat(path, &before) == 0);
    alarm(PEER_PATIENCE_S); /* opening a FIFO could block for good */
    check(is_refusal(try_open("trace", MAILSLOT_READ)));
    check_detail("trace: ");
    check(is_refusal(try_open("trace", MAILSLOT_WRITE)));
    check_detail("trace: ");
    mailslot_info info = MAILSLOT_INFO_INIT;
    check(is_refusal(mailslot_stat("trace", &info)));
    int count = 0;
    check_ok(mailslot_list(count_name, &count));
    check_int(0, count);
    alarm(0);
    check(lstat(path, &after) == 0);
    check(after.st_ino == before.st_ino && after.st_mode == before.st_mode);
    check(after.st_size == before.st_size && after.st_uid == before.st_uid);
    check(after.st_mtim.tv_sec == before.st_mtim.tv_sec);
    check(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
}

static void write_file(const char *path, size_t size, char filling) {
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    char *content = malloc(size + 1);
    check(fd >= 0 && content);
    memset(content, filling, size);
    check(write(fd, content, size) == (ssize_t)size);
    free(content);
    close(fd);
}

static void s11_files_of_others_contents_are_refused_and_left_alone(void **state) {
    (void)state;
    char path[PATH_MAX];
    find_place(path);
    static const size_t sizes[] = {0, 1, 100, 4096, 65536, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_file(path, sizes[i], '\0');
        check_refused(path);
        write_file(path, sizes[i], 'x');
        check_refused(path);
    }
}

static void s11_a_directory_is_refused_and_left_alone(void **state) {
    (void)state;
    char path[PATH_MAX];
    find_place(path);
    check(mkdir(path, 0700) == 0);
    check_refused(path);
}

static void s11_a_fifo_is_refused_without_waiting_and_left_alone(void **state) {
    (void)state;
    char path[PATH_MAX];
    find_place(path);
    check(mkfifo(path, 0600) == 0);
    check_refused(path);
}

static void s11_symlinks_are_refused_and_left_alone(void **state) {
    (void)state;
    char path[PATH_MAX];
    find_place(path);
    char target[PATH_MAX];
    snprintf(target, sizeof target, "%s/target", slotdir_path());
    check(symlink(target, path) == 0);
    check_refused(path);
    check(access(target, F_OK) != 0);
    write_file(target, 100, 'x');
    check_refused(path);
}

static void s11_a_symlink_to_a_live_slot_is_refused(void **state) {
    (void)state;
    char path[PATH_MAX];
    find_place(path);
    mailslot *other = open_reader("other");
    char target[PATH_MAX];
    slotdir_only_file(target);
    check(symlink(target, path) == 0);
    check(is_refusal(try_open("trace", MAILSLOT_READ)));
    check(is_refusal(try_open("trace", MAILSLOT_WRITE)));
    mailslot_close(other);
}

static void s11_a_file_of_the_wrong_size_is_refused_and_left_alone(void **state) {
    (void)state;
    char path[PATH_MAX];
    leave_stale_file(path);
    struct stat status;
    check(lstat(path, &status) == 0);
    check(truncate(path, status.st_size / 2) == 0);
    check_refused(path);
    check(truncate(path, 64) == 0);
    check_refused(path);
    check(truncate(path, 0) == 0);
    check_refused(path);
}

/* The file begins with what tells its kind, its version and whom it lets write; each byte of that
 * counts. */
static void s11_a_file_of_another_kind_or_version_is_refused_and_left_alone(void **state) {
    (void)state;
    char path[PATH_MAX];
    leave_stale_file(path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    check(fd >= 0);
    for (off_t offset = 0; offset < 16; offset++) {
        unsigned char ours;
        check(pread(fd, &ours, 1, offset) == 1);
        unsigned char other = ours ^ 2;
        check(pwrite(fd, &other, 1, offset) == 1);
        check_refused(path);
        check(pwrite(fd, &ours, 1, offset) == 1);
    }
    close(fd);
    check_ok(try_open("trace", MAILSLOT_READ));
}

static void s11_a_file_of_another_owner_is_refused_and_left_alone(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip_loudly("giving a file away needs root");
    char path[PATH_MAX];
    leave_stale_file(path);
    check(chown(path, NOBODY, NOBODY) == 0);
    check_refused(path);
}

static void s11_other_slots_are_undisturbed_by_files_that_are_not_ours(void **state) {
    (void)state;
    char path[PATH_MAX];
    find_place(path);
    write_file(path, 100, 'x');
    char stray[PATH_MAX];
    slotdir_of(geteuid(), stray);
    strncat(stray, "/README", sizeof stray - strlen(stray) - 1);
    write_file(stray, 100, 'x');
    mailslot *reader = open_reader("other");
    int count = 0;
    check_ok(mailslot_list(count_name, &count));
    check_int(1, count);
    mailslot_close(reader);
    check_int(2, slotdir_files());
}

/* ---- A living reader whose file is removed: S33 ---- */

static void remove_only_file(void) {
    char path[PATH_MAX];
    slotdir_only_file(path);
    check(unlink(path) == 0);
}

static void s33_a_reader_whose_file_was_removed_gets_the_rest_and_is_gone(void **state) {
    (void)state;
    char got[8];
    size_t len;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "before"));
    remove_only_file();
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_ok(mailslot_put(writer, "after"));
    expect_text(reader, "before");
    expect_text(reader, "after");
    alarm(PEER_PATIENCE_S);
    check_err(MAILSLOT_ERR_GONE, mailslot_get_bytes(reader, got, sizeof got, &len, -1));
    check_detail("trace: ");
    check_detail("removed");
    alarm(0);
    check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
    check_count(0, reader);
    mailslot_close(writer);
    mailslot_close(reader);
    check_ok(try_open("trace", MAILSLOT_READ));
}

static void s33_a_reader_that_never_waits_notices_that_its_file_was_removed(void **state) {
    (void)state;
    char got[8];
    size_t len;
    mailslot *reader = open_reader("trace");
    remove_only_file();
    mailslot *next = open_reader("trace");
    check_within(SOON_MS, mailslot_get_bytes(reader, got, sizeof got, &len, MAILSLOT_NO_WAIT) ==
                              MAILSLOT_ERR_GONE);
    mailslot_close(reader);
    check_int(1, slotdir_files()); /* which is not that reader's */
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    expect_text(next, "x");
    mailslot_close(writer);
    mailslot_close(next);
}

static void s33_a_descriptor_is_ready_once_the_file_was_removed(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot_handle handle;
    check_ok(mailslot_waitable(reader, &handle));
    remove_only_file();
    struct pollfd ready = {.fd = handle, .events = POLLIN};
    check_int(1, poll(&ready, 1, SOON_MS));
    for (int i = 0; i < 3; i++) {
        char got[8];
        size_t len;
        check_err(MAILSLOT_ERR_GONE,
                  mailslot_get_bytes(reader, got, sizeof got, &len, MAILSLOT_NO_WAIT));
        check_int(1, poll(&ready, 1, 0));
    }
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s11_the_stale_file_of_a_dead_reader_is_taken_over),
        slot_test(s11_a_stale_file_is_no_slot),
        slot_test(s11_whoever_looks_opens_or_lists_removes_what_a_dead_reader_left),
        slot_test(s11_a_dead_reader_is_found_among_many_living_ones),
        slot_test(s11_files_of_others_contents_are_refused_and_left_alone),
        slot_test(s11_a_directory_is_refused_and_left_alone),
        slot_test(s11_a_fifo_is_refused_without_waiting_and_left_alone),
        slot_test(s11_symlinks_are_refused_and_left_alone),
        slot_test(s11_a_symlink_to_a_live_slot_is_refused),
        slot_test(s11_a_file_of_the_wrong_size_is_refused_and_left_alone),
        slot_test(s11_a_file_of_another_kind_or_version_is_refused_and_left_alone),
        slot_test(s11_a_file_of_another_owner_is_refused_and_left_alone),
        slot_test(s11_other_slots_are_undisturbed_by_files_that_are_not_ours),
        slot_test(s33_a_reader_whose_file_was_removed_gets_the_rest_and_is_gone),
        slot_test(s33_a_reader_that_never_waits_notices_that_its_file_was_removed),
        slot_test(s33_a_descriptor_is_ready_once_the_file_was_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
