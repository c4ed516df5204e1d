/*
 * Message types made at run time: protobuf-c's descriptors, laid out in memory as protoc-c would
 * have a compiler do it, of a FileDescriptorSet (google/protobuf/descriptor.proto), which is not to
 * be trusted. schema_declare.c finds out who is there, the others make one type or field each.
 */
#ifndef MSI_SCHEMA_H
#define MSI_SCHEMA_H

#include "arena.h"

#include <mailslot/codec.h>

#include <stdbool.h>

#include "schema/schema.pb-c.h"

/* ---- What is made ---- */

/** What a schema says of the lengths of a field, in bytes, and how many values it has. */
struct msi_hint {
    size_t max, typical; /* MSI_NO_HINT: it does not say */
};

#define MSI_NO_HINT SIZE_MAX

struct msi_hints {
    struct msi_hint length, count, key_length;
};

/** A message type. What protobuf-c and everybody else sees is the first member. */
struct msi_type {
    ProtobufCMessageDescriptor descriptor;
    const char **json_names;        /* one for each of its fields */
    const struct msi_hints **hints; /* the same; NULL where the schema has none */
    bool is_map_entry;
};

/** An enum type. */
struct msi_enum {
    ProtobufCEnumDescriptor descriptor;
    int first;   /* the value that was declared first, which is the default */
    bool closed; /* of proto2: it has the declared values and no others */
};

/** A type by its name. */
struct msi_symbol {
    const char *name; /* package.Type */
    bool is_enum;
    const void *descriptor; /* a struct msi_type or a struct msi_enum */
};

/** A .proto file, to be recognised when it comes again. */
struct msi_file {
    const char *name;
    const uint8_t *bytes;
    size_t len;
    size_t position; /* in the set it came in */
};

/** What one load added. */
struct msi_schema {
    struct msi_schema *next; /* what was there before */
    bool built_in;
    struct msi_arena arena;
    struct msi_symbol *symbols; /* sorted by name */
    size_t symbol_count;
    struct msi_file *files; /* sorted as compare_files() does */
    size_t file_count;
    mailslot_codec *codecs; /* of the message types but for map entries, as they stand in the set */
    size_t codec_count;
};

/** Makes the types of a descriptor set, which may use those of known and what known is chained to.
 *  Files that are in known already are left out. Errors as mailslot_protobuf_load(). */
MAILSLOT_MUST_USE mailslot_err msi_schema_new(struct msi_schema **schema, struct msi_schema *known,
                                              mailslot_bytes set);

/** Makes the well-known types, for known to begin with. */
MAILSLOT_MUST_USE mailslot_err msi_schema_well_known(struct msi_schema **schema);

/** Frees one load; those it is chained to stay. */
void msi_schema_free(struct msi_schema *schema);

/** The struct a descriptor is the first member of, if it was made here; otherwise NULL. */
const struct msi_type *msi_type_of(const ProtobufCMessageDescriptor *descriptor);

/* ---- Making it ---- */

/** A type that is being made. */
struct msi_declaration {
    const Mailslot__Schema__File *file;
    const char *package;
    const Mailslot__Schema__Message *message; /* NULL: it is an enum */
    const Mailslot__Schema__Enum *values;
    struct msi_symbol symbol;
};

struct msi_builder {
    struct msi_schema *schema;
    struct msi_arena scratch; /* what is needed only while types are made */
    struct msi_declaration *declarations;
    size_t count;
};

/** What a codec for a message type is called, before the type's name. */
#define MSI_SPEC_PREFIX "protobuf:"

/** A loaded type is of no C program; its c_name is this pointer, which tells who made it. */
extern const char msi_no_c_name[];

/** Takes the files of the set that are new, once each: it has no others afterwards. */
MAILSLOT_MUST_USE mailslot_err msi_take_files(struct msi_schema *schema,
                                              Mailslot__Schema__Set *set);

/** Fills builder->declarations; their types are only named yet. */
MAILSLOT_MUST_USE mailslot_err msi_declare_all(struct msi_builder *builder,
                                               const Mailslot__Schema__Set *set);

MAILSLOT_MUST_USE mailslot_err msi_make_message(struct msi_builder *builder,
                                                const struct msi_declaration *in);
MAILSLOT_MUST_USE mailslot_err msi_make_enum(struct msi_builder *builder,
                                             const struct msi_declaration *in);

/** Bytes that one value of a type takes in a message's memory. */
size_t msi_size_of(ProtobufCType type);

/** Finds a type by its name; NULL if there is none. */
const struct msi_symbol *msi_schema_find(const struct msi_schema *schema, const char *name);

/** Reads the option of mailslot/size.proto; *hints stays NULL if it is not there. NO_MEMORY,
 *  TOO_COMPLEX. */
MAILSLOT_MUST_USE mailslot_err msi_read_hints(struct msi_arena *arena,
                                              const Mailslot__Schema__FieldOptions *options,
                                              const struct msi_hints **hints);

/** Whether the type is google.protobuf's StringValue or BytesValue, whose only field has the length
 *  that a hint of theirs is about. */
bool msi_is_wrapped_text(const ProtobufCMessageDescriptor *type);

/** What the hints speak of and such a field has not, in words; NULL: it has all of it. */
const char *msi_vain_hint(const ProtobufCFieldDescriptor *field, const struct msi_hints *hints);

/** Gives field the default value that a schema has as text; false if that is not one. */
MAILSLOT_MUST_USE bool msi_schema_default(struct msi_arena *arena, ProtobufCFieldDescriptor *field,
                                          const char *text);

/** Fails, naming the file, the type and its part (NULL: all of it) that is wrong. */
MAILSLOT_PRINTF(4, 5)
mailslot_err msi_schema_fail(mailslot_err err, const struct msi_declaration *in, const char *part,
                             const char *format, ...);

/** Why an arena returned NULL. */
mailslot_err msi_schema_no_memory(const struct msi_arena *arena);

bool msi_is_proto3(const Mailslot__Schema__File *file);

/** Whether it is one, as the Protobuf language has them. */
bool msi_is_identifier(const char *text);

/** A copy; NULL as msi_arena_alloc(). */
char *msi_arena_text(struct msi_arena *arena, const char *text);

/** Names and which one it is, sorted by name, as protobuf-c has those of an enum. False: two are
 *  equal, and *twice is their name. */
bool msi_sort_names(ProtobufCEnumValueIndex *names, size_t count, const char **twice);

/** The runs of consecutive numbers among count ascending ones that lie stride bytes apart, as
 *  protobuf-c looks numbers up; NULL as msi_arena_alloc(). */
const ProtobufCIntRange *msi_make_ranges(struct msi_arena *arena, const void *numbers,
                                         size_t stride, size_t count, unsigned *range_count);

#endif
