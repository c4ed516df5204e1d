/* Reads the CPUs and the load of the machine, and chooses CPUs to run on. */
#include "machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static void look_at_cpus(struct machine *machine) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && machine->cpu_count < MACHINE_CPUS; cpu++)
        if (CPU_ISSET(cpu, &set))
            machine->cpus[machine->cpu_count++] = cpu;
}

static void look_at_model(struct machine *machine) {
    snprintf(machine->model, sizeof machine->model, "unknown CPU");
    FILE *file = fopen("/proc/cpuinfo", "re");
    if (file == NULL)
        return;
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        const char *value = strstr(line, ": ");
        if (strncmp(line, "model name", 10) == 0 && value != NULL) {
            snprintf(machine->model, sizeof machine->model, "%.*s", (int)strcspn(value + 2, "\n"),
                     value + 2);
            break;
        }
    }
    fclose(file);
}

static void look_at_load(struct machine *machine) {
    snprintf(machine->load, sizeof machine->load, "unknown");
    FILE *file = fopen("/proc/loadavg", "re");
    if (file != NULL) {
        if (fscanf(file, "%15s", machine->load) != 1)
            snprintf(machine->load, sizeof machine->load, "unknown");
        fclose(file);
    }
}

static const char *doubt_of(const char *build) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)build;
    return "built with a sanitizer";
#else
    return strcmp(build, "Release") == 0 ? NULL : "not a Release build";
#endif
}

void machine_look(struct machine *machine) {
    *machine = (struct machine){.build = BENCH_BUILD_TYPE};
    machine->doubt = doubt_of(machine->build);
    struct utsname system;
    if (uname(&system) == 0)
        snprintf(machine->kernel, sizeof machine->kernel, "%s %s", system.sysname, system.release);
    time_t now = time(NULL);
    struct tm utc;
    strftime(machine->date, sizeof machine->date, "%Y-%m-%d %H:%M", gmtime_r(&now, &utc));
    look_at_cpus(machine);
    look_at_model(machine);
    look_at_load(machine);
}
