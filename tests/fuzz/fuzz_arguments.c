/*
 * The tool's command line, up to where it would open a slot. The input is the arguments, a NUL
 * between two of them. Whatever they are, the exit status is one that --help names, an error is one
 * line that a terminal can bear, and `--option=value` means `--option value`.
 */
#include "fuzz.h"

#include <base/buffer.h>
#include <base/report.h>
#include <mailslot/codec.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 64 };

int mailslot_main(int argc, char **argv); /* the tool's main() */

/* What came of one command line. */
struct outcome {
    int status, opened; /* opened: how often it got so far as to open a slot */
    mailslot_direction direction;
    size_t max_message;
    int put_timeout_ms;
    struct buffer slot; /* its name and its codec's */
    struct buffer output, errors;
};

static struct outcome *running;

/* ---- What the tool calls ---- */

mailslot_err __real_mailslot_open(mailslot **, const char *, const mailslot_options *);
mailslot_err __wrap_mailslot_open(mailslot **, const char *, const mailslot_options *);
int __real_sigaction(int, const struct sigaction *, struct sigaction *);
int __wrap_sigaction(int, const struct sigaction *, struct sigaction *);
ssize_t __real_write(int, const void *, size_t);
ssize_t __wrap_write(int, const void *, size_t);

/* To write, since there is no slot to write to: so nothing is made and nothing waits. */
mailslot_err __wrap_mailslot_open(mailslot **slot, const char *name,
                                  const mailslot_options *options) {
    mailslot_options to_write = *options;
    to_write.direction = MAILSLOT_WRITE;
    running->opened++;
    running->direction = options->direction;
    running->max_message = options->max_message;
    running->put_timeout_ms = options->put_timeout_ms;
    buffer_append(&running->slot, name, strlen(name) + 1);
    buffer_append(&running->slot, options->codec->name, strlen(options->codec->name) + 1);
    mailslot_err err = __real_mailslot_open(slot, name, &to_write);
    if (err)
        return err;
    mailslot_close(*slot); /* on another computer, which is to be left in peace */
    *slot = NULL;
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "%s: no such mailslot", name);
}

int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *old) {
    return running ? 0 : __real_sigaction(number, action, old);
}

ssize_t __wrap_write(int fd, const void *data, size_t len) {
    if (!running || (fd != STDOUT_FILENO && fd != STDERR_FILENO))
        return __real_write(fd, data, len);
    buffer_append(fd == STDOUT_FILENO ? &running->output : &running->errors, data, len);
    return (ssize_t)len;
}

/* ---- Running it ---- */

static void run(struct outcome *outcome, int count, char **arguments) {
    char *argv[2 * ARGUMENTS_MAX + 2] = {"mailslot"};
    *outcome = (struct outcome){0};
    memcpy(argv + 1, arguments, (size_t)count * sizeof *argv);
    running = outcome;
    outcome->status = mailslot_main(count + 1, argv);
    running = NULL;
}

static void outcome_free(struct outcome *outcome) {
    buffer_free(&outcome->slot);
    buffer_free(&outcome->output);
    buffer_free(&outcome->errors);
}

/* ---- What holds ---- */

