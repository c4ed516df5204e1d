/*
 * Registries: codecs in the order in which they were added, for listing, and sorted by name, for
 * finding. A registry owns the codecs that it made of descriptors and of descriptor sets; codecs
 * that were added belong to the caller.
 */
#include "schema/load.h"

#include <mailslot/msgpack.h>
#include <mailslot/protobuf.h>
#include <mailslot/registry.h>
#include <mailslot/schema.h>
#include <mailslot/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A codec that the registry made for a compiled message type; its name is the spec. */
struct made_codec {
    struct made_codec *next;
    mailslot_codec codec;
    char spec[];
};

struct mailslot_registry {
    const mailslot_codec **codecs;  /* in the order in which they were added */
    const mailslot_codec **by_name; /* the same, sorted */
    size_t count, capacity;
    struct made_codec *made;
    struct msi_schema *schemas; /* the newest load first */
};

static mailslot_err registry_no_memory(void) {
    return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a codec registry");
}

static int registry_compare(const void *a, const void *b) {
    return strcmp((*(const mailslot_codec *const *)a)->name,
                  (*(const mailslot_codec *const *)b)->name);
}

static const mailslot_codec *registry_lookup(const mailslot_registry *registry, const char *spec) {
    const mailslot_codec wanted = {.name = spec}, *key = &wanted;
    if (registry->count == 0)
        return NULL;
    const mailslot_codec *const *found =
        bsearch(&key, registry->by_name, registry->count, sizeof key, registry_compare);
    return found ? *found : NULL;
}

/* ---- Making and filling ---- */

static mailslot_err registry_resize(const mailslot_codec ***codecs, size_t capacity) {
    const mailslot_codec **resized = realloc(*codecs, capacity * sizeof *resized);
    if (!resized)
        return registry_no_memory();
    *codecs = resized;
    return MAILSLOT_OK;
}

/* Doubles, so that adding many codecs takes linear time. If the second array cannot grow, the first
 * one stays larger than capacity tells, which does no harm. */
static mailslot_err registry_reserve(mailslot_registry *registry, size_t more) {
    if (more <= registry->capacity - registry->count)
        return MAILSLOT_OK;
    size_t capacity = registry->capacity * 2 + more;
    mailslot_err err = registry_resize(&registry->codecs, capacity);
    if (!err)
        err = registry_resize(&registry->by_name, capacity);
    if (!err)
        registry->capacity = capacity;
    return err;
}

/* Appends all the codecs, or none if one of the names is taken. Their own names differ. */
static mailslot_err registry_append(mailslot_registry *registry, const mailslot_codec *codecs,
                                    size_t count) {
    for (size_t i = 0; i < count; i++)
        if (registry_lookup(registry, codecs[i].name))
            return mailslot_fail(MAILSLOT_ERR_IN_USE, "the registry already has a codec \"%.200s\"",
                                 codecs[i].name);
    mailslot_err err = registry_reserve(registry, count);
    if (err)
        return err;
    for (size_t i = 0; i < count; i++, registry->count++)
        registry->codecs[registry->count] = registry->by_name[registry->count] = &codecs[i];
    qsort(registry->by_name, registry->count, sizeof *registry->by_name, registry_compare);
    return MAILSLOT_OK;
}

static mailslot_err add_built_in(mailslot_registry *registry) {
    const mailslot_codec *built_in[] = {mailslot_codec_text(), mailslot_codec_utf8(),
                                        mailslot_codec_bytes(), mailslot_codec_msgpack()};
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < sizeof built_in / sizeof *built_in; i++)
        err = registry_append(registry, built_in[i], 1);
    return err;
}

mailslot_err mailslot_registry_new(mailslot_registry **registry) {
    if (!registry)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "registry is NULL");
    *registry = calloc(1, sizeof **registry);
    if (!*registry)
        return registry_no_memory();
    mailslot_err err = add_built_in(*registry);
    if (err) {
        mailslot_registry_free(*registry);
        *registry = NULL;
    }
    return err;
}

void mailslot_registry_free(mailslot_registry *registry) {
    if (!registry)
        return;
    while (registry->made) {
        struct made_codec *next = registry->made->next;
        free(registry->made);
        registry->made = next;
    }
    while (registry->schemas) {
        struct msi_schema *next = registry->schemas->next;
        msi_schema_free(registry->schemas);
        registry->schemas = next;
    }
    free(registry->codecs);
    free(registry->by_name);
    free(registry);
}

mailslot_err mailslot_registry_add(mailslot_registry *registry, const mailslot_codec *codec) {
    if (!registry || !codec)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "registry or codec is NULL");
    if (codec->size != sizeof *codec)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "codec->size is %zu, expected %zu", codec->size,
                             sizeof *codec);
    if (!codec->name || !*codec->name)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "the codec has no name");
    if (!codec->encode || !codec->decode)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "codec \"%s\" has no %s function", codec->name,
                             codec->encode ? "decode" : "encode");
    return registry_append(registry, codec, 1);
}

