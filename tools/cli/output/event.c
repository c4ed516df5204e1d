/* trace.Event: its type, its severities, and the line that --format line prints. */
#include "event.h"

#include "base/utf8.h"
#include "platform/platform.h"
#include "json/protobuf_fields.h"

#include <stdio.h>
#include <string.h>

#include "trace.pb-c.h"

/* ---- The type ---- */

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type,
                                                unsigned number) {
    return protobuf_c_message_descriptor_get_field(type, number);
}

/* Presence is not compared: an absent field reads as its default. A oneof is refused, because its
 * members share memory and cannot be read without looking at the case. */
static bool is_like(const ProtobufCFieldDescriptor *field, const ProtobufCFieldDescriptor *model) {
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    return strcmp(field->name, model->name) == 0 && field->type == model->type &&
           repeated == (model->label == PROTOBUF_C_LABEL_REPEATED) &&
           !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
}

/* Recurses into submessages; those of trace.Event do not nest, so the recursion ends. */
static bool has_fields_of(const ProtobufCMessageDescriptor *type,
                          const ProtobufCMessageDescriptor *model) {
    for (unsigned i = 0; i < model->n_fields; i++) {
        const ProtobufCFieldDescriptor *ours = &model->fields[i];
        const ProtobufCFieldDescriptor *field = field_of(type, ours->id);
        if (!field || !is_like(field, ours))
            return false;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE &&
            !has_fields_of(field->descriptor, ours->descriptor))
            return false;
    }
    return true;
}

bool event_is_type(const ProtobufCMessageDescriptor *type) {
    return strcmp(type->name, trace__event__descriptor.name) == 0 &&
           has_fields_of(type, &trace__event__descriptor);
}

/* ---- Its values, wherever its type has them ---- */

/* Field numbers of proto/trace.proto. A schema that the user loaded may lay out its structs
 * differently, so members are found by number, never by offset. */
enum { TIMESTAMP = 1, SEVERITY, HOST, PROCESS, MESSAGE, ATTRIBUTES };
enum { KEY = 1, VALUE };

/* event_is_type() has ensured that the field exists and has this type. */
static const void *event_member(const ProtobufCMessage *message, unsigned number) {
    return protobuf_member(message, field_of(message->descriptor, number));
}

/* In Protobuf-C a string field without a value may be NULL. */
static const char *text_of(const ProtobufCMessage *message, unsigned number) {
    const char *text = *(const char *const *)event_member(message, number);
    return text ? text : "";
}

int32_t event_severity(const ProtobufCMessage *event) {
    return *(const int32_t *)event_member(event, SEVERITY);
}

/* ---- Severities ---- */

static const char prefix[] = "SEVERITY_";

/* ASCII only: tolower() and strcasecmp() follow the locale, in which I may not be the upper case of
 * i (tr_TR). */
static char lower_case(char c) { return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

static bool same_in_any_case(const char *one, const char *other) {
    while (*one && lower_case(*one) == lower_case(*other))
        one++, other++;
    return lower_case(*one) == lower_case(*other);
}

bool event_read_severity(const char *name, int32_t *severity) {
    const ProtobufCEnumDescriptor *type = &trace__severity__descriptor;
    for (unsigned i = 0; i < type->n_values; i++) {
        /* Every value of the enum begins with the prefix (proto style guide), as proto/trace.proto
         * keeps. */
        const char *full = type->values[i].name;
        if (same_in_any_case(name, full) || same_in_any_case(name, full + strlen(prefix))) {
            *severity = type->values[i].value;
            return true;
        }
    }
    return false;
}

/* ---- The line ---- */

#define NS_PER_SECOND UINT64_C(1000000000)

struct line {
    struct buffer *out;
    bool colored;
};

/* Colors are ECMA-48's (SGR); "" is none. */
static void begin_color(const struct line *line, const char *color) {
    if (!line->colored || !*color)
        return;
    buffer_append_text(line->out, "\033[");
    buffer_append_text(line->out, color);
    buffer_append_text(line->out, "m");
}

static void end_color(const struct line *line, const char *color) {
    if (line->colored && *color)
        buffer_append_text(line->out, "\033[m");
}

/* Control characters come out escaped: an event must not be able to send commands to the
 * terminal. */
static void append_printable(struct buffer *out, const char *text, size_t len) {
    buffer_reserve(out, UTF8_ESCAPED_SIZE(len));
    out->len += utf8_printable(out->data + out->len, text, len);
}

static void append_part(const struct line *line, const char *color, const char *text) {
    begin_color(line, color);
    append_printable(line->out, text, strlen(text));
    end_color(line, color);
}

static const char color_of_lesser[] = "2", color_of_process[] = "1";

/* By severity: none, dim, green, cyan, yellow, red, white on red. Numbers above CRITICAL, which a
 * newer schema may define, look like CRITICAL. */
static const char *color_of(int32_t severity) {
    static const char *const colors[] = {"", "2", "32", "36", "33", "31", "1;37;41"};
    enum { COUNT = sizeof colors / sizeof *colors };
    return severity < 0 ? "" : colors[severity < COUNT ? severity : COUNT - 1];
}

static void append_time(const struct line *line, uint64_t ns) {
    /* 0 is proto3's default and means that the sender gave no time. */
    char text[64] = "-";
    if (ns) {
        struct tm tm;
        int ahead = platform_local_time((int64_t)(ns / NS_PER_SECOND), &tm);
        int minutes = ahead < 0 ? -ahead : ahead;
        int len = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06u",
                           tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                           tm.tm_sec, (unsigned)(ns % NS_PER_SECOND / 1000));
        if (ahead)
            snprintf(text + len, sizeof text - (size_t)len, "%c%02d:%02d", ahead < 0 ? '-' : '+',
                     minutes / 60, minutes % 60);
        else
            snprintf(text + len, sizeof text - (size_t)len, "Z");
    }
    append_part(line, color_of_lesser, text);
}

