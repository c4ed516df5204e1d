/* Where a user's slots live, and that users are kept apart: S3a, S10. */
#include "child.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>
#include <sys/statvfs.h>

#define UNLIKELY_NAME "mailslot-conformance-probe"
#define SET_UID_PROBE "--set-uid-probe"
#define SKIPPED       77

static mailslot_err count_name(void *ctx, const char *name, const mailslot_info *info) {
    (void)name, (void)info;
    ++*(int *)ctx;
    return MAILSLOT_OK;
}

static int listed(void) {
    int count = 0;
    check_ok(mailslot_list(count_name, &count));
    return count;
}

static struct stat status_of(const char *path) {
    struct stat status;
    check(lstat(path, &status) == 0);
    return status;
}

static void check_modes(void) {
    mailslot *reader = open_reader("trace");
    char path[PATH_MAX];
    slotdir_only_file(path);
    struct stat file = status_of(path);
    check(S_ISREG(file.st_mode));
    check_int(0600, file.st_mode & 07777);
    check_int(geteuid(), file.st_uid);

    slotdir_of(geteuid(), path);
    struct stat directory = status_of(path);
    check(S_ISDIR(directory.st_mode));
    check_int(0711, directory.st_mode & 07777);
    check_int(geteuid(), directory.st_uid);
    mailslot_close(reader);
    check(rmdir(path) == 0); /* so that the next one is made anew, and was empty */
}

static void s3a_slots_live_in_the_users_own_directory_whatever_the_umask(void **state) {
    (void)state;
    mode_t before = umask(0);
    check_modes();
    umask(0077);
    check_modes();
    umask(0777);
    check_modes();
    umask(before);
}

static bool may_act_as_nobody(void) { return geteuid() == 0 && chmod(slotdir_path(), 01777) == 0; }

/* With what mkdir(), and a kill right after it, leave of a directory under the strictest umask. */
static void check_modes_from_nothing(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    char path[PATH_MAX];
    umask(0777);
    check_modes();
    slotdir_of(geteuid(), path);
    check(mkdir(path, 0711) == 0);
    check_int(0, status_of(path).st_mode & 07777);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_int(0711, status_of(path).st_mode & 07777);
    check_modes();
}

/* Root may open what has no rights; everybody else must get them first. */
static void s3a_the_users_own_directory_is_never_lost_to_an_umask(void **state) {
    (void)state;
    uid_t user = may_act_as_nobody() ? NOBODY : geteuid();
    struct peer child = child_start_as(user, check_modes_from_nothing, NULL);
    child_join(&child);
}

static void check_all_denied(void) {
    check_err(MAILSLOT_ERR_DENIED, try_open("trace", MAILSLOT_READ));
    check_err(MAILSLOT_ERR_DENIED, try_open("trace", MAILSLOT_WRITE));
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_DENIED, mailslot_stat("trace", &info));
    int count = 0;
    check_err(MAILSLOT_ERR_DENIED, mailslot_list(count_name, &count));
    check_int(0, count);
}

static void s3a_directory_that_others_may_write_is_denied(void **state) {
    (void)state;
    char path[PATH_MAX];
    slotdir_of(geteuid(), path);
    static const mode_t modes[] = {0777, 01777, 0731, 0713, 0722};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        check(mkdir(path, 0700) == 0 && chmod(path, modes[i]) == 0);
        check_all_denied();
        check_int(modes[i], status_of(path).st_mode & 07777);
        check(rmdir(path) == 0);
    }
}

static void s3a_symlink_in_place_of_the_directory_is_denied(void **state) {
    (void)state;
    char path[PATH_MAX];
    char elsewhere[PATH_MAX];
    slotdir_of(geteuid(), path);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", slotdir_path());
    check(mkdir(elsewhere, 0711) == 0 && symlink(elsewhere, path) == 0);
    check_all_denied();
    check_int(0, slotdir_entries(elsewhere, NULL));
}

static void s3a_dangling_symlink_in_place_of_the_directory_is_denied(void **state) {
    (void)state;
    char path[PATH_MAX];
    slotdir_of(geteuid(), path);
    check(symlink("nowhere", path) == 0);
    check_all_denied();
    check_int(1, slotdir_entries(slotdir_path(), NULL));
}

