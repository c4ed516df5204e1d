/* Corners that everyday use does not come to, each reached on purpose. */
#include "child.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <mailslot/codec.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define NAME "corner"

static mailslot_err count_one(void *ctx, const char *name, const mailslot_info *info) {
    (void)name, (void)info;
    ++*(int *)ctx;
    return MAILSLOT_OK;
}

/* ---- Options ---- */

static void options_of_a_newer_header_may_only_ask_for_nothing_new(void **state) {
    (void)state;
    struct {
        mailslot_options known;
        uint64_t later;
    } newer;
    memset(&newer, 0, sizeof newer);
    newer.known = (mailslot_options)MAILSLOT_OPTIONS_INIT;
    newer.known.size = sizeof newer;
    mailslot *slot = open_with(NAME, &newer.known);
    mailslot_close(slot);
    newer.later = 1;
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_open(&slot, NAME, &newer.known));
    check(slot == NULL);
}

/* ---- Codecs ---- */

static mailslot_err refuse_value(const mailslot_codec *codec, const void *value,
                                 mailslot_sink *sink) {
    (void)codec, (void)value, (void)sink;
    return MAILSLOT_ERR_INVALID;
}

static mailslot_err refuse_message(const mailslot_codec *codec, mailslot_scratch *scratch,
                                   mailslot_bytes bytes, const void **value) {
    (void)codec, (void)scratch, (void)bytes, (void)value;
    return MAILSLOT_ERR_INVALID;
}

static void a_codec_that_says_nothing_is_named(void **state) {
    (void)state;
    static const mailslot_codec mute = {sizeof mute, "mute", NULL, refuse_value, refuse_message};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = &mute;
    options.direction = MAILSLOT_READ;
    options.bad_messages = MAILSLOT_BAD_REPORT;
    mailslot *reader = open_with(NAME, &options);
    options.direction = MAILSLOT_WRITE;
    mailslot *writer = open_with(NAME, &options);
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_err(MAILSLOT_ERR_BAD_VALUE, mailslot_put(writer, "value"));
    check_detail("mute");
    check_ok(mailslot_put_bytes(writer, "bytes", 5));
    check_err(MAILSLOT_ERR_BAD_MESSAGE, mailslot_get_nowait(reader, record));
    check_detail("mute");
    check(mailslot_record_value(record) == NULL);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Its schema is the slot to put to. */
static mailslot_err put_inner(const mailslot_codec *codec, const void *value, mailslot_sink *sink) {
    mailslot *slot = *(mailslot *const *)codec->schema;
    mailslot_err err = mailslot_put_as(slot, mailslot_codec_default(), "inner");
    return err ? err : mailslot_sink_write(sink, value, strlen(value));
}

static void a_codec_may_put_while_it_encodes(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME), *writer = NULL;
    const mailslot_codec nesting = {sizeof nesting, "nesting", &writer, put_inner, refuse_message};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = &nesting;
    options.direction = MAILSLOT_WRITE;
    writer = open_with(NAME, &options);
    for (int i = 0; i < 3; i++) {
        check_ok(mailslot_put(writer, "outer"));
        expect_text(reader, "inner");
        expect_text(reader, "outer");
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

/* ---- The detail, which calls that succeed leave alone ---- */

#define BEFORE "what failed before"

/* Returns what the call did, unless it said something although it succeeded. */
#define quietly(call) (mailslot_fail(MAILSLOT_ERR_OS, BEFORE), quiet_result(call))

static mailslot_err quiet_result(mailslot_err err) {
    if (!err)
        check_text(BEFORE, mailslot_detail());
    return err;
}

static mailslot_err put_one_more(mailslot *writer) {
    return quietly(mailslot_put_bytes(writer, "more", 4));
}

static void a_put_that_waited_for_room_says_nothing_of_it(void **state) {
    (void)state;
    mailslot *reader = open_small_reader(NAME, 4096, 0);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    mailslot *hasty = open_with(NAME, &options);
    options.put_timeout_ms = MAILSLOT_FOREVER;
    mailslot *patient = open_with(NAME, &options);
    uint64_t put = 0;
    while (mailslot_put_bytes(hasty, &put, sizeof put) == MAILSLOT_OK)
        put++;
    check_detail("the mailslot is full");
    struct blocker blocker = {.slot = patient, .call = put_one_more};
    blocker_start(&blocker);
    for (uint64_t i = 0; i < put; i++)
        check_int((int64_t)i, (int64_t)get_number(reader));
    check_ok(blocker_join(&blocker));
    mailslot_close(patient);
    mailslot_close(hasty);
    mailslot_close(reader);
}

static mailslot_err pass_over(void *ctx, const mailslot_record *record) {
    (void)ctx, (void)record;
    return MAILSLOT_OK;
}

static void an_iteration_that_found_no_more_says_nothing_of_it(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME);
    check_ok(mailslot_set_timeout(reader, MAILSLOT_NO_WAIT));
    check_ok(mailslot_put(writer, "text"));
    check_ok(quietly(mailslot_each(reader, pass_over, NULL)));
    mailslot_close(writer);
    mailslot_close(reader);
}

static void make_half(const char *name, time_t age_s) {
    char directory[PATH_MAX], path[PATH_MAX + 32];
    slotdir_of(geteuid(), directory);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    struct timespec times[2] = {{.tv_sec = time(NULL) - age_s}, {.tv_sec = time(NULL) - age_s}};
    check(fd >= 0 && futimens(fd, times) == 0);
    close(fd);
}

static void a_listing_says_nothing_of_what_it_passes_over(void **state) {
    (void)state;
    int count = 0;
    check_ok(quietly(mailslot_list(count_one, &count))); /* no directory yet */
    mailslot *reader = open_reader(NAME);
    make_half("foreign", 0);
    check_ok(quietly(mailslot_list(count_one, &count)));
    check_int(1, count);
    mailslot_close(reader);
}

static void a_listing_that_fails_says_why(void **state) {
    (void)state;
    char path[PATH_MAX];
    slotdir_of(geteuid(), path);
    check(symlink("nowhere", path) == 0);
    check_err(MAILSLOT_ERR_DENIED, quietly(mailslot_list(count_one, &(int){0})));
    check_detail("is not a directory");
}

/* ---- Names ---- */

static void names_that_are_nearly_right_are_refused(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_BAD_NAME, try_open("\\\\.\\mailsloX\\name", MAILSLOT_READ));
    char text[300];
    memset(text, 'a', sizeof text);
    text[246] = '\\';
    text[248] = '\0';
    check_err(MAILSLOT_ERR_BAD_NAME, try_open(text, MAILSLOT_READ));
    check_detail("246");
    text[246] = '\0';
    check_ok(try_open(text, MAILSLOT_READ));
}

