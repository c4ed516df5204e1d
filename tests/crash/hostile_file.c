/*
 * Files in the slot directory that hold anything at all: stat, list and both kinds of open give an
 * error or get along with it. What is not a slot is left alone.
 *
 *     test_hostile_file [--rounds N] [--seed N]
 */
#include "clock.h"
#include "message.h"
#include "slotdir.h"
#include "slots.h"

#include <errno.h>
#include <stdlib.h>

/* A slot's file begins with a header of 512 bytes at most, whose first 32 say what it is and how
 * large; then comes the queue's shared part, and from 4096 on its ring. */
enum { IDENTITY = 32, HEADER = 512, RING = 4096, CAPACITY = 20000, FILE_MAX = 64 << 10 };

#define NAME "hostile"

static int rounds = 5000;
static uint64_t seed;
static unsigned char original[FILE_MAX];
static size_t original_size;
static char path[PATH_MAX];

/* ---- The file ---- */

/* A live slot's file with some messages in it. */
static void copy_original(void) {
    mailslot *reader = open_small_reader(NAME, CAPACITY, 0);
    mailslot *writer = open_writer(NAME);
    for (uint64_t i = 0; i < 100; i++)
        put_number(writer, i);
    slotdir_only_file(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, original, sizeof original);
    check(size > RING && size < FILE_MAX);
    original_size = (size_t)size;
    close(fd);
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Leaves the file open, with a reader's byte held or not. */
static int make_file(const unsigned char *bytes, size_t size, bool live) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    check(!live || fcntl(fd, F_OFD_SETLK, &lock) == 0);
    return fd;
}

/* What was overwritten decides what must come of it. */
struct damage {
    size_t from, to; /* bytes of the file that may have changed */
    size_t size;
};

static struct damage damage_bytes(unsigned char *bytes, uint64_t random) {
    static const struct damage parts[] = {
        {0, IDENTITY, 0}, {IDENTITY, HEADER, 0}, {HEADER, RING, 0}, {RING, RING + CAPACITY, 0}};
    struct damage damage = parts[random % 4];
    damage.size = original_size;
    for (uint64_t i = random / 4 % 16; i > 0; i--) {
        uint64_t more = message_mix(random, i);
        bytes[damage.from + more % (damage.to - damage.from)] = (unsigned char)(more >> 32);
    }
    if (random / 64 % 8 == 0)
        damage.size = (size_t)(message_mix(random, 99) % FILE_MAX);
    return damage;
}

/* ---- What the library makes of it ---- */

static bool one_of(mailslot_err err, const mailslot_err *allowed) {
    while (*allowed && *allowed != err)
        allowed++;
    return *allowed == err; /* the last is MAILSLOT_OK */
}

static const mailslot_err to_look[] = {MAILSLOT_ERR_NOT_FOUND, MAILSLOT_ERR_DAMAGED, MAILSLOT_OK};
static const mailslot_err to_put[] = {MAILSLOT_ERR_FULL, MAILSLOT_ERR_DAMAGED, MAILSLOT_ERR_TOO_BIG,
                                      MAILSLOT_ERR_GONE, MAILSLOT_OK};

static mailslot_err count_slot(void *ctx, const char *name, const mailslot_info *info) {
    check(name && info->size >= sizeof *info);
    ++*(int *)ctx;
    return MAILSLOT_OK;
}

static void look_at_it(bool live, bool is_slot) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    int listed = 0;
    mailslot_err err = mailslot_stat(NAME, &info);
    check(one_of(err, to_look));
    check(err || (live && is_slot));
    check_ok(mailslot_list(count_slot, &listed));
    check_int(err == MAILSLOT_OK, listed);
}

static void write_to_it(bool live, bool is_slot) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    mailslot *writer = NULL;
    mailslot_err err = mailslot_open(&writer, NAME, &options);
    check(one_of(err, to_look));
    check(err || (live && is_slot));
    for (int i = 0; i < 8 && !err; i++) {
        char bytes[3000] = {0};
        err = mailslot_put_bytes(writer, bytes, sizeof bytes);
        check(one_of(err, to_put));
    }
    mailslot_close(writer);
}

static void read_over_it(bool live, bool is_slot, const struct stat *before) {
    struct stat after;
    mailslot_err err = try_open(NAME, MAILSLOT_READ);
    if (is_slot) {
        check_err(live ? MAILSLOT_ERR_IN_USE : MAILSLOT_OK, err);
    } else if (err != MAILSLOT_OK) {
        check(err == MAILSLOT_ERR_DAMAGED || err == MAILSLOT_ERR_IN_USE);
        check(stat(path, &after) == 0 && after.st_ino == before->st_ino &&
              after.st_size == before->st_size);
    }
}

static void try_everything_on(const unsigned char *bytes, const struct damage *damage, bool live) {
    struct stat status;
    /* Certainly no slot if of another size; certainly one if its identity was left alone. */
    bool of_size = damage->size == original_size;
    bool is_slot = of_size && damage->from >= HEADER;
    int fd = make_file(bytes, damage->size, live);
    check(fstat(fd, &status) == 0);
    look_at_it(live, of_size);
    write_to_it(live, of_size);
    read_over_it(live, is_slot, &status);
    close(fd);
    check(unlink(path) == 0 || errno == ENOENT);
}

static void files_that_hold_anything_do_no_harm(void **state) {
    (void)state;
    static unsigned char bytes[FILE_MAX];
    print_message("%d rounds, seed %llu\n", rounds, (unsigned long long)seed);
    copy_original();
    for (int i = 0; i < rounds; i++) {
        uint64_t random = message_mix(seed, (uint64_t)i);
        memcpy(bytes, original, sizeof bytes);
        struct damage damage = damage_bytes(bytes, random >> 8);
        try_everything_on(bytes, &damage, random % 4);
    }
    check_ok(try_open(NAME, MAILSLOT_READ));
}

static void a_copy_that_nobody_damaged_is_a_slot(void **state) {
    (void)state;
    mailslot_info info = MAILSLOT_INFO_INIT;
    copy_original();
    int fd = make_file(original, original_size, true);
    check_ok(mailslot_stat(NAME, &info));
    check_int(100, (int64_t)info.count);
    close(fd);
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat(NAME, &info));
}

int main(int argc, char **argv) {
    seed = (uint64_t)now_ns();
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--rounds") == 0)
            rounds = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 0);
    const struct CMUnitTest tests[] = {
        slot_test(a_copy_that_nobody_damaged_is_a_slot),
        slot_test(files_that_hold_anything_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