static void s3a_file_in_place_of_the_directory_is_denied(void **state) {
    (void)state;
    char path[PATH_MAX];
    slotdir_of(geteuid(), path);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0711);
    check(fd >= 0 && close(fd) == 0);
    check_all_denied();
}

static void s3a_directory_of_another_owner_is_denied(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip_loudly("giving a directory away needs root");
    char path[PATH_MAX];
    slotdir_of(0, path);
    check(mkdir(path, 0711) == 0 && chmod(path, 0711) == 0 && chown(path, NOBODY, NOBODY) == 0);
    check_all_denied();
    check_err(MAILSLOT_ERR_DENIED, try_open("trace", MAILSLOT_READ));
    check_detail(path);
    check_detail("have that user or root remove it"); /* the cure */
}

static void s3a_without_a_directory_there_are_no_slots_and_writers_make_none(void **state) {
    (void)state;
    check_int(0, listed());
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("trace", &info));
}

static void s3a_slot_directories_are_worlds_of_their_own(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    char first[PATH_MAX];
    snprintf(first, sizeof first, "%s", slotdir_path());
    check(slotdir_setup(NULL) == 0);
    check_int(0, listed());
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_ok(try_open("trace", MAILSLOT_READ));
    check(slotdir_teardown(NULL) == 0);
    check(setenv("MAILSLOT_DIR", first, 1) == 0);
    check_int(1, listed());
    mailslot_close(reader);
}

/* Opens both ends of a slot where slots lie by default. Leaves /dev/shm as it was. */
static void check_slots_lie_in_dev_shm(void) {
    char place[PATH_MAX];
    snprintf(place, sizeof place, "/dev/shm/mailslot-%lu", (unsigned long)geteuid());
    bool is_new = access(place, F_OK) != 0;
    mailslot *reader = open_reader(UNLIKELY_NAME);
    mailslot *writer = open_writer(UNLIKELY_NAME);
    bool mapped = slotdir_is_mapped(place);
    mailslot_close(writer);
    mailslot_close(reader);
    if (is_new)
        (void)rmdir(place); /* unless others have put slots there meanwhile */
    check(mapped);
}

static void s3a_slots_lie_in_dev_shm_by_default(void **state) {
    (void)state;
    char ours[PATH_MAX];
    snprintf(ours, sizeof ours, "%s", slotdir_path());
    unsetenv("MAILSLOT_DIR");
    check_slots_lie_in_dev_shm();
    check(setenv("MAILSLOT_DIR", ours, 1) == 0);
}

/* Copies this program, as one that runs with the rights of user nobody, to where the file system
 * lets it; an empty path if that is nowhere. */
static void make_set_uid_copy(const char *directory, char copy[PATH_MAX]) {
    char command[2 * PATH_MAX];
    struct statvfs filesystem;
    snprintf(copy, PATH_MAX, "%s/probe", directory);
    snprintf(command, sizeof command, "cp /proc/%d/exe %s", (int)getpid(), copy);
    bool made = statvfs(directory, &filesystem) == 0 && !(filesystem.f_flag & ST_NOSUID) &&
                system(command) == 0 && chown(copy, NOBODY, NOBODY) == 0 &&
                chmod(copy, 04755) == 0 && chmod(directory, 0755) == 0;
    if (!made)
        *copy = '\0';
}

