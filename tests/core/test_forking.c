/* Forks at any moment of what other threads do: S8, S10. The first test must be the first, since a
 * process that never opened a slot is its subject. */
#include "child.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

enum { FORKS = 300 };

static atomic_bool over;

/* Forks children that run body, while a thread does that again and again. */
static void fork_while(void *(*again)(void *), child_body *body) {
    pthread_t thread;
    over = false;
    check(pthread_create(&thread, NULL, again, NULL) == 0);
    for (int i = 0; i < FORKS; i++) {
        struct peer child = child_start(body, NULL);
        child_join(&child);
    }
    over = true;
    pthread_join(thread, NULL);
}

static void *inspect_slots(void *ctx) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    while (!over)
        check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("nosuch", &info));
    return ctx;
}

static void open_and_close(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    mailslot_close(open_reader("child"));
}

static void a_child_of_a_process_that_only_inspects_may_open(void **state) {
    (void)state;
    fork_while(inspect_slots, open_and_close);
}

static void *open_and_close_again(void *ctx) {
    mailslot_handle handle;
    while (!over) {
        mailslot *slot = open_reader("trace");
        check_ok(mailslot_waitable(slot, &handle));
        mailslot_close(slot);
    }
    return ctx;
}

static bool is_a_slots(const char *descriptor) {
    char target[PATH_MAX];
    ssize_t len = readlink(descriptor, target, sizeof target - 1);
    target[len > 0 ? len : 0] = 0;
    return strstr(target, slotdir_path()) || strstr(target, "eventfd");
}

static void hold_nothing(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    char path[64], directory[PATH_MAX];
    for (int fd = 0; fd < 64; fd++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        check(!is_a_slots(path));
    }
    slotdir_of(geteuid(), directory);
    check(!slotdir_is_mapped(directory));
}

static void s10_a_child_holds_nothing_of_a_slot_that_is_being_opened_or_closed(void **state) {
    (void)state;
    fork_while(open_and_close_again, hold_nothing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(a_child_of_a_process_that_only_inspects_may_open),
        slot_test(s10_a_child_holds_nothing_of_a_slot_that_is_being_opened_or_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
