/* The table of mailslot_netbench, for terminals of 100 columns. */
#include "net.h"

#include <string.h>

#define TITLE  52
#define COLUMN 22

/* ---- Figures ----------------------------------------------------------------------------- */

static const struct net_outcome *outcome_of(const struct net_outcome *outcomes, unsigned round,
                                            unsigned cell) {
    return &outcomes[round * NET_CELLS + cell];
}

/* One figure over another; against < 0: by itself. */
static struct spread spread_over(const struct net_settings *settings,
                                 const struct net_outcome *outcomes, unsigned cell, int value,
                                 int against) {
    double values[NET_ROUNDS_MAX];
    unsigned count = 0;
    for (unsigned round = 0; round < settings->rounds; round++) {
        const struct net_outcome *outcome = outcome_of(outcomes, round, cell);
        double other = against < 0 ? 1 : outcome->values[against];
        if (outcome->measured && other > 0)
            values[count++] = outcome->values[value] / other;
    }
    return spread_of(values, count);
}

struct sums {
    uint64_t messages, lost, wrong;
    unsigned failed;
    bool absent;
    const char *reason;
};

static struct sums sums_of(const struct net_settings *settings, const struct net_outcome *outcomes,
                           unsigned cell) {
    struct sums sums = {0};
    for (unsigned round = 0; round < settings->rounds; round++) {
        const struct net_outcome *outcome = outcome_of(outcomes, round, cell);
        sums.messages += outcome->messages;
        sums.lost += outcome->lost;
        sums.wrong += outcome->wrong;
        sums.absent = sums.absent || outcome->absent;
        sums.failed += !outcome->measured && !outcome->absent;
        sums.reason = outcome->measured ? sums.reason : outcome->reason;
    }
    return sums;
}

/* ---- The table --------------------------------------------------------------------------- */

struct line {
    const char *title;
    int value;
};

struct section {
    const char *title;
    double unit; /* what its figures are counted in */
    unsigned cells[2];
    unsigned cell_count;
    struct line lines[6];
};

static const struct section sections[] = {
    {"Thousand messages a second, from port to reader",
     1000,
     {0, 1},
     2,
     {{"mailslotd, to mailslot_get_bytes()", THROUGH_MAILSLOTD},
      {"bare relay: recvmmsg of UDP, sendmmsg, recvmmsg", THROUGH_RELAY},
      {"bare pair without UDP: sendmmsg, recvmmsg", THROUGH_PAIR}}},
    {"Sending a message, ns",
     1,
     {2, 3},
     2,
     {{"mailslot_put_bytes(), name known", SEND_PUT},
      {"sendto of the same bytes", SEND_SENDTO},
      {"encoding the datagram", SEND_ENCODE},
      {"decoding the datagram", SEND_DECODE}}},
    {"Storm, a tenth damaged",
     1,
     {4},
     1,
     {{"mailslotd's resident memory after it, MB", STORM_RESIDENT},
      {"the most it was, MB", STORM_PEAK},
      {"delivered", STORM_DELIVERED},
      {"malformed", STORM_MALFORMED},
      {"dropped by the kernel before mailslotd got them", STORM_DROPPED},
      {"dropped for a full reader", STORM_FULL}}},
};

static void print_line(FILE *out, const struct net_settings *settings,
                       const struct net_outcome *outcomes, const struct section *section,
                       const struct line *line) {
    fprintf(out, "%-*s", TITLE, line->title);
    for (unsigned i = 0; i < section->cell_count; i++) {
        struct spread spread = spread_over(settings, outcomes, section->cells[i], line->value, -1);
        spread.median /= section->unit;
        spread.least /= section->unit;
        spread.most /= section->unit;
        char text[64] = "not measured";
        if (spread.count != 0)
            spread_text(text, sizeof text, &spread, "");
        fprintf(out, " %-*s", i + 1 < section->cell_count ? COLUMN : 0, text);
    }
    fputc('\n', out);
}

static void print_section(FILE *out, const struct net_settings *settings,
                          const struct net_outcome *outcomes, const struct section *section) {
    fprintf(out, "\n%-*s", TITLE, section->title);
    for (unsigned i = 0; i < section->cell_count; i++)
        fprintf(out, " %-*s", i + 1 < section->cell_count ? COLUMN : 0,
                net_cells[section->cells[i]].title);
    fputc('\n', out);
    for (size_t i = 0; i < sizeof section->lines / sizeof *section->lines; i++)
        if (section->lines[i].title != NULL)
            print_line(out, settings, outcomes, section, &section->lines[i]);
}

/* ---- Aims -------------------------------------------------------------------------------- */

struct aim {
    const char *title;
    unsigned cell;
    int value;
    int against; /* -1: by itself */
    const char *unit;
    double aim;
    bool less_is_more;
};

