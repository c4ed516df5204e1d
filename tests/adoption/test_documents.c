/* A planted verb and its options: all that its table says must come out of the parser, the help,
 * the manual page and the completion. */
#include "base/help.h"
#include "base/options.h"
#include "bash.h"
#include "mdoc.h"
#include "test.h"

#include <fcntl.h>

enum { PLANTED, WORDS, FLAG, OPTION_COUNT };

static const struct verb_word words[] = {
    {"red", "like blood"}, {"green", "like 'mailslot list'"}, {NULL, NULL}};

static const struct option_spec options_table[] = {
    [PLANTED] = {.name = "--planted",
                 .kind = OPTION_NUMBER,
                 .argument = "TREES",
                 .min = -1,
                 .max = 7,
                 .initial = 3,
                 .help = "plant TREES trees, unlike --flag",
                 .detail = "Only the page says .this and -1."},
    [WORDS] = {.name = "--words",
               .kind = OPTION_LIST,
               .argument = "[NAME=]COLOR",
               .completion = COMPLETE_WORDS,
               .words = words,
               .help = "paint NAME"},
    [FLAG] = {.name = "-f", .help = "wave"},
    [OPTION_COUNT] = {.name = NULL},
};

static int no_run(const struct verb *verb, int argc, char **argv) {
    (void)verb, (void)argc, (void)argv;
    return STATUS_ERROR;
}

static const struct verb planted = {
    .name = "garden",
    .summary = "plant options",
    .usage = (const char *const[]){"PLACE... -f", "--planted TREES", NULL},
    .operands = {"PLACE", 1, 2, COMPLETE_SLOT},
    .description = "First.\n\n  kept  as it is\n\nLast.",
    .lists = (const struct verb_list[]){{"Colors:", words}, {NULL, NULL}},
    .options = options_table,
    .statuses = (const struct verb_status[]){{0, "grown"}, {6, "withered"}, {0, NULL}},
    .run = no_run,
};

static const struct verb *const garden[] = {&planted, NULL};

/* Appends a NUL, and returns the text. */
static const char *text_of(struct buffer *buffer) {
    buffer_append(buffer, "", 1);
    return buffer->data;
}

static void check_contains(struct buffer *buffer, const char *const *expected, size_t count) {
    const char *text = text_of(buffer);
    for (size_t i = 0; i < count; i++) {
        if (!strstr(text, expected[i]))
            dprintf(STDERR_FILENO, "not found: \"%s\" in:\n%s\n", expected[i], text);
        check(strstr(text, expected[i]) != NULL);
    }
    buffer_free(buffer);
}

#define CHECK_CONTAINS(buffer, ...)                                                                \
    check_contains((buffer), (const char *const[]){__VA_ARGS__},                                   \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* ---- What each makes of the table ---- */

static void help_has_all_of_the_table(void **state) {
    (void)state;
    struct buffer help = {0};
    help_append_verb(&help, &planted);
    CHECK_CONTAINS(&help, "usage: mailslot garden PLACE... -f [OPTION...]\n",
                   "       mailslot garden --planted TREES [OPTION...]\n",
                   "First.\n\n  kept  as it is\n\nLast.\n", "\nColors:\n  red    like blood\n",
                   "\n  --planted TREES       plant TREES trees, unlike --flag (default: 3)\n",
                   "\n  --words [NAME=]COLOR  paint NAME\n"
                   "                        red:    like blood\n",
                   "\n  -f                    wave\n", "\n  --help                print this help",
                   "\nExit status:\n  0  grown\n  6  withered\n");
}

static void page_has_all_of_the_table(void **state) {
    (void)state;
    struct buffer page = {0};
    check(mdoc_append_page(&page, &planted, garden,
                           "kept\n@NAME@\n@SYNOPSIS@\n@LISTS@\n@OPTIONS@\n@EXIT STATUS@\n"
                           "@VERBS@\n"));
    CHECK_CONTAINS(
        &page, "kept\n.Sh NAME\n.Nm mailslot-garden\n.Nd plant options\n",
        ".Nm mailslot garden\n.Ar place ...\n.Fl f\n.Op Fl -words",
        ".Nm mailslot garden\n.Fl -planted\n.Ar trees\n.Op Fl -words Oo Ar name Ns Li = Oc Ns Ar "
        "color ...\n",
        "Colors:\n.Bl -tag -width bad_messages\n.It Li red\nLike blood.\n",
        "Like\n.Xr mailslot-list 1 .\n",
        ".It Fl -planted Ar trees\nPlant\n.Ar trees\ntrees, unlike\n.Fl -flag\n(default: 3).\n"
        "Only the page says \\&.this and \\-1.\n",
        ".It Cm green\n", ".It Fl f\nWave.\n", ".It Fl -help\n", ".It 0\nGrown.\n",
        ".It 6\nWithered.\n", ".It Cm garden\nPlant options.\nSee\n.Xr mailslot-garden 1 .\n");
}

static void template_without_a_marker_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "@NAME@\n@SYNOPSIS@\n@EXIT STATUS@\n",
                                        "@NAME@\n@SYNOPSIS@\n@OPTIONS@\n@EXIT STATUS@\n@NONE@\n"};
    struct buffer out = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!mdoc_append_page(&out, &planted, garden, wrong[i]));
    check(!bash_append_completion(&out, &planted, garden, "echo\n"));
    buffer_free(&out);
}

