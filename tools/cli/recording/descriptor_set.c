/* Picks the files of a descriptor set that the recorded types need, with all they import. */
#include "descriptor_set.h"

#include <mailslot/protobuf.h>

#include <stdlib.h>
#include <string.h>

#include "cli/recording/descriptor.pb-c.h"

MAILSLOT_PROTOBUF(set, Mailslot__Descriptor__Set, mailslot__descriptor__set__descriptor)
MAILSLOT_PROTOBUF(file, Mailslot__Descriptor__File, mailslot__descriptor__file__descriptor)

typedef Mailslot__Descriptor__Set descriptor_set;
typedef Mailslot__Descriptor__File descriptor_file;
typedef Mailslot__Descriptor__Type descriptor_type;

/* A breadth-first walk over the import graph; `needed` keeps a file from being queued twice, so
 * queue has room for all. */
struct selection {
    mailslot_record *memory; /* of the set */
    const descriptor_set *set;
    mailslot_record **file_memory;
    const descriptor_file **files;
    bool *needed;
    size_t *queue; /* numbers of needed files, of which the first `followed` were looked at */
    size_t queued, followed;
};

/* ---- Reading ---- */

static mailslot_err set_decode(mailslot_record **memory, const mailslot_codec *codec,
                               const void *data, size_t len, const void **value) {
    mailslot_err err = mailslot_record_new(memory);
    if (!err)
        err = mailslot_record_decode(*memory, codec, data, len, NULL, 0);
    *value = err ? NULL : mailslot_record_value(*memory);
    return err;
}

/* Decodes the files of the set one by one. On failure, the parts made so far are freed by
 * close_set(). */
static mailslot_err open_set(struct selection *selection, mailslot_bytes set) {
    const void *value;
    mailslot_err err = set_decode(&selection->memory, set_codec(), set.data, set.len, &value);
    if (err)
        return err;
    selection->set = value;
    size_t count = selection->set->n_file;
    selection->file_memory = memory_resize(NULL, count * sizeof *selection->file_memory);
    selection->files = memory_resize(NULL, count * sizeof *selection->files);
    selection->needed = memory_resize(NULL, count * sizeof *selection->needed);
    selection->queue = memory_resize(NULL, count * sizeof *selection->queue);
    /* close_set() frees all of them, so those not decoded yet must be NULL. */
    memset(selection->file_memory, 0, count * sizeof *selection->file_memory);
    memset(selection->needed, 0, count * sizeof *selection->needed);
    for (size_t i = 0; !err && i < count; i++) {
        const ProtobufCBinaryData *bytes = &selection->set->file[i];
        err = set_decode(&selection->file_memory[i], file_codec(), bytes->data, bytes->len, &value);
        selection->files[i] = value;
    }
    return err;
}

static void close_set(struct selection *selection) {
    for (size_t i = 0; selection->file_memory && i < selection->set->n_file; i++)
        mailslot_record_free(selection->file_memory[i]);
    free(selection->file_memory);
    free(selection->files);
    free(selection->needed);
    free(selection->queue);
    mailslot_record_free(selection->memory);
}

/* ---- Dependencies ---- */

/* The part of text after `name.`: "" if text equals name, NULL if it does not begin with it. */
static const char *name_behind(const char *text, const char *name) {
    size_t len = strlen(name);
    if (strncmp(text, name, len) != 0 || (text[len] && text[len] != '.'))
        return NULL;
    return text + len + (text[len] == '.');
}

/* Finds nested types too, such as Outer.Inner. The recursion is bounded by the nesting limit of the
 * codec that decoded the file. */
static bool types_declare(descriptor_type *const *types, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        const char *rest = types[i]->name ? name_behind(name, types[i]->name) : NULL;
        if (rest && (!*rest || types_declare(types[i]->nested_type, types[i]->n_nested_type, rest)))
            return true;
    }
    return false;
}

static bool file_declares(const descriptor_file *file, const char *type) {
    const char *name = file->package && *file->package ? name_behind(type, file->package) : type;
    return name && *name && types_declare(file->message_type, file->n_message_type, name);
}

/* Sets of several schemas repeat their common imports. A copy is compared by content, because files
 * of equal name may differ. */
static bool is_copy(const struct selection *selection, size_t number) {
    const ProtobufCBinaryData *files = selection->set->file;
    for (size_t i = 0; i < number; i++)
        if (selection->needed[i] && files[i].len == files[number].len &&
            (!files[i].len || memcmp(files[i].data, files[number].data, files[i].len) == 0))
            return true;
    return false;
}

static void file_need(struct selection *selection, size_t number) {
    if (selection->needed[number] || is_copy(selection, number))
        return;
    selection->needed[number] = true;
    selection->queue[selection->queued++] = number;
}

/* Imports are by name; every file of that name is kept, since it is unknown which one was meant. An
 * Any may contain any type, so a file that imports it needs all files. */
static void need_name(struct selection *selection, const char *name) {
    bool all = strcmp(name, "google/protobuf/any.proto") == 0;
    for (size_t i = 0; i < selection->set->n_file; i++)
        if (all || (selection->files[i]->name && strcmp(selection->files[i]->name, name) == 0))
            file_need(selection, i);
}

static void follow_imports(struct selection *selection) {
    while (selection->followed < selection->queued) {
        const descriptor_file *file = selection->files[selection->queue[selection->followed++]];
        for (size_t i = 0; i < file->n_dependency; i++)
            need_name(selection, file->dependency[i]);
    }
}

static mailslot_err need_type(struct selection *selection, const char *type) {
    bool found = false;
    for (size_t i = 0; i < selection->set->n_file; i++)
        if (file_declares(selection->files[i], type)) {
            found = true;
            file_need(selection, i);
        }
    return found ? MAILSLOT_OK
                 : mailslot_fail(MAILSLOT_ERR_NOT_FOUND,
                                 "no schema declares %.200s; load it with --schema FILE", type);
}

/* ---- The result ---- */

static void append_needed(struct buffer *out, const struct selection *selection) {
    descriptor_set result = MAILSLOT__DESCRIPTOR__SET__INIT;
    result.file = memory_resize(NULL, selection->set->n_file * sizeof *result.file);
    for (size_t i = 0; i < selection->set->n_file; i++)
        /* In the order of the original set, in which imports precede the files that use them, as
         * protoc writes it and loaders expect. */
        if (selection->needed[i])
            result.file[result.n_file++] = selection->set->file[i];
    size_t len = protobuf_c_message_get_packed_size(&result.base);
    buffer_reserve(out, len);
    out->len += protobuf_c_message_pack(&result.base, (uint8_t *)out->data + out->len);
    free(result.file);
}

mailslot_err descriptor_set_select(struct buffer *out, mailslot_bytes set, const char *const *types,
                                   size_t count) {
    struct selection selection = {0};
    mailslot_err err = open_set(&selection, set);
    for (size_t i = 0; !err && i < count; i++)
        err = need_type(&selection, types[i]);
    if (!err) {
        follow_imports(&selection);
        append_needed(out, &selection);
    }
    close_set(&selection);
    return err;
}
