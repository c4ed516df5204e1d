#include "line.h"
#include "actors.h"
#include "pause.h"

#include <pthread.h>
#include <sched.h>

#define TRIPS 10000

/* The line goes back and forth: side 0 makes turn odd, side 1 makes it even. */
struct side {
    atomic_uint *turn;
    atomic_uint *ready;
    unsigned parity;
    unsigned cpu;
    uint64_t ns;
};

static void pin_thread(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void *bounce(void *argument) {
    struct side *side = argument;
    pin_thread(side->cpu);
    atomic_fetch_add(side->ready, 1);
    while (atomic_load(side->ready) < 2) {
        cpu_pause();
    }
    uint64_t begin = clock_ns();
    for (unsigned turn = side->parity; turn < 2 * TRIPS; turn += 2) {
        while (atomic_load_explicit(side->turn, memory_order_acquire) != turn) {
            cpu_pause();
        }
        atomic_store_explicit(side->turn, turn + 1, memory_order_release);
    }
    side->ns = clock_ns() - begin;
    return NULL;
}

double line_measure(unsigned cpu, unsigned other) {
    _Alignas(128) atomic_uint turn = 0;
    _Alignas(128) atomic_uint ready = 0;
    struct side here = {&turn, &ready, 0, cpu, 0};
    struct side there = {&turn, &ready, 1, other, 0};
    cpu_set_t before;
    pthread_t thread;
    if (sched_getaffinity(0, sizeof before, &before) != 0 ||
        pthread_create(&thread, NULL, bounce, &there) != 0) {
        return 0;
    }
    bounce(&here);
    pthread_join(thread, NULL);
    sched_setaffinity(0, sizeof before, &before);
    return (double)here.ns / (2.0 * TRIPS);
}