static void completion_has_all_of_the_table(void **state) {
    (void)state;
    struct buffer bash = {0};
    check(bash_append_completion(&bash, &planted, garden, "first\n# @TABLES@\nlast\n"));
    CHECK_CONTAINS(&bash, "first\n#", "printf '%s\\n' garden --planted --words -f\n",
                   "garden) printf '%s\\n' --planted --words -f --help ;;\n",
                   "garden--planted) kind='nothing' waits=1 ;;\n",
                   "garden--words) kind='words' words='red green' waits=1 again=1 ;;\n",
                   "garden:0) kind='slot' ;;\n", "}\nlast\n");
}

/* ---- The parser ---- */

/* The status of a command line: DONE if the verb is to go on. */
static enum status parse_line(char **argv, int argc, struct option *options) {
    struct arguments operands;
    enum status status;
    int errors = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    bool go_on = options_parse(&planted, argc, argv, options, &operands, &status);
    dup2(errors, STDERR_FILENO);
    close(errors);
    close(nowhere);
    check(go_on == (status == STATUS_DONE));
    return status;
}

#define PARSE(options, ...)                                                                        \
    parse_line((char *[]){__VA_ARGS__}, sizeof((char *[]){__VA_ARGS__}) / sizeof(char *), (options))

static void parser_knows_the_table(void **state) {
    (void)state;
    struct option options[OPTION_COUNT];
    check_int(STATUS_DONE, PARSE(options, "a", "--words=x=red", "b", "--words", "green", "-f"));
    check_int(2, (int64_t)options[WORDS].list.count);
    check(strcmp(options[WORDS].list.items[0], "x=red") == 0 && options[FLAG].given);
    check(!options[PLANTED].given);
    check_int(3, options[PLANTED].number);
    check_int(STATUS_DONE, PARSE(options, "--planted", "-1", "--", "-f"));
    check_int(-1, options[PLANTED].number);
    check(!options[FLAG].given);
}

static void parser_refuses_what_the_table_does(void **state) {
    (void)state;
    struct option options[OPTION_COUNT];
    check_int(STATUS_USAGE, PARSE(options, "a", "--planted", "8"));
    check_int(STATUS_USAGE, PARSE(options, "a", "--planted", "-2"));
    check_int(STATUS_USAGE, PARSE(options, "a", "--planted"));
    check_int(STATUS_USAGE, PARSE(options, "a", "--plante", "1"));
    check_int(STATUS_USAGE, PARSE(options, "a", "-f=1"));
    check_int(STATUS_USAGE, PARSE(options, "a", "-f", "-f"));
    check_int(STATUS_USAGE, PARSE(options, "-f"));
    check_int(STATUS_USAGE, PARSE(options, "a", "b", "c"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_has_all_of_the_table),
        cmocka_unit_test(page_has_all_of_the_table),
        cmocka_unit_test(template_without_a_marker_is_refused),
        cmocka_unit_test(completion_has_all_of_the_table),
        cmocka_unit_test(parser_knows_the_table),
        cmocka_unit_test(parser_refuses_what_the_table_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
