#include "slot_json.h"

#include "json/value.h"

#include <string.h>

static struct json_object *number(uint64_t value) {
    return json_made(json_object_new_uint64(value));
}

static void add_statistics(struct json_object *json, const mailslot_info *info) {
    struct json_object *sizes = json_made(json_object_new_array());
    json_add(json, "bad_messages", number(info->bad_messages));
    json_add(json, "refused", number(info->refused));
    json_add(json, "messages_in", number(info->messages_in));
    json_add(json, "bytes_in", number(info->bytes_in));
    json_add(json, "messages_out", number(info->messages_out));
    json_add(json, "bytes_out", number(info->bytes_out));
    json_add(json, "too_big", number(info->too_big));
    json_add(json, "too_complex", number(info->too_complex));
    json_add(json, "lost", number(info->lost));
    json_add(json, "largest", number(info->largest));
    json_add(json, "sizes", sizes);
    for (unsigned i = 0; i < MAILSLOT_SIZE_CLASSES; i++)
        json_append(sizes, number(info->sizes[i]));
}

struct json_object *slot_json(const char *name, const mailslot_info *info) {
    struct json_object *json = json_made(json_object_new_object());
    bool waiting = info->next_size != MAILSLOT_NEXT_NONE;
    json_add(json, "name", json_text((mailslot_bytes){.data = name, .len = strlen(name)}));
    json_add(json, "max_message", number(info->max_message));
    json_add(json, "next_size", waiting ? number(info->next_size) : NULL);
    json_add(json, "count", number(info->count));
    json_add(json, "timeout_ms", json_made(json_object_new_int64(info->timeout_ms)));
    json_add(json, "capacity", number(info->capacity));
    json_add(json, "used", number(info->used));
    json_add(json, "reader_pid", json_made(json_object_new_int64(info->reader_pid)));
    add_statistics(json, info);
    return json;
}
