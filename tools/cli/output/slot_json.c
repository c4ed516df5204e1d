/* A mailslot_info as a JSON object with the same member names. */
#include "slot_json.h"

#include "json/value.h"

#include <string.h>

static struct json_object *number_value(uint64_t value) {
    return json_made(json_object_new_uint64(value));
}

/* In the order in which mailslot info documents them; info prints members in the order of
 * insertion. */
static void add_statistics(struct json_object *json, const mailslot_info *info) {
    struct json_object *sizes = json_made(json_object_new_array());
    json_add(json, "bad_messages", number_value(info->bad_messages));
    json_add(json, "refused", number_value(info->refused));
    json_add(json, "messages_in", number_value(info->messages_in));
    json_add(json, "bytes_in", number_value(info->bytes_in));
    json_add(json, "messages_out", number_value(info->messages_out));
    json_add(json, "bytes_out", number_value(info->bytes_out));
    json_add(json, "too_big", number_value(info->too_big));
    json_add(json, "too_complex", number_value(info->too_complex));
    json_add(json, "lost", number_value(info->lost));
    json_add(json, "largest", number_value(info->largest));
    json_add(json, "sizes", sizes);
    for (unsigned i = 0; i < MAILSLOT_SIZE_CLASSES; i++)
        json_append(sizes, number_value(info->sizes[i]));
}

static void add_registration(struct json_object *json, const mailslot_info *info) {
    static const char *const words[] = {[MAILSLOT_UNREGISTERED] = "no",
                                        [MAILSLOT_REGISTERED] = "yes",
                                        [MAILSLOT_REFUSED] = "refused"};
    json_add(json, "registered", json_made(json_object_new_string(words[info->registration])));
    json_add(json, "refusal",
             info->refusal ? json_made(json_object_new_string(info->refusal)) : NULL);
}

struct json_object *slot_json(const char *name, const mailslot_info *info) {
    struct json_object *json = json_made(json_object_new_object());
    /* A message of 0 bytes is valid, so 0 cannot mean "none". */
    bool waiting = info->next_size != MAILSLOT_NEXT_NONE;
    json_add(json, "name", json_text((mailslot_bytes){.data = name, .len = strlen(name)}));
    json_add(json, "max_message", number_value(info->max_message));
    json_add(json, "next_size", waiting ? number_value(info->next_size) : NULL);
    json_add(json, "count", number_value(info->count));
    json_add(json, "timeout_ms", json_made(json_object_new_int64(info->timeout_ms)));
    json_add(json, "capacity", number_value(info->capacity));
    json_add(json, "used", number_value(info->used));
    json_add(json, "reader_pid", json_made(json_object_new_int64(info->reader_pid)));
    add_registration(json, info);
    add_statistics(json, info);
    return json;
}
