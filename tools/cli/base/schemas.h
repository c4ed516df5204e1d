/* Loads the schemas that --schema and $MAILSLOT_SCHEMA_PATH name. */
#ifndef CLI_SCHEMAS_H
#define CLI_SCHEMAS_H

#include "buffer.h"
#include "options.h"

#include <mailslot/registry.h>

/**
 * Loads schemas into a registry: those that MAILSLOT_SCHEMA_PATH names, if with_path, and then
 * those of --schema. They are .proto files, which protoc compiles, and descriptor sets.
 *
 * MAILSLOT_SCHEMA_PATH is a list, parted by colons, of schemas and of folders, in which schemas and
 * what they import are looked for. What fails is reported, with STATUS_ERROR.
 *
 * Each descriptor set that was loaded is appended to sets, unless that is NULL: one behind the
 * other they are one.
 */
enum status schemas_load(mailslot_registry *registry, const struct text_list *schemas,
                         bool with_path, struct buffer *sets);

#endif
