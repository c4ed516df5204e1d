/*
 * The reader's end against overlapped reads that really are pending, as Windows' are and Wine's of
 * mailslots are not: a message pipe stands in for the mailslot, and the two calls that only
 * mailslots know are ours.
 */
#include "clock.h"

#include "platform.h"
#include "win32/waitable.h"

#include <pthread.h>
#include <stdlib.h>

/* ---- The stand-in ---- */

static BOOL WINAPI fake_info(HANDLE pipe, DWORD *max, DWORD *next, DWORD *count, DWORD *timeout) {
    (void)max, (void)timeout;
    DWORD first = 0, all = 0;
    if (!PeekNamedPipe(pipe, NULL, 0, NULL, &all, &first))
        return FALSE;
    if (next)
        *next = all ? first : MAILSLOT_NO_MESSAGE;
    if (count)
        *count = all ? 1 : 0;
    return TRUE;
}

static BOOL WINAPI fake_set(HANDLE pipe, DWORD timeout) {
    (void)pipe, (void)timeout;
    return TRUE;
}

/* What the linker finds before the system's. */
extern BOOL(WINAPI *const __imp_GetMailslotInfo)(HANDLE, DWORD *, DWORD *, DWORD *, DWORD *);
extern BOOL(WINAPI *const __imp_SetMailslotInfo)(HANDLE, DWORD);
BOOL(WINAPI *const __imp_GetMailslotInfo)(HANDLE, DWORD *, DWORD *, DWORD *, DWORD *) = fake_info;
BOOL(WINAPI *const __imp_SetMailslotInfo)(HANDLE, DWORD) = fake_set;

struct slot {
    HANDLE reader, writer;
    msi_slot_entry notice;
    msi_win32_reader inbox;
    pthread_mutex_t gate; /* one take or look at a time, as a transport may rely on */
};

