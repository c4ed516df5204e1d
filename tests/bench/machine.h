/* The machine that the figures are about, and which of its CPUs are used. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>

#define MACHINE_CPUS 64 /* more are not used */

struct machine {
    char model[100];
    char kernel[132];
    char date[20]; /* YYYY-MM-DD HH:MM, UTC */
    char load[16]; /* of the last minute */
    unsigned cpus[MACHINE_CPUS];
    unsigned cpu_count; /* those this process may use */
    const char *build;  /* CMake's build type */
    const char *doubt;  /* why this build's figures mean nothing, or NULL */
};

void machine_look(struct machine *machine);

#endif
