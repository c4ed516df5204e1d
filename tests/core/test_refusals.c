/*
 * A system that refuses: every call that opening, putting, getting and looking make is made to fail
 * in turn, and each time the caller must be told, nothing may leak, and the next try must work.
 */
#include "child.h"
#include "fault.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <errno.h>

#define NAME "refused"

/* ---- Refusals ---- */

/* How a call fails, and what the library may make of it: a bit for each error, and MAILSLOT_OK
 * where it has another way. Where it cannot ask who holds a lock, it takes it for held. */
struct refusal {
    const char *function;
    int error;
    unsigned allowed;
};

#define MAY(err) (1u << MAILSLOT_ERR_##err)
#define MAY_WORK (1u << MAILSLOT_OK)

static const struct refusal refusals[] = {
    {"malloc", ENOMEM, MAY(NO_MEMORY)},
    {"calloc", ENOMEM, MAY(NO_MEMORY)},
    {"realloc", ENOMEM, MAY(NO_MEMORY)},
    {"mmap", ENOMEM, MAY(NO_MEMORY)},
    {"access", ENOENT, MAY_WORK},
    {"mkdir", EACCES, MAY(OS)},
    {"open", EMFILE, MAY(OS)},
    {"open", EACCES, MAY(DENIED) | MAY_WORK},
    {"openat", EMFILE, MAY(OS) | MAY_WORK},
    {"openat", EACCES, MAY(DENIED) | MAY_WORK},
    {"openat", ENXIO, MAY(DAMAGED) | MAY(UNSUPPORTED) | MAY_WORK},
    {"fchmod", EPERM, MAY(OS)},
    {"fstat", EIO, MAY(OS) | MAY_WORK},
    {"fallocate", ENOSPC, MAY(FULL)},
    {"fallocate", EINTR, MAY_WORK},
    {"ftruncate", EFBIG, MAY(FULL)},
    {"pread", EIO, MAY(DAMAGED) | MAY(UNSUPPORTED)},
    {"linkat", ENOSPC, MAY(FULL)},
    {"linkat", EPERM, MAY(OS)},
    {"fcntl", ENOLCK, MAY(OS) | MAY(IN_USE) | MAY_WORK},
    {"eventfd", EMFILE, MAY(OS)},
    {"opendir", EMFILE, MAY_WORK},
    {"fdopendir", ENOMEM, MAY(NO_MEMORY) | MAY_WORK},
    {"pthread_create", EAGAIN, MAY(OS)},
};

/* What may be refused. prepare makes what it needs, undo takes back what a success made. */
struct attempt {
    mailslot *reader, *writer;
    mailslot_record *record;
};

struct scenario {
    void (*prepare)(struct attempt *attempt);
    mailslot_err (*act)(struct attempt *attempt);
    unsigned also; /* what it may come to besides what the refusal allows */
};

static void undo(struct attempt *attempt) {
    mailslot_close(attempt->writer);
    mailslot_close(attempt->reader);
    mailslot_record_free(attempt->record);
}

static int descriptors(void) { return slotdir_entries("/proc/self/fd", NULL); }

static void check_refusal(const struct refusal *refusal, unsigned also, mailslot_err err) {
    if (!((refusal->allowed | also) >> err & 1))
        print_error("%s: %s, \"%s\"\n", refusal->function, mailslot_errname(err),
                    mailslot_detail());
    check((refusal->allowed | also) >> err & 1);
    if (err)
        check(mailslot_detail()[0] != '\0');
}

/* Refuses the call after `after` others; false if there are not so many. */
static bool refuse_one(const struct scenario *scenario, const struct refusal *refusal, int after) {
    struct attempt attempt = {NULL, NULL, NULL};
    int before = descriptors();
    scenario->prepare(&attempt);
    fault_plan(refusal->function, refusal->error, after);
    mailslot_err err = scenario->act(&attempt);
    bool struck = fault_end();
    if (struck)
        check_refusal(refusal, scenario->also, err);
    else
        check_ok(err);
    if (err)
        check_ok(scenario->act(&attempt)); /* the failure fixed nothing */
    undo(&attempt);
    check_int(before, descriptors());
    check_within(SOON_MS, thread_count() == 1);
    check_int(0, slotdir_files());
    return struck;
}

/* Returns how many calls were refused in all. */
static int refuse_all(const struct scenario *scenario) {
    int refused = 0;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        for (int after = 0; refuse_one(scenario, &refusals[i], after); after++)
            check(++refused < 1000);
    return refused;
}

/* ---- Scenarios ---- */

static mailslot_err open_end(mailslot **slot, mailslot_direction direction) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    mailslot_err err = mailslot_open(slot, NAME, &options);
    check((*slot == NULL) == (err != MAILSLOT_OK));
    return err;
}

static void nothing(struct attempt *attempt) { (void)attempt; }

