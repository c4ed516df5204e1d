/* mailslot_bench: how fast mailslots are, beside other ways to do the same. See --help. */
#include "campaign.h"

#include <signal.h>

/* The signals that cell_run() waits for; SIGPIPE would end an actor that should say why. */
static void block_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool all_right(const struct campaign *campaign) {
    for (unsigned cell = 0; cell < campaign->options->cell_count; cell++) {
        for (unsigned peer = 0; peer < campaign->options->peer_count; peer++) {
            struct campaign_sums sums = campaign_sum(campaign, cell, peer);
            if (sums.wrong != 0 || sums.failed != 0)
                return false;
        }
    }
    for (unsigned way = 0; way < COST_WAYS; way++) {
        struct campaign_sums sums = campaign_cost_sum(campaign, way);
        if (sums.wrong != 0 || sums.failed != 0)
            return false;
    }
    return !campaign->syscalls.failed;
}

static int run_and_report(struct campaign *campaign) {
    block_signals();
    if (!campaign_run(campaign))
        return 1;
    bool figures_to_stdout = campaign->options->json == NULL || campaign->options->json[0] != '-';
    report_print(figures_to_stdout ? stdout : stderr, campaign);
    bool written = campaign->options->json == NULL || json_write(campaign->options->json, campaign);
    return written && all_right(campaign) ? 0 : 1;
}

static int measure(const struct bench_options *options) {
    struct machine machine;
    machine_look(&machine);
    if (machine.cpu_count == 0) {
        fputs("mailslot_bench: cannot tell which CPUs may be used\n", stderr);
        return 1;
    }
    if (machine.doubt != NULL) {
        fprintf(stderr,
                "mailslot_bench: WARNING: %s, so the figures will mean nothing; configure with "
                "-DCMAKE_BUILD_TYPE=Release\n",
                machine.doubt);
    }
    struct campaign campaign;
    int status = 1;
    if (campaign_init(&campaign, options, &machine))
        status = run_and_report(&campaign);
    else
        fputs("mailslot_bench: out of memory\n", stderr);
    campaign_free(&campaign);
    return status;
}

int main(int argc, char **argv) {
    struct bench_options options;
    int status = options_parse(&options, argc, argv);
    if (status >= 0)
        return status;
    return options.strace ? syscalls_run(&options) : measure(&options);
}
