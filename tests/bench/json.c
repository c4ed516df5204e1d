/* The whole run as one JSON object: what ran where, every round's figures, and the ratios. */
#include "json.h"

#include <errno.h>
#include <string.h>

void json_string(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < 0x20 || byte >= 0x7f)
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

static void write_member(FILE *out, const char *key, const char *value) {
    fprintf(out, "\"%s\":", key);
    json_string(out, value);
    fputc(',', out);
}

void json_spread(FILE *out, const struct spread *spread) {
    fprintf(out, "\"median\":%.6g,\"min\":%.6g,\"max\":%.6g", spread->median, spread->least,
            spread->most);
}

static void write_heading(FILE *out, const struct campaign *campaign) {
    const struct machine *machine = campaign->machine;
    const struct bench_options *options = campaign->options;
    write_member(out, "date", machine->date);
    write_member(out, "cpu", machine->model);
    write_member(out, "kernel", machine->kernel);
    write_member(out, "load", machine->load);
    write_member(out, "build", machine->build);
    fprintf(out, "\"figures_valid\":%s,\"cpus\":%u,\"pinned\":%s,",
            machine->doubt == NULL ? "true" : "false", machine->cpu_count,
            machine->cpu_count > 1 ? "true" : "false");
    fprintf(out, "\"seconds\":%g,\"rounds\":%u,\"messages\":%llu,\n", options->seconds,
            campaign->rounds_done, (unsigned long long)options->messages);
    struct spread line = campaign_line_spread(campaign);
    fprintf(out, "\"cache_line_ns\":{");
    json_spread(out, &line);
    fprintf(out, ",\"cells_by_round\":[");
    for (unsigned i = 0; i < line.count; i++)
        fprintf(out, "%s%.6g", i == 0 ? "" : ",", campaign->line_ns[i]);
    fprintf(out, "]},\n");
}

static void write_value(FILE *out, const struct campaign *campaign, unsigned cell, unsigned peer,
                        unsigned value) {
    struct spread spread = campaign_spread(campaign, cell, peer, value);
    fprintf(out, "{");
    json_spread(out, &spread);
    fprintf(out, ",\"rounds\":[");
    bool first = true;
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        const struct outcome *outcome = campaign_outcome(campaign, round, cell, peer);
        if (outcome->status == OUTCOME_MEASURED) {
            fprintf(out, "%s%.6g", first ? "" : ",", outcome->values[value]);
            first = false;
        }
    }
    fprintf(out, "]}");
}

static void write_values(FILE *out, const struct campaign *campaign, unsigned cell, unsigned peer) {
    fprintf(out, ",\"values\":{");
    for (unsigned value = 0; value < VALUE_COUNT; value++) {
        const char *name = cell_value_name(campaign->options->cells[cell]->kind, value);
        if (name != NULL) {
            fprintf(out, "%s\"%s\":", value == 0 ? "" : ",", name);
            write_value(out, campaign, cell, peer, value);
        }
    }
    fprintf(out, "}");
}

/* measured is false where a peer is absent or takes no such cell; then there are no values. */
static void write_cell(FILE *out, const struct campaign *campaign, unsigned cell, unsigned peer) {
    const struct cell *what = campaign->options->cells[cell];
    struct campaign_sums sums = campaign_sum(campaign, cell, peer);
    fprintf(out, "{\"cell\":\"%s\",\"peer\":\"%s\",\"size\":%zu,\"writers\":%u,", what->id,
            campaign->options->peers[peer]->name, what->size, what->writers);
    fprintf(out, "\"measured\":%s,\"messages\":%llu,\"refused\":%llu,\"wrong\":%llu,\"failed\":%u",
            sums.measured ? "true" : "false", (unsigned long long)sums.messages,
            (unsigned long long)sums.refused, (unsigned long long)sums.wrong, sums.failed);
    if (sums.reason != NULL) {
        fprintf(out, ",\"reason\":");
        json_string(out, sums.reason);
    }
    if (sums.measured)
        write_values(out, campaign, cell, peer);
    fprintf(out, "}");
}

static void write_cells(FILE *out, const struct campaign *campaign) {
    const struct bench_options *options = campaign->options;
    fprintf(out, "\"cells\":[");
    for (unsigned cell = 0; cell < options->cell_count; cell++) {
        for (unsigned peer = 0; peer < options->peer_count; peer++) {
            fprintf(out, "%s\n", cell + peer == 0 ? "" : ",");
            write_cell(out, campaign, cell, peer);
        }
    }
    fprintf(out, "],\n");
}

static void write_ratio(FILE *out, const struct ratio *ratio, const struct spread *spread) {
    fprintf(out, "{\"cell\":\"%s\",\"title\":\"%s\",\"to\":\"%s\",\"aim\":%g,\"goal\":%g,",
            ratio->cell, ratio->title, against_name(ratio->against), ratio->aim, ratio->goal);
    fprintf(out, "\"at_most\":%s,", ratio->less_is_more ? "true" : "false");
    json_spread(out, spread);
    fprintf(out, "}");
}

static void write_ratios(FILE *out, const struct campaign *campaign) {
    fprintf(out, "\"ratios\":[");
    bool first = true;
    for (unsigned i = 0; i < RATIO_COUNT; i++) {
        struct spread spread = ratio_spread(campaign, &ratios_all[i]);
        if (spread.count != 0) {
            fprintf(out, "%s\n", first ? "" : ",");
            write_ratio(out, &ratios_all[i], &spread);
            first = false;
        }
    }
    fprintf(out, "]");
}

bool json_write(const char *path, const struct campaign *campaign) {
    bool to_stdout = strcmp(path, "-") == 0;
    FILE *out = to_stdout ? stdout : fopen(path, "we");
    if (out != NULL) {
        fputc('{', out);
        write_heading(out, campaign);
        write_cells(out, campaign);
        write_ratios(out, campaign);
        if (campaign->options->costs)
            json_costs(out, campaign);
        fputs("}\n", out);
        bool failed = fflush(out) != 0 || ferror(out);
        if (!(to_stdout ? failed : fclose(out) != 0 || failed))
            return true;
    }
    fprintf(stderr, "mailslot_bench: %s: %s\n", path, strerror(errno));
    return false;
}
