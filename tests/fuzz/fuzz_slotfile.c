/*
 * A slot's file with anything in it. The input says which slot to begin with, what to overwrite in
 * its file, and who meets it: those who look at it, write to it and want its name, or the reader
 * whose own file it is.
 *
 *     flags: LIVE   a reader holds its lock             UNDER  overwritten under a living reader
 *            SIZED  two bytes follow: the file's size   LARGE  the larger of the two slots
 *     then, again and again: offset (2 bytes), length (1), that many bytes
 */
#include "fuzz.h"
#include "shortcuts.h"
#include "slotdir.h"

#include <errno.h>
#include <mailslot/mailslot.h>

enum { LIVE = 1, SIZED = 2, UNDER = 4, LARGE = 8, ORIGINALS = 2, FILE_MAX = 64 << 10 };

#define NAME "fuzz"

struct content {
    unsigned char bytes[FILE_MAX];
    size_t size;
};

static struct content originals[ORIGINALS];
static char directory[PATH_MAX], path[PATH_MAX + 16];

/* ---- Slots ---- */

static mailslot *open_slot(mailslot_direction direction, size_t capacity) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    options.capacity = capacity;
    mailslot *slot = NULL;
    require(mailslot_open(&slot, NAME, &options) == MAILSLOT_OK);
    return slot;
}

static void put_some(mailslot *writer) {
    char bytes[700] = "message";
    for (size_t i = 0; i < 4; i++)
        require(mailslot_put_bytes(writer, bytes, i * 200) == MAILSLOT_OK);
}

static void read_file(struct content *content) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, content->bytes, sizeof content->bytes);
    require(size > 0 && size < FILE_MAX);
    content->size = (size_t)size;
    close(fd);
}

static size_t capacity_of(size_t which) { return which ? 20000 : 4096; }

static void remember_original(size_t which) {
    mailslot *reader = open_slot(MAILSLOT_READ, capacity_of(which));
    mailslot *writer = open_slot(MAILSLOT_WRITE, 0);
    put_some(writer);
    read_file(&originals[which]);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void remove_directory(void) {
    rmdir(directory);
    rmdir(slotdir_path());
}

/* In a directory of its own, below TMPDIR if that is set. */
static void prepare(void) {
    static char place[PATH_MAX - 64];
    const char *below = getenv("TMPDIR");
    snprintf(place, sizeof place, "%s/mailslot-fuzz-XXXXXX", below ? below : "/dev/shm");
    require(mkdtemp(place) && setenv("MAILSLOT_DIR", place, 1) == 0);
    slotdir_of(geteuid(), directory);
    snprintf(path, sizeof path, "%s/%s", directory, NAME);
    for (size_t i = 0; i < ORIGINALS; i++)
        remember_original(i);
    atexit(remove_directory);
}

/* ---- The file ---- */

static void overwrite(struct input *input, int fd, size_t size) {
    while (input->left) {
        size_t offset = (size_t)take_number(input, 2), got;
        const uint8_t *bytes = take_bytes(input, (size_t)take_number(input, 1), &got);
        if (offset < size && got)
            require(pwrite(fd, bytes, got < size - offset ? got : size - offset, (off_t)offset) >
                    0);
    }
}

/* Leaves it open, with the reader's byte held or not. */
static int make_file(struct input *input, const struct content *content, unsigned flags) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    size_t size = flags & SIZED ? (size_t)take_number(input, 2) : content->size;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(write(fd, content->bytes, content->size) == (ssize_t)content->size);
    require(ftruncate(fd, (off_t)size) == 0);
    overwrite(input, fd, size);
    require(!(flags & LIVE) || fcntl(fd, F_OFD_SETLK, &lock) == 0);
    return fd;
}

/* ---- Those who meet it from outside ---- */

static mailslot_err count_slot(void *ctx, const char *name, const mailslot_info *info) {
    require(strlen(name) <= 246 && info->size >= sizeof *info);
    ++*(int *)ctx;
    return MAILSLOT_OK;
}

static bool is_look(mailslot_err err) {
    return !err || err == MAILSLOT_ERR_NOT_FOUND || err == MAILSLOT_ERR_DAMAGED;
}

