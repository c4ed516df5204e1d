/* mailslot_netbench: how fast mailslots are between machines. See --help. */
#include "net.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STORM         100000
#define STORM_READERS 100

static const char help_text[] =
    "Usage: mailslot_netbench [OPTION]...\n"
    "Measures mailslots between machines, on the loopback and without rights, and checks every\n"
    "message. Starts mailslotd on ports and in a directory of its own, several times.\n"
    "\n"
    "  1. Messages a second from mailslotd's port to a reader's get, beside a bare relay, which\n"
    "     only receives from UDP by recvmmsg and sends over AF_UNIX by sendmmsg to a reader that\n"
    "     uses recvmmsg, and beside a bare pair that does not even have UDP. Windows of datagrams\n"
    "     that surely fit are queued at the port before the time begins.\n"
    "  2. A put to a computer whose name is known, beside a sendto of the same bytes.\n"
    "  3. Encoding and decoding a datagram, beside that sendto.\n"
    "  4. mailslotd's memory after a storm of 100,000 datagrams for 100 readers, a tenth of them\n"
    "     damaged. Each must be delivered, or counted as malformed or dropped.\n"
    "\n"
    "  --seconds S       measure each cell for S seconds a round (default 1)\n"
    "  --rounds N        take N interleaved rounds: median, minimum and maximum (default 5)\n"
    "  --mailslotd PATH  the program (default: mailslotd beside this one)\n"
    "  --smoke           one short round: are all messages intact? The figures mean nothing\n"
    "  --plant FAULT     send one message wrong in 1 and 2, to see that it is noticed: torn, lost\n"
    "                    or repeated\n"
    "  --help            print this\n"
    "\n"
    "Exit status: 0 all messages were right, 1 some were not or a cell failed, 2 usage.\n";

const struct net_cell net_cells[NET_CELLS] = {
    {"64 B, to a reader", net_through, 64, true}, {"400 B, to a reader", net_through, 400, true},
    {"64 B, sent", net_send, 64, false},          {"400 B, sent", net_send, 400, false},
    {"storm of 64 B", net_storm, 64, true},
};

/* ---- The command line -------------------------------------------------------------------- */

enum option_id { SECONDS = 256, ROUNDS, MAILSLOTD, SMOKE, PLANT, HELP };

static const struct option long_options[] = {
    {"seconds", required_argument, NULL, SECONDS},
    {"rounds", required_argument, NULL, ROUNDS},
    {"mailslotd", required_argument, NULL, MAILSLOTD},
    {"smoke", no_argument, NULL, SMOKE},
    {"plant", required_argument, NULL, PLANT},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

static bool complain(const char *what, const char *value) {
    fprintf(stderr, "mailslot_netbench: %s: %s\n", what, value);
    return false;
}

static bool parse_number(const char *text, double least, double most, double *number) {
    char *end = NULL;
    *number = strtod(text, &end);
    if (end == text || *end != '\0' || !(*number >= least && *number <= most))
        return complain("not a number in range", text);
    return true;
}

static bool parse_rounds(const char *text, unsigned *rounds) {
    double number = 0;
    if (!parse_number(text, 1, NET_ROUNDS_MAX, &number))
        return false;
    *rounds = (unsigned)number;
    return *rounds == number || complain("not a whole number", text);
}

static bool parse_plant(const char *name, enum net_plant *plant) {
    static const char *const names[] = {
        [NET_PLANT_TORN] = "torn", [NET_PLANT_LOST] = "lost", [NET_PLANT_REPEATED] = "repeated"};
    for (size_t i = NET_PLANT_TORN; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) {
            *plant = (enum net_plant)i;
            return true;
        }
    return complain("no such fault", name);
}

static bool parse_path(const char *path, char out[4096]) {
    int len = snprintf(out, 4096, "%s", path);
    return len < 4096 || complain("too long", path);
}

static void choose_smoke(struct net_settings *settings) {
    settings->seconds = 0.02;
    settings->rounds = 1;
    settings->storm = 2000;
    settings->storm_readers = 10;
}

static bool apply(struct net_settings *settings, int id, const char *value) {
    switch (id) {
    case SECONDS:
        return parse_number(value, 0.001, 3600, &settings->seconds);
    case ROUNDS:
        return parse_rounds(value, &settings->rounds);
    case MAILSLOTD:
        return parse_path(value, settings->mailslotd);
    case SMOKE:
        choose_smoke(settings);
        return true;
    case PLANT:
        return parse_plant(value, &settings->plant);
    default:
        return false;
    }
}

static int usage(void) {
    fputs("Try 'mailslot_netbench --help'.\n", stderr);
    return 2;
}

/* Exit status, or -1: go on. */
static int parse(struct net_settings *settings, int argc, char **argv) {
    int id;
    while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (id == HELP) {
            fputs(help_text, stdout);
            return 0;
        }
        if (!apply(settings, id, optarg))
            return usage();
    }
    if (optind < argc) {
        complain("unexpected argument", argv[optind]);
        return usage();
    }
    return -1;
}

