/* The table: sections with one line a peer, for terminals of 100 columns. */
#include "campaign.h"

#include <string.h>

#define COLUMN 20 /* wide: a median with its minimum and maximum */

/* ---- Heading ----------------------------------------------------------------------------- */

static void print_cpus(FILE *out, const struct campaign *campaign) {
    const struct machine *machine = campaign->machine;
    if (machine->cpu_count < 2) {
        fputs("Only one CPU: reader and writers share it, and these figures are about switching.\n",
              out);
        return;
    }
    struct spread line = campaign_line_spread(campaign);
    char text[64];
    spread_text(text, sizeof text, &line, " ns");
    fprintf(
        out,
        "Reader pinned to CPU %u, writers to CPU %u%s. From one to the other, a cache line took\n"
        "%s before each cell.\n",
        machine->cpus[0], machine->cpus[1], machine->cpu_count > 2 ? " and on, one each" : "",
        text);
}

static void print_heading(FILE *out, const struct campaign *campaign) {
    const struct machine *machine = campaign->machine;
    const struct bench_options *options = campaign->options;
    fprintf(out, "mailslot benchmark, %s UTC, %s build, load %s\n%s, %u CPU%s, %s\n", machine->date,
            machine->build, machine->load, machine->model, machine->cpu_count,
            machine->cpu_count == 1 ? "" : "s", machine->kernel);
    if (machine->doubt != NULL)
        fprintf(out, "*** %s: THESE FIGURES MEAN NOTHING ***\n", machine->doubt);
    if (options->messages != 0) {
        fprintf(out, "Interleaved rounds: %u, of %llu messages from each writer", options->rounds,
                (unsigned long long)options->messages);
    } else {
        fprintf(out, "Interleaved rounds: %u, of %g s a cell", options->rounds, options->seconds);
    }
    fputs("; shown: median (minimum-maximum).\n", out);
    print_cpus(out, campaign);
    struct check_cost small = check_cost_measure(64);
    struct check_cost large = check_cost_measure(400);
    fprintf(out,
            "In every figure: making a message %.0f ns, checking it %.0f ns (400 B: %.0f and %.0f "
            "ns).\n",
            small.fill_ns, small.check_ns, large.fill_ns, large.check_ns);
}

/* ---- Sections ---------------------------------------------------------------------------- */

/* One column of a section: a value of a cell. */
struct column {
    const char *cell;
    unsigned value;
    const char *title;
};

struct section {
    const char *title;
    struct column columns[4];
    unsigned column_count;
};

static const struct section sections[] = {
    {"Million messages a second",
     {{"rate-64-1", 0, "64 B, 1 writer"},
      {"rate-400-1", 0, "400 B, 1 writer"},
      {"rate-64-4", 0, "64 B, 4 writers"},
      {"rate-400-4", 0, "400 B, 4 writers"}},
     4},
    {"Burst of 10,000 messages of 64 B before the first read",
     {{"burst-64", 0, "held"},
      {"burst-64", 1, "put, million/s"},
      {"burst-64", 2, "get, million/s"}},
     3},
    {"Latency one way, us, 64 B",
     {{"pingpong-64", 0, "ping-pong p50"},
      {"pingpong-64", 1, "p99"},
      {"paced-64", 0, "one a ms p50"},
      {"paced-64", 1, "p99"}},
     4},
};

/* The index of a cell in the options' list, or -1. */
static int cell_index(const struct bench_options *options, const char *id) {
    for (unsigned i = 0; i < options->cell_count; i++)
        if (strcmp(options->cells[i]->id, id) == 0)
            return (int)i;
    return -1;
}

static void print_field(FILE *out, const struct campaign *campaign, const struct column *column,
                        unsigned peer, int width) {
    int cell = cell_index(campaign->options, column->cell);
    char text[64] = "-";
    if (cell >= 0) {
        struct spread spread = campaign_spread(campaign, (unsigned)cell, peer, column->value);
        struct campaign_sums sums = campaign_sum(campaign, (unsigned)cell, peer);
        if (sums.wrong != 0 || sums.failed != 0)
            snprintf(text, sizeof text, "WRONG, see below");
        else if (spread.count != 0)
            spread_text(text, sizeof text, &spread, "");
        else if (sums.absent)
            snprintf(text, sizeof text, "not measured");
    }
    fprintf(out, " %-*s", width, text);
}

static bool section_is_wanted(const struct bench_options *options, const struct section *section) {
    for (unsigned i = 0; i < section->column_count; i++)
        if (cell_index(options, section->columns[i].cell) >= 0)
            return true;
    return false;
}

/* The last column is not filled up with blanks. */
static int width_of(const struct section *section, unsigned column) {
    return column + 1 < section->column_count ? COLUMN : 0;
}

