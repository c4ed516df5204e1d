/**
 * @file
 * Where names become codecs. An application, a tool or a configuration file chooses a codec per
 * mailslot by its spec:
 *
 *     text   utf8   bytes   msgpack   protobuf:package.Message   or the name of a codec of yours
 *
 * A registry is an ordinary object: fill it, then share it between threads as long as nobody adds
 * to it. There is no global one.
 */
#ifndef MAILSLOT_REGISTRY_H
#define MAILSLOT_REGISTRY_H

#include <mailslot/codec.h>

#include <protobuf-c/protobuf-c.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Codecs by their specs. */
typedef struct mailslot_registry mailslot_registry;

/** Makes a registry that knows the codecs without a schema: text, utf8, bytes and msgpack. To be
 *  freed with mailslot_registry_free(). NO_MEMORY. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_new(mailslot_registry **registry);

/** Frees a registry, the codecs it made for Protobuf messages and the types that were loaded into
 *  it, which no open slot may use any more; NULL is ignored. */
MAILSLOT_API void mailslot_registry_free(mailslot_registry *registry);

/**
 * Adds a codec under its name. The codec is not copied and must outlive the registry. INVALID (no
 * name, no encode or decode, or a size that is not a codec's), IN_USE (the name is taken),
 * NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_add(mailslot_registry *registry,
                                                                  const mailslot_codec *codec);

/**
 * Adds a Protobuf message type as protobuf:package.Message. The descriptor, as protoc-c generates
 * it, must outlive the registry. Adding the same descriptor again changes nothing. INVALID (not a
 * descriptor), IN_USE (another descriptor has that name), NO_MEMORY.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_add_protobuf(
    mailslot_registry *registry, const ProtobufCMessageDescriptor *descriptor);

/**
 * Finds the codec of a spec and stores it in *codec; it lives as long as the registry. Specs are
 * compared with case. NOT_FOUND, with a detail that lists what there is; *codec is then NULL.
 */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_find(
    const mailslot_registry *registry, const char *spec, const mailslot_codec **codec);

/** Calls each with every spec and its codec, in the order they were added. Stops early with what
 *  each returned if that is not MAILSLOT_OK. */
MAILSLOT_API MAILSLOT_MUST_USE mailslot_err mailslot_registry_each(
    const mailslot_registry *registry,
    mailslot_err (*each)(void *ctx, const char *spec, const mailslot_codec *codec), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