/* Padded to the longest name, CRITICAL, so that the host begins in the same column in each line. 0
 * is SEVERITY_UNSPECIFIED. */
static void append_severity(const struct line *line, int32_t severity) {
    char number[16], padded[32];
    snprintf(number, sizeof number, "%d", (int)severity);
    const ProtobufCEnumValue *known =
        protobuf_c_enum_descriptor_get_value(&trace__severity__descriptor, severity);
    const char *name = severity == 0 ? "-" : known ? known->name + strlen(prefix) : number;
    snprintf(padded, sizeof padded, "%-8s", name);
    append_part(line, color_of(severity), padded);
}

/* KEY=VALUE pairs are separated by spaces; quoting keeps a line parsable, as in logfmt. */
static bool needs_quotes(const char *text) { return !*text || strpbrk(text, " \"=\\") != NULL; }

static void append_quoted(struct buffer *out, const char *text) {
    buffer_append_text(out, "\"");
    for (size_t len; *text; text += len) {
        len = strcspn(text, "\"\\");
        append_printable(out, text, len);
        /* strcspn() stopped at the end of the text, not at a character to escape. */
        if (!text[len])
            break;
        char escaped[] = {'\\', text[len++]};
        buffer_append(out, escaped, sizeof escaped);
    }
    buffer_append_text(out, "\"");
}

static void append_word(struct buffer *out, const char *text) {
    if (needs_quotes(text))
        append_quoted(out, text);
    else
        append_printable(out, text, strlen(text));
}

static void append_attributes(const struct line *line, const ProtobufCMessage *event) {
    const ProtobufCFieldDescriptor *field = field_of(event->descriptor, ATTRIBUTES);
    size_t count = *protobuf_count(event, field);
    if (!count)
        return;
    ProtobufCMessage *const *entries =
        *(ProtobufCMessage *const *const *)event_member(event, ATTRIBUTES);
    begin_color(line, color_of_lesser);
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(line->out, " ");
        append_word(line->out, text_of(entries[i], KEY));
        buffer_append_text(line->out, "=");
        append_word(line->out, text_of(entries[i], VALUE));
    }
    end_color(line, color_of_lesser);
}

static const char *event_has_value(const char *text) { return *text ? text : "-"; }

void event_append_line(struct buffer *out, const ProtobufCMessage *event, bool colored) {
    struct line line = {out, colored};
    int32_t severity = event_severity(event);
    const char *message = text_of(event, MESSAGE);
    append_time(&line, *(const uint64_t *)event_member(event, TIMESTAMP));
    buffer_append_text(out, " ");
    append_severity(&line, severity);
    buffer_append_text(out, " ");
    append_part(&line, "", event_has_value(text_of(event, HOST)));
    buffer_append_text(out, " ");
    append_part(&line, color_of_process, event_has_value(text_of(event, PROCESS)));
    buffer_append_text(out, ":");
    if (*message) {
        buffer_append_text(out, " ");
        /* Only messages that need attention are colored as a whole. */
        append_part(&line, severity < TRACE__SEVERITY__SEVERITY_WARNING ? "" : color_of(severity),
                    message);
    }
    append_attributes(&line, event);
    buffer_append_text(out, "\n");
}
