/* --codec and --schema of record, cat, replay and top, and the headers made of them. */
#include "record_codecs.h"

#include "base/slot_name.h"
#include "descriptor_set.h"
#include "output/text_codec.h"
#include "platform/platform.h"

#include <mailslot/schema.h>

#include <stdlib.h>
#include <string.h>

#include "trace_set.h"

#define EVENT "protobuf:trace.Event"

/* ---- What was given ---- */

/* The spec of [NAME=]SPEC. The last '=' separates them: a spec has none, but a name may. */
static const char *spec_of(const char *given) {
    const char *equals = strrchr(given, '=');
    return equals ? equals + 1 : given;
}

static bool is_for(const char *given, const char *name) {
    const char *spec = spec_of(given);
    /* A copy that ends after the name. Without a name it is "", which equals no slot's name. */
    char *slot = memory_resize(NULL, strlen(given) + 1);
    memcpy(slot, given, strlen(given) + 1);
    slot[spec == given ? 0 : spec - given - 1] = '\0';
    bool is = mailslot_name_equal(slot, name);
    free(slot);
    return is;
}

const char *codec_choice_spec(const struct codec_choice *choice, const char *name) {
    const char *for_all = NULL, *for_name = NULL;
    for (size_t i = 0; i < choice->specs->count; i++) {
        const char *given = choice->specs->items[i];
        /* The last option given wins, as is usual for options; a name wins over none. */
        if (!strchr(given, '='))
            for_all = given;
        else if (is_for(given, name))
            for_name = spec_of(given);
    }
    return for_name ? for_name : for_all;
}

static bool needs_path(const struct text_list *specs) {
    for (size_t i = 0; i < specs->count; i++)
        if (text_codec_needs_schema(spec_of(specs->items[i])))
            return true;
    return false;
}

enum status codec_choice_make(const struct verb *verb, const struct text_list *specs,
                              const struct text_list *schemas, struct codec_choice *choice) {
    *choice = (struct codec_choice){.specs = specs};
    enum status status =
        text_codec_registry_and_sets(schemas, needs_path(specs), &choice->sets, &choice->registry);
    const mailslot_codec *codec;
    for (size_t i = 0; !status && i < specs->count; i++)
        if (mailslot_registry_find(choice->registry, spec_of(specs->items[i]), &codec))
            status = report_usage(verb->name, "%s", mailslot_detail());
    return status;
}

void codec_choice_free(struct codec_choice *choice) {
    mailslot_registry_free(choice->registry);
    buffer_free(&choice->sets);
}

void codec_choice_meet(struct codec_choice *choice, const char *name) {
    for (size_t i = 0; i < choice->specs->count; i++)
        /* Never reset: with several files, a name needs to occur in one of them. */
        choice->met[i] = choice->met[i] || is_for(choice->specs->items[i], name);
}

const char *codec_choice_unmet(const struct codec_choice *choice) {
    for (size_t i = 0; i < choice->specs->count; i++)
        if (!choice->met[i] && strchr(choice->specs->items[i], '='))
            return choice->specs->items[i];
    return NULL;
}

/* ---- Into a header ---- */

/* The TYPE of protobuf:TYPE. */
static const char *type_of(const char *spec) { return strchr(spec, ':') + 1; }

/* Collects the schemas that types need. trace.Event is compiled into the tool; its schema is added
 * unless the user loaded one, so that a reader without this tool can decode the file. */
static mailslot_err select_schemas(struct buffer *out, const struct codec_choice *choice,
                                   const char *const *types, size_t count) {
    struct buffer all = {0};
    const mailslot_codec *codec;
    buffer_append(&all, choice->sets.data, choice->sets.len);
    bool has_event = mailslot_registry_find(choice->registry, EVENT, &codec) == MAILSLOT_OK;
    if (has_event && !mailslot_protobuf_is_loaded(codec->schema))
        buffer_append(&all, trace_set, sizeof trace_set);
    mailslot_err err =
        count ? descriptor_set_select(out, (mailslot_bytes){all.data, all.len}, types, count)
              : MAILSLOT_OK;
    buffer_free(&all);
    return err;
}

/* A header under construction; all that it refers to is in the arena. */
struct header_parts {
    struct arena arena;
    record_header header;
    const char **types; /* that the codecs name */
    size_t type_count;
};

static char *bare_name(struct arena *arena, const char *name) {
    struct buffer text = {0};
    slot_name_bare(&text, name);
    char *copy = arena_copy(arena, text.data, text.len);
    buffer_free(&text);
    return copy;
}

static void add_slot(struct header_parts *parts, const char *name, const char *spec) {
    Mailslot__Record__Slot *slot = arena_alloc(&parts->arena, sizeof *slot);
    mailslot__record__slot__init(slot);
    /* As list prints it, so that names compare equal whatever form was given on the command
     * line. */
    slot->name = bare_name(&parts->arena, name);
    slot->codec = arena_copy(&parts->arena, spec, strlen(spec));
    parts->header.slots[parts->header.n_slots++] = slot;
    if (text_codec_needs_schema(spec))
        parts->types[parts->type_count++] = type_of(slot->codec);
}

static void fill_header(struct header_parts *parts, const struct codec_choice *choice,
                        char *const *names, size_t count) {
    /* An array, since Protobuf-C strings are not const. */
    static char version[] = CLI_VERSION;
    mailslot__record__header__init(&parts->header);
    parts->header.begun = platform_real_ns();
    parts->header.version = version;
    parts->header.slots = arena_alloc(&parts->arena, count * sizeof *parts->header.slots);
    parts->types = arena_alloc(&parts->arena, count * sizeof *parts->types);
    for (size_t i = 0; i < count; i++) {
        const char *spec = codec_choice_spec(choice, names[i]);
        add_slot(parts, names[i], spec ? spec : "text");
    }
}

enum status record_codecs_header(struct buffer *out, const struct codec_choice *choice,
                                 char *const *names, size_t count) {
    struct header_parts parts = {.type_count = 0};
    struct buffer schemas = {0};
    fill_header(&parts, choice, names, count);
    mailslot_err err = select_schemas(&schemas, choice, parts.types, parts.type_count);
    /* Borrowed from schemas until record_append_header() has packed it. */
    parts.header.descriptor_set.data = (uint8_t *)schemas.data;
    parts.header.descriptor_set.len = schemas.len;
    record_append_format(out);
    if (!err)
        err = record_append_header(out, &parts.header);
    buffer_free(&schemas);
    arena_free(&parts.arena);
    return err ? report_failure(err) : STATUS_DONE;
}

/* ---- From a header ---- */

mailslot_err record_codecs_registry(const record_header *header, mailslot_registry **registry) {
    const ProtobufCBinaryData *set = &header->descriptor_set;
    mailslot_err err = mailslot_registry_new(registry);
    if (!err && set->len)
        err = mailslot_protobuf_load(*registry, set->data, set->len);
    if (err) {
        mailslot_registry_free(*registry);
        *registry = NULL;
    }
    return err;
}
