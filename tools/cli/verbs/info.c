/* mailslot info: prints the state of one mailslot, or that of mailslotd, as lines or JSON. */
#include "base/options.h"
#include "output/host_status.h"
#include "output/slot_json.h"
#include "json/text.h"

#include <string.h>

enum { HOST, JSON, OPTION_COUNT };

static const struct verb_word info_keys[] = {
    {"name", "name of the mailslot, as its reader spelled it"},
    {"max_message", "largest message in bytes, as set by the reader; 0 if not set"},
    {"next_size", "bytes of the oldest message; none (null) if no message waits"},
    {"count", "messages waiting"},
    {"timeout_ms", "how long a get of the reader waits by default; -1 is forever"},
    {"capacity", "size of the queue in bytes; each message takes 24 bytes more than its size, "
                 "rounded up to a multiple of 8"},
    {"used", "bytes of the capacity that are in use"},
    {"reader_pid", "process id of the reader"},
    {"registered", "whether mailslotd delivers messages of other computers and users to it: 'yes', "
                   "'no' (no mailslotd runs, or the mailslot is for its own user only), or "
                   "'refused'"},
    {"refusal", "why mailslotd refused it; none (null) if it did not"},
    {NULL, NULL},
};

static const struct verb_word info_counters[] = {
    {"bad_messages", "messages read that did not decode"},
    {"refused", "messages refused because the mailslot was full"},
    {"messages_in", "messages written"},
    {"bytes_in", "bytes of the messages written"},
    {"messages_out", "messages read"},
    {"bytes_out", "bytes of the messages read"},
    {"too_big", "messages refused because they were too big"},
    {"too_complex", "those of bad_messages whose decoding exceeded the memory limit"},
    {"lost", "messages that mailslotd delivered but the queue did not accept"},
    {"largest", "bytes of the largest message written"},
    {"sizes", "messages written by size: first those of 0 bytes, then of 1 byte, 2 to 3, 4 to 7 "
              "and so on in powers of two; the last number counts those of 65536 bytes and more"},
    {NULL, NULL},
};

static const struct verb_list info_lists[] = {
    {"These values are printed as \"key: value\" lines, or as one JSON object:", info_keys},
    {"These count from the time the reader opened the mailslot:", info_counters},
    {NULL, NULL},
};

static const struct option_spec info_options[] = {
    [HOST] =
        {.name = "--host",
         .help =
             "print the status of the mailslotd of this computer instead: its computer name, "
             "workgroup and interfaces, the state of each of its NetBIOS names, and its counters",
         .detail =
             "The state of a name is claiming, held or conflict. The counters include datagrams "
             "received, messages delivered, full mailslots, and malformed datagrams by kind. In "
             "JSON, interfaces and names are arrays, and counters is an object."},
    [JSON] = {.name = "--json", .help = "print one JSON object with the same keys"},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status info_statuses[] = {
    {STATUS_DONE, "success"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {STATUS_NO_SLOT, "no such mailslot, or no mailslotd runs on this computer"},
    {0, NULL},
};

/* json-c represents null by a NULL pointer; next_size is null for an empty mailslot. */
static const char *info_scalar_text(struct json_object *value) {
    return value ? json_scalar_text(value) : "none";
}

/* Prints an object of a list as the values of its members, separated by spaces. */
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

/* The lists of one status hold elements of one type. An empty list prints no line at all. */
static bool info_has_objects(struct json_object *list) {
    return json_object_array_length(list) == 0 ||
           json_object_is_type(json_object_array_get_idx(list, 0), json_type_object);
}

/* A list of objects is printed as one line for each, whose key is the name of the list without its
 * plural s. */
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

/* The counters are an object of their own in JSON; here they are lines like the others. */
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
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    bool host = options[HOST].given;
    /* Which operands are needed depends on --host, which the table of operands cannot express. */
    if (host && operands.count)
        return report_usage(verb->name, "NAME and --host cannot be combined");
    if (!host && !operands.count)
        return report_usage(verb->name, "missing operand NAME");
    struct json_object *json;
    mailslot_err err = host ? host_status_get(&json) : info_of_slot(operands.items[0], &json);
    if (err)
        return report_failure(err);
    status = info_print(json, options[JSON].given);
    json_object_put(json);
    return status;
}

const struct verb info_verb = {
    .name = "info",
    .summary = "show the state and counters of a mailslot",
    .usage = (const char *const[]){"NAME", "--host", NULL},
    .operands = {"NAME", 0, 1, COMPLETE_SLOT},
    .description = "Prints the state of the mailslot NAME without reading from it.",
    .lists = info_lists,
    .options = info_options,
    .statuses = info_statuses,
    .run = info_run,
};
