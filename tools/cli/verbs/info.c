/* mailslot info: what there is to know of one mailslot. */
#include "base/options.h"
#include "output/host_status.h"
#include "output/slot_json.h"
#include "json/text.h"

#include <string.h>

static const char help[] =
    "usage: mailslot info NAME [--json]\n"
    "       mailslot info --host [--json]\n"
    "\n"
    "Prints what there is to know of a mailslot, as \"key: value\" lines or one JSON object:\n"
    "\n"
    "  name\n"
    "  max_message   largest message in bytes, as its reader set it; 0: none set\n"
    "  next_size     bytes of the oldest message; none (null) if no message waits\n"
    "  count         messages waiting\n"
    "  timeout_ms    how long the reader's gets wait; -1: for ever\n"
    "  capacity      bytes the queue holds, 24 and padding to 8 for each message included\n"
    "  used          bytes of it taken\n"
    "  reader_pid    process id of the reader\n"
    "\n"
    "and what was counted since the reader opened it:\n"
    "\n"
    "  bad_messages  messages taken that did not decode\n"
    "  refused       messages refused because the mailslot was full\n"
    "  messages_in   messages put\n"
    "  bytes_in      bytes of them\n"
    "  messages_out  messages taken\n"
    "  bytes_out     bytes of them\n"
    "  too_big       messages refused because they were too big\n"
    "  too_complex   of bad_messages, those whose decoding would have taken too much\n"
    "  lost          messages that mailslotd delivered and the queue did not take\n"
    "  largest       bytes of the largest message put\n"
    "  sizes         messages put, by size: first those of 0 bytes, then of 1, 2 to 3, 4 to 7 and\n"
    "                so on in powers of two; the last of 65536 and more\n"
    "\n"
    "  --host       instead of a mailslot, the mailslotd of this computer: the state of each of "
    "its\n"
    "               NetBIOS names (claiming, held, conflict), and what it has counted, such as\n"
    "               datagrams received, messages delivered, full mailslots and malformed "
    "datagrams\n"
    "               by kind; in JSON in \"names\" and \"counters\"\n"
    "\n"
    "Exit status: 0 done, 1 error, 2 usage, 5 no such mailslot, or no mailslotd runs here.\n";

static const char *info_scalar_text(struct json_object *value) {
    return value ? json_scalar_text(value) : "none";
}

/* An object of a list: its members' values behind one another. */
static void info_append_values(struct buffer *out, struct json_object *json) {
    json_object_object_foreach(json, key, value) {
        (void)key;
        buffer_append_text(out, " ");
        buffer_append_text(out, info_scalar_text(value));
    }
}

static void info_append_numbers(struct buffer *out, const char *key, struct json_object *list) {
    buffer_append_text(out, key);
    buffer_append_text(out, ":");
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        buffer_append_text(out, " ");
        buffer_append_text(out, info_scalar_text(json_object_array_get_idx(list, i)));
    }
    buffer_append_text(out, "\n");
}

static bool info_has_objects(struct json_object *list) {
    return json_object_array_length(list) == 0 ||
           json_object_is_type(json_object_array_get_idx(list, 0), json_type_object);
}

/* The lists of objects are called by the plural of what is in them. */
static void info_append_list(struct buffer *out, const char *key, struct json_object *list) {
    if (!info_has_objects(list)) {
        info_append_numbers(out, key, list);
        return;
    }
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        buffer_append(out, key, strlen(key) - strlen("s"));
        buffer_append_text(out, ":");
        info_append_values(out, json_object_array_get_idx(list, i));
        buffer_append_text(out, "\n");
    }
}

static void info_append_scalar(struct buffer *out, const char *key, struct json_object *value) {
    buffer_append_text(out, key);
    buffer_append_text(out, ": ");
    buffer_append_text(out, info_scalar_text(value));
    buffer_append_text(out, "\n");
}

static void info_append_lines(struct buffer *out, struct json_object *json) {
    json_object_object_foreach(json, key, value) {
        if (json_object_is_type(value, json_type_array))
            info_append_list(out, key, value);
        else if (json_object_is_type(value, json_type_object))
            info_append_lines(out, value);
        else
            info_append_scalar(out, key, value);
    }
}

static enum status info_print(struct json_object *json, bool as_json) {
    struct buffer out = {0};
    if (as_json)
        json_write_line(&out, json);
    else
        info_append_lines(&out, json);
    enum status status = output_whole(out.data, out.len);
    buffer_free(&out);
    return status;
}

static mailslot_err info_of_slot(const char *name, struct json_object **json) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    mailslot_err err = mailslot_stat(name, &info);
    *json = err ? NULL : slot_json(name, &info);
    return err;
}

static int info_run(const struct verb *verb, int argc, char **argv) {
    enum { JSON, HOST, OPTION_COUNT };
    struct option options[OPTION_COUNT] = {[JSON] = {.name = "--json", .kind = OPTION_FLAG},
                                           [HOST] = {.name = "--host", .kind = OPTION_FLAG}};
    struct arguments arguments;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &arguments, &status))
        return status;
    bool host = options[HOST].given;
    if (host && arguments.count)
        return report_usage(verb->name, "a NAME or --host is wanted, not both");
    if (!host && arguments.count != 1)
        return report_usage(verb->name, "one NAME is wanted, not %d", arguments.count);
    struct json_object *json;
    mailslot_err err = host ? host_status_get(&json) : info_of_slot(arguments.items[0], &json);
    if (err)
        return report_failure(err);
    status = info_print(json, options[JSON].given);
    json_object_put(json);
    return status;
}

const struct verb info_verb = {"info", "show what there is to know of a mailslot", help, info_run};
