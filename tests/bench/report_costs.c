/* The part of the table about costs. */
#include "campaign.h"

#define TITLE  38
#define COLUMN 20

static const char *const headings[COST_VALUES] = {"put", "get", "allocations", "open to write",
                                                  "open to read"};

static bool has_costs(const struct campaign *campaign) {
    for (unsigned way = 0; way < COST_WAYS; way++)
        if (campaign_cost_sum(campaign, way).measured)
            return true;
    return false;
}

static void print_value(FILE *out, const struct campaign *campaign, unsigned way,
                        enum cost_value value, const char *unit) {
    struct spread spread = campaign_cost_spread(campaign, way, value);
    char text[64] = "-";
    if (spread.count != 0 && value == COST_ALLOCATIONS)
        snprintf(text, sizeof text, "%.4g", spread.median);
    else if (spread.count != 0)
        spread_text(text, sizeof text, &spread, unit);
    fprintf(out, " %-*s", value == COST_ALLOCATIONS ? 0 : COLUMN, text);
}

static void print_ways(FILE *out, const struct campaign *campaign) {
    fprintf(
        out,
        "\nWhat a call costs in ns, put and got in batches of %d, the message in the other CPU's "
        "cache\n%-28s %-*s %-*s %s\n",
        COST_BATCH, "", COLUMN, headings[COST_PUT_NS], COLUMN, headings[COST_GET_NS],
        "allocations per message");
    for (unsigned way = 0; way < COST_WAYS; way++) {
        fprintf(out, "%-28s", cost_ways[way]->title);
        print_value(out, campaign, way, COST_PUT_NS, "");
        print_value(out, campaign, way, COST_GET_NS, "");
        print_value(out, campaign, way, COST_ALLOCATIONS, "");
        fputc('\n', out);
    }
}

static void print_openings(FILE *out, const struct campaign *campaign) {
    fprintf(out, "\nOpening, us\n%-28s %-*s %s\n", "", COLUMN, headings[COST_OPEN_READER_US],
            headings[COST_OPEN_WRITER_US]);
    for (unsigned way = 0; way < COST_WAYS; way++) {
        if (cost_ways[way]->slots != 0) {
            fprintf(out, "%-28s", cost_ways[way]->title);
            print_value(out, campaign, way, COST_OPEN_READER_US, "");
            print_value(out, campaign, way, COST_OPEN_WRITER_US, "");
            fputc('\n', out);
        }
    }
}

static void print_ratio(FILE *out, const struct cost_ratio *ratio, const struct spread *spread) {
    char text[64];
    const char *unit = ratio->against != NULL ? "x" : "";
    spread_text(text, sizeof text, spread, unit);
    fprintf(out, "%-*s %-*s", TITLE, ratio->title, ratio->aim >= 0 ? 23 : 0, text);
    if (ratio->aim >= 0) {
        fprintf(out, "at most %g%s: %s", ratio->aim, unit,
                cost_ratio_met(ratio, spread) ? "met" : "not met");
    }
    fputc('\n', out);
}

static void print_ratios(FILE *out, const struct campaign *campaign) {
    fprintf(out, "\nRatios of these: medians of each round's ratio\n%-*s %-23saim\n", TITLE, "",
            "ratio");
    for (unsigned i = 0; i < COST_RATIO_COUNT; i++) {
        struct spread spread = cost_ratio_spread(campaign, &cost_ratios_all[i]);
        if (spread.count != 0)
            print_ratio(out, &cost_ratios_all[i], &spread);
    }
}

static void print_syscalls(FILE *out, const struct campaign *campaign) {
    const struct syscall_count *count = &campaign->syscalls;
    fprintf(
        out,
        "\nSystem calls per message by strace, both sides, %llu messages of 64 B, reader awake\n",
        (unsigned long long)count->messages);
    syscalls_print(out, &peer_mailslot, count);
    if (count->measured) {
        fprintf(out, "under %g: %s\n", SYSCALLS_AIM,
                count->per_message < SYSCALLS_AIM ? "met" : "not met");
    }
}

void report_costs(FILE *out, const struct campaign *campaign) {
    if (has_costs(campaign)) {
        print_ways(out, campaign);
        print_openings(out, campaign);
        print_ratios(out, campaign);
    }
    if (campaign->options->costs)
        print_syscalls(out, campaign);
}