static void with_reader(struct attempt *attempt) { attempt->reader = open_reader(NAME); }

static void with_both(struct attempt *attempt) {
    with_reader(attempt);
    attempt->writer = open_writer(NAME);
}

static void with_message(struct attempt *attempt) {
    static const char long_text[3000] = "a record must grow for it";
    with_both(attempt);
    check_ok(mailslot_put_bytes(attempt->writer, long_text, sizeof long_text));
    check_ok(mailslot_record_new(&attempt->record));
}

static void hold_until_killed(struct peer *parent, void *ctx) {
    (void)ctx;
    open_reader(NAME);
    peer_tell(parent, 0);
    peer_hear(parent);
}

static void after_a_dead_reader(struct attempt *attempt) {
    (void)attempt;
    struct peer child = child_start(hold_until_killed, NULL);
    peer_hear(&child);
    child_kill(&child);
}

static mailslot_err act_read(struct attempt *attempt) {
    return open_end(&attempt->reader, MAILSLOT_READ);
}

static mailslot_err act_write(struct attempt *attempt) {
    return open_end(&attempt->writer, MAILSLOT_WRITE);
}

static mailslot_err act_put(struct attempt *attempt) {
    return mailslot_put(attempt->writer, "text");
}

static mailslot_err act_make_record(struct attempt *attempt) {
    return mailslot_record_new(&attempt->record);
}

static mailslot_err act_get(struct attempt *attempt) {
    return mailslot_get_nowait(attempt->reader, attempt->record);
}

static mailslot_err act_wait(struct attempt *attempt) {
    mailslot_handle handle;
    return mailslot_waitable(attempt->reader, &handle);
}

static mailslot_err act_stat(struct attempt *attempt) {
    (void)attempt;
    mailslot_info info = MAILSLOT_INFO_INIT;
    return mailslot_stat(NAME, &info);
}

static mailslot_err count_name(void *ctx, const char *name, const mailslot_info *info) {
    (void)ctx, (void)name, (void)info;
    return MAILSLOT_OK;
}

static mailslot_err act_list(struct attempt *attempt) {
    (void)attempt;
    return mailslot_list(count_name, NULL);
}

/* ---- Tests ---- */

/* A list leaves out the slots that it cannot look at. */
static void check_scenario(void (*prepare)(struct attempt *), mailslot_err (*act)(struct attempt *),
                           int least) {
    unsigned also = act == act_list ? MAY_WORK : 0;
    int refused = refuse_all(&(struct scenario){prepare, act, also});
    check(refused >= least);
}

static void a_refused_reader_leaves_nothing(void **state) {
    (void)state;
    check_scenario(nothing, act_read, 15);
    check_scenario(after_a_dead_reader, act_read, 20);
}

static void a_refused_writer_leaves_nothing(void **state) {
    (void)state;
    check_scenario(with_reader, act_write, 12);
}

static void a_refused_put_can_be_repeated(void **state) {
    (void)state;
    check_scenario(with_both, act_put, 3);
}

static void a_refused_get_leaves_the_message(void **state) {
    (void)state;
    check_scenario(nothing, act_make_record, 2);
    check_scenario(with_message, act_get, 1);
}

static void a_refused_waitable_can_be_asked_for_again(void **state) {
    (void)state;
    check_scenario(with_reader, act_wait, 3);
}

static void a_refused_look_leaks_nothing(void **state) {
    (void)state;
    check_scenario(with_reader, act_stat, 8);
    check_scenario(with_reader, act_list, 3);
}

static void check_slot_works(void) {
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    char path[PATH_MAX];
    slotdir_only_file(path); /* and nothing beside it */
    put_number(writer, 7);
    check_int(7, (int64_t)get_number(reader));
    mailslot_close(writer);
    mailslot_close(reader);
    check_int(0, slotdir_files());
}

static void without_unnamed_files_or_proc_there_is_another_way(void **state) {
    (void)state;
    fault_plan_flags("openat", EOPNOTSUPP, O_TMPFILE);
    check_slot_works();
    check(fault_end());
    fault_plan("access", ENOENT, 0);
    check_slot_works();
    check(fault_end());
}

/* As processes of our number in other PID namespaces, or long dead, may have made them. */
static void temporary_names_of_others_are_left_alone(void **state) {
    (void)state;
    enum { OTHERS = 100 };
    char directory[PATH_MAX], path[PATH_MAX + 32];
    check_ok(try_open(NAME, MAILSLOT_READ));
    slotdir_of(geteuid(), directory);
    for (int i = 0; i < OTHERS; i++) {
        snprintf(path, sizeof path, "%s/:%ld-%d", directory, (long)getpid(), i);
        int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        check(fd >= 0 && close(fd) == 0);
    }
    fault_plan_flags("openat", EOPNOTSUPP, O_TMPFILE);
    check_ok(try_open(NAME, MAILSLOT_READ));
    check(fault_end());
    check_int(OTHERS, slotdir_files());
}

