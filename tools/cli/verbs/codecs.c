/* mailslot codecs: how values can become messages. */
#include "output/text_codec.h"
#include "json/text.h"

#include <string.h>

static const char help[] =
    "usage: mailslot codecs [--schema F]... [--json]\n"
    "\n"
    "Prints what --codec takes, one a line.\n"
    "\n"
    "  --schema F  add the message types of a schema; send and listen take it too, and all of "
    "them\n"
    "              more than once. F is a .proto file, which protoc compiles, or a descriptor "
    "set,\n"
    "              what protoc makes of it with --include_imports --descriptor_set_out=F. "
    "Google's\n"
    "              own types are built in\n"
    "  --json      print an array of strings\n"
    "\n"
    "MAILSLOT_SCHEMA_PATH is a list of schemas and folders, parted by colons. Its schemas are\n"
    "added too, and what is not where it is said to be, F or an import, is looked for in its\n"
    "folders.\n"
    "\n"
    "text, utf8, bytes: a value is the message's bytes. utf8 refuses what is not UTF-8, at both\n"
    "ends. With --format json, text and utf8 messages are strings, bytes {\"$bin\":\"<base64>\"}.\n"
    "\n"
    "msgpack: a value is JSON, and every message is shown as JSON that makes an equal message.\n"
    "Integers stay integers; a number with a fraction or an exponent is a float64. What JSON does\n"
    "not have is an object of one member:\n"
    "\n"
    "  {\"$bin\":\"<base64>\"}          binary\n"
    "  {\"$ext\":[type,\"<base64>\"]}   extension of type -128 to 127; timestamps are type -1\n"
    "  {\"$float\":1.5}               float32\n"
    "  {\"$double\":\"NaN\"}            \"NaN\", \"Infinity\" or \"-Infinity\"; a NaN with a "
    "payload by\n"
    "                               its bits, \"0x7ff8000000000001\"; so for $float\n"
    "  {\"$str\":\"<base64>\"}          string that is not UTF-8\n"
    "  {\"$map\":[[key,value],...]}   map that is no object: keys that are not strings, contain\n"
    "                               NUL or occur twice, or one only that begins with \"$\"\n"
    "\n"
    "protobuf:package.Message: a value is JSON by Protobuf's canonical mapping: 64-bit integers\n"
    "are strings (numbers are accepted), bytes Base64, enums names (numbers are accepted, but of\n"
    "a proto2 enum only those it declares), names lowerCamelCase (those of the schema are\n"
    "accepted), null is absent, and proto3 fields at their default are left out. Fields the "
    "schema\n"
    "does not know are not shown. Of google.protobuf, Timestamp, Duration, FieldMask, Struct, "
    "Value,\n"
    "ListValue and the wrappers have the forms that the mapping gives them; an Any is\n"
    "{\"typeUrl\":\"...\",\"value\":\"<base64>\"}.\n"
    "\n"
    "In both, integers outside int64 and uint64 and numbers outside double, names that occur "
    "twice,\n"
    "text after the value and nesting deeper than 32 are errors.\n"
    "\n"
    "Exit status: 0 done, 1 error, 2 usage.\n";

enum { JSON, SCHEMA, OPTION_COUNT };

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
    struct text_list schemas = {.count = 0};
    struct option options[OPTION_COUNT] = {
        [JSON] = {.name = "--json", .kind = OPTION_FLAG},
        [SCHEMA] = {.name = "--schema", .kind = OPTION_LIST, .list = &schemas},
    };
    struct arguments arguments;
    enum status status;
    if (!options_read(verb, argc, argv, options, OPTION_COUNT, &arguments, &status))
        return status;
    if (arguments.count != 0)
        return report_usage(verb->name, "unexpected argument \"%.100s\"", arguments.items[0]);
    mailslot_registry *registry;
    status = text_codec_registry(&schemas, &registry);
    if (!status)
        status = codecs_print(registry, options[JSON].given);
    mailslot_registry_free(registry);
    return status;
}

const struct verb codecs_verb = {"codecs", "list what --codec takes", help, codecs_run};
