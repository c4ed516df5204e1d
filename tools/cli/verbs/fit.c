/* mailslot fit: whether the messages of a type fit into a mailslot. */
#include "base/report.h"
#include "output/text_codec.h"
#include "json/text.h"

#include <mailslot/schema.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: mailslot fit --type T [--schema F]... [--slot NAME] [--json]\n"
    "\n"
    "Prints how many bytes the messages of a type take, and whether all of them fit: a line for\n"
    "each field with its name, the smallest, the typical and the worst case, one for the whole\n"
    "message, and what comes of it.\n"
    "\n"
    "  --type T     the message type, package.Message\n"
    "  --schema F   a .proto file or descriptor set that has it; may be given more than once, see\n"
    "               'mailslot codecs --help'\n"
    "  --slot NAME  the mailslot whose limit counts, here or on other computers, of whom nobody "
    "is\n"
    "               asked; without it, the 424 bytes that reach them at most\n"
    "  --json       print one JSON object; null is no bound\n"
    "\n"
    "A field that is not required is 0 bytes at least. Typical is every field set; a text or a\n"
    "list has a bound only if the schema says so:\n"
    "\n"
    "  import \"mailslot/size.proto\";\n"
    "  ...\n"
    "    repeated string tags = 2 [(mailslot.size) = {max_count: 5, max_length: 16}];\n"
    "\n"
    "There are max_count, max_length, max_key_length of a map's keys, and typical_count,\n"
    "typical_length, typical_key_length; lengths are in bytes, those of a wrapper its value's.\n"
    "Without the latter half the maximum is typical, or 16 bytes and 2 elements. A hint of what a\n"
    "field has not is an error. An enum has the values that the schema declares.\n"
    "\n"
    "Exit status: 0 the worst case fits, 1 error, 2 usage, 4 it does not, or has no bound, 5 no\n"
    "such mailslot.\n";

enum { TYPE, SCHEMA, SLOT, JSON, OPTION_COUNT };

/* What reaches other computers, if the slot's name is not a long one. */
enum { REMOTE_MAX = 424 };

struct fit {
    const ProtobufCMessageDescriptor *type;
    mailslot_protobuf_size whole, *fields; /* one for each field */
    size_t limit;
};

/* ---- Text ---- */

enum { NUMBER_SIZE = 24 };

static const char *fit_number_text(size_t size, char text[NUMBER_SIZE]) {
    if (size == MAILSLOT_UNBOUNDED)
        return "unbounded";
    snprintf(text, NUMBER_SIZE, "%zu", size);
    return text;
}

static void fit_append_row(struct buffer *out, const char *name, int width,
                           const mailslot_protobuf_size *size) {
    char smallest[NUMBER_SIZE], typical[NUMBER_SIZE], worst[NUMBER_SIZE], text[4 * NUMBER_SIZE];
    buffer_append_text(out, name);
    for (int i = (int)strlen(name); i < width; i++)
        buffer_append_text(out, " ");
    snprintf(text, sizeof text, " %9s %9s %9s\n", fit_number_text(size->smallest, smallest),
             fit_number_text(size->typical, typical), fit_number_text(size->worst, worst));
    buffer_append_text(out, text);
}

static int fit_name_width(const struct fit *fit) {
    size_t width = strlen(fit->type->name);
    for (unsigned i = 0; i < fit->type->n_fields; i++) {
        size_t len = strlen(fit->type->fields[i].name);
        width = len > width ? len : width;
    }
    return (int)width;
}

static void fit_append_unbounded(struct buffer *out, const struct fit *fit) {
    const char *before = " ";
    for (unsigned i = 0; i < fit->type->n_fields; i++) {
        if (fit->fields[i].worst != MAILSLOT_UNBOUNDED)
            continue;
        buffer_append_text(out, before);
        buffer_append_text(out, fit->type->fields[i].name);
        before = ", ";
    }
}

static bool fit_is_within(const struct fit *fit) { return fit->whole.worst <= fit->limit; }

static void fit_append_verdict(struct buffer *out, const struct fit *fit) {
    char text[120];
    snprintf(text, sizeof text, "limit %zu: ", fit->limit);
    buffer_append_text(out, text);
    if (fit->whole.worst == MAILSLOT_UNBOUNDED) {
        buffer_append_text(out, "does not fit, there is no bound on");
        fit_append_unbounded(out, fit);
    } else if (fit_is_within(fit)) {
        snprintf(text, sizeof text, "fits, with %zu bytes left", fit->limit - fit->whole.worst);
        buffer_append_text(out, text);
    } else {
        snprintf(text, sizeof text, "does not fit, by %zu bytes", fit->whole.worst - fit->limit);
        buffer_append_text(out, text);
    }
    buffer_append_text(out, "\n");
}

static void fit_append_table(struct buffer *out, const struct fit *fit) {
    int width = fit_name_width(fit);
    for (unsigned i = 0; i < fit->type->n_fields; i++)
        fit_append_row(out, fit->type->fields[i].name, width, &fit->fields[i]);
    fit_append_row(out, fit->type->name, width, &fit->whole);
    fit_append_verdict(out, fit);
}

