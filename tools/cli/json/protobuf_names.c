/* Finds fields by their JSON names: a scan for a few lookups, a sorted index for many. */
#include "protobuf_names.h"

#include <mailslot/schema.h>

#include <stdlib.h>
#include <string.h>

/* After so many lookups by scan, an index is worth its cost: a large message would take time
 * quadratic in its fields. */
enum { SCANS_MAX = 8 };

struct protobuf_name {
    const char *json;
    const ProtobufCFieldDescriptor *field;
};

/* The next character of the lowerCamelCase name by protoc's ToJsonName(): underscores are dropped,
 * and the letter after one becomes a capital. NUL at the end. */
static char next_of_camel_case(const char **name, bool *capital) {
    for (; **name == '_'; ++*name)
        *capital = true;
    bool letter = **name >= 'a' && **name <= 'z';
    char c = *capital && letter ? (char)(**name - 'a' + 'A') : **name;
    *capital = false;
    *name += c != '\0';
    return c;
}

void protobuf_camel_case(struct buffer *out, const char *name, bool capital) {
    for (char c; (c = next_of_camel_case(&name, &capital));)
        buffer_append(out, &c, 1);
}

static bool is_camel_case(const char *text, const char *name) {
    bool capital = false;
    char c;
    while ((c = next_of_camel_case(&name, &capital)) && c == *text)
        text++;
    return c == *text;
}

static bool is_json_name(const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field, const char *name) {
    const char *given = mailslot_protobuf_json_name(type, field);
    return given ? strcmp(given, name) == 0 : is_camel_case(name, field->name);
}

/* ---- Going through the fields ---- */

static const ProtobufCFieldDescriptor *find_by_scan(const ProtobufCMessageDescriptor *type,
                                                    const char *name, unsigned *count) {
    const ProtobufCFieldDescriptor *found = NULL;
    *count = 0;
    for (unsigned i = 0; i < type->n_fields; i++)
        if (is_json_name(type, &type->fields[i], name)) {
            found = &type->fields[i];
            ++*count;
        }
    return found;
}

/* ---- The index ---- */

static const char *json_name_of(struct protobuf_names *names,
                                const ProtobufCFieldDescriptor *field) {
    const char *given = mailslot_protobuf_json_name(names->type, field);
    if (given)
        return given;
    struct buffer name = {0};
    protobuf_camel_case(&name, field->name, false);
    const char *copy = arena_copy(&names->arena, name.data, name.len);
    buffer_free(&name);
    return copy;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct protobuf_name *)a)->json, ((const struct protobuf_name *)b)->json);
}

static void make_index(struct protobuf_names *names) {
    unsigned count = names->type->n_fields;
    names->index = arena_alloc(&names->arena, count * sizeof *names->index);
    for (unsigned i = 0; i < count; i++) {
        const ProtobufCFieldDescriptor *field = &names->type->fields[i];
        names->index[i] = (struct protobuf_name){json_name_of(names, field), field};
    }
    qsort(names->index, count, sizeof *names->index, compare_names);
}

/* Counts how many fields have the name; those stand side by side in the index. More than one
 * neighbour need not be counted: two are ambiguous already. */
static const ProtobufCFieldDescriptor *find_in_index(const struct protobuf_names *names,
                                                     const char *name, unsigned *count) {
    const struct protobuf_name wanted = {.json = name};
    const struct protobuf_name *end = names->index + names->type->n_fields;
    const struct protobuf_name *found =
        bsearch(&wanted, names->index, names->type->n_fields, sizeof *names->index, compare_names);
    *count = found != NULL;
    if (found && found > names->index)
        *count += compare_names(found - 1, found) == 0;
    if (found && found + 1 < end)
        *count += compare_names(found + 1, found) == 0;
    return found ? found->field : NULL;
}

/* ---- Both ---- */

const ProtobufCFieldDescriptor *protobuf_names_field(struct protobuf_names *names,
                                                     const char *name) {
    unsigned count;
    if (names->asked++ == SCANS_MAX && names->type->n_fields > 0)
        make_index(names);
    const ProtobufCFieldDescriptor *found =
        names->index ? find_in_index(names, name, &count) : find_by_scan(names->type, name, &count);
    /* An ambiguous JSON name finds nothing; the original name of a field is always accepted, as the
     * mapping requires of parsers. */
    return count == 1 ? found : protobuf_c_message_descriptor_get_field_by_name(names->type, name);
}

const char *protobuf_names_json(struct protobuf_names *names,
                                const ProtobufCFieldDescriptor *field) {
    const char *json = json_name_of(names, field);
    /* If the JSON name would be read back as another field, print the original name. */
    return protobuf_names_field(names, json) == field ? json : field->name;
}

void protobuf_names_free(struct protobuf_names *names) { arena_free(&names->arena); }
