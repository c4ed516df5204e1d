#include "host_status.h"

#include "json_text.h"

#include <errno.h>
#include <mailslot/network.h>
#include <stdlib.h>
#include <string.h>

struct json_object *json_member(struct json_object *object, const char *name) {
    struct json_object *value = NULL;
    json_object_object_get_ex(object, name, &value);
    return value;
}

/* ---- Lines ---- */

/* A line is words; the last of a name's is its state, since names can have spaces. */
static void add_name(struct json_object *json, const char *words) {
    const char *state = strrchr(words, ' ');
    size_t len = state ? (size_t)(state - words) : strlen(words);
    state = state ? state + 1 : "";
    struct json_object *name = json_made(json_object_new_object());
    json_add(name, "name", json_string(words, len));
    json_add(name, "state", json_words(state));
    json_append(json_member(json, "names"), name);
}

static void add_interface(struct json_object *json, const char *words) {
    static const char *const parts[] = {"name", "address", "broadcast"};
    struct json_object *interface = json_made(json_object_new_object());
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t len = strcspn(words, " ");
        json_add(interface, parts[i], json_string(words, len));
        words += len + (words[len] == ' ');
    }
    json_append(json_member(json, "interfaces"), interface);
}

static bool read_count(const char *words, uint64_t *count) {
    char *end;
    errno = 0;
    *count = strtoull(words, &end, 10);
    return *words >= '0' && *words <= '9' && *end == '\0' && errno == 0;
}

static mailslot_err add_line(void *ctx, const char *line) {
    struct json_object *json = ctx;
    size_t len = strcspn(line, " ");
    const char *words = line[len] ? line + len + 1 : "";
    char key[64];
    uint64_t count;
    if (len == 0 || len >= sizeof key)
        return MAILSLOT_OK;
    memcpy(key, line, len);
    key[len] = '\0';
    if (strcmp(key, "name") == 0)
        add_name(json, words);
    else if (strcmp(key, "interface") == 0)
        add_interface(json, words);
    else if (strcmp(key, "pid") == 0 && read_count(words, &count))
        json_add(json, key, json_made(json_object_new_uint64(count)));
    else if (read_count(words, &count))
        json_add(json_member(json, "counters"), key, json_made(json_object_new_uint64(count)));
    else
        json_add(json, key, json_words(words));
    return MAILSLOT_OK;
}

/* Last what is long. */
static void move_to_end(struct json_object *json, const char *key) {
    struct json_object *value = json_object_get(json_member(json, key));
    json_object_object_del(json, key);
    json_add(json, key, value);
}

mailslot_err host_status_get(struct json_object **json) {
    struct json_object *made = json_made(json_object_new_object());
    json_add(made, "interfaces", json_made(json_object_new_array()));
    json_add(made, "names", json_made(json_object_new_array()));
    json_add(made, "counters", json_made(json_object_new_object()));
    mailslot_err err = mailslot_host_status(add_line, made);
    if (err) {
        json_object_put(made);
        *json = NULL;
        return err;
    }
    move_to_end(made, "interfaces");
    move_to_end(made, "names");
    move_to_end(made, "counters");
    *json = made;
    return MAILSLOT_OK;
}
