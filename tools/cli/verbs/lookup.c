/* mailslot lookup: who has a NetBIOS name. */
#include "base/options.h"
#include "json/text.h"

#include <mailslot/network.h>

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: mailslot lookup NAME[#SUFFIX] [--json]\n"
    "\n"
    "Asks the network who has a NetBIOS name: WINS servers where there are any, then everybody on\n"
    "this computer's segments. SUFFIX is two hexadecimal digits, 00 unless given, which is what\n"
    "mailslots are sent to; 20 is a file server. One line for each address that was answered:\n"
    "\n"
    "  192.0.2.7 unique            a computer has the name, at this address\n"
    "  192.0.2.8 group             the name is a group's, with a member at this address\n"
    "  192.0.2.9 unique by WINS server 192.0.2.1\n"
    "                              who answered, if it was not that address\n"
    "\n"
    "With --json an array of objects with address, group, by and wins. More than one computer of "
    "a\n"
    "name that is unique is a conflict, which is for them to end.\n"
    "\n"
    "Exit status: 0 done, 1 error or nobody answered, 2 usage.\n";

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

/* Cuts NAME#SUFFIX in two; false if what follows the last '#' is not one or two digits. */
static bool lookup_cut_suffix(char *name, unsigned *suffix) {
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
    struct option json = {.name = "--json", .kind = OPTION_FLAG};
    struct arguments arguments;
    enum status status;
    unsigned suffix;
    if (!options_read(verb, argc, argv, &json, 1, &arguments, &status))
        return status;
    if (arguments.count != 1)
        return report_usage(verb->name, "one NAME is wanted, not %d", arguments.count);
    if (!lookup_cut_suffix(arguments.items[0], &suffix))
        return report_usage(verb->name, "\"%.100s\": a suffix is one or two hexadecimal digits",
                            arguments.items[0]);
    return lookup_print(arguments.items[0], suffix, json.given);
}

const struct verb lookup_verb = {"lookup", "ask the network who has a NetBIOS name", help,
                                 lookup_run};
