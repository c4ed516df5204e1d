#include "host_status.h"

#include "json/text.h"

#include <errno.h>
#include <mailslot/network.h>
#include <stdlib.h>
#include <string.h>

/* ---- Lines ---- */

/* The object, and what it gets last, as it is long; whatever mailslotd says until then. */
struct answer {
    struct json_object *json, *interfaces, *names, *counters;
};

/* A line is words; the last of a name's is its state, since names can have spaces. */
static void host_status_add_name(struct json_object *names, const char *words) {
    const char *state = strrchr(words, ' ');
    size_t len = state ? (size_t)(state - words) : strlen(words);
    state = state ? state + 1 : "";
    struct json_object *name = json_made(json_object_new_object());
    json_add(name, "name", json_string(words, len));
    json_add(name, "state", json_words(state));
    json_append(names, name);
}

static void host_status_add_interface(struct json_object *interfaces, const char *words) {
    static const char *const parts[] = {"name", "address", "broadcast"};
    struct json_object *interface = json_made(json_object_new_object());
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t len = strcspn(words, " ");
        json_add(interface, parts[i], json_string(words, len));
        words += len + (words[len] == ' ');
    }
    json_append(interfaces, interface);
}

static bool host_status_read_count(const char *words, uint64_t *count) {
    char *end;
    errno = 0;
    *count = strtoull(words, &end, 10);
    return *words >= '0' && *words <= '9' && *end == '\0' && errno == 0;
}

/* Words, though they may be digits. */
static bool host_status_is_text(const char *key) {
    static const char *const texts[] = {"version", "computer", "workgroup", "scope"};
    size_t i = 0;
    while (i < sizeof texts / sizeof *texts && strcmp(key, texts[i]) != 0)
        i++;
    return i < sizeof texts / sizeof *texts;
}

static mailslot_err host_status_add_line(void *ctx, const char *line) {
    const struct answer *answer = ctx;
    size_t len = strcspn(line, " ");
    const char *words = line[len] ? line + len + 1 : "";
    char key[64];
    uint64_t count;
    if (len == 0 || len >= sizeof key)
        return MAILSLOT_OK;
    memcpy(key, line, len);
    key[len] = '\0';
    if (strcmp(key, "name") == 0)
        host_status_add_name(answer->names, words);
    else if (strcmp(key, "interface") == 0)
        host_status_add_interface(answer->interfaces, words);
    else if (host_status_is_text(key) || !host_status_read_count(words, &count))
        json_add(answer->json, key, json_words(words));
    else
        json_add(strcmp(key, "pid") == 0 ? answer->json : answer->counters, key,
                 json_made(json_object_new_uint64(count)));
    return MAILSLOT_OK;
}

mailslot_err host_status_get(struct json_object **json) {
    struct answer answer = {
        .json = json_made(json_object_new_object()),
        .interfaces = json_made(json_object_new_array()),
        .names = json_made(json_object_new_array()),
        .counters = json_made(json_object_new_object()),
    };
    mailslot_err err = mailslot_host_status(host_status_add_line, &answer);
    json_add(answer.json, "interfaces", answer.interfaces);
    json_add(answer.json, "names", answer.names);
    json_add(answer.json, "counters", answer.counters);
    *json = err ? NULL : answer.json;
    if (err)
        json_object_put(answer.json);
    return err;
}
