/* Counters as part of the status. */
#include "counters.h"

#include <ctype.h>
#include <stdio.h>

_Static_assert((int)MSI_WIRE_KINDS - 1 <= (int)MAILSLOT_DAEMON_MALFORMED_MAX, "all kinds fit");

/* The kind's name in lower case. */
static void kind_name(msi_wire_err kind, char *out, size_t size) {
    static const char *const names[MSI_WIRE_KINDS] = {
/* From the list of the decoder: a new kind is counted and reported without a change here. */
#define NAME(name, text) [MSI_WIRE_##name] = #name,
        MSI_WIRE_LIST(NAME)
#undef NAME
    };
    snprintf(out, size, "%s", names[kind]);
    for (char *p = out; *p; p++)
        *p = (char)tolower((unsigned char)*p);
}

void counters_report(const struct counters *counters, mailslot_daemon_status *status) {
/* Both lists are X macros of mailslot/network.h, the single place that names the counters. */
#define COPY_COUNTER(name, help) status->counters.name = counters->name;
#define COPY_GAUGE(name, help)   status->gauges.name = counters->name;
    MAILSLOT_DAEMON_COUNTERS(COPY_COUNTER)
    MAILSLOT_DAEMON_GAUGES(COPY_GAUGE)
#undef COPY_COUNTER
#undef COPY_GAUGE
    status->malformed_count = 0;
    for (int i = MSI_WIRE_SOUND + 1; i < MSI_WIRE_KINDS; i++) {
        mailslot_daemon_malformed *one = &status->malformed[status->malformed_count++];
        kind_name((msi_wire_err)i, one->kind, sizeof one->kind);
        one->count = counters->malformed[i];
    }
}
