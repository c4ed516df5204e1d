#include "counters.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

static const char *kind_name(msi_wire_err kind, char out[32]) {
    static const char *const names[MSI_WIRE_KINDS] = {
#define NAME(name, text) [MSI_WIRE_##name] = #name,
        MSI_WIRE_LIST(NAME)
#undef NAME
    };
    snprintf(out, 32, "%s", names[kind]);
    for (char *p = out; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return out;
}

void counters_lines(const struct counters *counters, struct text *text) {
#define LINE(name, what) text_add(text, #name " %" PRIu64 "\n", counters->name);
    COUNTERS_LIST(LINE)
    COUNTERS_GAUGES(LINE)
#undef LINE
    char kind[32];
    for (int i = MSI_WIRE_SOUND + 1; i < MSI_WIRE_KINDS; i++)
        text_add(text, "malformed_%s %" PRIu64 "\n", kind_name((msi_wire_err)i, kind),
                 counters->malformed[i]);
}

static void add_metric(struct text *text, const char *name, const char *help, const char *type,
                       uint64_t value) {
    text_add(text, "# HELP mailslotd_%s %s\n# TYPE mailslotd_%s %s\n", name, help, name, type);
    text_add(text, "mailslotd_%s %" PRIu64 "\n", name, value);
}

static void add_malformed(const struct counters *counters, struct text *text) {
    text_add(text, "# HELP mailslotd_malformed_total Datagrams that were malformed, by kind.\n"
                   "# TYPE mailslotd_malformed_total counter\n");
    char kind[32];
    for (int i = MSI_WIRE_SOUND + 1; i < MSI_WIRE_KINDS; i++)
        text_add(text, "mailslotd_malformed_total{kind=\"%s\"} %" PRIu64 "\n",
                 kind_name((msi_wire_err)i, kind), counters->malformed[i]);
}

void counters_prometheus(const struct counters *counters, struct text *text) {
#define COUNTER(name, what) add_metric(text, #name "_total", what, "counter", counters->name);
    COUNTERS_LIST(COUNTER)
#undef COUNTER
    add_malformed(counters, text);
#define GAUGE(name, what) add_metric(text, #name, what, "gauge", counters->name);
    COUNTERS_GAUGES(GAUGE)
#undef GAUGE
}
