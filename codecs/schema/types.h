/*
 * Message types made at run time: protobuf-c's descriptors, laid out in memory as the code of
 * protoc-c lays them out. They are made from a google.protobuf.FileDescriptorSet, which is not
 * trusted.
 *
 * This file has the structs that the files of this folder share. Each of the others does one step:
 * load.c runs them all; files.c picks the files that are new; declare.c names the types; enum.c,
 * message.c and field.c make them; reflection.c and size.c answer questions about them.
 */
#ifndef MSI_SCHEMA_TYPES_H
#define MSI_SCHEMA_TYPES_H

#include "arena.h"

#include <mailslot/codec.h>

#include <stdbool.h>

#include "schema/schema.pb-c.h"

/* ---- What a load makes; it lives as long as the registry ---- */

/** One size hint of a field: a length in bytes, or a number of values. */
struct msi_hint {
    size_t max, typical; /* MSI_NO_HINT: not given */
};

#define MSI_NO_HINT SIZE_MAX

struct msi_hints {
    struct msi_hint length, count, key_length;
};

/** A message type. The descriptor is first, so that a pointer to it is one to the struct. */
struct msi_type {
    ProtobufCMessageDescriptor descriptor;
    const char **json_names;        /* one for each field; NULL where the set has none */
    const struct msi_hints **hints; /* one for each field; NULL where the set has none */
    bool is_map_entry;
};

/** An enum type. */
struct msi_enum {
    ProtobufCEnumDescriptor descriptor;
    int first;   /* the value declared first, which is the default in proto2 */
    bool closed; /* of proto2: numbers that are not declared are not values */
};

/** A type by its name. */
struct msi_symbol {
    const char *name; /* package.Type */
    bool is_enum;
    const void *descriptor; /* a struct msi_type or a struct msi_enum */
};

/** A .proto file, kept to recognise it when another set contains it. */
struct msi_file {
    const char *name;
    const uint8_t *bytes;
    size_t len;
    size_t position; /* in the set it came in */
};

/** What one load added. */
struct msi_schema {
    struct msi_schema *next; /* the load before this one */
    bool built_in;
    struct msi_arena arena;
    struct msi_symbol *symbols; /* sorted by name */
    size_t symbol_count;
    struct msi_file *files; /* sorted by name, length and bytes */
    size_t file_count;
    mailslot_codec *codecs; /* one for each message type but map entries, in the set's order */
    size_t codec_count;
};

/* ---- What exists only during a load ---- */

/** A type that is being made. */
struct msi_declaration {
    const Mailslot__Schema__File *file;
    const char *package;
    const Mailslot__Schema__Message *message; /* NULL: it is an enum */
    const Mailslot__Schema__Enum *values;     /* NULL: it is a message */
    struct msi_symbol symbol;
};

struct msi_builder {
    struct msi_schema *schema;
    struct msi_arena scratch; /* freed when the load ends */
    struct msi_declaration *declarations;
    size_t count;
};

/* ---- Finding types ---- */

/** The beginning of a Protobuf codec's spec; the type's name follows. */
#define MSI_SPEC_PREFIX "protobuf:"

/** The c_name of every loaded type. No compiled type has this pointer, so it tells them apart. */
extern const char msi_schema_no_c_name[];

/** The struct that descriptor is the first member of; NULL if the type was compiled in. */
const struct msi_type *msi_schema_type(const ProtobufCMessageDescriptor *descriptor);

/** Bytes that one value of a type takes in the memory of a message. */
size_t msi_schema_member_size(ProtobufCType type);

/** Finds a type by its name in schema and the loads it is chained to; NULL if there is none. */
const struct msi_symbol *msi_schema_find_symbol(const struct msi_schema *schema, const char *name);

/** Compares two symbols by name, for qsort() and bsearch(). */
int msi_schema_compare_symbols(const void *a, const void *b);

#endif
