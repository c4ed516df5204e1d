/* mailslot hosts: lists the computers on the local subnets by NetBIOS node status queries. */
#include "base/options.h"
#include "json/text.h"

#include <mailslot/network.h>

#include <stdio.h>
#include <string.h>

enum { JSON, OPTION_COUNT };

static const struct option_spec hosts_options[] = {
    [JSON] = {.name = "--json",
              .help = "print an array of objects with address, computer, workgroup and names",
              .detail = "computer and workgroup are null if the computer did not give them. Each "
                        "of the names has name, suffix (a number), group and active, which is "
                        "false while the name is being claimed, in conflict or being released."},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status hosts_statuses[] = {
    {STATUS_DONE, "success"},
    {STATUS_ERROR, "error, or no answer"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

static struct json_object *hosts_json_name(const char *name) {
    return *name ? json_words(name) : NULL;
}

static struct json_object *hosts_json_names(const mailslot_node *node) {
    struct json_object *names = json_made(json_object_new_array());
    for (size_t i = 0; i < node->name_count; i++) {
        struct json_object *json = json_made(json_object_new_object());
        json_add(json, "name", json_words(node->names[i].name));
        json_add(json, "suffix", json_made(json_object_new_int(node->names[i].suffix)));
        json_add(json, "group", json_made(json_object_new_boolean(node->names[i].group)));
        json_add(json, "active", json_made(json_object_new_boolean(node->names[i].active)));
        json_append(names, json);
    }
    return names;
}

static mailslot_err hosts_add_json(void *ctx, const mailslot_node *node) {
    struct json_object *json = json_made(json_object_new_object());
    json_add(json, "address", json_words(node->address));
    json_add(json, "computer", hosts_json_name(node->computer));
    json_add(json, "workgroup", hosts_json_name(node->workgroup));
    json_add(json, "names", hosts_json_names(node));
    json_append(ctx, json);
    return MAILSLOT_OK;
}

static mailslot_err hosts_add_line(void *ctx, const mailslot_node *node) {
    /* An IPv4 address and two NetBIOS names have at most 15 bytes each. */
    char line[64];
    snprintf(line, sizeof line, "%-15s %-15s %s\n", node->address,
             *node->computer ? node->computer : "-", *node->workgroup ? node->workgroup : "-");
    buffer_append_text(ctx, line);
    return MAILSLOT_OK;
}

/* JSON is collected and printed at the end, as one array. */
static mailslot_err hosts_list_json(struct buffer *out) {
    struct json_object *nodes = json_made(json_object_new_array());
    mailslot_err err = mailslot_hosts(NULL, hosts_add_json, nodes);
    if (!err)
        json_write_line(out, nodes);
    json_object_put(nodes);
    return err;
}

static int hosts_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    struct buffer out = {0};
    mailslot_err err =
        options[JSON].given ? hosts_list_json(&out) : mailslot_hosts(NULL, hosts_add_line, &out);
    status = err ? report_failure(err) : output_whole(out.data, out.len);
    buffer_free(&out);
    return status;
}

const struct verb hosts_verb = {
    .name = "hosts",
    .summary = "list the computers on the network",
    .usage = (const char *const[]){"", NULL},
    .description = "Asks all computers on the subnets of this computer that use NetBIOS for their "
                   "names. Prints one line for each address: address, computer and workgroup, with "
                   "- for what a computer did not give. Takes up to two seconds.",
    .options = hosts_options,
    .statuses = hosts_statuses,
    .run = hosts_run,
};
