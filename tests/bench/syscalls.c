/*
 * --strace: this program runs itself under strace -c -f, once with all messages and once with one,
 * and divides the difference by the messages, so that starting and stopping do not count. All
 * processes of the run are summed.
 */
#include "syscalls.h"
#include "options.h"

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
    if (len > 0)
        self[len] = '\0';
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
        if (sscanf(line, "%llu %31s", &count, name) == 2)
            add_call(calls, name, count);
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
    snprintf(
        command, sizeof command,
        "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" strace -c -f -U calls,name -o %s \"$" SELF
        "\" --peers %s --cells rate-64-1 "
        "--rounds 1 --messages %llu >/dev/null",
        path, peer, (unsigned long long)messages);
    int status = system(command);
    bool good = status == 0 && read_summary(path, calls);
    if (status != 0)
        fprintf(stderr, "mailslot_bench: failed: %s\n", command);
    unlink(path);
    return good;
}

static uint64_t count_of(const struct calls *calls, const char *name) {
    for (unsigned i = 0; i < calls->kinds; i++)
        if (strcmp(calls->names[i], name) == 0)
            return calls->counts[i];
    return 0;
}

/* As many as one line holds. */
static void add_detail(struct syscall_count *count, const char *name, double per_message) {
    char detail[60];
    int len = snprintf(detail, sizeof detail, "  %s %.5f", name, per_message);
    size_t used = strlen(count->details);
    if (len > 0 && used + (size_t)len < sizeof count->details)
        memcpy(count->details + used, detail, (size_t)len + 1);
}

/* Kinds of call that are fewer than one in 100,000 messages are not worth a mention. */
static void set_difference(struct syscall_count *count, const struct calls *all,
                           const struct calls *base, uint64_t messages) {
    double total = 0;
    for (unsigned i = 0; i < all->kinds; i++) {
        double more = (double)all->counts[i] - (double)count_of(base, all->names[i]);
        total += more;
        if (more * 1e5 > (double)messages)
            add_detail(count, all->names[i], more / (double)messages);
    }
    count->measured = true;
    count->per_message = total > 0 ? total / (double)messages : 0;
}

struct syscall_count syscalls_count(const struct peer *peer, uint64_t messages) {
    struct syscall_count count = {.messages = messages};
    struct calls base = {0};
    struct calls all = {0};
    if (peer->missing != NULL) {
        count.reason = peer->missing;
    } else if (!has_strace()) {
        count.reason = "strace is missing or may not trace here";
    } else if (pass_self() && count_calls(peer->name, 1, &base) &&
               count_calls(peer->name, messages, &all)) {
        set_difference(&count, &all, &base, messages);
    } else {
        count.reason = "the run under strace failed";
        count.failed = true;
    }
    return count;
}

void syscalls_print(FILE *out, const struct peer *peer, const struct syscall_count *count) {
    if (count->measured)
        fprintf(out, "%-12s %-10.5f%s\n", peer->name, count->per_message, count->details);
    else
        fprintf(out, "%-12s not measured: %s\n", peer->name, count->reason);
}

int syscalls_run(const struct bench_options *options) {
    printf("System calls per message, reader and writer together, %llu messages of 64 B\n",
           (unsigned long long)options->messages);
    int status = 0;
    for (unsigned i = 0; i < options->peer_count; i++) {
        struct syscall_count count = syscalls_count(options->peers[i], options->messages);
        syscalls_print(stdout, options->peers[i], &count);
        status = count.failed ? 1 : status;
        fflush(stdout);
    }
    return status;
}
