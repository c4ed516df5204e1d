/* Reads the options by getopt_long() and checks their ranges. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSCALL_MESSAGES 1000000
#define SMOKE_MESSAGES   20000

static const char help_text[] =
    "Usage: mailslot_bench [OPTION]...\n"
    "Measures mailslots beside other ways to send messages between two processes, each pinned to "
    "a\n"
    "CPU of its own, and checks every message. Between machines: mailslot_netbench.\n"
    "\n"
    "  --seconds S     measure each cell for S seconds a round (default 1)\n"
    "  --rounds N      take N interleaved rounds: median, minimum and maximum (default 5)\n"
    "  --peers LIST    only these, separated by commas (see --list)\n"
    "  --cells LIST    only these, separated by commas (see --list)\n"
    "  --costs         also with --peers or --cells, which leave them out: what single calls "
    "cost,\n"
    "                  by codec, number of writers and of slots, and system calls by strace\n"
    "  --messages N    in rate cells, each writer sends N messages, instead of S seconds\n"
    "  --json FILE     also write every round's figures to FILE; - for standard output\n"
    "  --smoke         one round of 0.02 s: are all messages intact? The figures mean nothing\n"
    "  --strace        count system calls per message instead, over --messages (default a "
    "million)\n"
    "                  of 64 bytes, both processes together; of mailslot unless --peers says more\n"
    "  --plant FAULT   make each writer do one thing wrong, to see that it is noticed:\n"
    "                  torn, short, lost, repeated or swapped\n"
    "  --list          list peers and cells\n"
    "  --help          print this\n"
    "\n"
    "Exit status: 0 all messages were right, 1 some were not or a cell failed, 2 usage.\n";

enum option_id {
    OPTION_SECONDS = 256,
    OPTION_ROUNDS,
    OPTION_PEERS,
    OPTION_CELLS,
    OPTION_COSTS,
    OPTION_MESSAGES,
    OPTION_JSON,
    OPTION_SMOKE,
    OPTION_STRACE,
    OPTION_PLANT,
    OPTION_LIST,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"rounds", required_argument, NULL, OPTION_ROUNDS},
    {"peers", required_argument, NULL, OPTION_PEERS},
    {"cells", required_argument, NULL, OPTION_CELLS},
    {"costs", no_argument, NULL, OPTION_COSTS},
    {"messages", required_argument, NULL, OPTION_MESSAGES},
    {"json", required_argument, NULL, OPTION_JSON},
    {"smoke", no_argument, NULL, OPTION_SMOKE},
    {"strace", no_argument, NULL, OPTION_STRACE},
    {"plant", required_argument, NULL, OPTION_PLANT},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static bool complain(const char *what, const char *value) {
    fprintf(stderr, "mailslot_bench: %s: %s\n", what, value);
    return false;
}

static bool parse_number(const char *text, double least, double most, double *number) {
    char *end = NULL;
    *number = strtod(text, &end);
    if (end == text || *end != '\0' || !(*number >= least && *number <= most))
        return complain("not a number in range", text);
    return true;
}

static bool parse_count(const char *text, uint64_t most, uint64_t *count) {
    double number = 0;
    if (!parse_number(text, 1, (double)most, &number))
        return false;
    *count = (uint64_t)number;
    return (double)*count == number || complain("not a whole number", text);
}

/* ---- Lists ------------------------------------------------------------------------------- */

static bool add_peer(struct bench_options *options, const char *name) {
    const struct peer *peer = peer_find(name);
    if (peer == NULL || options->peer_count == PEERS_MAX)
        return complain("no such peer, or too many", name);
    options->peers[options->peer_count++] = peer;
    return true;
}

static bool add_cell(struct bench_options *options, const char *id) {
    for (unsigned i = 0; i < CELL_COUNT; i++) {
        if (strcmp(cells_all[i].id, id) == 0 && options->cell_count < CELL_COUNT) {
            options->cells[options->cell_count++] = &cells_all[i];
            return true;
        }
    }
    return complain("no such cell, or too many", id);
}