static void check_line(const char *line, size_t len) {
    const char *end = memchr(line, '\n', len);
    require(len > 11 && memcmp(line, "mailslot: ", 10) == 0);
    require(end == line + len - 1 && mailslot_utf8_prefix(line, len) == len);
    for (size_t i = 0; i + 1 < len; i++)
        require((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
}

static void check_outcome(const struct outcome *outcome) {
    require(outcome->opened <= 1);
    if (outcome->status == STATUS_DONE) {
        require(outcome->errors.len == 0 && !outcome->opened);
        return;
    }
    require(outcome->status == STATUS_ERROR || outcome->status == STATUS_USAGE ||
            outcome->status == STATUS_NO_SLOT);
    require(outcome->output.len == 0);
    check_line((const char *)outcome->errors.data, outcome->errors.len);
}

/* What --color takes for its value, it may also have none. */
static bool takes_value(const char *option) {
    return option[0] == '-' && option[1] && strcmp(option, "--json") != 0 &&
           strcmp(option, "--meta") != 0 && strncmp(option, "--color", 7) != 0;
}

static char *joined(const char *option, const char *value) {
    char *text = fuzz_memory(strlen(option) + strlen(value) + 2);
    sprintf(text, "%s=%s", option, value);
    return text;
}

/* The same command line with each `--option=value` as two arguments and two such as one. It was
 * accepted, so what takes a value has one. made: what the caller frees. */
static int swap_forms(int count, char **arguments, char **swapped, char **made, int *makes) {
    int swaps = 0, i = 0;
    for (; i < count && strcmp(arguments[i], "--") != 0; i++) {
        char *equals = strchr(arguments[i], '=');
        if (!takes_value(arguments[i])) {
            swapped[swaps++] = arguments[i];
        } else if (equals) {
            made[*makes] = strndup(arguments[i], (size_t)(equals - arguments[i]));
            swapped[swaps++] = made[(*makes)++];
            swapped[swaps++] = equals + 1;
        } else {
            require(i + 1 < count);
            made[*makes] = joined(arguments[i], arguments[i + 1]);
            swapped[swaps++] = made[(*makes)++];
            i++;
        }
    }
    while (i < count)
        swapped[swaps++] = arguments[i++];
    return swaps;
}

static void check_other_form(const struct outcome *outcome, int count, char **arguments) {
    char *swapped[2 * ARGUMENTS_MAX], *made[ARGUMENTS_MAX];
    struct outcome other;
    int makes = 0;
    int swaps = swap_forms(count, arguments, swapped, made, &makes);
    run(&other, swaps, swapped);
    require(other.status == outcome->status && other.opened == outcome->opened);
    require(other.direction == outcome->direction && other.max_message == outcome->max_message);
    require(other.put_timeout_ms == outcome->put_timeout_ms);
    require(other.slot.len == outcome->slot.len);
    require(memcmp(other.slot.data, outcome->slot.data, other.slot.len) == 0);
    while (makes)
        free(made[--makes]);
    outcome_free(&other);
}

/* ---- The input ---- */

static int split_input(char *text, size_t size, char **arguments) {
    int count = 0;
    for (size_t at = 0; at < size && count < ARGUMENTS_MAX; at += strlen(text + at) + 1)
        arguments[count++] = text + at;
    return count;
}

static char *copy_input(const uint8_t *data, size_t size) {
    char *text = fuzz_memory(size + 1);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* Whether the command line leads to more than the opening of a slot: to the network, to files that
 * it names, or to other programs. */
static bool reaches_out(int count, char **arguments) {
    static const char *const verbs[] = {"send", "listen", "trace", "info", "list", "codecs"};
    bool stays = !count || arguments[0][0] == '-';
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        stays |= count && strcmp(arguments[0], verbs[i]) == 0;
    for (int i = 1; i < count; i++)
        stays &= strncmp(arguments[i], "--schema", 8) != 0 && strcmp(arguments[i], "--host") != 0;
    return !stays;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *arguments[ARGUMENTS_MAX] = {NULL}, *reordered[ARGUMENTS_MAX];
    char *text = copy_input(data, size);
    struct outcome outcome;
    int count = split_input(text, size, arguments);
    if (reaches_out(count, arguments)) {
        free(text);
        return 0;
    }
    setenv("MAILSLOT_DIR", "/nonexistent/mailslot-fuzz", 1);
    memcpy(reordered, arguments, sizeof reordered);
    run(&outcome, count, reordered);
    check_outcome(&outcome);
    if (outcome.opened)
        check_other_form(&outcome, count, arguments);
    outcome_free(&outcome);
    free(text);
    return 0;
}
