/* mailslot: send to, read from and inspect mailslots from the shell. */
#include "base/buffer.h"
#include "base/help.h"
#include "base/report.h"
#include "platform/platform.h"
#include "verbs/verbs.h"

#include <string.h>

static const char help_names[] = "A NAME is a bare name, a path such as a/b, or "
                                 "\\\\.\\mailslot\\a\\b. The separators / and \\ are "
                                 "equal, and ASCII case does not matter.\n\n";

enum { VERBS_MAX = 32 };

static enum status print_help(void) {
    struct verb_word words[VERBS_MAX] = {{NULL, NULL}};
    struct verb_list lists[] = {{"Verbs:", words}, {NULL, NULL}};
    struct verb tool = tool_verb;
    struct buffer notes = {0}, text = {0};
    for (size_t i = 0; verbs[i] && i + 1 < VERBS_MAX; i++)
        words[i] = (struct verb_word){verbs[i]->name, verbs[i]->summary};
    buffer_append_text(&notes, help_names);
    buffer_append(&notes, platform_slots_help, strlen(platform_slots_help) + 1);
    tool.lists = lists;
    tool.notes = notes.data;
    help_append_verb(&text, &tool);
    enum status status = output_whole(text.data, text.len);
    buffer_free(&notes);
    buffer_free(&text);
    return status;
}

static const struct verb *find_verb(const char *name) {
    for (const struct verb *const *verb = verbs; *verb; verb++)
        if (strcmp((*verb)->name, name) == 0)
            return *verb;
    return NULL;
}

int main(int argc, char **argv) {
    platform_begin(&argc, &argv);
    if (argc < 2)
        return report_usage(NULL, "missing verb");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0)
        return output_whole("mailslot " CLI_VERSION "\n", strlen("mailslot " CLI_VERSION "\n"));
    const struct verb *verb = find_verb(argv[1]);
    if (!verb)
        return report_usage(NULL, "unknown verb \"%.100s\"", argv[1]);
    return verb->run(verb, argc - 2, argv + 2);
}
