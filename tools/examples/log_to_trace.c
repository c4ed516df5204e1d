/*
 * log_to_trace SLOT PROCESS: turns log lines on standard input into trace.Event records and puts
 * them into a mailslot. It understands the times of dpkg.log ("2026-11-22 14:51:40 ...") and of the
 * kernel's log ("[   12.345678] ..."); to any other line it gives the current time.
 *
 * An example of a typed sender: a schema compiled by mailslot_protobuf_generate(), the typed put
 * that MAILSLOT_PROTOBUF defines for it, and the handling of big messages and of a full slot.
 */
#include "trace.pb-c.h"

#include <mailslot/protobuf.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

MAILSLOT_PROTOBUF(trace_event, Trace__Event, trace__event__descriptor)

enum { PUT_TIMEOUT_MS = 5000 };

typedef struct {
    unsigned long sent, too_big;
    size_t bytes;
} tally;

static uint64_t to_nanoseconds(time_t seconds, long fraction) {
    return (uint64_t)seconds * 1000000000u + (uint64_t)fraction;
}

static uint64_t time_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return to_nanoseconds(time.tv_sec, time.tv_nsec);
}

/* Returns the time of the line, and moves *line past it. */
static uint64_t parse_time(char **line) {
    struct tm date = {.tm_isdst = -1};
    char *rest = strptime(*line, "%Y-%m-%d %H:%M:%S ", &date);
    if (rest) {
        *line = rest;
        return to_nanoseconds(mktime(&date), 0);
    }
    double up;
    int length = 0;
    if (sscanf(*line, "[%lf] %n", &up, &length) == 1 && length && up >= 0 && up < 1e9) {
        struct timespec boot;
        clock_gettime(CLOCK_BOOTTIME, &boot);
        *line += length;
        return time_now() - to_nanoseconds(boot.tv_sec, boot.tv_nsec) + (uint64_t)(up * 1e9);
    }
    return time_now();
}

static Trace__Severity severity_of(const char *text) {
    if (strcasestr(text, "error") || strcasestr(text, "fail"))
        return TRACE__SEVERITY__SEVERITY_ERROR;
    if (strcasestr(text, "warn"))
        return TRACE__SEVERITY__SEVERITY_WARNING;
    return TRACE__SEVERITY__SEVERITY_INFO;
}

/* Logs may hold any bytes, but a Protobuf string must be UTF-8. */
static void make_ascii(char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
            *text = '?';
}

static mailslot_err put_line(mailslot *slot, Trace__Event *event, char *line, tally *totals) {
    size_t size;
    event->timestamp = parse_time(&line);
    make_ascii(line);
    event->severity = severity_of(line);
    event->message = line;
    mailslot_err err = trace_event_put(slot, event);
    if (err == MAILSLOT_ERR_TOO_BIG) {
        fprintf(stderr, "log_to_trace: skipped: %s\n", mailslot_detail());
        totals->too_big++;
        return MAILSLOT_OK;
    }
    if (!err)
        err = mailslot_encoded_size(slot, event, &size);
    if (!err) {
        totals->sent++;
        totals->bytes += size;
    }
    return err;
}

static mailslot_err put_all(mailslot *slot, char *process, tally *totals) {
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    Trace__Event__AttributesEntry source = TRACE__EVENT__ATTRIBUTES_ENTRY__INIT;
    source.key = "source";
    source.value = "log_to_trace";
    Trace__Event__AttributesEntry *attributes[] = {&source};
    Trace__Event event = TRACE__EVENT__INIT;
    event.host = host;
    event.process = process;
    event.n_attributes = 1;
    event.attributes = attributes;

    mailslot_err err = MAILSLOT_OK;
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len; !err && (len = getline(&line, &capacity, stdin)) > 0;) {
        line[strcspn(line, "\n")] = 0;
        err = put_line(slot, &event, line, totals);
    }
    free(line);
    return err;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: log_to_trace SLOT PROCESS <LOG\n");
        return 2;
    }
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = trace_event_codec();
    options.put_timeout_ms = PUT_TIMEOUT_MS;
    MAILSLOT_SCOPED mailslot *slot = NULL;
    tally totals = {0, 0, 0};
    uint64_t began = time_now();
    mailslot_err err = mailslot_open(&slot, argv[1], &options);
    if (!err)
        err = put_all(slot, argv[2], &totals);
    if (err)
        fprintf(stderr, "log_to_trace: %s\n", mailslot_detail());
    printf("%lu events sent, %zu bytes, %lu too big, %.1f ms\n", totals.sent, totals.bytes,
           totals.too_big, (double)(time_now() - began) / 1e6);
    return err ? 1 : 0;
}
