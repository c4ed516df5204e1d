#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const struct verb *verb;
    int argc, at;
    char **argv;
    struct option *options;
    size_t option_count;
};

/* "--name" and "--name=value" both name the option "--name". */
static struct option *find(const struct reader *reader, const char *argument) {
    size_t len = strcspn(argument, "=");
    for (size_t i = 0; i < reader->option_count; i++) {
        struct option *option = &reader->options[i];
        if (strlen(option->name) == len && memcmp(option->name, argument, len) == 0)
            return option;
    }
    return NULL;
}

static bool read_number(const char *text, int64_t min, int64_t max, int64_t *number) {
    const char *digits = text + (*text == '-');
    if (*digits < '0' || *digits > '9')
        return false;
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= min && *number <= max;
}

/* The value after "=", or the next argument; NULL if there is none. */
static const char *take_value(struct reader *reader, const char *argument) {
    const char *equals = strchr(argument, '=');
    if (equals)
        return equals + 1;
    return reader->at + 1 < reader->argc ? reader->argv[++reader->at] : NULL;
}

static enum status read_value(struct reader *reader, struct option *option, const char *argument) {
    option->text = take_value(reader, argument);
    if (!option->text)
        return report_usage(reader->verb->name, "option %s needs a value", option->name);
    if (option->kind == OPTION_NUMBER &&
        !read_number(option->text, option->min, option->max, &option->number))
        return report_usage(reader->verb->name,
                            "option %s: \"%.100s\" is not a number from %lld to %lld", option->name,
                            option->text, (long long)option->min, (long long)option->max);
    if (option->kind == OPTION_LIST) {
        if (option->list->count == OPTION_LIST_MAX)
            return report_usage(reader->verb->name, "option %s is given more than %d times",
                                option->name, OPTION_LIST_MAX);
        option->list->items[option->list->count++] = option->text;
    }
    return STATUS_DONE;
}

static bool choose(struct option *option, const char *word) {
    for (int64_t i = 0; word && option->choices[i]; i++) {
        if (strcmp(option->choices[i], word) == 0) {
            option->number = i;
            return true;
        }
    }
    return false;
}

static enum status refuse_choice(const struct reader *reader, const struct option *option,
                                 const char *word) {
    char words[128] = "";
    size_t used = 0;
    for (const char *const *choice = option->choices; *choice && used < sizeof words; choice++)
        used +=
            (size_t)snprintf(words + used, sizeof words - used, "%s%s", used ? ", " : "", *choice);
    return report_usage(reader->verb->name, "option %s: no \"%.100s\"; there are: %s", option->name,
                        word, words);
}

/* What follows the name is its word only if it is one of the choices. */
static enum status read_choice(struct reader *reader, struct option *option, const char *argument) {
    const char *equals = strchr(argument, '=');
    if (equals && !choose(option, equals + 1))
        return refuse_choice(reader, option, equals + 1);
    if (equals)
        return STATUS_DONE;
    option->number = 0;
    if (reader->at + 1 < reader->argc && choose(option, reader->argv[reader->at + 1]))
        reader->at++;
    return STATUS_DONE;
}

static enum status read_option(struct reader *reader) {
    const char *argument = reader->argv[reader->at];
    struct option *option = find(reader, argument);
    if (!option)
        return report_usage(reader->verb->name,
                            "unknown option \"%.100s\"; \"--\" goes before values that begin "
                            "with \"-\"",
                            argument);
    if (option->given && option->kind != OPTION_LIST)
        return report_usage(reader->verb->name, "option %s is given twice", option->name);
    option->given = true;
    if (option->kind == OPTION_CHOICE)
        return read_choice(reader, option, argument);
    if (option->kind != OPTION_FLAG)
        return read_value(reader, option, argument);
    if (strchr(argument, '='))
        return report_usage(reader->verb->name, "option %s takes no value", option->name);
    return STATUS_DONE;
}

static bool is_help(const char *argument) {
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

bool options_read(const struct verb *verb, int argc, char **argv, struct option *options,
                  size_t option_count, struct arguments *arguments, enum status *status) {
    struct reader reader = {verb, argc, 0, argv, options, option_count};
    bool only_arguments = false;
    *arguments = (struct arguments){.items = argv};
    *status = STATUS_DONE;
    for (; reader.at < argc; reader.at++) {
        char *argument = argv[reader.at];
        if (only_arguments || argument[0] != '-' || argument[1] == '\0') {
            argv[arguments->count++] = argument;
        } else if (strcmp(argument, "--") == 0) {
            only_arguments = true;
        } else if (is_help(argument)) {
            *status = output_whole(verb->help, strlen(verb->help));
            return false;
        } else {
            *status = read_option(&reader);
            if (*status)
                return false;
        }
    }
    return true;
}
