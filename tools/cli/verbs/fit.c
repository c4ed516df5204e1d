/* mailslot fit: compares the sizes of the messages of a Protobuf type with the limit of a mailslot.
 */
#include "base/report.h"
#include "output/text_codec.h"
#include "shared_options.h"
#include "json/text.h"

#include <mailslot/schema.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE, SCHEMA, SLOT, JSON, OPTION_COUNT };

static const struct option_spec fit_options[] = {
    [TYPE] = {.name = "--type",
              .kind = OPTION_TEXT,
              .argument = "TYPE",
              .completion = COMPLETE_TYPE,
              .help = "check the message type TYPE, such as package.Message"},
    [SCHEMA] = SHARED_SCHEMA("load the message types of FILE, a .proto file or descriptor set; "
                             "repeatable; see 'mailslot codecs --help'"),
    [SLOT] = {.name = "--slot",
              .kind = OPTION_TEXT,
              .argument = "NAME",
              .completion = COMPLETE_SLOT,
              .help = "use the limit of this mailslot, here or on other computers (default: 424 "
                      "bytes, the most that other computers accept)",
              .detail =
                  "The limit of a mailslot on other computers follows from its name: 424 bytes, or "
                  "less if the name is longer than 8 bytes. Nothing is sent to find it."},
    [JSON] = {.name = "--json",
              .help = "print one JSON object; null means no bound",
              .detail = "It has the members type, smallest, typical, worst, limit, fits and "
                        "fields, an array of objects with name, smallest, typical and worst."},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status fit_statuses[] = {
    {STATUS_DONE, "the largest message fits"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {STATUS_TOO_BIG, "the largest message does not fit, or has no bound"},
    {STATUS_NO_SLOT, "no such mailslot"},
    {0, NULL},
};

/* The largest message that can be sent to other computers, for a name of up to 8 bytes. */
enum { REMOTE_MAX = 424 };

struct fit {
    const ProtobufCMessageDescriptor *type;
    mailslot_protobuf_size whole, *fields; /* one for each field */
    size_t limit;
};

/* ---- Text ---- */

/* A size_t has at most 20 digits; "unbounded" is shorter. */
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

/* Lists the fields to bound: the whole message has a bound once each of them has one. */
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

/* MAILSLOT_UNBOUNDED is SIZE_MAX, so it never fits. */
static bool fit_is_within(const struct fit *fit) { return fit->whole.worst <= fit->limit; }

static void fit_append_verdict(struct buffer *out, const struct fit *fit) {
    char text[120];
    snprintf(text, sizeof text, "limit %zu: ", fit->limit);
    buffer_append_text(out, text);
    /* First, because the subtractions below are wrong for SIZE_MAX. */
    if (fit->whole.worst == MAILSLOT_UNBOUNDED) {
        buffer_append_text(out, "does not fit, no bound for");
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

/* json-c represents null by a NULL pointer. */
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

/* The limit of a writer. Opening one sends nothing, not even to other computers. */
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
    /* The status is for build scripts, which need no parsing of the text. */
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
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    if (!options[TYPE].given)
        return report_usage(verb->name, "option --type is missing");
    mailslot_registry *registry;
    const mailslot_codec *codec;
    status = text_codec_registry(&options[SCHEMA].list, &registry);
    if (!status)
        status = fit_find_type(verb, &options[TYPE], registry, &codec);
    if (!status)
        status = fit_answer(options, codec);
    mailslot_registry_free(registry);
    return status;
}

const struct verb fit_verb = {
    .name = "fit",
    .summary = "check whether all messages of a type fit a mailslot",
    .usage = (const char *const[]){"--type TYPE", NULL},
    .description =
        "Computes the size of the messages of a Protobuf type and compares the largest with the "
        "limit of a mailslot. Prints a line for each field with the smallest, typical and largest "
        "size in bytes, a line for the whole message, and the result.",
    .options = fit_options,
    .notes = "A field that is not required takes 0 bytes at least. A typical message sets every "
             "field. A text or a list has a bound only if the schema gives one:\n\n"
             "  import \"mailslot/size.proto\";\n"
             "  ...\n"
             "    repeated string tags = 2 [(mailslot.size) = {max_count: 5, max_length: 16}];\n\n"
             "The hints are max_count, max_length and max_key_length (of the keys of a map), and "
             "typical_count, typical_length and typical_key_length. Lengths are in bytes; the "
             "length of a wrapper is that of its value. Without a typical hint, half of the "
             "maximum is typical, or 16 bytes and 2 elements. A hint that does not apply to its "
             "field is an error. An enum has the values that the schema declares.",
    .statuses = fit_statuses,
    .run = fit_run,
};