static struct slot *open_slot(size_t limit) {
    const wchar_t *name = L"\\\\.\\pipe\\mailslot-test-inbox";
    struct slot *slot = calloc(1, sizeof *slot);
    check(slot != NULL);
    slot->notice.head = MSI_NO_HEAD;
    pthread_mutex_init(&slot->gate, NULL);
    slot->reader =
        CreateNamedPipeW(name, PIPE_ACCESS_INBOUND | FILE_FLAG_OVERLAPPED,
                         PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1, 65536, 65536, 0, NULL);
    slot->writer = CreateFileW(name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    check(slot->reader != INVALID_HANDLE_VALUE && slot->writer != INVALID_HANDLE_VALUE);
    check_ok(msi_win32_reader_open(&slot->inbox, slot->reader, &slot->notice, limit));
    return slot;
}

static void close_slot(struct slot *slot) {
    CloseHandle(slot->writer);
    CloseHandle(slot->reader);
    msi_win32_reader_close(&slot->inbox);
    free(slot);
}

static void put(struct slot *slot, const char *text) {
    DWORD written;
    check(WriteFile(slot->writer, text, (DWORD)strlen(text), &written, NULL));
}

static mailslot_err take(struct slot *slot, char *text, size_t cap) {
    msi_message message;
    pthread_mutex_lock(&slot->gate);
    mailslot_err err = msi_win32_reader_take(&slot->inbox, text, cap, &message);
    pthread_mutex_unlock(&slot->gate);
    if (!err)
        text[message.len] = '\0';
    return err;
}

static void expect(struct slot *slot, const char *text) {
    char got[64];
    check_ok(take(slot, got, sizeof got));
    check_text(text, got);
}

static size_t count(struct slot *slot) {
    mailslot_info info;
    pthread_mutex_lock(&slot->gate);
    check_ok(msi_win32_reader_count(&slot->inbox, &info));
    pthread_mutex_unlock(&slot->gate);
    return info.count;
}

/* ---- A thread that waits ---- */

struct waiter {
    struct slot *slot;
    pthread_t thread;
    char got[64];
    mailslot_err err;
    atomic_bool ended, done;
};

/* As get.c waits. */
static void *wait_and_take(void *ctx) {
    struct waiter *waiter = ctx;
    do {
        msi_win32_reader_wait(&waiter->slot->inbox, MSI_NEVER);
        waiter->err = take(waiter->slot, waiter->got, sizeof waiter->got);
    } while (waiter->err == MAILSLOT_ERR_EMPTY && !waiter->ended);
    waiter->done = true;
    return NULL;
}

static bool is_pending(msi_win32_reader *inbox) {
    AcquireSRWLockShared(&inbox->lock);
    bool pending = inbox->pending;
    ReleaseSRWLockShared(&inbox->lock);
    return pending;
}

/* Returns once the thread's read is pending: the case this is all about. */
static void start(struct waiter *waiter, struct slot *slot) {
    *waiter = (struct waiter){.slot = slot};
    check(pthread_create(&waiter->thread, NULL, wait_and_take, waiter) == 0);
    check_within(SOON_MS, is_pending(&slot->inbox));
}

static void join(struct waiter *waiter) {
    check_within(SOON_MS, waiter->done);
    pthread_join(waiter->thread, NULL);
}

static void a_pending_read_brings_the_message_that_comes(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    for (int i = 0; i < 20; i++) {
        struct waiter waiter;
        start(&waiter, slot);
        put(slot, "came");
        join(&waiter);
        check_ok(waiter.err);
        check_text("came", waiter.got);
        check_int(0, (int64_t)count(slot));
    }
    close_slot(slot);
}

static void a_wait_ends_at_its_deadline(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    char got[8];
    int64_t before = now_ms();
    uint64_t deadline = msi_deadline(120);
    while (msi_now() < deadline)
        msi_win32_reader_wait(&slot->inbox, deadline);
    check(now_ms() - before >= 119);
    check_err(MAILSLOT_ERR_EMPTY, take(slot, got, sizeof got));
    put(slot, "after");
    expect(slot, "after");
    close_slot(slot);
}

/* A read that another thread has pending gets out of the way, and what it had got is not lost. */
static void whoever_takes_meanwhile_gets_what_was_put_before(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    struct waiter waiter;
    start(&waiter, slot);
    char got[64];
    int taken = 0;
    mailslot_err err = MAILSLOT_OK;
    while (taken < 200 && !err) {
        put(slot, "x");
        err = take(slot, got, sizeof got);
        taken += !err;
    }
    if (err) /* the other thread was first */
        check_within(SOON_MS, waiter.done);
    else
        put(slot, "last");
    join(&waiter);
    check_ok(waiter.err);
    check_int(0, (int64_t)count(slot));
    print_message("%d taken beside a waiting thread\n", taken);
    close_slot(slot);
}

static void what_the_helper_is_about_to_get_is_got_at_once(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    HANDLE helper;
    check_ok(msi_waitable_begin(&helper, &slot->inbox));
    for (int i = 0; i < 200; i++) {
        check_within(SOON_MS, is_pending(&slot->inbox));
        put(slot, "x");
        expect(slot, "x"); /* never EMPTY */
    }
    msi_win32_reader_interrupt(&slot->inbox);
    msi_waitable_end(helper);
    close_slot(slot);
}

static void looking_does_not_lose_what_a_pending_read_has_got(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    struct waiter waiter;
    start(&waiter, slot);
    for (int i = 0; i < 100; i++)
        check_int(0, (int64_t)count(slot));
    put(slot, "seen");
    join(&waiter);
    check_text("seen", waiter.got);
    close_slot(slot);
}

static void an_interrupt_ends_a_pending_read_at_once(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    struct waiter waiter;
    start(&waiter, slot);
    waiter.ended = true;
    msi_win32_reader_interrupt(&slot->inbox);
    join(&waiter);
    check_err(MAILSLOT_ERR_EMPTY, waiter.err);
    check(!msi_win32_reader_wait_taken(&slot->inbox));
    close_slot(slot);
}

static void a_message_too_large_for_the_caller_stays_the_head(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    char small[4];
    put(slot, "12345678");
    put(slot, "next");
    check_err(MAILSLOT_ERR_TOO_SMALL, take(slot, small, sizeof small));
    check_int(2, (int64_t)count(slot));
    check_int(8, (int64_t)slot->notice.head);
    check(WaitForSingleObject(slot->inbox.ready, 0) == WAIT_OBJECT_0);
    msi_win32_reader_wait(&slot->inbox, MSI_NEVER); /* at once: there is one */
    expect(slot, "12345678");
    check(WaitForSingleObject(slot->inbox.ready, 0) == WAIT_TIMEOUT);
    expect(slot, "next");
    close_slot(slot);
}

static void what_exceeds_the_maximum_is_dropped(void **state) {
    (void)state;
    struct slot *slot = open_slot(8);
    char got[64];
    put(slot, "123456789");
    put(slot, "12345678");
    expect(slot, "12345678");
    put(slot, "123456789");
    check_err(MAILSLOT_ERR_EMPTY, take(slot, got, sizeof got));
    close_slot(slot);
}

/* A read dies with the thread that began it: the next one begins another. */
static void *wait_a_moment(void *ctx) {
    struct slot *slot = ctx;
    msi_win32_reader_wait(&slot->inbox, msi_deadline(30));
    return NULL;
}

static void threads_that_come_and_go_lose_nothing(void **state) {
    (void)state;
    struct slot *slot = open_slot(SIZE_MAX);
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        check(pthread_create(&thread, NULL, wait_a_moment, slot) == 0);
        if (i % 2)
            put(slot, "kept");
        pthread_join(thread, NULL);
        if (i % 2)
            expect(slot, "kept");
    }
    close_slot(slot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pending_read_brings_the_message_that_comes),
        cmocka_unit_test(a_wait_ends_at_its_deadline),
        cmocka_unit_test(whoever_takes_meanwhile_gets_what_was_put_before),
        cmocka_unit_test(what_the_helper_is_about_to_get_is_got_at_once),
        cmocka_unit_test(looking_does_not_lose_what_a_pending_read_has_got),
        cmocka_unit_test(an_interrupt_ends_a_pending_read_at_once),
        cmocka_unit_test(a_message_too_large_for_the_caller_stays_the_head),
        cmocka_unit_test(what_exceeds_the_maximum_is_dropped),
        cmocka_unit_test(threads_that_come_and_go_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