static bool is_put(mailslot_err err) {
    return !err || err == MAILSLOT_ERR_FULL || err == MAILSLOT_ERR_DAMAGED ||
           err == MAILSLOT_ERR_TOO_BIG || err == MAILSLOT_ERR_GONE;
}

static void peek_at_it(void) {
    mailslot_record *record;
    require(mailslot_record_new(&record) == MAILSLOT_OK);
    mailslot_err err = mailslot_peek(NAME, NULL, record);
    require(is_look(err) || err == MAILSLOT_ERR_EMPTY);
    mailslot_bytes bytes = mailslot_record_bytes(record);
    require(((const char *)bytes.data)[bytes.len] == '\0');
    mailslot_record_free(record);
}

static void look_at_it(bool live) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    int listed = 0;
    mailslot_err err = mailslot_stat(NAME, &info);
    require(is_look(err) && (err || live));
    require(mailslot_list(count_slot, &listed) == MAILSLOT_OK);
    require(listed == (err == MAILSLOT_OK));
    peek_at_it();
}

static void put_to(mailslot *writer) {
    static const size_t sizes[] = {0, 3000, 900, 65535};
    static char bytes[65535];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        require(is_put(mailslot_put_bytes(writer, bytes, sizes[i])));
}

static void write_to_it(bool live) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    mailslot *writer = NULL;
    mailslot_err err = mailslot_open(&writer, NAME, &options);
    require(is_look(err) && (err || live));
    if (!err)
        put_to(writer);
    mailslot_close(writer);
}

/* Who gets the name has a slot without a fault; what is no slot, or has a reader, stays. */
static void want_its_name(bool live) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.capacity = capacity_of(0);
    mailslot *reader = NULL;
    mailslot_err err = mailslot_open(&reader, NAME, &options);
    require(!err || err == MAILSLOT_ERR_DAMAGED || (live && err == MAILSLOT_ERR_IN_USE));
    require(err || !live);
    if (!err) {
        mailslot *writer = open_slot(MAILSLOT_WRITE, 0);
        size_t count = 0;
        put_some(writer);
        require(mailslot_count(reader, &count) == MAILSLOT_OK && count == 4);
        mailslot_close(writer);
    }
    mailslot_close(reader);
}

static void meet_from_outside(struct input *input, const struct content *content, unsigned flags) {
    bool live = flags & LIVE;
    int fd = make_file(input, content, flags);
    look_at_it(live);
    write_to_it(live);
    want_its_name(live);
    close(fd);
    require(unlink(path) == 0 || errno == ENOENT);
}

/* ---- Its own reader ---- */

static void look_as_reader(mailslot *reader) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    size_t count;
    bool empty, full;
    require(is_look(mailslot_info_get(reader, &info)));
    require(is_look(mailslot_count(reader, &count)));
    require(is_look(mailslot_empty(reader, &empty)));
    require(is_look(mailslot_full(reader, &full)));
}

static void get_some(mailslot *reader, mailslot_record *record) {
    for (int i = 0; i < 8; i++) {
        mailslot_err err = mailslot_get(reader, record, i ? MAILSLOT_NO_WAIT : 1);
        require(!err || err == MAILSLOT_ERR_EMPTY || err == MAILSLOT_ERR_DAMAGED);
        mailslot_bytes bytes = mailslot_record_bytes(record);
        require(((const char *)bytes.data)[bytes.len] == '\0');
        require(strlen(mailslot_record_origin(record)->computer) < 16);
    }
}

static void meet_as_reader(struct input *input, unsigned flags) {
    mailslot *reader = open_slot(MAILSLOT_READ, capacity_of(!!(flags & LARGE)));
    mailslot *writer = open_slot(MAILSLOT_WRITE, 0);
    mailslot_record *record;
    require(mailslot_record_new(&record) == MAILSLOT_OK);
    put_some(writer);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    overwrite(input, fd, originals[!!(flags & LARGE)].size);
    close(fd);
    look_as_reader(reader);
    get_some(reader, record);
    put_to(writer);
    get_some(reader, record);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
    require(access(path, F_OK) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool prepared;
    if (!prepared)
        prepare();
    prepared = true;
    struct input input = {data, size};
    unsigned flags = (unsigned)take_number(&input, 1);
    if (flags & UNDER)
        meet_as_reader(&input, flags);
    else
        meet_from_outside(&input, &originals[!!(flags & LARGE)], flags);
    return 0;
}