/* ---- Writers ---- */

/* One lock over all of the writers' bytes stands for 65,535 writers. */
static void more_than_65535_writers_are_too_many(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME);
    char path[PATH_MAX];
    slotdir_only_file(path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 65535};
    check(fd >= 0 && fcntl(fd, F_OFD_SETLK, &all) == 0);
    check_err(MAILSLOT_ERR_FULL, try_open(NAME, MAILSLOT_WRITE));
    check_detail("65535");
    all.l_type = F_UNLCK;
    all.l_start = 65535;
    all.l_len = 1;
    check(fcntl(fd, F_OFD_SETLK, &all) == 0);
    check_ok(try_open(NAME, MAILSLOT_WRITE)); /* the last one still fits */
    close(fd);
    mailslot_close(reader);
}

/* ---- Directories ---- */

static void a_directory_that_cannot_be_is_refused(void **state) {
    (void)state;
    char before[PATH_MAX], beyond[PATH_MAX + 16];
    snprintf(before, sizeof before, "%s", slotdir_path());
    memset(beyond, 'd', sizeof beyond);
    beyond[0] = '/';
    beyond[sizeof beyond - 1] = '\0';
    setenv("MAILSLOT_DIR", beyond, 1);
    check_err(MAILSLOT_ERR_OS, try_open(NAME, MAILSLOT_READ));
    check_detail("MAILSLOT_DIR");
    setenv("MAILSLOT_DIR", "/nowhere", 1);
    check_err(MAILSLOT_ERR_OS, try_open(NAME, MAILSLOT_READ));
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open(NAME, MAILSLOT_WRITE));
    setenv("MAILSLOT_DIR", before, 1);
}

/* A file that has the name of another user's directory says nothing of that user's slots. */
static void what_is_no_directory_of_another_user_is_passed_over(void **state) {
    (void)state;
    char path[PATH_MAX];
    slotdir_of(geteuid() + 1, path);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    check(fd >= 0);
    close(fd);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open(NAME, MAILSLOT_WRITE));
}

static void a_listing_removes_what_the_dead_left_half_made(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME);
    make_half(":1-1", 3600);
    make_half(":1-2", 0);
    check_int(3, slotdir_files());
    int count = 0;
    check_ok(mailslot_list(count_one, &count));
    check_int(1, count);
    check_int(2, slotdir_files()); /* somebody may be making the young one */
    mailslot_close(reader);
}

/* ---- Damage ---- */