static void print_section(FILE *out, const struct campaign *campaign,
                          const struct section *section) {
    const struct bench_options *options = campaign->options;
    if (!section_is_wanted(options, section))
        return;
    fprintf(out, "\n%s\n%-12s", section->title, "");
    for (unsigned i = 0; i < section->column_count; i++)
        fprintf(out, " %-*s", width_of(section, i), section->columns[i].title);
    for (unsigned peer = 0; peer < options->peer_count; peer++) {
        fprintf(out, "\n%-12s", options->peers[peer]->name);
        for (unsigned i = 0; i < section->column_count; i++)
            print_field(out, campaign, &section->columns[i], peer, width_of(section, i));
    }
    fputc('\n', out);
}

/* ---- Refusals, ratios, notes ------------------------------------------------------------- */

static void print_refused(FILE *out, const struct campaign *campaign) {
    const struct bench_options *options = campaign->options;
    fputs("\nPuts refused because full, then tried again (the others' puts wait instead)\n", out);
    bool any = false;
    for (unsigned peer = 0; peer < options->peer_count; peer++) {
        for (unsigned cell = 0; cell < options->cell_count; cell++) {
            struct campaign_sums sums = campaign_sum(campaign, cell, peer);
            if (sums.refused != 0) {
                fprintf(out, "%-12s %-20s %llu, and %llu went through\n",
                        options->peers[peer]->name, options->cells[cell]->title,
                        (unsigned long long)sums.refused, (unsigned long long)sums.messages);
                any = true;
            }
        }
    }
    if (!any)
        fputs("none\n", out);
}

static void print_ratio(FILE *out, const struct ratio *ratio, const struct spread *spread) {
    char text[64];
    spread_text(text, sizeof text, spread, "x");
    fprintf(out, "%-17s %-10s %-*s", ratio->title, against_name(ratio->against),
            ratio->aim != 0 ? 23 : 0, text);
    if (ratio->aim != 0) {
        fprintf(out, "at %s %gx: %s", ratio->less_is_more ? "most" : "least", ratio->aim,
                ratio_met(ratio, spread) ? "met" : "not met");
    }
    if (ratio->goal != 0) {
        fprintf(out, "; the goal %gx: %s", ratio->goal,
                spread->median >= ratio->goal ? "met" : "not met");
    }
    fputc('\n', out);
}

static void print_ratios(FILE *out, const struct campaign *campaign) {
    bool titled = false;
    for (unsigned i = 0; i < RATIO_COUNT; i++) {
        struct spread spread = ratio_spread(campaign, &ratios_all[i]);
        if (spread.count == 0)
            continue;
        if (!titled) {
            fprintf(out,
                    "\nRatios of mailslot to others: medians of each round's ratio\n%-17s %-10s "
                    "%-23saim\n",
                    "", "to", "ratio");
            titled = true;
        }
        print_ratio(out, &ratios_all[i], &spread);
    }
}

static void print_wrong(FILE *out, const char *peer, const char *cell,
                        const struct campaign_sums *sums) {
    fprintf(out, "WRONG: %s, %s: %llu messages wrong, %u rounds failed: %s\n", peer, cell,
            (unsigned long long)sums->wrong, sums->failed,
            sums->reason != NULL ? sums->reason : "no reason");
}

/* Returns how many messages were checked. */
static uint64_t print_cost_notes(FILE *out, const struct campaign *campaign) {
    uint64_t messages = 0;
    for (unsigned way = 0; way < COST_WAYS; way++) {
        struct campaign_sums sums = campaign_cost_sum(campaign, way);
        messages += sums.messages;
        if (sums.wrong != 0 || sums.failed != 0)
            print_wrong(out, "costs", cost_ways[way]->title, &sums);
        else if (sums.absent)
            fprintf(out, "%s: not measured: %s\n", cost_ways[way]->title, sums.reason);
    }
    return messages;
}

static void print_notes(FILE *out, const struct campaign *campaign) {
    const struct bench_options *options = campaign->options;
    uint64_t messages = 0;
    fputc('\n', out);
    for (unsigned peer = 0; peer < options->peer_count; peer++) {
        bool absence_told = false;
        for (unsigned cell = 0; cell < options->cell_count; cell++) {
            struct campaign_sums sums = campaign_sum(campaign, cell, peer);
            messages += sums.messages;
            if (sums.wrong != 0 || sums.failed != 0) {
                print_wrong(out, options->peers[peer]->name, options->cells[cell]->title, &sums);
            } else if (sums.absent && !absence_told) {
                fprintf(out, "%s: not measured: %s\n", options->peers[peer]->name, sums.reason);
                absence_told = true;
            }
        }
    }
    messages += print_cost_notes(out, campaign);
    fprintf(out, "%llu messages arrived and were checked.\n", (unsigned long long)messages);
}

void report_print(FILE *out, const struct campaign *campaign) {
    print_heading(out, campaign);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        print_section(out, campaign, &sections[i]);
    print_refused(out, campaign);
    print_ratios(out, campaign);
    report_costs(out, campaign);
    print_notes(out, campaign);
}
