/* mailslot list: the mailslots there are. */
#include "base/options.h"
#include "output/slot_json.h"
#include "json/text.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: mailslot list [--json]\n"
    "\n"
    "Prints the names of this user's mailslots on this computer, one a line, as their readers\n"
    "gave them, sorted; with --json an array of objects as of 'mailslot info --json'.\n"
    "\n"
    "Exit status: 0 done, even if there are none, 1 error, 2 usage.\n";

static mailslot_err list_add(void *ctx, const char *name, const mailslot_info *info) {
    json_append(ctx, slot_json(name, info));
    return MAILSLOT_OK;
}

static struct json_object *list_slot_name(struct json_object *slot) {
    struct json_object *name = NULL;
    json_object_object_get_ex(slot, "name", &name);
    return name;
}

static int list_compare_names(const void *a, const void *b) {
    struct json_object *const *first = a, *const *second = b;
    return strcmp(json_scalar_text(list_slot_name(*first)),
                  json_scalar_text(list_slot_name(*second)));
}

static void list_append_names(struct buffer *out, struct json_object *slots) {
    for (size_t i = 0; i < json_object_array_length(slots); i++) {
        buffer_append_text(out,
                           json_scalar_text(list_slot_name(json_object_array_get_idx(slots, i))));
        buffer_append_text(out, "\n");
    }
}

static enum status list_print(struct json_object *slots, bool as_json) {
    struct buffer out = {0};
    if (as_json)
        json_write_line(&out, slots);
    else
        list_append_names(&out, slots);
    enum status status = output_whole(out.data, out.len);
    buffer_free(&out);
    return status;
}

static int list_run(const struct verb *verb, int argc, char **argv) {
    struct option json = {.name = "--json", .kind = OPTION_FLAG};
    struct arguments arguments;
    enum status status;
    if (!options_read(verb, argc, argv, &json, 1, &arguments, &status))
        return status;
    if (arguments.count != 0)
        return report_usage(verb->name, "unexpected argument \"%.100s\"", arguments.items[0]);
    struct json_object *slots = json_made(json_object_new_array());
    mailslot_err err = mailslot_list(list_add, slots);
    json_object_array_sort(slots, list_compare_names);
    status = err ? report_failure(err) : list_print(slots, json.given);
    json_object_put(slots);
    return status;
}

const struct verb list_verb = {"list", "list the mailslots of this computer", help, list_run};
