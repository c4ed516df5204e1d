/*
 * Killing a process before every instruction of one act, in turn.
 *
 * For each instruction a scene is set up afresh, a child (the victim) begins the act, is killed
 * before that instruction, and then all that the library promises of the slot is checked.
 */
#ifndef CRASH_STEP_H
#define CRASH_STEP_H

#include "message.h"
#include "slots.h"
#include "thread.h"
#include "view.h"

/** Who puts messages: the first half of what a message's bytes follow from. */
enum { SURVIVOR = 1, VICTIM, NEWCOMER };

/** The promise is 100 ms, but on a busy machine a process may not run at all for longer than that:
 *  a few delays may be longer, though none as long as BOUND_MS. */
#define PROMISE_MS 100
#define BOUND_MS   2000

/** What the victim tells before it dies; shared with it. */
struct last_words {
    atomic_bool acknowledged; /* its put returned */
};

/** What the workers of a case found; shared by all. */
struct findings {
    atomic_int points; /* instructions in the act */
    atomic_int kills;
    atomic_int held;    /* killed with the lock held */
    atomic_int strayed; /* went another way than when the act was recorded */
    atomic_int late;    /* delays beyond the promise */
    _Atomic int64_t slowest_put_ns, slowest_notice_ns, slowest_gone_ns;
};

/** One scene; zeroed, then used from its preparation to its check. */
struct scene {
    struct last_words *words;
    struct findings *findings;
    mailslot *reader, *survivor, *victim; /* the victim's is open in the child only */
    struct view view;
    uint32_t next_put, next_get; /* the survivor's messages */
    uint32_t count_before;       /* messages ever put, before the act */
    size_t victim_len;
    struct blocker sleeper;
    unsigned char sleepers_message[128];
    mailslot_handle waitable;
};

/** A case; what it does not need is NULL. */
struct step_case {
    const char *name;
    void (*prepare)(struct scene *scene); /* in the worker, before there is a child */
    void (*enter)(struct scene *scene);   /* in the child, before the act */
    void (*await)(struct scene *scene);   /* in the worker, after that */
    void (*act)(struct scene *scene);     /* in the child, stepped and killed */
    void (*verify)(struct scene *scene);  /* in the worker, after the kill; closes everything */
    int least_points;                     /* fewer instructions than that cannot be the whole act */
};

extern const struct step_case step_put_cases[], step_reader_cases[];

/* ---- For the cases: scene.c ---- */

/** The name of the scene's slot. */
#define SLOT "step"

void scene_open_reader(struct scene *scene, size_t capacity);
void scene_open_survivor(struct scene *scene);

/** A put of len bytes by the survivor, which must work at once. */
void scene_put(struct scene *scene, size_t len);

/** Takes the survivor's next message. */
void scene_get(struct scene *scene);

/** To be called last before the act: remembers what was there. */
void scene_ready(struct scene *scene);

/** After a death: counts whether the lock was held. */
void scene_note_lock(struct scene *scene);

/** After the death of a writer: nothing torn, repeated, reordered or lost that was acknowledged,
 *  nobody blocked, and whoever waits for messages has noticed what was published. */
void scene_check_writers_death(struct scene *scene);

/** After the death of a reader: its name is free at once, its successor starts empty, its writers
 *  learn that it is gone. */
void scene_check_readers_death(struct scene *scene);

/** Takes note of a delay, of which *slowest is the longest so far. */
void scene_note_delay(struct scene *scene, _Atomic int64_t *slowest, int64_t delay_ns);

#endif