static void a_full_file_system_is_full_by_either_way(void **state) {
    (void)state;
    fault_plan_flags("openat", ENOSPC, O_RDWR);
    check_err(MAILSLOT_ERR_FULL, try_open(NAME, MAILSLOT_READ));
    check(fault_end());
    check_int(0, slotdir_files());
}

/* As if the file of that name had been removed between finding and opening it. */
static void a_name_that_is_free_at_the_second_look_is_taken_silently(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("other", MAILSLOT_WRITE));
    fault_plan("linkat", EEXIST, 0);
    check_slot_works();
    check(fault_end());
    check_detail("other: ");
}

/* The refused chunk of the ring is found later, when the system gives again. */
static void memory_refused_to_the_ring_is_full_and_counted(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    fault_plan("fallocate", ENOSPC, 0);
    check_err(MAILSLOT_ERR_FULL, mailslot_put(writer, "text"));
    check(fault_end());
    check_detail("memory");
    check_int(1, (int64_t)info_of(reader).refused);
    check_ok(mailslot_put(writer, "text"));
    expect_text(reader, "text");
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Such a capacity is cut into chunks of half a MiB. */
enum { LARGE_CAPACITY = 256 << 20, LARGE_CHUNK = 512 << 10 };

static int64_t occupied(void) {
    char path[PATH_MAX];
    struct stat status;
    slotdir_only_file(path);
    check(stat(path, &status) == 0);
    return (int64_t)status.st_blocks * 512;
}

/* As signals do that come faster than the system can give a whole chunk. */
static void a_large_chunk_is_had_although_signals_come_all_the_time(void **state) {
    (void)state;
    mailslot *reader = open_small_reader(NAME, LARGE_CAPACITY, 0);
    mailslot *writer = open_writer(NAME);
    alarm(PEER_PATIENCE_S);
    fault_plan_flags("fallocate", EINTR, LARGE_CHUNK);
    check_ok(mailslot_put(writer, "text"));
    fault_end();
    alarm(0);
    check(occupied() >= LARGE_CHUNK && occupied() < 2 * LARGE_CHUNK);
    expect_text(reader, "text");
    mailslot_close(writer);
    mailslot_close(reader);
}

/* As on file systems that cannot reserve space but by writing to it. */
static void space_is_reserved_by_writing_where_there_is_no_other_way(void **state) {
    (void)state;
    enum { ANY_LENGTH = 4096 };
    fault_plan_flags("fallocate", EOPNOTSUPP, ANY_LENGTH);
    check_slot_works();
    check(fault_end());
}

static void of_a_chunk_that_cannot_be_had_whole_nothing_is_kept(void **state) {
    (void)state;
    mailslot *reader = open_small_reader(NAME, LARGE_CAPACITY, 0);
    mailslot *writer = open_writer(NAME);
    int64_t before = occupied();
    fault_plan("fallocate", ENOSPC, 2);
    check_err(MAILSLOT_ERR_FULL, mailslot_put(writer, "text"));
    check(fault_end());
    check_int(before, occupied());
    check_ok(mailslot_put(writer, "text"));
    expect_text(reader, "text");
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Any user can make as many as he likes where all may. */
static void directories_of_others_are_looked_at_in_bounded_number(void **state) {
    (void)state;
    enum { OTHERS = 1000, CALLS = 300 };
    char path[PATH_MAX];
    for (unsigned i = 0; i < OTHERS; i++) {
        slotdir_of(100000 + i, path);
        check(mkdir(path, 0711) == 0);
    }
    fault_plan("openat", EMFILE, CALLS);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open(NAME, MAILSLOT_WRITE));
    check(!fault_end());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(a_refused_reader_leaves_nothing),
        slot_test(a_refused_writer_leaves_nothing),
        slot_test(a_refused_put_can_be_repeated),
        slot_test(a_refused_get_leaves_the_message),
        slot_test(a_refused_waitable_can_be_asked_for_again),
        slot_test(a_refused_look_leaks_nothing),
        slot_test(without_unnamed_files_or_proc_there_is_another_way),
        slot_test(temporary_names_of_others_are_left_alone),
        slot_test(directories_of_others_are_looked_at_in_bounded_number),
        slot_test(a_full_file_system_is_full_by_either_way),
        slot_test(a_name_that_is_free_at_the_second_look_is_taken_silently),
        slot_test(memory_refused_to_the_ring_is_full_and_counted),
        slot_test(a_large_chunk_is_had_although_signals_come_all_the_time),
        slot_test(space_is_reserved_by_writing_where_there_is_no_other_way),
        slot_test(of_a_chunk_that_cannot_be_had_whole_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
