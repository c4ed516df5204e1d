/* Reads memory and descriptors from /proc, counts files of slots, and judges whether they grow. */
#include "soak.h"

#include "samples.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one sample has of each process, and of the slots. */
enum { RSS, PRIVATE, DESCRIPTORS, MAPPINGS, OF_PROCESS };
enum { FILES = WATCHED * OF_PROCESS, BLOCKS, FIGURES };

static const char *const process_names[WATCHED] = {"starter", "reader", "writer 1", "writer 2"};

/* VmRSS counts the shared memory of the slots that are open at the moment, too, which is as large
 * as their backlog was; RssAnon is the process's own. */
static const struct {
    const char *name;
    long tolerance;
} process_figures[OF_PROCESS] = {
    [RSS] = {"VmRSS, KiB", 4096},
    [PRIVATE] = {"RssAnon, KiB", 2048},
    [DESCRIPTORS] = {"descriptors", 0},
    [MAPPINGS] = {"mapped slots", 0},
};

struct sample {
    long figures[FIGURES];
};

struct samples {
    pid_t watched[WATCHED];
    const char *directory;
    int count, most;
    unsigned long calls, stride; /* every stride-th call takes one */
    struct sample taken[];
};

struct samples *samples_new(const pid_t watched[WATCHED], const char *directory, int count) {
    struct samples *samples = calloc(1, sizeof *samples + (size_t)count * sizeof(struct sample));
    if (!samples)
        fail("no memory for %d samples", count);
    memcpy(samples->watched, watched, sizeof samples->watched);
    samples->directory = directory;
    samples->most = count;
    samples->stride = 1;
    /* Touched now, so that the starter's own memory does not grow by it later. */
    memset(samples->taken, 0, (size_t)count * sizeof(struct sample));
    return samples;
}

void samples_free(struct samples *samples) { free(samples); }

/* ---- Counting ---- */

static FILE *open_proc(pid_t pid, const char *what) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    FILE *file = fopen(path, "re");
    if (!file)
        fail("cannot read %s", path);
    return file;
}

static void read_memory(pid_t pid, long figures[OF_PROCESS]) {
    char line[256];
    FILE *status = open_proc(pid, "status");
    while (fgets(line, sizeof line, status)) {
        sscanf(line, "VmRSS: %ld", &figures[RSS]);
        sscanf(line, "RssAnon: %ld", &figures[PRIVATE]);
    }
    fclose(status);
}

static long count_mappings(pid_t pid, const char *directory) {
    char line[4096 + 256];
    long count = 0;
    FILE *maps = open_proc(pid, "maps");
    while (fgets(line, sizeof line, maps))
        count += strstr(line, directory) != NULL;
    fclose(maps);
    return count;
}

int count_descriptors(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *directory = opendir(path);
    int count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    if (!directory || closedir(directory))
        fail("cannot read %s", path);
    return count - (pid == getpid());
}

static void count_file(int directory, const char *name, long *files, long *blocks) {
    struct stat status;
    if (!fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) && S_ISREG(status.st_mode)) {
        ++*files;
        *blocks += (long)status.st_blocks;
    }
}

/* Slots come and go meanwhile. */
void count_files(const char *path, long *files, long *blocks) {
    *files = *blocks = 0;
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        count_file(dirfd(directory), entry->d_name, files, blocks);
    if (directory)
        closedir(directory);
}

/* ---- Samples ---- */

static void keep_every_other(struct samples *samples) {
    samples->count /= 2;
    samples->stride *= 2;
    for (int i = 0; i < samples->count; i++)
        samples->taken[i] = samples->taken[2 * i];
}

void samples_take(struct samples *samples) {
    if (samples->calls++ % samples->stride)
        return;
    if (samples->count == samples->most)
        keep_every_other(samples);
    long *figures = samples->taken[samples->count++].figures;
    for (int i = 0; i < WATCHED; i++) {
        long *of_process = figures + i * OF_PROCESS;
        read_memory(samples->watched[i], of_process);
        of_process[DESCRIPTORS] = count_descriptors(samples->watched[i]);
        of_process[MAPPINGS] = count_mappings(samples->watched[i], samples->directory);
    }
    count_files(samples->directory, &figures[FILES], &figures[BLOCKS]);
}

void samples_header(FILE *out) {
    fprintf(out, "each process: VmRSS and RssAnon in KiB, descriptors, mapped slots\n%8s %10s",
            "seconds", "messages");
    for (int i = 0; i < WATCHED; i++)
        fprintf(out, " | %-20s", process_names[i]);
    fprintf(out, " | files, KiB in them\n");
    fflush(out);
}

void samples_print(const struct samples *samples, int64_t ms, FILE *out) {
    const long *figures = samples->taken[samples->count - 1].figures;
    fprintf(out, "%8.1f %10llu", (double)ms / 1000, (unsigned long long)shared->messages);
    for (int i = 0; i < WATCHED; i++, figures += OF_PROCESS)
        fprintf(out, " | %6ld %6ld %3ld %2ld", figures[RSS], figures[PRIVATE], figures[DESCRIPTORS],
                figures[MAPPINGS]);
    fprintf(out, " | %2ld %6ld\n", figures[0], figures[1] / 2);
    fflush(out);
}

/* ---- Judging ---- */

static bool is_flat(const struct samples *samples, int figure, long tolerance, const char *whose,
                    const char *what, FILE *out) {
    int quarter = samples->count / 4;
    long before = 0, after = samples->taken[samples->count - 1].figures[figure];
    for (int i = quarter; i < 2 * quarter; i++) {
        long seen = samples->taken[i].figures[figure];
        before = seen > before ? seen : before;
    }
    for (int i = samples->count - quarter; i < samples->count; i++) {
        long seen = samples->taken[i].figures[figure];
        after = seen < after ? seen : after;
    }
    if (after <= before + tolerance)
        return true;
    fprintf(out,
            "not flat: %s%s: at most %ld after warm-up, at least %ld at the end, "
            "tolerated %ld\n",
            whose, what, before, after, tolerance);
    return false;
}

bool samples_are_flat(const struct samples *samples, FILE *out) {
    bool flat = samples->count >= 8;
    if (!flat)
        fprintf(out, "too few samples to judge by: %d\n", samples->count);
    for (int i = 0; i < FILES; i++) {
        char whose[32];
        snprintf(whose, sizeof whose, "%s: ", process_names[i / OF_PROCESS]);
        flat = is_flat(samples, i, process_figures[i % OF_PROCESS].tolerance, whose,
                       process_figures[i % OF_PROCESS].name, out) &&
               flat;
    }
    flat = is_flat(samples, FILES, 0, "", "files of slots", out) && flat;
    return is_flat(samples, BLOCKS, 0, "", "blocks of slots", out) && flat;
}
