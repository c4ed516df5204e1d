/* Forks writers, kills them at random instants, and accounts for their messages. */
#include "lives.h"
#include "clock.h"
#include "die_with_parent.h"
#include "message.h"
#include "slots.h"
#include "view.h"

enum { WRITERS = 4, AIM_US = 300 };

struct killer {
    struct lives *lives;
    struct view view;
    pid_t writers[WRITERS]; /* 0: none at the moment */
    uint64_t random;
    uint64_t orphan; /* the lock's word if its owner is dead, 0 otherwise */
    int64_t orphaned_ns;
    bool hold_back; /* no new writer until a survivor has taken over from the dead one */
};

/* ---- A life ---- */

static void live(struct lives *lives, uint32_t life) {
    static unsigned char bytes[MESSAGE_MAX];
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    mailslot *writer = open_with(LIVES_SLOT, &options);
    for (uint32_t number = 0;; number++) {
        size_t len = message_size(life, number);
        message_fill(bytes, len, life, number);
        check_ok(mailslot_put_bytes(writer, bytes, len));
        atomic_store(&lives->acknowledged[life], number + 1);
    }
}

static pid_t give_life(struct killer *killer) {
    uint32_t life = (uint32_t)killer->lives->count++;
    check(life < LIVES_MAX);
    pid_t parent = getpid();
    pid_t pid = fork();
    check(pid >= 0);
    if (pid == 0) {
        die_with_parent(parent);
        live(killer->lives, life);
    }
    return pid;
}

/* ---- Deaths ---- */

static uint64_t next_random(struct killer *killer) {
    return killer->random = message_mix(killer->random, 1);
}

static void kill_writer(struct killer *killer, int which) {
    int status = 0;
    pid_t pid = killer->writers[which];
    check(kill(pid, SIGKILL) == 0);
    check(waitpid(pid, &status, 0) == pid);
    test_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
               "a writer lives until it is killed", __FILE__, __LINE__);
    killer->writers[which] = 0;
    killer->lives->deaths++;
}

/* A dead process's locks on the file are gone once it is reaped, so that an owner without its byte
 * died holding the lock. A survivor may take over before we look: such a death goes uncounted. */
static void look_for_orphan(struct killer *killer) {
    uint64_t word = view_lock(&killer->view);
    if (killer->orphan || !view_owner_is_dead(&killer->view, word))
        return;
    killer->orphan = word & ~(VIEW_WAITERS | VIEW_ASLEEP);
    killer->orphaned_ns = now_ns();
    killer->hold_back = next_random(killer) % 2;
}

/* The same owner and acquisition all along means that nobody has taken over. */
static void look_for_heir(struct killer *killer) {
    uint64_t word = view_lock(&killer->view) & ~(VIEW_WAITERS | VIEW_ASLEEP);
    if (!killer->orphan)
        return;
    int64_t took = now_ns() - killer->orphaned_ns;
    if (word != killer->orphan) {
        killer->lives->take_over_ns[killer->lives->held++] = took;
        killer->orphan = 0;
        killer->hold_back = false;
    } else if (took > BLOCKED_MS * 1000000LL) {
        dprintf(STDERR_FILENO, "the survivors are blocked by a dead owner of the lock\n");
        _exit(CHECK_FAILED);
    }
}

static int count_living(const struct killer *killer) {
    int living = 0;
    for (int i = 0; i < WRITERS; i++)
        living += killer->writers[i] != 0;
    return living;
}

static void replace_the_dead(struct killer *killer) {
    for (int i = 0; i < WRITERS && !killer->hold_back; i++)
        if (!killer->writers[i])
            killer->writers[i] = give_life(killer);
}

/* Whoever has the lock at a random moment, if somebody has it soon; otherwise anybody. */
static int choose_victim(struct killer *killer) {
    int64_t until = now_ns() + AIM_US * 1000;
    while (next_random(killer) % 4 && !killer->orphan && now_ns() < until) {
        if (!(view_lock(&killer->view) & VIEW_OWNER))
            continue;
        pid_t owner = (pid_t)atomic_load(&killer->view.shared->owner_pid);
        for (int i = 0; i < WRITERS; i++)
            if (killer->writers[i] == owner)
                return i;
    }
    return (int)(next_random(killer) % WRITERS);
}

static void pause_at_random(struct killer *killer) {
    struct timespec pause = {0, (long)(next_random(killer) % 3000000)};
    nanosleep(&pause, NULL);
}

static void kill_one(struct killer *killer) {
    int victim = choose_victim(killer);
    if (killer->writers[victim] && count_living(killer) > 1) {
        kill_writer(killer, victim);
        look_for_orphan(killer);
    }
}

/* Ten a second at least, on any machine. */
static unsigned patience_s(const struct killing *killing) {
    int seconds = killing->kills ? killing->kills / 10 : killing->seconds + LONGER_S;
    return (unsigned)seconds + PEER_PATIENCE_S;
}

static bool goes_on(const struct killing *killing, int64_t until) {
    if (killing->kills)
        return killing->lives->deaths < killing->kills;
    if (killing->lives->held < killing->least_held)
        until += LONGER_S * 1000000000LL;
    return now_ns() < until;
}

void killer_run(struct peer *parent, void *ctx) {
    const struct killing *killing = ctx;
    static struct killer killer;
    killer.lives = killing->lives;
    killer.random = killing->seed;
    alarm(patience_s(killing));
    peer_hear(parent);
    view_open(&killer.view, LIVES_SLOT);
    int64_t until = now_ns() + killing->seconds * 1000000000LL;
    while (goes_on(killing, until) || killer.orphan) {
        replace_the_dead(&killer);
        pause_at_random(&killer);
        look_for_heir(&killer);
        if (goes_on(killing, until))
            kill_one(&killer);
    }
    for (int i = 0; i < WRITERS; i++)
        if (killer.writers[i])
            kill_writer(&killer, i);
    view_close(&killer.view);
    atomic_store(&killing->lives->over, true);
}