/* ---- Protobuf message types ---- */

static struct made_codec *make_protobuf_codec(const ProtobufCMessageDescriptor *descriptor) {
    size_t len = strlen(MSI_SPEC_PREFIX) + strlen(descriptor->name);
    struct made_codec *made = malloc(sizeof *made + len + 1);
    if (!made)
        return NULL;
    snprintf(made->spec, len + 1, "%s%s", MSI_SPEC_PREFIX, descriptor->name);
    made->codec = (mailslot_codec){sizeof made->codec, made->spec, descriptor,
                                   mailslot_protobuf_encode, mailslot_protobuf_decode};
    return made;
}

/* A codec of the user's own may have the name of a Protobuf type. */
static bool is_same_type(const mailslot_codec *known, const struct made_codec *made) {
    return known && known->schema == made->codec.schema && known->encode == made->codec.encode &&
           known->decode == made->codec.decode;
}

mailslot_err mailslot_registry_add_protobuf(mailslot_registry *registry,
                                            const ProtobufCMessageDescriptor *descriptor) {
    if (!registry || !descriptor)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "registry or descriptor is NULL");
    if (descriptor->magic != PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC || !descriptor->name)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "descriptor is not a Protobuf message descriptor");
    struct made_codec *made = make_protobuf_codec(descriptor);
    if (!made)
        return registry_no_memory();
    bool known = is_same_type(registry_lookup(registry, made->spec), made);
    mailslot_err err = known ? MAILSLOT_OK : registry_append(registry, &made->codec, 1);
    if (known || err) {
        free(made);
    } else {
        made->next = registry->made;
        registry->made = made;
    }
    return err;
}

/* The well-known types are loaded only now: most programs load no schemas. They end the chain of
 * loads, and are not in the list of codecs. */
static mailslot_err start_schemas(mailslot_registry *registry) {
    return registry->schemas ? MAILSLOT_OK : msi_schema_well_known(&registry->schemas);
}

mailslot_err mailslot_protobuf_load(mailslot_registry *registry, const void *set, size_t len) {
    if (!registry || (!set && len))
        return mailslot_fail(MAILSLOT_ERR_INVALID, "registry or descriptor set is NULL");
    struct msi_schema *schema = NULL;
    mailslot_err err = start_schemas(registry);
    if (!err)
        err = msi_schema_new(&schema, registry->schemas, (mailslot_bytes){set, len});
    if (!err)
        err = registry_append(registry, schema->codecs, schema->codec_count);
    if (!err)
        registry->schemas = schema;
    else if (schema)
        msi_schema_free(schema);
    return err;
}

/* ---- Finding ---- */

/* The list ends with "..." where the buffer is full. */
static mailslot_err registry_not_found(const mailslot_registry *registry, const char *spec) {
    char list[400] = "";
    size_t len = 0;
    for (size_t i = 0; i < registry->count && len < sizeof list; i++) {
        int n = snprintf(list + len, sizeof list - len, "%s%s", i ? ", " : "",
                         registry->codecs[i]->name);
        len += n > 0 ? (size_t)n : 0;
    }
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no codec \"%.100s\"; known are: %s%s", spec, list,
                         len < sizeof list ? "" : "...");
}

mailslot_err mailslot_registry_find(const mailslot_registry *registry, const char *spec,
                                    const mailslot_codec **codec) {
    if (!registry || !spec || !codec)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "registry, spec or codec is NULL");
    *codec = registry_lookup(registry, spec);
    return *codec ? MAILSLOT_OK : registry_not_found(registry, spec);
}

/* Types that were compiled in are few: those that the program added. */
static const ProtobufCMessageDescriptor *registry_find_compiled(const mailslot_registry *registry,
                                                                const char *name) {
    const struct made_codec *made = registry->made;
    while (made && strcmp(made->spec + strlen(MSI_SPEC_PREFIX), name) != 0)
        made = made->next;
    return made ? made->codec.schema : NULL;
}

const ProtobufCMessageDescriptor *mailslot_protobuf_find(const mailslot_registry *registry,
                                                         const char *name) {
    if (!registry || !name)
        return NULL;
    const struct msi_symbol *symbol = msi_schema_find_symbol(registry->schemas, name);
    if (!symbol)
        return registry_find_compiled(registry, name);
    const struct msi_type *type = symbol->is_enum ? NULL : symbol->descriptor;
    return type && !type->is_map_entry ? &type->descriptor : NULL;
}

mailslot_err mailslot_registry_each(const mailslot_registry *registry,
                                    mailslot_err (*each)(void *ctx, const char *spec,
                                                         const mailslot_codec *codec),
                                    void *ctx) {
    if (!registry || !each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "registry or each is NULL");
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < registry->count; i++)
        err = each(ctx, registry->codecs[i]->name, registry->codecs[i]);
    return err;
}
