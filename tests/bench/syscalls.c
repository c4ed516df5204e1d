/*
 * --strace: this program runs itself under strace -c -f, once with all messages and once with one,
 * and divides the difference by the messages, so that starting and stopping do not count. All
 * processes of the run are summed.
 */
#include "campaign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_MAX 100
#define SELF      "MAILSLOT_BENCH" /* the environment variable with this program's path */

struct calls {
    char names[CALLS_MAX][32];
    uint64_t counts[CALLS_MAX];
    unsigned kinds;
};

static bool has_strace(void) {
    return system("command -v strace >/dev/null 2>&1 && strace -o /dev/null true 2>/dev/null") == 0;
}

/* Through the environment, so that the shell need not be told what is special in it. */
static bool pass_self(void) {
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len > 0) {
        self[len] = '\0';
    }
    return len > 0 && setenv(SELF, self, 1) == 0;
}

static void add_call(struct calls *calls, const char *name, uint64_t count) {
    if (calls->kinds < CALLS_MAX && strcmp(name, "total") != 0) {
        snprintf(calls->names[calls->kinds], sizeof *calls->names, "%s", name);
        calls->counts[calls->kinds++] = count;
    }
}

/* The summary has a line "calls name" for each kind of call. */
static void parse_summary(FILE *file, struct calls *calls) {
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned long long count = 0;
        char name[32];
        if (sscanf(line, "%llu %31s", &count, name) == 2) {
            add_call(calls, name, count);
        }
    }
}

static bool read_summary(const char *path, struct calls *calls) {
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        fprintf(stderr, "mailslot_bench: %s: %s\n", path, strerror(errno));
        return false;
    }
    parse_summary(file, calls);
    fclose(file);
    return calls->kinds != 0;
}

static bool count_calls(const char *peer, uint64_t messages, struct calls *calls) {
    char path[] = "/tmp/mailslot-bench-strace-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) {
        fprintf(stderr, "mailslot_bench: %s: %s\n", path, strerror(errno));
        return false;
    }
    close(fd);
    char command[300];
    snprintf(command, sizeof command,
             "strace -c -f -U calls,name -o %s \"$" SELF "\" --peers %s --cells rate-64-1 "
             "--rounds 1 --messages %llu >/dev/null",
             path, peer, (unsigned long long)messages);
    int status = system(command);
    bool good = status == 0 && read_summary(path, calls);
    if (status != 0) {
        fprintf(stderr, "mailslot_bench: failed: %s\n", command);
    }
    unlink(path);
    return good;
}

static uint64_t count_of(const struct calls *calls, const char *name) {
    for (unsigned i = 0; i < calls->kinds; i++) {
        if (strcmp(calls->names[i], name) == 0) {
            return calls->counts[i];
        }
    }
    return 0;
}

/* Kinds of call that are fewer than one in 100,000 messages are not worth a mention. */
static void print_difference(const char *peer, const struct calls *all, const struct calls *base,
                             uint64_t messages) {
    double total = 0;
    char details[400] = "";
    for (unsigned i = 0; i < all->kinds; i++) {
        uint64_t before = count_of(base, all->names[i]);
        double more = (double)all->counts[i] - (double)before;
        total += more;
        if (more * 1e5 > (double)messages) {
            size_t used = strlen(details);
            snprintf(details + used, sizeof details - used, "  %s %.5f", all->names[i],
                     more / (double)messages);
        }
    }
    printf("%-12s %-10.5f%s\n", peer, total > 0 ? total / (double)messages : 0.0, details);
}

int syscalls_run(const struct bench_options *options) {
    if (!has_strace()) {
        puts("System calls per message: not measured: strace is missing or may not trace here");
        return 0;
    }
    if (!pass_self()) {
        fprintf(stderr, "mailslot_bench: /proc/self/exe: %s\n", strerror(errno));
        return 1;
    }
    printf("System calls per message, reader and writer together, %llu messages of 64 B\n",
           (unsigned long long)options->messages);
    int status = 0;
    for (unsigned i = 0; i < options->peer_count; i++) {
        const struct peer *peer = options->peers[i];
        struct calls base = {0};
        struct calls all = {0};
        if (peer->missing != NULL) {
            printf("%-12s not measured: %s\n", peer->name, peer->missing);
        } else if (count_calls(peer->name, 1, &base) &&
                   count_calls(peer->name, options->messages, &all)) {
            print_difference(peer->name, &all, &base, options->messages);
        } else {
            status = 1;
        }
        fflush(stdout);
    }
    return status;
}
