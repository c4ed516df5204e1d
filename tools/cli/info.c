/* mailslot info: what there is to know of one mailslot. */
#include "info.h"

#include "forms.h"
#include "json_text.h"

#include <string.h>

static const char help[] =
    "usage: mailslot info NAME [--json]\n"
    "\n"
    "Prints what there is to know of a mailslot, as \"key: value\" lines or one JSON object:\n"
    "\n"
    "  name\n"
    "  max_message  largest message in bytes, as its reader set it; 0: none set\n"
    "  next_size    bytes of the oldest message; none (null) if no message waits\n"
    "  count        messages waiting\n"
    "  timeout_ms   how long the reader's gets wait; -1: for ever\n"
    "  capacity     bytes the queue holds, 24 and padding to 8 for each message included\n"
    "  used         bytes of it taken\n"
    "  reader_pid   process id of the reader\n"
    "\n"
    "Exit status: 0 done, 1 error, 2 usage, 5 no such mailslot.\n";

static struct json_object *number(uint64_t value) {
    return json_made(json_object_new_uint64(value));
}

struct json_object *info_to_json(const char *name, const mailslot_info *info) {
    struct json_object *json = json_made(json_object_new_object());
    bool waiting = info->next_size != MAILSLOT_NEXT_NONE;
    json_add(json, "name", json_text((mailslot_bytes){.data = name, .len = strlen(name)}));
    json_add(json, "max_message", number(info->max_message));
    json_add(json, "next_size", waiting ? number(info->next_size) : NULL);
    json_add(json, "count", number(info->count));
    json_add(json, "timeout_ms", json_made(json_object_new_int64(info->timeout_ms)));
    json_add(json, "capacity", number(info->capacity));
    json_add(json, "used", number(info->used));
    json_add(json, "reader_pid", json_made(json_object_new_int64(info->reader_pid)));
    return json;
}

static void append_lines(struct buffer *out, struct json_object *json) {
    json_object_object_foreach(json, key, value) {
        buffer_append_text(out, key);
        buffer_append_text(out, ": ");
        buffer_append_text(out, value ? json_scalar_text(value) : "none");
        buffer_append_text(out, "\n");
    }
}

static enum status print(const char *name, bool as_json) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    mailslot_err err = mailslot_stat(name, &info);
    if (err)
        return report_failure(err);
    struct buffer out = {0};
    struct json_object *json = info_to_json(name, &info);
    if (as_json) {
        json_write(&out, json);
        buffer_append_text(&out, "\n");
    } else {
        append_lines(&out, json);
    }
    enum status status = output_whole(out.data, out.len);
    json_object_put(json);
    buffer_free(&out);
    return status;
}

static int run(const struct verb *verb, int argc, char **argv) {
    struct option json = {.name = "--json", .kind = OPTION_FLAG};
    struct arguments arguments;
    enum status status;
    if (!options_read(verb, argc, argv, &json, 1, &arguments, &status))
        return status;
    if (arguments.count != 1)
        return report_usage(verb->name, "one NAME is wanted, not %d", arguments.count);
    return print(arguments.items[0], json.given);
}

const struct verb info_verb = {"info", "show what there is to know of a mailslot", help, run};