static bool parse_list(struct bench_options *options, char *list,
                       bool (*add)(struct bench_options *, const char *)) {
    char *rest = NULL;
    for (char *item = strtok_r(list, ",", &rest); item != NULL; item = strtok_r(NULL, ",", &rest))
        if (!add(options, item))
            return false;
    return true;
}

static bool parse_plant(struct bench_options *options, const char *name) {
    static const char *const names[] = {
        [PLANT_TORN] = "torn",       [PLANT_LOST] = "lost",   [PLANT_REPEATED] = "repeated",
        [PLANT_SWAPPED] = "swapped", [PLANT_SHORT] = "short",
    };
    for (size_t i = PLANT_NONE + 1; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            options->plant = (enum plant)i;
            return true;
        }
    }
    return complain("no such fault", name);
}

static void print_list(void) {
    puts("Peers:");
    for (size_t i = 0; peers_all[i] != NULL; i++) {
        const struct peer *peer = peers_all[i];
        printf("  %-12s %s%s%s\n", peer->name, peer->what,
               peer->missing != NULL ? "; not measured: " : "",
               peer->missing != NULL ? peer->missing : "");
    }
    puts("Cells:");
    for (unsigned i = 0; i < CELL_COUNT; i++)
        printf("  %-12s %s\n", cells_all[i].id, cells_all[i].title);
}

/* ---- The whole line ---------------------------------------------------------------------- */

static bool apply(struct bench_options *options, int id, char *value) {
    uint64_t count = 0;
    switch (id) {
    case OPTION_SECONDS:
        return parse_number(value, 0.001, 3600, &options->seconds);
    case OPTION_ROUNDS:
        if (!parse_count(value, ROUNDS_MAX, &count))
            return false;
        options->rounds = (unsigned)count;
        return true;
    case OPTION_PEERS:
        return parse_list(options, value, add_peer);
    case OPTION_CELLS:
        return parse_list(options, value, add_cell);
    case OPTION_COSTS:
        options->costs = true;
        return true;
    case OPTION_MESSAGES:
        return parse_count(value, UINT64_C(1000000000000), &options->messages);
    case OPTION_JSON:
        options->json = value;
        return true;
    case OPTION_SMOKE:
        options->seconds = 0.02;
        options->rounds = 1;
        options->syscall_messages = SMOKE_MESSAGES;
        return true;
    case OPTION_STRACE:
        options->strace = true;
        return true;
    case OPTION_PLANT:
        return parse_plant(options, value);
    default:
        return false;
    }
}

static void choose_defaults(struct bench_options *options) {
    options->costs = options->costs || (options->peer_count == 0 && options->cell_count == 0);
    if (options->peer_count == 0 && options->strace)
        options->peers[options->peer_count++] = &peer_mailslot;
    for (size_t i = 0; options->peer_count <= i && peers_all[i] != NULL; i++)
        options->peers[options->peer_count++] = peers_all[i];
    for (unsigned i = 0; options->cell_count <= i && i < CELL_COUNT; i++)
        options->cells[options->cell_count++] = &cells_all[i];
    if (options->strace && options->messages == 0)
        options->messages = SYSCALL_MESSAGES;
}

static int usage(void) {
    fputs("Try 'mailslot_bench --help'.\n", stderr);
    return 2;
}

int options_parse(struct bench_options *options, int argc, char **argv) {
    *options =
        (struct bench_options){.seconds = 1, .rounds = 5, .syscall_messages = SYSCALL_MESSAGES};
    int id = 0;
    while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (id == OPTION_HELP) {
            fputs(help_text, stdout);
            return 0;
        }
        if (id == OPTION_LIST) {
            print_list();
            return 0;
        }
        if (!apply(options, id, optarg))
            return usage();
    }
    if (optind < argc) {
        complain("unexpected argument", argv[optind]);
        return usage();
    }
    choose_defaults(options);
    return -1;
}
