/* Two processes on two CPUs that write one cache line in turn. */
#include "line.h"
#include "actors.h"
#include "die_with_parent.h"
#include "pause.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIPS 10000

/* Shared by two processes. Threads would do, but a process that ever had two is not measured as
 * one that had not. */
struct table {
    _Alignas(128) atomic_uint turn; /* the line that goes back and forth */
    _Alignas(128) atomic_uint ready;
};

static void pin(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* Side 0 makes turn odd, side 1 makes it even. Returns the ns that all trips took. */
static uint64_t bounce(struct table *table, unsigned side, unsigned cpu) {
    pin(cpu);
    atomic_fetch_add(&table->ready, 1);
    while (atomic_load(&table->ready) < 2)
        cpu_pause();
    uint64_t begin = clock_ns();
    for (unsigned turn = side; turn < 2 * TRIPS; turn += 2) {
        while (atomic_load_explicit(&table->turn, memory_order_acquire) != turn)
            cpu_pause();
        atomic_store_explicit(&table->turn, turn + 1, memory_order_release);
    }
    return clock_ns() - begin;
}

static double bounce_with_child(struct table *table, unsigned cpu, unsigned other) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0)
        return 0;
    if (child == 0) {
        die_with_parent(parent); /* it would go on waiting for its turn */
        bounce(table, 1, other);
        _exit(0);
    }
    uint64_t ns = bounce(table, 0, cpu);
    waitpid(child, NULL, 0);
    return (double)ns / (2.0 * TRIPS);
}

double line_measure(unsigned cpu, unsigned other) {
    cpu_set_t before;
    struct table *table =
        mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return 0;
    double ns = 0;
    if (sched_getaffinity(0, sizeof before, &before) == 0) {
        ns = bounce_with_child(table, cpu, other);
        sched_setaffinity(0, sizeof before, &before);
    }
    munmap(table, sizeof *table);
    return ns;
}