static const struct aim aims[] = {
    {"mailslotd to bare relay, 64 B", 0, THROUGH_MAILSLOTD, THROUGH_RELAY, "x", 0.4, false},
    {"mailslotd to bare relay, 400 B", 1, THROUGH_MAILSLOTD, THROUGH_RELAY, "x", 0.4, false},
    {"mailslotd to bare pair without UDP, 64 B", 0, THROUGH_MAILSLOTD, THROUGH_PAIR, "x", 0.4,
     false},
    {"mailslotd to bare pair without UDP, 400 B", 1, THROUGH_MAILSLOTD, THROUGH_PAIR, "x", 0.4,
     false},
    {"put to sendto, 64 B", 2, SEND_PUT, SEND_SENDTO, "x", 1.3, true},
    {"put to sendto, 400 B", 3, SEND_PUT, SEND_SENDTO, "x", 1.3, true},
    {"encoding to sendto, 64 B", 2, SEND_ENCODE, SEND_SENDTO, "x", 0.1, true},
    {"encoding to sendto, 400 B", 3, SEND_ENCODE, SEND_SENDTO, "x", 0.1, true},
    {"decoding to sendto, 64 B", 2, SEND_DECODE, SEND_SENDTO, "x", 0.1, true},
    {"decoding to sendto, 400 B", 3, SEND_DECODE, SEND_SENDTO, "x", 0.1, true},
    {"mailslotd's memory after the storm", 4, STORM_RESIDENT, -1, " MB", 10, true},
};

static bool is_met(const struct aim *aim, double median) {
    return aim->less_is_more ? median < aim->aim : median >= aim->aim;
}

static void print_aim(FILE *out, const struct aim *aim, const struct spread *spread) {
    char text[64];
    spread_text(text, sizeof text, spread, aim->unit);
    fprintf(out, "%-42s %-26s%s %g%s: %s\n", aim->title, text,
            aim->less_is_more ? "below" : "at least", aim->aim, aim->unit,
            is_met(aim, spread->median) ? "met" : "not met");
}

static void print_aims(FILE *out, const struct net_settings *settings,
                       const struct net_outcome *outcomes) {
    fprintf(out, "\nMedians of each round's ratio\n%-42s %-26saim\n", "", "");
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++) {
        struct spread spread =
            spread_over(settings, outcomes, aims[i].cell, aims[i].value, aims[i].against);
        if (spread.count != 0)
            print_aim(out, &aims[i], &spread);
        else
            fprintf(out, "%-42s not measured\n", aims[i].title);
    }
}

/* ---- Heading and notes ------------------------------------------------------------------- */

static void print_heading(FILE *out, const struct net_settings *settings) {
    const struct machine *machine = settings->machine;
    fprintf(out, "mailslot network benchmark, %s UTC, %s build, load %s\n%s, %u CPU%s, %s\n",
            machine->date, machine->build, machine->load, machine->model, machine->cpu_count,
            machine->cpu_count == 1 ? "" : "s", machine->kernel);
    if (machine->doubt != NULL)
        fprintf(out, "*** %s: THESE FIGURES MEAN NOTHING ***\n", machine->doubt);
    fprintf(
        out,
        "Interleaved rounds: %u, of %g s a cell; shown: median (minimum-maximum) of each round's "
        "median.\n",
        settings->rounds, settings->seconds);
    if (machine->cpu_count > 1)
        fprintf(out,
                "On the loopback: mailslotd and the bare ones on CPU %u, all else on CPU %u%s.\n",
                machine->cpus[0], machine->cpus[1], machine->cpu_count > 2 ? " and on" : "");
    else
        fputs("Only one CPU: everything shares it, and these figures are about switching.\n", out);
}

static void print_notes(FILE *out, const struct net_settings *settings,
                        const struct net_outcome *outcomes) {
    uint64_t messages = 0;
    fputc('\n', out);
    for (unsigned cell = 0; cell < NET_CELLS; cell++) {
        struct sums sums = sums_of(settings, outcomes, cell);
        const char *title = net_cells[cell].title;
        messages += sums.messages;
        if (sums.absent)
            fprintf(out, "%s: not measured: %s\n", title, sums.reason);
        else if (sums.wrong != 0 || sums.failed != 0)
            fprintf(out, "WRONG: %s: %llu messages wrong, %u rounds failed: %s\n", title,
                    (unsigned long long)sums.wrong, sums.failed,
                    sums.reason != NULL ? sums.reason : "torn, repeated or lost without a trace");
        if (sums.lost != 0)
            fprintf(out, "%s: %llu lost, and counted as such by mailslotd or the kernel\n", title,
                    (unsigned long long)sums.lost);
    }
    fprintf(out, "%llu messages arrived and were checked.\n", (unsigned long long)messages);
}

void net_report(FILE *out, const struct net_settings *settings,
                const struct net_outcome *outcomes) {
    print_heading(out, settings);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        print_section(out, settings, outcomes, &sections[i]);
    print_aims(out, settings, outcomes);
    print_notes(out, settings, outcomes);
}
