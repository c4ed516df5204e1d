/* Finding loaded types, and the size of their members. The loads of a registry are a chain, the
 * newest first and the well-known types last. */
#include "types.h"

#include <stdlib.h>
#include <string.h>

const char msi_schema_no_c_name[] = "";

const struct msi_type *msi_schema_type(const ProtobufCMessageDescriptor *descriptor) {
    bool loaded = descriptor->c_name == msi_schema_no_c_name;
    return loaded ? (const struct msi_type *)descriptor : NULL;
}

int msi_schema_compare_symbols(const void *a, const void *b) {
    return strcmp(((const struct msi_symbol *)a)->name, ((const struct msi_symbol *)b)->name);
}

/* The newest load first: its own types hide those of earlier ones. */
const struct msi_symbol *msi_schema_find_symbol(const struct msi_schema *schema, const char *name) {
    const struct msi_symbol wanted = {.name = name}, *found = NULL;
    for (; schema && !found; schema = schema->next)
        if (schema->symbol_count)
            found = bsearch(&wanted, schema->symbols, schema->symbol_count, sizeof wanted,
                            msi_schema_compare_symbols);
    return found;
}

size_t msi_schema_member_size(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(double);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default: /* 32-bit integers, float and enums, which are int */
        return sizeof(uint32_t);
    }
}
