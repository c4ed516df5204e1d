/* Taking from memory that another process changes at the worst of moments. */
#include "slotdir.h"
#include "slots.h"

#include <slot.h>

#include <sys/mman.h>

#define NAME "taken"

enum { RING_OFFSET = 4096, SIZE = 1000, HOSTILE_SIZE = 2000 };

/* ---- The other process ---- */

static unsigned char *map;

static void map_slot(void) {
    char path[PATH_MAX];
    slotdir_only_file(path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    map = mmap(NULL, 2 * RING_OFFSET, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(fd >= 0 && map != MAP_FAILED);
    close(fd);
}

/* A frame begins with its message's size. */
static void resize_first_message(uint32_t size) { memcpy(map + RING_OFFSET, &size, sizeof size); }

/* ---- The slot's transport, with that process between two of its calls ---- */

static const msi_transport *real;

static mailslot_err take_and_resize(msi_endpoint *reader, void *buf, size_t cap,
                                    msi_message *message) {
    mailslot_err err = real->take(reader, buf, cap, message);
    resize_first_message(HOSTILE_SIZE);
    return err;
}

static mailslot *open_resized_reader(msi_transport *hostile) {
    mailslot *reader = open_reader(NAME);
    map_slot();
    real = reader->transport;
    *hostile = *real;
    hostile->take = take_and_resize;
    reader->transport = hostile;
    return reader;
}

/* ---- Tests ---- */

static void a_message_that_grows_while_it_is_taken_is_damage(void **state) {
    (void)state;
    static const char data[2 * HOSTILE_SIZE];
    msi_transport hostile;
    mailslot *reader = open_resized_reader(&hostile), *writer = open_writer(NAME);
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_put_bytes(writer, data, SIZE));
    check_ok(mailslot_put_bytes(writer, data, sizeof data)); /* which is where it grows into */
    check_err(MAILSLOT_ERR_DAMAGED, mailslot_get_nowait(reader, record));
    check_detail(NAME ": ");
    check_int(0, (int64_t)mailslot_record_bytes(record).len);
    resize_first_message(SIZE);
    check_ok(mailslot_get_nowait(reader, record));
    check_int(SIZE, (int64_t)mailslot_record_bytes(record).len);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
    munmap(map, 2 * RING_OFFSET);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(a_message_that_grows_while_it_is_taken_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
