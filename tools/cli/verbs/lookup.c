/* mailslot lookup: queries the network for the owners of a NetBIOS name. */
#include "base/options.h"
#include "json/text.h"

#include <mailslot/network.h>

#include <stdio.h>
#include <string.h>

enum { JSON, OPTION_COUNT };

static const struct verb_word lookup_lines[] = {
    {"192.0.2.7 unique", "a computer at this address has the name"},
    {"192.0.2.8 group", "the name is a group; a member is at this address"},
    {"192.0.2.9 unique by WINS server 192.0.2.1", "the answer came from another address"},
    {NULL, NULL},
};

static const struct verb_list lookup_lists[] = {
    {"One line is printed for each address in the answers:", lookup_lines},
    {NULL, NULL},
};

static const struct option_spec lookup_options[] = {
    [JSON] = {.name = "--json",
              .help = "print an array of objects with address, group, by and wins"},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status lookup_statuses[] = {
    {STATUS_DONE, "success"},
    {STATUS_ERROR, "error, or no answer"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

static mailslot_err lookup_add_json(void *ctx, const mailslot_name_owner *owner) {
    struct json_object *json = json_made(json_object_new_object());
    json_add(json, "address", json_words(owner->address));
    json_add(json, "group", json_made(json_object_new_boolean(owner->group)));
    json_add(json, "by", json_words(owner->by));
    json_add(json, "wins", json_made(json_object_new_boolean(owner->wins)));
    json_append(ctx, json);
    return MAILSLOT_OK;
}

static mailslot_err lookup_add_line(void *ctx, const mailslot_name_owner *owner) {
    struct buffer *out = ctx;
    buffer_append_text(out, owner->address);
    buffer_append_text(out, owner->group ? " group" : " unique");
    /* A computer that answers for its own address is the usual case; the line stays short. */
    if (owner->wins || strcmp(owner->by, owner->address) != 0) {
        buffer_append_text(out, owner->wins ? " by WINS server " : " by ");
        buffer_append_text(out, owner->by);
    }
    buffer_append_text(out, "\n");
    return MAILSLOT_OK;
}

static mailslot_err lookup_print_json(struct buffer *out, const char *name, unsigned suffix) {
    struct json_object *owners = json_made(json_object_new_array());
    mailslot_err err = mailslot_lookup(name, suffix, NULL, lookup_add_json, owners);
    if (!err)
        json_write_line(out, owners);
    json_object_put(owners);
    return err;
}

static enum status lookup_print(const char *name, unsigned suffix, bool as_json) {
    struct buffer out = {0};
    mailslot_err err = as_json ? lookup_print_json(&out, name, suffix)
                               : mailslot_lookup(name, suffix, NULL, lookup_add_line, &out);
    enum status status = err ? report_failure(err) : output_whole(out.data, out.len);
    buffer_free(&out);
    return status;
}

/* Splits NAME#SUFFIX; false if the text after the last '#' is not one or two hexadecimal digits. */
static bool lookup_cut_suffix(char *name, unsigned *suffix) {
    /* The last one: '#' is valid in a NetBIOS name. */
    char *hash = strrchr(name, '#');
    *suffix = 0;
    if (!hash)
        return true;
    size_t len = strlen(hash + 1);
    if (len < 1 || len > 2 || strspn(hash + 1, "0123456789abcdefABCDEF") != len)
        return false;
    *hash = '\0';
    return sscanf(hash + 1, "%x", suffix) == 1;
}

static int lookup_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    unsigned suffix;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    char *name = operands.items[0];
    if (!lookup_cut_suffix(name, &suffix))
        return report_usage(verb->name,
                            "\"%.100s\": the suffix after # must be one or two hexadecimal digits",
                            name);
    return lookup_print(name, suffix, options[JSON].given);
}

const struct verb lookup_verb = {
    .name = "lookup",
    .summary = "find the addresses of a NetBIOS name",
    .usage = (const char *const[]){"NAME[#SUFFIX]", NULL},
    .operands = {"NAME", 1, 1, COMPLETE_NOTHING},
    .description = "Asks the network for a NetBIOS name: first the WINS servers, if any are "
                   "configured, then all computers on the subnets of this computer by broadcast. "
                   "SUFFIX is one or two hexadecimal digits that give the type of the name: 00, "
                   "the default, is the one that mailslots use, 20 is a file server.",
    .lists = lookup_lists,
    .options = lookup_options,
    .notes = "More than one computer with the same unique name is a conflict.",
    .statuses = lookup_statuses,
    .run = lookup_run,
};