static int status_of_program(const char *path, const char *argument) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        alarm(60); /* an exec keeps it, but not PR_SET_PDEATHSIG if the program is set-uid */
        execl(path, path, argument, (char *)NULL);
        _exit(CHECK_FAILED);
    }
    check(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void s3a_set_uid_programs_ignore_the_environment(void **state) {
    (void)state;
    char directory[] = "/tmp/mailslot-test-XXXXXX";
    char copy[PATH_MAX];
    if (geteuid() != 0 || !mkdtemp(directory))
        skip_loudly("making a set-uid program needs root");
    check(chmod(slotdir_path(), 01777) == 0); /* so that nothing but S3a keeps it out */
    make_set_uid_copy(directory, copy);
    int status = *copy ? status_of_program(copy, SET_UID_PROBE) : SKIPPED;
    unlink(copy);
    rmdir(directory);
    if (status == SKIPPED)
        skip_loudly("set-uid programs do not run here");
    check_int(0, status);
    check_int(0, slotdir_entries(slotdir_path(), NULL));
}

/* What the set-uid copy of this program does. It ends by _exit, as children of tests do: a leak
 * checker cannot look into a set-uid process. */
static void probe_as_set_uid_program(void) {
    if (geteuid() == getuid())
        _exit(SKIPPED);
    check(slotdir_path() != NULL);
    check_slots_lie_in_dev_shm();
    _exit(0);
}

static void read_trace(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader("trace");
    check_int(1, listed());
    peer_tell(parent, getpid());
    check_int((int64_t)peer_hear(parent), (int64_t)count_of(reader));
    mailslot_close(reader);
}

static void s3a_users_may_read_the_same_name_each_for_himself(void **state) {
    (void)state;
    if (!may_act_as_nobody())
        skip_loudly("acting as another user needs root");
    struct peer nobody = child_start_as(NOBODY, read_trace, NULL);
    peer_hear(&nobody);
    check_int(0, listed());
    mailslot *reader = open_reader("trace");
    check_int(1, listed());
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "mine"));
    expect_text(reader, "mine");
    peer_tell(&nobody, 0); /* messages it should have */
    child_join(&nobody);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void check_denied_naming(const char *user, const char *uid) {
    check_err(MAILSLOT_ERR_DENIED, try_open("trace", MAILSLOT_WRITE));
    check_detail("trace");
    check(strstr(mailslot_detail(), user) || strstr(mailslot_detail(), uid));
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_DENIED, mailslot_stat("trace", &info));
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("other", MAILSLOT_WRITE));
    check_int(0, listed());
}

static void s10_a_strangers_slot_is_denied_naming_its_owner(void **state) {
    (void)state;
    if (!may_act_as_nobody())
        skip_loudly("acting as another user needs root");
    struct peer nobody = child_start_as(NOBODY, read_trace, NULL);
    peer_hear(&nobody);
    check_denied_naming("nobody", "65534");
    peer_tell(&nobody, 0);
    child_join(&nobody);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
}

static void be_a_stranger(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    check_denied_naming("root", " 0");
    mailslot *own = open_reader("trace"); /* which is a slot of another world */
    mailslot_close(own);
    check_denied_naming("root", " 0");
}

static void s10_a_stranger_is_denied(void **state) {
    (void)state;
    if (!may_act_as_nobody())
        skip_loudly("acting as another user needs root");
    mailslot *reader = open_reader("trace");
    struct peer nobody = child_start_as(NOBODY, be_a_stranger, NULL);
    child_join(&nobody);
    check_count(0, reader);
    mailslot_close(reader);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], SET_UID_PROBE) == 0)
        probe_as_set_uid_program();
    const struct CMUnitTest tests[] = {
        slot_test(s3a_slots_live_in_the_users_own_directory_whatever_the_umask),
        slot_test(s3a_the_users_own_directory_is_never_lost_to_an_umask),
        slot_test(s3a_directory_that_others_may_write_is_denied),
        slot_test(s3a_symlink_in_place_of_the_directory_is_denied),
        slot_test(s3a_dangling_symlink_in_place_of_the_directory_is_denied),
        slot_test(s3a_file_in_place_of_the_directory_is_denied),
        slot_test(s3a_directory_of_another_owner_is_denied),
        slot_test(s3a_without_a_directory_there_are_no_slots_and_writers_make_none),
        slot_test(s3a_slot_directories_are_worlds_of_their_own),
        slot_test(s3a_slots_lie_in_dev_shm_by_default),
        slot_test(s3a_set_uid_programs_ignore_the_environment),
        slot_test(s3a_users_may_read_the_same_name_each_for_himself),
        slot_test(s10_a_strangers_slot_is_denied_naming_its_owner),
        slot_test(s10_a_stranger_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