/* ---- JSON ---- */

static struct json_object *fit_json_size(size_t size) {
    return size == MAILSLOT_UNBOUNDED ? NULL : json_made(json_object_new_uint64(size));
}

static struct json_object *fit_json_sizes(const char *key, const char *name,
                                          const mailslot_protobuf_size *size) {
    struct json_object *json = json_made(json_object_new_object());
    json_add(json, key, json_words(name));
    json_add(json, "smallest", fit_json_size(size->smallest));
    json_add(json, "typical", fit_json_size(size->typical));
    json_add(json, "worst", fit_json_size(size->worst));
    return json;
}

static void fit_append_json(struct buffer *out, const struct fit *fit) {
    struct json_object *json = fit_json_sizes("type", fit->type->name, &fit->whole);
    struct json_object *fields = json_made(json_object_new_array());
    for (unsigned i = 0; i < fit->type->n_fields; i++)
        json_append(fields, fit_json_sizes("name", fit->type->fields[i].name, &fit->fields[i]));
    json_add(json, "limit", fit_json_size(fit->limit));
    json_add(json, "fits", json_made(json_object_new_boolean(fit_is_within(fit))));
    json_add(json, "fields", fields);
    json_write_line(out, json);
    json_object_put(json);
}

/* ---- All of it ---- */

/* The limit of writers to the slot; to attach one sends nothing, not even to other computers. */
static mailslot_err fit_get_limit(const struct option *name, size_t *limit) {
    *limit = REMOTE_MAX;
    if (!name->given)
        return MAILSLOT_OK;
    mailslot_host host = MAILSLOT_HOST_INIT;
    host.sender = MAILSLOT_SENDER_LIBRARY; /* Windows may have to look for the other computer */
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.host = &host;
    mailslot *slot;
    mailslot_err err = mailslot_open(&slot, name->text, &options);
    if (!err)
        err = mailslot_limit(slot, limit);
    mailslot_close(slot);
    return err;
}

static mailslot_err fit_measure(struct fit *fit) {
    fit->fields = memory_resize(NULL, fit->type->n_fields * sizeof *fit->fields);
    mailslot_err err = mailslot_protobuf_encoded_size(fit->type, NULL, &fit->whole);
    for (unsigned i = 0; !err && i < fit->type->n_fields; i++)
        err = mailslot_protobuf_encoded_size(fit->type, &fit->type->fields[i], &fit->fields[i]);
    return err;
}

static enum status fit_print(const struct fit *fit, bool as_json) {
    struct buffer out = {0};
    (as_json ? fit_append_json : fit_append_table)(&out, fit);
    enum status status = output_whole(out.data, out.len);
    buffer_free(&out);
    if (status)
        return status;
    return fit_is_within(fit) ? STATUS_DONE : STATUS_TOO_BIG;
}

static enum status fit_answer(const struct option *options, const mailslot_codec *codec) {
    struct fit fit = {.type = codec->schema};
    mailslot_err err = fit_get_limit(&options[SLOT], &fit.limit);
    if (!err)
        err = fit_measure(&fit);
    enum status status = err ? report_failure(err) : fit_print(&fit, options[JSON].given);
    free(fit.fields);
    return status;
}

/* The codec of the type that --type names. */
static enum status fit_find_type(const struct verb *verb, const struct option *type,
                                 const mailslot_registry *registry, const mailslot_codec **codec) {
    struct buffer spec = {0};
    buffer_append_text(&spec, "protobuf:");
    buffer_append(&spec, type->text, strlen(type->text) + 1);
    mailslot_err err = mailslot_registry_find(registry, spec.data, codec);
    buffer_free(&spec);
    return err ? report_usage(verb->name, "%s", mailslot_detail()) : STATUS_DONE;
}

static int fit_run(const struct verb *verb, int argc, char **argv) {
    struct text_list schemas = {.count = 0};
    struct option options[OPTION_COUNT] = {
        [TYPE] = {.name = "--type", .kind = OPTION_TEXT},
        [SCHEMA] = {.name = "--schema", .kind = OPTION_LIST, .list = &schemas},
        [SLOT] = {.name = "--slot", .kind = OPTION_TEXT},
        [JSON] = {.name = "--json", .kind = OPTION_FLAG},
    };
    struct arguments arguments;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &arguments, &status))
        return status;
    if (arguments.count != 0)
        return report_usage(verb->name, "unexpected argument \"%.100s\"", arguments.items[0]);
    if (!options[TYPE].given)
        return report_usage(verb->name, "--type is missing");
    mailslot_registry *registry;
    const mailslot_codec *codec;
    status = text_codec_registry(&schemas, &registry);
    if (!status)
        status = fit_find_type(verb, &options[TYPE], registry, &codec);
    if (!status)
        status = fit_answer(options, codec);
    mailslot_registry_free(registry);
    return status;
}

const struct verb fit_verb = {"fit", "tell whether messages of a type fit a mailslot", help,
                              fit_run};
