/* The part of the JSON about costs. */
#include "json.h"

static void write_value(FILE *out, const struct campaign *campaign, unsigned way,
                        enum cost_value value, bool *first) {
    struct spread spread = campaign_cost_spread(campaign, way, value);
    if (spread.count == 0)
        return;
    fprintf(out, "%s\"%s\":{", *first ? "" : ",", cost_value_name(value));
    json_spread(out, &spread);
    fprintf(out, ",\"rounds\":[");
    const char *comma = "";
    for (unsigned round = 0; round < campaign->rounds_done; round++) {
        const struct cost_outcome *outcome = campaign_cost(campaign, round, way);
        if (outcome->status == OUTCOME_MEASURED) {
            fprintf(out, "%s%.6g", comma, outcome->values[value]);
            comma = ",";
        }
    }
    fprintf(out, "]}");
    *first = false;
}

static void write_way(FILE *out, const struct campaign *campaign, unsigned way) {
    struct campaign_sums sums = campaign_cost_sum(campaign, way);
    fprintf(out,
            "{\"way\":\"%s\",\"title\":\"%s\",\"measured\":%s,\"messages\":%llu,\"wrong\":%llu,"
            "\"failed\":%u",
            cost_ways[way]->id, cost_ways[way]->title, sums.measured ? "true" : "false",
            (unsigned long long)sums.messages, (unsigned long long)sums.wrong, sums.failed);
    if (sums.reason != NULL) {
        fprintf(out, ",\"reason\":");
        json_string(out, sums.reason);
    }
    fprintf(out, ",\"values\":{");
    bool first = true;
    for (unsigned value = 0; value < COST_VALUES; value++)
        write_value(out, campaign, way, value, &first);
    fprintf(out, "}}");
}

static void write_ratios(FILE *out, const struct campaign *campaign) {
    const char *comma = "";
    for (unsigned i = 0; i < COST_RATIO_COUNT; i++) {
        const struct cost_ratio *ratio = &cost_ratios_all[i];
        struct spread spread = cost_ratio_spread(campaign, ratio);
        if (spread.count == 0)
            continue;
        fprintf(out, "%s\n{\"way\":\"%s\",\"value\":\"%s\",\"to\":\"%s\",\"title\":\"%s\",", comma,
                ratio->way, cost_value_name(ratio->value),
                ratio->against != NULL ? ratio->against : "", ratio->title);
        if (ratio->aim >= 0) {
            fprintf(out, "\"aim\":%g,\"met\":%s,", ratio->aim,
                    cost_ratio_met(ratio, &spread) ? "true" : "false");
        }
        json_spread(out, &spread);
        fprintf(out, "}");
        comma = ",";
    }
}

static void write_syscalls(FILE *out, const struct syscall_count *count) {
    fprintf(out, ",\n\"system_calls\":{\"measured\":%s,\"messages\":%llu",
            count->measured ? "true" : "false", (unsigned long long)count->messages);
    if (count->measured) {
        fprintf(out, ",\"per_message\":%.6g,\"aim\":%g,\"met\":%s", count->per_message,
                SYSCALLS_AIM, count->per_message < SYSCALLS_AIM ? "true" : "false");
    } else if (count->reason != NULL) {
        fprintf(out, ",\"reason\":");
        json_string(out, count->reason);
    }
    fprintf(out, "}");
}

void json_costs(FILE *out, const struct campaign *campaign) {
    fprintf(out, ",\n\"costs\":[");
    for (unsigned way = 0; way < COST_WAYS; way++) {
        fprintf(out, "%s\n", way == 0 ? "" : ",");
        write_way(out, campaign, way);
    }
    fprintf(out, "],\n\"cost_ratios\":[");
    write_ratios(out, campaign);
    fprintf(out, "]");
    write_syscalls(out, &campaign->syscalls);
}
