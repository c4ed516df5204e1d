/* mailslot codecs: lists the codecs that --codec accepts. */
#include "output/text_codec.h"
#include "shared_options.h"
#include "json/text.h"

#include <string.h>

enum { SCHEMA, JSON, OPTION_COUNT };

static const struct verb_word msgpack_forms[] = {
    {"{\"$bin\":\"<base64>\"}", "binary"},
    {"{\"$ext\":[type,\"<base64>\"]}", "extension of type -128 to 127; timestamps are type -1"},
    {"{\"$float\":1.5}", "float32"},
    {"{\"$double\":\"NaN\"}",
     "\"NaN\", \"Infinity\" or \"-Infinity\"; a NaN with a payload is given by its bits, "
     "\"0x7ff8000000000001\"; the same holds for $float"},
    {"{\"$str\":\"<base64>\"}", "string that is not UTF-8"},
    {"{\"$map\":[[key,value],...]}",
     "map that JSON cannot express as an object: its keys are not strings, contain NUL or occur "
     "twice, or its only key begins with \"$\""},
    {NULL, NULL},
};

static const struct verb_list codecs_lists[] = {
    {"With msgpack, a value is JSON, and every message is printed as JSON that encodes to an equal "
     "message. Integers of 64 bits stay integers; a number with a fraction or an exponent, -0, and "
     "an integer beyond 64 bits with at most 17 digits before its zeros are a float64. What "
     "JSON cannot express is an object with one member:",
     msgpack_forms},
    {NULL, NULL},
};

static const struct option_spec codecs_options[] = {
    [SCHEMA] = SHARED_SCHEMA("add the message types of FILE, a .proto file, which protoc compiles, "
                             "or a descriptor set; repeatable"),
    [JSON] = {.name = "--json", .help = "print an array of strings"},
    [OPTION_COUNT] = {.name = NULL},
};

static const struct verb_status codecs_statuses[] = {
    {STATUS_DONE, "success"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {0, NULL},
};

/* A callback of mailslot_registry_each(): the spec lives only during the call, so it is copied. */
static mailslot_err codecs_add(void *ctx, const char *spec, const mailslot_codec *codec) {
    (void)codec;
    json_append(ctx, json_words(spec));
    return MAILSLOT_OK;
}

static void codecs_append_lines(struct buffer *out, struct json_object *specs) {
    for (size_t i = 0; i < json_object_array_length(specs); i++) {
        buffer_append_text(out, json_scalar_text(json_object_array_get_idx(specs, i)));
        buffer_append_text(out, "\n");
    }
}

static enum status codecs_print(const mailslot_registry *registry, bool as_json) {
    struct json_object *specs = json_made(json_object_new_array());
    struct buffer out = {0};
    mailslot_err err = mailslot_registry_each(registry, codecs_add, specs);
    if (as_json)
        json_write_line(&out, specs);
    else
        codecs_append_lines(&out, specs);
    enum status status = err ? report_failure(err) : output_whole(out.data, out.len);
    json_object_put(specs);
    buffer_free(&out);
    return status;
}

static int codecs_run(const struct verb *verb, int argc, char **argv) {
    struct option options[OPTION_COUNT];
    struct arguments operands;
    enum status status;
    if (!options_parse(verb, argc, argv, options, &operands, &status))
        return status;
    mailslot_registry *registry;
    status = text_codec_registry(&options[SCHEMA].list, &registry);
    if (!status)
        status = codecs_print(registry, options[JSON].given);
    mailslot_registry_free(registry);
    return status;
}

const struct verb codecs_verb = {
    .name = "codecs",
    .summary = "list the codecs that --codec accepts",
    .usage = (const char *const[]){"", NULL},
    .description =
        "Prints the codecs that --codec accepts, one per line.\n\n"
        "With text, utf8 and bytes, a value is the bytes of the message. utf8 refuses bytes "
        "that are not UTF-8, both when sending and when receiving. With --format json, "
        "text and utf8 messages are strings, and bytes are {\"$bin\":\"<base64>\"}.",
    .lists = codecs_lists,
    .options = codecs_options,
    .notes =
        "With protobuf:TYPE, a value is JSON by Protobuf's canonical mapping. 64-bit integers are "
        "strings (numbers are accepted), bytes are Base64, enums are names (numbers are "
        "accepted, but for a proto2 enum only the declared ones), field names are "
        "lowerCamelCase (those of the schema are accepted), null means not set, and proto3 "
        "fields at their default are omitted. Groups, extensions and fields that the schema does "
        "not have are not printed. Of google.protobuf, Timestamp, Duration, FieldMask, Struct, "
        "Value, ListValue and the wrappers have the JSON forms that the mapping defines. An Any is "
        "{\"@type\":\"type.googleapis.com/TYPE\",...} with the fields of the TYPE, or with "
        "\"value\" if the TYPE has a form of its own. If no schema has the TYPE, an Any is "
        "{\"typeUrl\":\"...\",\"value\":\"<base64>\"}.\n\n"
        "For msgpack and protobuf, these are errors: numbers outside the range of "
        "their type, duplicate names, text after the value, and more than 32 "
        "levels of nesting.\n\n"
        "To make a descriptor set, run protoc --include_imports --descriptor_set_out=FILE. "
        "The types of google.protobuf are built in.\n\n"
        "MAILSLOT_SCHEMA_PATH is a list of schemas and folders, separated by colons. Its "
        "schemas are loaded too; its folders are searched for schemas and imports that are "
        "not found otherwise.",
    .statuses = codecs_statuses,
    .run = codecs_run,
};
