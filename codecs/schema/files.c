/* The files of a descriptor set: each is loaded once, however many sets contain it. */
#include "files.h"

#include "errors.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

bool msi_schema_is_proto3(const Mailslot__Schema__File *file) {
    return file->syntax && strcmp(file->syntax, "proto3") == 0;
}

/* The length comes before the bytes, because it is cheaper to compare. */
static int file_compare(const void *a, const void *b) {
    const struct msi_file *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order || x->len != y->len)
        return order ? order : x->len < y->len ? -1 : 1;
    return x->len ? memcmp(x->bytes, y->bytes, x->len) : 0;
}

/* Built-in files do not count: a set that brings its own copy of a well-known type gets its own. */
static bool file_is_known(const struct msi_schema *schema, const struct msi_file *file) {
    for (; schema && !schema->built_in; schema = schema->next)
        if (schema->file_count &&
            bsearch(file, schema->files, schema->file_count, sizeof *file, file_compare))
            return true;
    return false;
}

/* Files of proto2 need not state their syntax. Editions have the syntax "editions". */
static mailslot_err file_check(const Mailslot__Schema__File *from) {
    const char *syntax = from->syntax ? from->syntax : "proto2";
    const char *name = from->name ? from->name : "?";
    if (strcmp(syntax, "proto2") != 0 && strcmp(syntax, "proto3") != 0)
        return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                             "%.120s: syntax \"%.60s\" is not supported; use proto2 or proto3",
                             name, syntax);
    if (from->package && *from->package && !msi_schema_is_package(from->package))
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%.120s: \"%.100s\" is not a package name",
                             name, from->package);
    return MAILSLOT_OK;
}

/* Files are recognised by their serialised bytes without unknown fields. These are the parts that
 * schema.proto leaves out, such as comments and file options, in which equal files may differ. */
static mailslot_err file_record(struct msi_arena *arena, Mailslot__Schema__File *from,
                                struct msi_file *file) {
    from->base.n_unknown_fields = 0;
    file->len = protobuf_c_message_get_packed_size(&from->base);
    uint8_t *bytes = msi_arena_alloc(arena, file->len);
    file->name = msi_arena_text(arena, from->name ? from->name : "");
    if (!bytes || !file->name)
        return msi_schema_no_memory(arena);
    protobuf_c_message_pack(&from->base, bytes);
    file->bytes = bytes;
    return MAILSLOT_OK;
}

static mailslot_err files_record(struct msi_schema *schema, const Mailslot__Schema__Set *set) {
    schema->files = msi_arena_array(&schema->arena, set->n_file, sizeof *schema->files);
    if (!schema->files)
        return msi_schema_no_memory(&schema->arena);
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < set->n_file; i++) {
        schema->files[i].position = i;
        err = file_check(set->file[i]);
        if (!err)
            err = file_record(&schema->arena, set->file[i], &schema->files[i]);
    }
    if (!err && set->n_file)
        qsort(schema->files, set->n_file, sizeof *schema->files, file_compare);
    return err;
}

/* The recorded files are sorted, so copies of one file are neighbours. Removed ones become NULL in
 * the set first, because their positions in the set must stay valid meanwhile. */
mailslot_err msi_schema_take_files(struct msi_schema *schema, Mailslot__Schema__Set *set) {
    mailslot_err err = files_record(schema, set);
    if (err)
        return err;
    for (size_t i = 0; i < set->n_file; i++) {
        struct msi_file *file = &schema->files[i];
        bool twice =
            schema->file_count && file_compare(&schema->files[schema->file_count - 1], file) == 0;
        if (twice || file_is_known(schema->next, file))
            set->file[file->position] = NULL;
        else
            schema->files[schema->file_count++] = *file;
    }
    size_t count = 0;
    for (size_t i = 0; i < set->n_file; i++)
        if (set->file[i])
            set->file[count++] = set->file[i];
    set->n_file = count;
    return MAILSLOT_OK;
}
