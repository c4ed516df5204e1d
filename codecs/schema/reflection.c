/*
 * What programs can ask about a loaded type that protobuf-c's descriptor does not tell. A compiled
 * type is not an msi_type: each function asks for that before it looks further.
 */
#include "types.h"

#include <mailslot/schema.h>

#include <string.h>

/* The default of a string is the pointer itself, that of other types is what it points to. */
static void member_set_default(const ProtobufCFieldDescriptor *field, void *member) {
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        memcpy(member, &field->default_value, sizeof(void *));
    else
        memcpy(member, field->default_value, msi_schema_member_size(field->type));
}

/* Compiled types have a function of their own for this. */
void mailslot_protobuf_init(const ProtobufCMessageDescriptor *type, ProtobufCMessage *message) {
    if (type->message_init) {
        type->message_init(message);
        return;
    }
    memset(message, 0, type->sizeof_message);
    message->descriptor = type;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->default_value && field->label != PROTOBUF_C_LABEL_REPEATED)
            member_set_default(field, (char *)message + field->offset);
    }
}

const char *mailslot_protobuf_json_name(const ProtobufCMessageDescriptor *type,
                                        const ProtobufCFieldDescriptor *field) {
    const struct msi_type *own = msi_schema_type(type);
    return own ? own->json_names[field - type->fields] : NULL;
}

bool mailslot_protobuf_is_map_entry(const ProtobufCMessageDescriptor *type) {
    const struct msi_type *own = msi_schema_type(type);
    return own && own->is_map_entry;
}

bool mailslot_protobuf_is_closed_enum(const ProtobufCEnumDescriptor *type) {
    return type->c_name == msi_schema_no_c_name && ((const struct msi_enum *)type)->closed;
}

bool mailslot_protobuf_is_loaded(const ProtobufCMessageDescriptor *type) {
    return msi_schema_type(type);
}
