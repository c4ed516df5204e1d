/*
 * A reader with everything going on at once, as threads that ThreadSanitizer can see: a daemon that
 * delivers, dies and comes back, local writers, several getters, lookers, and a close in the midst
 * of it. Every message is got, once: the local ones, and what each daemon sent before it died.
 */
#include "clock.h"
#include "fake_daemon.h"
#include "slotdir.h"
#include "slots.h"

#define NAME "busy"

enum { WRITERS = 2, GETTERS = 2, DAEMONS = 4, MESSAGES = 3000, DELIVERIES = 500, CAPACITY = 16384 };

struct message {
    uint32_t from, number; /* from: a writer, or WRITERS + a daemon */
};

static mailslot *reader;
static atomic_int got[WRITERS + DAEMONS];
static atomic_bool over;

static mailslot_err count(void *ctx, const mailslot_record *record) {
    (void)ctx;
    mailslot_bytes bytes = mailslot_record_bytes(record);
    const struct message *message = bytes.data;
    check(bytes.len == sizeof *message && message->from < WRITERS + DAEMONS);
    got[message->from]++;
    return MAILSLOT_OK;
}

/* One call, since none may begin once the slot is closed. */
static void *get_all(void *ctx) {
    check_err(MAILSLOT_ERR_CLOSED, mailslot_each(reader, count, ctx));
    return NULL;
}

static void *put_all(void *ctx) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    mailslot *writer = open_with(NAME, &options);
    struct message message = {*(uint32_t *)ctx, 0};
    for (; message.number < MESSAGES; message.number++)
        check_ok(mailslot_put_bytes(writer, &message, sizeof message));
    mailslot_close(writer);
    return NULL;
}

static void *look_all(void *ctx) {
    (void)ctx;
    mailslot_info info = MAILSLOT_INFO_INIT;
    while (!over) {
        check_ok(mailslot_info_get(reader, &info));
        sleep_ms(1);
    }
    return NULL;
}

/* Delivers, and dies; what it sent arrives all the same. */
static void be_daemon(uint32_t number) {
    struct fake_daemon fake;
    struct message message = {WRITERS + number, 0};
    fake_start(&fake);
    check_within(3000 + SOON_MS, fake.answered[MSI_RELAY_REGISTER] == 1);
    while (message.number < DELIVERIES)
        if (fake_deliver(&fake, 0, &message, sizeof message))
            message.number++;
        else
            sleep_ms(1);
    fake_kill(&fake);
}

static void close_with_a_daemon_delivering(void) {
    struct fake_daemon fake;
    struct message message = {0, 0};
    fake_start(&fake);
    check_within(3000 + SOON_MS, fake.answered[MSI_RELAY_REGISTER] == 1);
    for (int i = 0; i < 100; i++)
        fake_deliver(&fake, 0, &message, sizeof message);
    mailslot_close(reader);
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

static void everything_at_once(void **state) {
    (void)state;
    pthread_t getters[GETTERS], writers[WRITERS], looker;
    uint32_t numbers[WRITERS];
    reader = open_small_reader(NAME, CAPACITY, 0);
    for (int i = 0; i < GETTERS; i++)
        check(pthread_create(&getters[i], NULL, get_all, NULL) == 0);
    for (uint32_t i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        check(pthread_create(&writers[i], NULL, put_all, &numbers[i]) == 0);
    }
    check(pthread_create(&looker, NULL, look_all, NULL) == 0);
    for (uint32_t i = 0; i < DAEMONS; i++)
        be_daemon(i);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    for (int i = 0; i < WRITERS + DAEMONS; i++)
        check_within(SOON_MS, got[i] == (i < WRITERS ? MESSAGES : DELIVERIES));
    over = true;
    pthread_join(looker, NULL);
    close_with_a_daemon_delivering();
    for (int i = 0; i < GETTERS; i++)
        pthread_join(getters[i], NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {slot_test(everything_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
