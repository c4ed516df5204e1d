/* Finds the schemas of --schema and $MAILSLOT_SCHEMA_PATH and loads them into a registry. */
#include "schemas.h"

#include "input.h"
#include "platform/platform.h"
#include "protoc.h"

#include <mailslot/schema.h>

#include <stdlib.h>
#include <string.h>

struct loader {
    mailslot_registry *registry;
    struct buffer *sets; /* may be NULL */
    struct arena arena;
    const char **folders; /* of MAILSLOT_SCHEMA_PATH */
    size_t folder_count;
    const char **files; /* the same, those that are schemas */
    size_t file_count;
};

/* ---- The path ---- */

static bool is_folder(const char *path) { return platform_kind_of(path) == PLATFORM_FOLDER; }

static bool schema_exists(const char *path) { return platform_kind_of(path) != PLATFORM_NOTHING; }

static bool is_source(const char *path) {
    size_t len = strlen(path), end = strlen(".proto");
    return len >= end && strcmp(path + len - end, ".proto") == 0;
}

/* An entry that is neither is a folder that does not exist (yet), which is no error in a path. */
static void add_entry(struct loader *loader, const char *entry) {
    if (is_folder(entry))
        loader->folders[loader->folder_count++] = entry;
    else if (schema_exists(entry) || is_source(entry))
        loader->files[loader->file_count++] = entry;
}

static void read_path(struct loader *loader, const char *path) {
    /* No list has more entries than characters. */
    size_t most = strlen(path) + 1;
    loader->folders = arena_alloc(&loader->arena, most * sizeof *loader->folders);
    loader->files = arena_alloc(&loader->arena, most * sizeof *loader->files);
    while (*path) {
        size_t len = strcspn(path, platform_list_separator);
        if (len > 0)
            add_entry(loader, arena_copy(&loader->arena, path, len));
        path += len + (path[len] != 0);
    }
}

static const char *path_join(struct loader *loader, const char *folder, const char *name) {
    struct buffer text = {0};
    buffer_append_text(&text, folder);
    buffer_append_text(&text, "/");
    buffer_append_text(&text, name);
    const char *joined = arena_copy(&loader->arena, text.data, text.len);
    buffer_free(&text);
    return joined;
}

/* The folder a file lies in. */
static const char *folder_of(struct loader *loader, const char *file) {
    const char *slash = strrchr(file, '/');
    if (!slash)
        return ".";
    return slash == file ? "/" : arena_copy(&loader->arena, file, (size_t)(slash - file));
}

/* Finds a schema: as given, else in the folders of the path. *folder is the one that its imports
 * are searched in first. */
static const char *schema_find(struct loader *loader, const char *name, const char **folder) {
    *folder = NULL;
    if (!schema_exists(name) && *name != '/')
        for (size_t i = 0; i < loader->folder_count; i++) {
            *folder = loader->folders[i];
            const char *found = path_join(loader, *folder, name);
            if (schema_exists(found))
                return found;
        }
    /* protoc(1) takes "-..." for an option and "@..." for a file of arguments. */
    if (*name == '-' || *name == '@')
        name = path_join(loader, ".", name);
    *folder = folder_of(loader, name);
    return name;
}

/* ---- Loading ---- */

static void add_folder(const char **folders, size_t *count, const char *folder) {
    for (size_t i = 0; i < *count; i++)
        if (strcmp(folders[i], folder) == 0)
            return;
    folders[(*count)++] = folder;
}

static mailslot_err schema_compile(struct loader *loader, const char *file, const char *first,
                                   struct buffer *set) {
    const char **folders =
        arena_alloc(&loader->arena, (loader->folder_count + 2) * sizeof *folders);
    size_t count = 0;
    /* protoc requires that the file itself lies below one of its import folders, hence also the
     * last one. */
    add_folder(folders, &count, first);
    for (size_t i = 0; i < loader->folder_count; i++)
        add_folder(folders, &count, loader->folders[i]);
    add_folder(folders, &count, folder_of(loader, file));
    return protoc_compile(file, folders, count, set);
}

static enum status schema_load(struct loader *loader, const char *name) {
    struct buffer set = {0};
    const char *folder;
    const char *file = schema_find(loader, name, &folder);
    enum status status = STATUS_DONE;
    mailslot_err err = MAILSLOT_OK;
    /* A missing .proto file is reported by input_file(), whose message is shorter than that of
     * protoc. */
    if (is_source(file) && schema_exists(file))
        err = schema_compile(loader, file, folder, &set);
    else
        status = input_file(file, &set);
    if (!status && !err) {
        err = mailslot_protobuf_load(loader->registry, set.data, set.len);
        if (err)
            mailslot_fail(err, "%.300s: %s", file, mailslot_detail());
        else if (loader->sets)
            /* Protobuf messages are merged by concatenation, so the sets become one. */
            buffer_append(loader->sets, set.data, set.len);
    }
    buffer_free(&set);
    return err ? report_error(STATUS_ERROR, "%s", mailslot_detail()) : status;
}

enum status schemas_load(mailslot_registry *registry, const struct text_list *schemas,
                         bool with_path, struct buffer *sets) {
    struct loader loader = {.registry = registry, .sets = sets};
    const char *path = platform_variable("MAILSLOT_SCHEMA_PATH");
    enum status status = STATUS_DONE;
    read_path(&loader, path ? path : "");
    for (size_t i = 0; with_path && !status && i < loader.file_count; i++)
        status = schema_load(&loader, loader.files[i]);
    for (size_t i = 0; !status && i < schemas->count; i++)
        status = schema_load(&loader, schemas->items[i]);
    arena_free(&loader.arena);
    return status;
}