/* ---- Running ----------------------------------------------------------------------------- */

static void find_mailslotd(struct net_settings *settings) {
    char path[4000] = "";
    if (readlink("/proc/self/exe", path, sizeof path - 1) < 0)
        return;
    char *slash = strrchr(path, '/');
    snprintf(settings->mailslotd, sizeof settings->mailslotd, "%.*s/mailslotd",
             slash != NULL ? (int)(slash - path) : 0, path);
}

/* In memory if there is such a place; nothing that was set for this computer counts. */
static bool make_directory(struct net_settings *settings) {
    snprintf(settings->dir, sizeof settings->dir, "/dev/shm/mailslot-netbench-XXXXXX");
    if (mkdtemp(settings->dir) == NULL) {
        snprintf(settings->dir, sizeof settings->dir, "/tmp/mailslot-netbench-XXXXXX");
        if (mkdtemp(settings->dir) == NULL)
            return complain("cannot make a directory", strerror(errno));
    }
    unsetenv("MAILSLOT_NAME");
    unsetenv("MAILSLOT_WORKGROUP");
    return setenv("MAILSLOT_DIR", settings->dir, 1) == 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

static void show_progress(const struct net_settings *settings, unsigned round, unsigned cell) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kround %u of %u: %s", round + 1, settings->rounds,
                net_cells[cell].title);
}

/* False if it was interrupted. */
static bool run(const struct net_settings *settings, struct net_outcome *outcomes) {
    bool go_on = true;
    for (unsigned round = 0; round < settings->rounds && go_on; round++)
        for (unsigned cell = 0; cell < NET_CELLS && go_on; cell++) {
            show_progress(settings, round, cell);
            go_on = net_run(&net_cells[cell], settings, &outcomes[round * NET_CELLS + cell]);
        }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    return go_on;
}

static bool all_right(const struct net_settings *settings, const struct net_outcome *outcomes) {
    for (unsigned i = 0; i < settings->rounds * NET_CELLS; i++)
        if (outcomes[i].wrong != 0 || !(outcomes[i].measured || outcomes[i].absent))
            return false;
    return true;
}

static int measure(struct net_settings *settings) {
    size_t size = (size_t)settings->rounds * NET_CELLS * sizeof(struct net_outcome);
    struct net_outcome *outcomes =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcomes == MAP_FAILED) {
        complain("no memory", strerror(errno));
        return 1;
    }
    bool whole = make_directory(settings) && run(settings, outcomes);
    nftw(settings->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (whole)
        net_report(stdout, settings, outcomes);
    int status = whole && all_right(settings, outcomes) ? 0 : 1;
    munmap(outcomes, size);
    return status;
}

/* Those that net_run() waits for. */
static void block_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

int main(int argc, char **argv) {
    static struct net_settings settings = {
        .seconds = 1, .rounds = 5, .storm = STORM, .storm_readers = STORM_READERS};
    static struct machine machine;
    find_mailslotd(&settings);
    int status = parse(&settings, argc, argv);
    if (status >= 0)
        return status;
    machine_look(&machine);
    settings.machine = &machine;
    if (machine.cpu_count == 0) {
        fputs("mailslot_netbench: cannot tell which CPUs may be used\n", stderr);
        return 1;
    }
    block_signals();
    return measure(&settings);
}
