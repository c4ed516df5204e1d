/*
 * Uses slots for a long time and watches that nothing is lost and nothing grows.
 *
 *     mailslot_soak [--seconds N] [--seed N] [--plant memory|descriptor|loss|file]
 *
 * Exit status 0 if every message was what it should be, in order, and the memory and descriptors of
 * the processes that live all along and the slots' files stayed flat. --plant makes one of these
 * wrong, to show that it is noticed.
 */
#include "cast.h"
#include "samples.h"

#include <mailslot/mailslot.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES = 2000, SAMPLE_MS = 100, LINES = 30 };

struct shared *shared;

struct arguments {
    int64_t seconds;
    uint64_t seed;
    enum plant plant;
};

static void remove_directory(void);

/* ---- For all processes ---- */

void fail(const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dprintf(STDERR_FILENO, "soak: process %d: %s\n", (int)getpid(), text);
    if (shared && getpid() == shared->starter)
        remove_directory();
    _exit(1);
}

void must(int err, const char *what) {
    if (err)
        fail("%s: %s: %s", what, mailslot_errname((mailslot_err)err), mailslot_detail());
}

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct dice dice_of(uint64_t who) {
    return (struct dice){mix(shared->seed, who << 32 | ++shared->serial)};
}

uint64_t roll(struct dice *dice, uint64_t below) {
    dice->state = mix(dice->state, 5);
    return dice->state % below;
}

/* ---- The directory ---- */

static char base[] = "/dev/shm/mailslot-soak-XXXXXX";
static char directory[sizeof base + 32];

static void make_directory(void) {
    if (!mkdtemp(base) || setenv("MAILSLOT_DIR", base, 1))
        fail("cannot make %s: %s", base, strerror(errno));
    snprintf(directory, sizeof directory, "%s/mailslot-%u", base, (unsigned)geteuid());
}

static void plant_file(int64_t number) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/left-%lld", directory, (long long)number);
    FILE *file = fopen(path, "we");
    if (file)
        fclose(file);
}

static void remove_directory(void) {
    DIR *files = opendir(directory);
    for (struct dirent *entry; files && (entry = readdir(files));)
        unlinkat(dirfd(files), entry->d_name, 0);
    if (files)
        closedir(files);
    rmdir(directory);
    rmdir(base);
}

/* ---- Running ---- */

/* A turn and a sample every tenth of a second; thirty lines in all. What a stall left out is not
 * made up for, since samples in a row would all be of one moment. */
static void run(struct cast *cast, struct samples *samples, int64_t seconds) {
    int64_t start = now_ms(), count = seconds * 1000 / SAMPLE_MS;
    samples_header(stdout);
    for (int64_t i = 0; i < count; i++) {
        cast_turn(cast);
        samples_take(samples);
        if (shared->plant == PLANT_FILE)
            plant_file(i);
        if (i * LINES % count < LINES)
            samples_print(samples, now_ms() - start, stdout);
        nanosleep(&(struct timespec){0, SAMPLE_MS * 1000000}, NULL);
    }
}

static bool is_swept(void) {
    long files, blocks;
    count_files(directory, &files, &blocks);
    if (files)
        fprintf(stdout, "not flat: %ld files are left of slots that are closed\n", files);
    return !files;
}

/* Everything that should happen did. */
static bool was_busy(const struct cast *cast) {
    printf("%llu messages, %llu MB; %llu streams, %llu of them cut short; %llu lives of slots; "
           "%lu kills, %llu forks; %llu times full, %llu times empty\n",
           (unsigned long long)shared->messages, (unsigned long long)shared->bytes / 1000000,
           (unsigned long long)shared->streams, (unsigned long long)shared->cut_short,
           (unsigned long long)shared->reader_lives, cast->kills, (unsigned long long)shared->forks,
           (unsigned long long)shared->refused, (unsigned long long)shared->looks);
    bool busy = shared->messages && shared->cut_short && cast->kills && shared->forks &&
                shared->refused && shared->looks && shared->reader_lives > SLOTS;
    if (!busy)
        printf("too little happened\n");
    return busy;
}

static bool soak(const struct arguments *arguments) {
    struct cast cast;
    cast_start(&cast, arguments->seed);
    const pid_t watched[WATCHED] = {getpid(), cast.resident_reader, cast.resident_writers[0],
                                    cast.resident_writers[1]};
    struct samples *samples = samples_new(watched, directory, SAMPLES);
    run(&cast, samples, arguments->seconds);
    cast_end(&cast);
    bool good = samples_are_flat(samples, stdout);
    good = was_busy(&cast) && good;
    samples_free(samples);
    return is_swept() && good;
}

/* ---- Arguments ---- */

static bool read_plant(enum plant *plant, const char *text) {
    static const char *const names[] = {"nothing", "memory", "descriptor", "loss", "file"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *plant = (enum plant)i;
            return true;
        }
    return false;
}

static bool read_number(const char *text, uint64_t *number) {
    char *end;
    *number = strtoull(text, &end, 0);
    return *text && !*end;
}

static bool read_arguments(struct arguments *arguments, int argc, char **argv) {
    uint64_t seconds = 60;
    arguments->seed = (uint64_t)now_ms();
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!(strcmp(argv[i], "--seconds") == 0 && read_number(value, &seconds)) &&
            !(strcmp(argv[i], "--seed") == 0 && read_number(value, &arguments->seed)) &&
            !(strcmp(argv[i], "--plant") == 0 && read_plant(&arguments->plant, value)))
            return false;
    }
    arguments->seconds = (int64_t)seconds;
    return seconds >= 2 && seconds < UINT32_MAX;
}

int main(int argc, char **argv) {
    struct arguments arguments = {.plant = PLANT_NOTHING};
    if (!read_arguments(&arguments, argc, argv)) {
        fprintf(stderr, "usage: %s [--seconds N] [--seed N] [--plant WHAT]\n", argv[0]);
        return 2;
    }
    printf("%lld s, seed %llu\n", (long long)arguments.seconds, (unsigned long long)arguments.seed);
    fflush(stdout);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        fail("no memory to share");
    shared->starter = getpid();
    shared->seed = arguments.seed;
    shared->plant = arguments.plant;
    make_directory();
    bool good = soak(&arguments);
    remove_directory();
    printf("%s\n", good ? "flat, and every message as it was put" : "FAILED");
    return good ? 0 : 1;
}
