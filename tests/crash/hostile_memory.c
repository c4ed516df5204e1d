/*
 * Overwrites the memory of a live slot, thousands of times, while a reader and three writers use
 * it. Errors are fine; a crash, a hang, an access outside the mapping (it lies between guard pages)
 * and unbounded memory (they are limited) are not.
 *
 *     test_hostile_memory [--rounds N] [--seed N]
 */
#include "clock.h"
#include "hostile.h"
#include "message.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>
#include <sys/mman.h>

/* A put bears with a lock that a live process seems to hold for a second, and a busy machine may
 * take its time. */
enum { HANG_MS = 10000, PAUSE_US = 1000 };

static struct arena *arena;
static int rounds = 5000;
static uint64_t seed;

struct watch {
    uint64_t beats[USERS];
    int64_t since[USERS];
};

static void check_alive(struct watch *watch) {
    for (int i = 0; i < USERS; i++) {
        uint64_t beats = arena->beats[i];
        if (beats != watch->beats[i] || !watch->since[i]) {
            watch->beats[i] = beats;
            watch->since[i] = now_ms();
        } else if (now_ms() - watch->since[i] > HANG_MS) {
            dprintf(STDERR_FILENO, "%s %d hangs or has crashed\n", i ? "writer" : "reader", i);
            test_check(false, "all users go on", __FILE__, __LINE__);
        }
    }
}

static void overwrite_for_long(void) {
    struct watch watch = {{0}, {0}};
    for (int i = 0; i < rounds; i++) {
        hostile_overwrite(message_mix(seed, (uint64_t)i));
        usleep(PAUSE_US);
        check_alive(&watch);
    }
}

/* What one victim suffered is over with its slot. */
static void check_a_new_slot_works(void) {
    mailslot *reader = open_reader(HOSTILE_SLOT);
    mailslot *writer = open_writer(HOSTILE_SLOT);
    for (uint64_t i = 0; i < 100; i++) {
        put_number(writer, i);
        check_int((int64_t)i, (int64_t)get_number(reader));
    }
    mailslot_close(writer);
    mailslot_close(reader);
    check_int(0, slotdir_files());
}

static void damaged_memory_gives_errors_and_nothing_worse(void **state) {
    (void)state;
    struct user users[USERS];
    struct peer processes[USERS];
    print_message("%d rounds, seed %llu\n", rounds, (unsigned long long)seed);
    for (int i = 0; i < USERS; i++) {
        users[i] = (struct user){arena, i};
        processes[i] = child_start(hostile_use, &users[i]);
    }
    check_within(SOON_MS, arena->gets > 0);
    overwrite_for_long();
    arena->over = true;
    for (int i = 0; i < USERS; i++)
        child_join(&processes[i]);
    print_message("%llu puts, %llu gets, %llu errors, %llu slots\n",
                  (unsigned long long)arena->puts, (unsigned long long)arena->gets,
                  (unsigned long long)arena->errors, (unsigned long long)arena->slots);
    check(arena->gets > (uint64_t)rounds && arena->slots > (uint64_t)rounds / 50);
    check_a_new_slot_works();
}

int main(int argc, char **argv) {
    seed = (uint64_t)now_ns();
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--rounds") == 0)
            rounds = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 0);
    arena = mmap(NULL, sizeof *arena, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (rounds < 1 || arena == MAP_FAILED) {
        fprintf(stderr, "usage: %s [--rounds N] [--seed N]\n", argv[0]);
        return 2;
    }
    const struct CMUnitTest tests[] = {
        slot_test(damaged_memory_gives_errors_and_nothing_worse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