static void overwrite(const char *path) {
    unsigned char noise[4096 - 512];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    check(fd >= 0 && pwrite(fd, noise, sizeof noise, 512) == sizeof noise);
    close(fd);
}

static mailslot_err never(void *ctx, const mailslot_record *record) {
    (void)ctx, (void)record;
    return MAILSLOT_ERR_INVALID;
}

static void every_way_to_look_tells_damage_and_where(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME);
    char path[PATH_MAX];
    slotdir_only_file(path);
    overwrite(path);
    size_t count;
    bool is;
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_DAMAGED, mailslot_count(reader, &count));
    check_detail(NAME ": ");
    check_err(MAILSLOT_ERR_DAMAGED, mailslot_empty(reader, &is));
    check_err(MAILSLOT_ERR_DAMAGED, mailslot_full(reader, &is));
    check_detail(NAME ": ");
    check_err(MAILSLOT_ERR_DAMAGED, mailslot_info_get(reader, &info));
    check_err(MAILSLOT_ERR_DAMAGED, mailslot_each(reader, never, NULL));
    mailslot_close(reader);
    check_int(0, slotdir_files());
}

/* ---- Children ---- */

/* By exit(), not _exit(), so that what a library registers for the end of a process runs too. */
static void in_child(void (*body)(void *ctx), void *ctx) {
    pid_t pid = fork();
    check(pid >= 0);
    if (pid == 0) {
        alarm(PEER_PATIENCE_S);
        body(ctx);
        exit(0);
    }
    int status = -1;
    check(waitpid(pid, &status, 0) == pid);
    check_int(0, status);
}

struct ends {
    mailslot *reader, *writer;
};

static void use_inherited(void *ctx) {
    struct ends *ends = ctx;
    size_t len;
    bool is;
    mailslot_handle handle;
    check_err(MAILSLOT_ERR_CLOSED, mailslot_put_bytes(ends->writer, "a", 1));
    check_err(MAILSLOT_ERR_CLOSED, mailslot_get_bytes(ends->reader, NULL, 0, &len, 0));
    check_err(MAILSLOT_ERR_CLOSED, mailslot_empty(ends->reader, &is));
    check_err(MAILSLOT_ERR_CLOSED, mailslot_set_timeout(ends->reader, 5));
    check_err(MAILSLOT_ERR_CLOSED, mailslot_waitable(ends->reader, &handle));
    mailslot_close(ends->writer);
    mailslot_close(ends->reader);
}

static void a_child_that_exits_leaves_its_parents_slots_alone(void **state) {
    (void)state;
    struct ends ends = {open_reader(NAME), open_writer(NAME)};
    mailslot_handle handle;
    check_ok(mailslot_waitable(ends.reader, &handle));
    put_number(ends.writer, 1);
    in_child(use_inherited, &ends);
    put_number(ends.writer, 2);
    check_int(1, (int64_t)get_number(ends.reader));
    check_int(2, (int64_t)get_number(ends.reader));
    mailslot_close(ends.writer);
    mailslot_close(ends.reader);
}

static void use_without_stdio(void *ctx) {
    (void)ctx;
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME);
    mailslot_handle handle;
    check_ok(mailslot_waitable(reader, &handle));
    check(fcntl(STDIN_FILENO, F_GETFD) < 0 && fcntl(STDOUT_FILENO, F_GETFD) < 0);
    put_number(writer, 5);
    check_int(5, (int64_t)get_number(reader));
    mailslot_close(writer);
    mailslot_close(reader);
}

static void a_process_without_stdio_does_not_print_into_its_slots(void **state) {
    (void)state;
    in_child(use_without_stdio, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(options_of_a_newer_header_may_only_ask_for_nothing_new),
        slot_test(a_codec_that_says_nothing_is_named),
        slot_test(a_codec_may_put_while_it_encodes),
        slot_test(a_put_that_waited_for_room_says_nothing_of_it),
        slot_test(an_iteration_that_found_no_more_says_nothing_of_it),
        slot_test(a_listing_says_nothing_of_what_it_passes_over),
        slot_test(a_listing_that_fails_says_why),
        slot_test(names_that_are_nearly_right_are_refused),
        slot_test(more_than_65535_writers_are_too_many),
        slot_test(a_directory_that_cannot_be_is_refused),
        slot_test(what_is_no_directory_of_another_user_is_passed_over),
        slot_test(a_listing_removes_what_the_dead_left_half_made),
        slot_test(every_way_to_look_tells_damage_and_where),
        slot_test(a_child_that_exits_leaves_its_parents_slots_alone),
        slot_test(a_process_without_stdio_does_not_print_into_its_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
