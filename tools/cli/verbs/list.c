/* mailslot list: prints this user's mailslots. */
#include "base/options.h"
#include "output/slot_json.h"
#include "json/text.h"

#include <stdlib.h>
#include <string.h>

enum { JSON, OPTION_COUNT };

static const struct option_spec list_options[] = {
    [JSON] = {.name = "--json",
              .help = "print an array of objects, each as printed by 'mailslot info --json'"},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status list_statuses[] = {
    {STATUS_DONE, "success, even if there are no mailslots"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

static mailslot_err list_add(void *ctx, const char *name, const mailslot_info *info) {
    json_append(ctx, slot_json(name, info));
    return MAILSLOT_OK;
}

static struct json_object *list_slot_name(struct json_object *slot) {
    struct json_object *name = NULL;
    json_object_object_get_ex(slot, "name", &name);
    return name;
}

/* By bytes, not by the locale: the order must not change with LANG, since scripts compare lists. */
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
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    struct json_object *slots = json_made(json_object_new_array());
    mailslot_err err = mailslot_list(list_add, slots);
    /* mailslot_list() reports them in the order of the folder, which changes from call to call. */
    json_object_array_sort(slots, list_compare_names);
    status = err ? report_failure(err) : list_print(slots, options[JSON].given);
    json_object_put(slots);
    return status;
}

const struct verb list_verb = {
    .name = "list",
    .summary = "list the mailslots of this computer",
    .usage = (const char *const[]){"", NULL},
    .description = "Prints the names of the mailslots of this user on this computer, one per line, "
                   "sorted, as their readers spelled them.",
    .options = list_options,
    .statuses = list_statuses,
    .run = list_run,
};
