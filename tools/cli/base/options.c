/* Walks a command line by the table of its verb. */
#include "options.h"

#include "help.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const struct verb *verb;
    int argc, at;
    char **argv;
    struct option *options; /* parallel to verb->options */
};

/* "--name" and "--name=value" both name the option "--name". */
static bool parser_find(const struct parser *parser, const char *argument, size_t *index) {
    size_t len = strcspn(argument, "=");
    const struct option_spec *specs = parser->verb->options;
    for (*index = 0; specs[*index].name; ++*index)
        if (strlen(specs[*index].name) == len && memcmp(specs[*index].name, argument, len) == 0)
            return true;
    return false;
}

static bool parse_number(const char *text, int64_t min, int64_t max, int64_t *number) {
    /* strtoll() would also accept leading spaces and "+". */
    const char *digits = text + (*text == '-');
    if (*digits < '0' || *digits > '9')
        return false;
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= min && *number <= max;
}

/* The value after "=", or the next argument; NULL if there is none. */
static const char *parser_take_value(struct parser *parser, const char *argument) {
    const char *equals = strchr(argument, '=');
    if (equals)
        return equals + 1;
    return parser->at + 1 < parser->argc ? parser->argv[++parser->at] : NULL;
}

static enum status parser_add_to_list(const struct parser *parser, struct option *option) {
    if (option->list.count == OPTION_LIST_MAX)
        return report_usage(parser->verb->name, "option %s is given more than %d times",
                            option->name, OPTION_LIST_MAX);
    option->list.items[option->list.count++] = option->text;
    return STATUS_DONE;
}

static enum status parser_read_value(struct parser *parser, const struct option_spec *spec,
                                     struct option *option, const char *argument) {
    option->text = parser_take_value(parser, argument);
    if (!option->text)
        return report_usage(parser->verb->name, "option %s needs a value, %s", spec->name,
                            spec->argument);
    if (spec->kind == OPTION_LIST)
        return parser_add_to_list(parser, option);
    if (spec->kind == OPTION_NUMBER &&
        !parse_number(option->text, spec->min, spec->max, &option->number))
        return report_usage(parser->verb->name,
                            "option %s: \"%.100s\" is not a number from %lld to %lld", spec->name,
                            option->text, (long long)spec->min, (long long)spec->max);
    return STATUS_DONE;
}

static bool option_choose(struct option *option, const struct verb_word *words, const char *word) {
    for (int64_t i = 0; word && words[i].word; i++) {
        if (strcmp(words[i].word, word) == 0) {
            option->number = i;
            return true;
        }
    }
    return false;
}

static enum status parser_refuse_word(const struct parser *parser, const struct option_spec *spec,
                                      const char *word) {
    char words[128] = "";
    size_t used = 0;
    for (const struct verb_word *each = spec->words; each->word && used < sizeof words; each++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", used ? ", " : "",
                                 each->word);
    return report_usage(parser->verb->name, "option %s: invalid value \"%.100s\"; valid are: %s",
                        spec->name, word, words);
}

/* The word is optional: the argument after the option is taken as its word only if it is one of the
 * choices, otherwise it is an operand. */
static enum status parser_read_choice(struct parser *parser, const struct option_spec *spec,
                                      struct option *option, const char *argument) {
    const char *equals = strchr(argument, '=');
    if (equals && !option_choose(option, spec->words, equals + 1))
        return parser_refuse_word(parser, spec, equals + 1);
    if (equals)
        return STATUS_DONE;
    option->number = 0;
    if (parser->at + 1 < parser->argc &&
        option_choose(option, spec->words, parser->argv[parser->at + 1]))
        parser->at++;
    return STATUS_DONE;
}

static enum status parser_read_option(struct parser *parser) {
    const char *argument = parser->argv[parser->at];
    size_t index;
    if (!parser_find(parser, argument, &index))
        return report_usage(parser->verb->name,
                            "unknown option \"%.100s\"; write \"--\" before values that begin "
                            "with \"-\"",
                            argument);
    const struct option_spec *spec = &parser->verb->options[index];
    struct option *option = &parser->options[index];
    /* An error rather than "the last one wins": it is likely a mistake. */
    if (option->given && spec->kind != OPTION_LIST)
        return report_usage(parser->verb->name, "option %s is given twice", spec->name);
    option->given = true;
    if (spec->kind == OPTION_CHOICE)
        return parser_read_choice(parser, spec, option, argument);
    if (spec->kind != OPTION_FLAG)
        return parser_read_value(parser, spec, option, argument);
    if (strchr(argument, '='))
        return report_usage(parser->verb->name, "option %s takes no value", spec->name);
    return STATUS_DONE;
}

static bool is_help(const char *argument) {
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static void options_set_defaults(const struct verb *verb, struct option *options) {
    for (size_t i = 0; verb->options[i].name; i++)
        options[i] = (struct option){.name = verb->options[i].name,
                                     .text = verb->options[i].initial_text,
                                     .number = verb->options[i].initial};
}

static enum status options_check_operands(const struct verb *verb,
                                          const struct arguments *operands) {
    const struct verb_operands *wanted = &verb->operands;
    if (operands->count < wanted->min)
        return report_usage(verb->name, "missing operand %s", wanted->name);
    if (operands->count > wanted->max && wanted->max == 0)
        return report_usage(verb->name, "unexpected operand \"%.100s\"", operands->items[0]);
    if (operands->count > wanted->max)
        return report_usage(verb->name, "unexpected operand \"%.100s\" after %s",
                            operands->items[wanted->max], wanted->name);
    return STATUS_DONE;
}

bool options_parse(const struct verb *verb, int argc, char **argv, struct option *options,
                   struct arguments *operands, enum status *status) {
    struct parser parser = {verb, argc, 0, argv, options};
    bool only_operands = false;
    *operands = (struct arguments){.items = argv};
    options_set_defaults(verb, options);
    for (; parser.at < argc; parser.at++) {
        char *argument = argv[parser.at];
        /* "-" alone is an operand, standard input by convention. Operands are moved to the front of
         * argv, so no memory is needed. */
        if (only_operands || argument[0] != '-' || argument[1] == '\0') {
            argv[operands->count++] = argument;
        } else if (strcmp(argument, "--") == 0) {
            only_operands = true;
        } else if (is_help(argument)) {
            *status = help_print(verb);
            return false;
        } else {
            *status = parser_read_option(&parser);
            if (*status)
                return false;
        }
    }
    *status = options_check_operands(verb, operands);
    return *status == STATUS_DONE;
}
