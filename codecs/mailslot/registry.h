/**
 * @file
 * A registry finds codecs by name, so that an application, a tool or a configuration file can
 * choose the codec of a mailslot by its spec:
 *
 *     text   utf8   bytes   msgpack   protobuf:package.Message   or the name of your own codec
 *
 * Protobuf message types are added by mailslot_registry_add_protobuf() of <mailslot/protobuf.h> or
 * mailslot_protobuf_load() of <mailslot/schema.h>. This header needs neither protobuf-c nor
 * msgpack-c.
 *
 * A registry may be read by several threads at once, but not while one of them adds to it. There is
 * no global registry.
 */
#ifndef MAILSLOT_REGISTRY_H
#define MAILSLOT_REGISTRY_H

#include <mailslot/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Codecs by their specs. */
typedef struct mailslot_registry mailslot_registry;

/** Makes a registry with the codecs that need no schema: text, utf8, bytes and msgpack. Free it
 * with mailslot_registry_free(). INVALID (NULL), NO_MEMORY. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_new(mailslot_registry **registry);

/** Frees a registry, with the codecs it made for Protobuf messages and the types that were loaded
 *  into it; no open slot or record may still use them. NULL is ignored. */
MAILSLOT_API void mailslot_registry_free(mailslot_registry *registry);

/**
 * Adds a codec under its name. The codec is not copied and must outlive the registry. INVALID (no
 * name, no encode or decode, or a size other than sizeof(mailslot_codec)), IN_USE (the name is
 * taken), NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_add(mailslot_registry *registry,
                                                                  const mailslot_codec *codec);

/**
 * Finds the codec of a spec and stores it in *codec; it lives as long as the registry. Specs are
 * case-sensitive. NOT_FOUND, with a detail that lists the registered specs; *codec is then NULL.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_find(
    const mailslot_registry *registry, const char *spec, const mailslot_codec **codec);

/** Calls each with every spec and its codec, in the order in which they were added. Stops as soon
 * as each returns anything but MAILSLOT_OK, and returns that. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_each(
    const mailslot_registry *registry,
    mailslot_err (*each)(void *ctx, const char *spec, const mailslot_codec *codec), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
