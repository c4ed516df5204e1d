/* mailslot: send to, listen on and look at mailslots from the shell. */
#include "base/buffer.h"
#include "base/report.h"
#include "platform/platform.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static const struct verb *const verbs[] = {
    &send_verb, &listen_verb, &trace_verb,  &info_verb, &list_verb,   &top_verb,   &codecs_verb,
    &fit_verb,  &record_verb, &replay_verb, &cat_verb,  &lookup_verb, &hosts_verb, &doctor_verb};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

static const char help_head[] = "usage: mailslot VERB [ARGUMENT...]\n"
                                "       mailslot VERB --help\n"
                                "       mailslot --version\n"
                                "\n"
                                "Mailslots are named, one-way queues of small messages.\n"
                                "\n";

static const char help_names[] =
    "\n"
    "A NAME is a bare name, a path such as a/b, or \\\\.\\mailslot\\a\\b; / equals \\, and ASCII\n"
    "case does not matter. ";

static const char help_tail[] =
    "\n"
    "Exit status: 0 done, 1 error, 2 usage, 3 fewer messages than asked for in time, 4 a message\n"
    "is too big, 5 no such mailslot or its reader is gone. Each error is one line on standard\n"
    "error.\n";

static enum status print_help(void) {
    struct buffer text = {0};
    buffer_append_text(&text, help_head);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        char line[128];
        snprintf(line, sizeof line, "  %-8s %s\n", verbs[i]->name, verbs[i]->summary);
        buffer_append_text(&text, line);
    }
    buffer_append_text(&text, help_names);
    buffer_append_text(&text, platform_slots_help);
    buffer_append_text(&text, help_tail);
    enum status status = output_whole(text.data, text.len);
    buffer_free(&text);
    return status;
}

static const struct verb *find_verb(const char *name) {
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

int main(int argc, char **argv) {
    platform_begin(&argc, &argv);
    if (argc < 2)
        return report_usage(NULL, "no verb");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0)
        return output_whole("mailslot " CLI_VERSION "\n", strlen("mailslot " CLI_VERSION "\n"));
    const struct verb *verb = find_verb(argv[1]);
    if (!verb)
        return report_usage(NULL, "unknown verb \"%.100s\"", argv[1]);
    return verb->run(verb, argc - 2, argv + 2);
}
