/* A put that finds room and a get that finds a message read no fine clock, whatever their timeouts:
 * it takes as long as the put itself. The linker leads each read of the clock through here. */
#include "slotdir.h"
#include "slots.h"

#include <deadline.h>

uint64_t __real_msi_now(void);
uint64_t __wrap_msi_now(void);

static int reads;

uint64_t __wrap_msi_now(void) {
    reads++;
    return __real_msi_now();
}

static mailslot *open_patient(mailslot_direction direction) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    options.capacity = 4096;
    options.local_only = true;
    options.put_timeout_ms = 1;
    return open_with("trace", &options);
}

static void puts_and_gets_that_need_not_wait_read_no_clock(void **state) {
    (void)state;
    mailslot *reader = open_patient(MAILSLOT_READ), *writer = open_patient(MAILSLOT_WRITE);
    mailslot_record *record = NULL;
    char bytes[8];
    size_t len;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_put(writer, "first"));
    check_ok(mailslot_get(reader, record, 1000));
    reads = 0;
    for (int i = 0; i < 100; i++) {
        check_ok(mailslot_put(writer, "x"));
        check_ok(mailslot_put_bytes(writer, "x", 1));
        check_ok(mailslot_get(reader, record, 1000));
        check_ok(mailslot_get_bytes(reader, bytes, sizeof bytes, &len, 1000));
    }
    check_int(0, reads);
    mailslot_err err;
    while (!(err = mailslot_put(writer, "until it is full")))
        continue;
    check_err(MAILSLOT_ERR_FULL, err);
    check(reads > 0);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(puts_and_gets_that_need_not_wait_read_no_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
