/* One message in each of the formats of --format. */
#include "format.h"

#include "event.h"
#include "json/text.h"

#include <string.h>

bool format_by_name(const char *name, enum format *format) {
    static const char *const names[] = {
        [FORMAT_TEXT] = "text", [FORMAT_RAW] = "raw",   [FORMAT_HEX] = "hex",
        [FORMAT_JSON] = "json", [FORMAT_LINE] = "line",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *format = (enum format)i;
            return true;
        }
    }
    return false;
}

static void append_hex(struct buffer *out, mailslot_bytes bytes) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *data = bytes.data;
    for (size_t i = 0; i < bytes.len; i++) {
        char pair[2] = {digits[data[i] >> 4], digits[data[i] & 15]};
        buffer_append(out, pair, sizeof pair);
    }
}

static void append_line(struct buffer *out, struct json_object *json) {
    json_write_line(out, json);
    json_object_put(json);
}

/* ---- Meta ---- */

static struct json_object *text_of(const char *text) {
    return json_text((mailslot_bytes){.data = text, .len = strlen(text)});
}

/* null where the id has no meaning: on another computer, or if the sender is unknown (-1). */
static struct json_object *id_of(const mailslot_origin *origin, int64_t id) {
    return origin->remote || id < 0 ? NULL : json_made(json_object_new_int64(id));
}

static struct json_object *meta_of(const mailslot_record *record) {
    const mailslot_origin *origin = mailslot_record_origin(record);
    struct json_object *json = json_made(json_object_new_object());
    json_add(json, "time_ns", json_made(json_object_new_uint64(origin->arrival_ns)));
    json_add(json, "size", json_made(json_object_new_uint64(mailslot_record_bytes(record).len)));
    struct json_object *from = json_made(json_object_new_object());
    /* json takes over the reference; from stays valid as long as json does. */
    json_add(json, "origin", from);
    json_add(from, "computer", text_of(origin->computer));
    json_add(from, "address", text_of(origin->address));
    json_add(from, "pid", id_of(origin, origin->pid));
    json_add(from, "uid", id_of(origin, origin->uid));
    return json;
}

void format_undecodable(struct buffer *out, const mailslot_record *record, mailslot_err err) {
    mailslot_bytes bytes = mailslot_record_bytes(record);
    struct json_object *json = meta_of(record);
    json_add(json, "error", text_of(mailslot_errname(err)));
    json_add(json, "bytes", json_base64(bytes.data, bytes.len));
    append_line(out, json);
}

/* ---- Messages ---- */

static mailslot_err append_json(struct buffer *out, enum format format,
                                const struct text_codec *text_codec,
                                const mailslot_record *record) {
    struct json_object *value;
    mailslot_err err = text_codec_to_json(text_codec, record, &value);
    if (err)
        return err;
    struct json_object *json = value;
    if (format == FORMAT_META) {
        json = meta_of(record);
        json_add(json, "value", value);
    }
    append_line(out, json);
    return MAILSLOT_OK;
}

mailslot_err format_message(struct buffer *out, enum format format,
                            const struct text_codec *text_codec, const mailslot_record *record) {
    mailslot_bytes bytes = mailslot_record_bytes(record);
    switch (format) {
    case FORMAT_JSON:
    case FORMAT_META:
        return append_json(out, format, text_codec, record);
    /* output_choose_format() allows these for events only, so the value can be read as one. */
    case FORMAT_LINE:
    case FORMAT_COLOR:
        event_append_line(out, mailslot_record_value(record), format == FORMAT_COLOR);
        return MAILSLOT_OK;
    /* No newline, and no escaping: the bytes are meant for a program. */
    case FORMAT_RAW:
        buffer_append(out, bytes.data, bytes.len);
        return MAILSLOT_OK;
    case FORMAT_HEX:
        append_hex(out, bytes);
        break;
    case FORMAT_TEXT:
        buffer_append(out, bytes.data, bytes.len);
        break;
    }
    buffer_append_text(out, "\n");
    return MAILSLOT_OK;
}
