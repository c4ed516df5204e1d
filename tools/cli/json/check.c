/* A recursive-descent parser that only checks; json-c builds the values afterwards. */
#include "check.h"

#include "base/buffer.h"
#include "value.h"

#include <mailslot/codec.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct checker {
    const char *text, *at, *end;
    struct buffer name;           /* of the member that is checked, NUL-terminated */
    struct json_tokener *escapes; /* decodes names with escapes; made when first needed */
    struct buffer *rewritten;     /* the text up to copied, with marks; empty while it has none */
    const char *copied;
    unsigned depth;
};

static mailslot_err check_value(struct checker *checker);

static mailslot_err check_fail(const struct checker *checker, const char *what) {
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "not valid JSON: %s at offset %zu", what,
                         (size_t)(checker->at - checker->text));
}

/* The next character; a NUL at the end, where the text has one too. */
static char check_peek(const struct checker *checker) {
    return checker->at < checker->end ? *checker->at : '\0';
}

static void skip_space(struct checker *checker) {
    while (checker->at < checker->end && memchr(" \t\r\n", *checker->at, 4))
        checker->at++;
}

static bool skip_if(struct checker *checker, char c) {
    if (checker->at >= checker->end || *checker->at != c)
        return false;
    checker->at++;
    return true;
}

static size_t skip_digits(struct checker *checker) {
    const char *start = checker->at;
    while (check_peek(checker) >= '0' && check_peek(checker) <= '9')
        checker->at++;
    return (size_t)(checker->at - start);
}

/* ---- Numbers ---- */

static mailslot_err check_float(const char *start, size_t len) {
    if (isfinite(strtod(start, NULL)))
        return MAILSLOT_OK;
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "number out of range: %.*s%s is not a double",
                         len > 40 ? 40 : (int)len, start, len > 40 ? "..." : "");
}

/* Whether json-c keeps an integer's value: it has 64 bits, and no -0. */
static bool check_fits_integer(const char *start, size_t len) {
    errno = 0;
    if (*start == '-')
        (void)strtoll(start, NULL, 10);
    else
        (void)strtoull(start, NULL, 10);
    return errno != ERANGE && !(len == 2 && memcmp(start, "-0", 2) == 0);
}

/* Marks the number that ends here, so that json-c keeps its text, as it does for floats. */
static mailslot_err check_integer(struct checker *checker, const char *start, size_t len) {
    if (check_fits_integer(start, len))
        return MAILSLOT_OK;
    mailslot_err err = check_float(start, len);
    buffer_append(checker->rewritten, checker->copied, (size_t)(checker->at - checker->copied));
    buffer_append_text(checker->rewritten, VALUE_NOT_INT64_MARK);
    checker->copied = checker->at;
    return err;
}

/* The mark and the digits after it, if the mark is there; whether what follows is well-formed. */
static bool skip_part(struct checker *checker, const char *marks, bool *there) {
    if (check_peek(checker) == '\0' || !strchr(marks, check_peek(checker)))
        return true;
    *there = true;
    bool exponent = *checker->at++ != '.';
    if (exponent && !skip_if(checker, '+'))
        skip_if(checker, '-');
    return skip_digits(checker) > 0;
}

static mailslot_err check_number(struct checker *checker) {
    const char *start = checker->at;
    skip_if(checker, '-');
    bool zero = check_peek(checker) == '0';
    size_t digits = skip_digits(checker);
    if (zero && digits > 1)
        return check_fail(checker, "a number with a leading zero, which ends");
    bool is_float = false;
    if (digits == 0 || !skip_part(checker, ".", &is_float) || !skip_part(checker, "eE", &is_float))
        return check_fail(checker, "expected a digit");
    size_t len = (size_t)(checker->at - start);
    return is_float ? check_float(start, len) : check_integer(checker, start, len);
}

/* ---- Strings ---- */

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The code unit of the four hex digits that come next; -1 if they do not. */
static int hex_unit(struct checker *checker) {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int value = hex_value(check_peek(checker));
        if (value < 0)
            return -1;
        unit = unit * 16 + value;
        checker->at++;
    }
    return unit;
}

/* After "\u". A name with a NUL in it cannot be told from a shorter one by json-c's objects. */
static mailslot_err check_unit(struct checker *checker, bool is_name) {
    int unit = hex_unit(checker);
    if (unit < 0)
        return check_fail(checker, "expected a hex digit");
    if (unit == 0 && is_name)
        return check_fail(checker, "a member name with a NUL, which ends");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return check_fail(checker, "half of a surrogate pair, which ends");
    if (unit < 0xD800 || unit > 0xDFFF)
        return MAILSLOT_OK;
    int low = skip_if(checker, '\\') && skip_if(checker, 'u') ? hex_unit(checker) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return check_fail(checker, "half of a surrogate pair, which ends");
    return MAILSLOT_OK;
}

static mailslot_err check_escape(struct checker *checker, bool is_name) {
    if (skip_if(checker, 'u'))
        return check_unit(checker, is_name);
    if (check_peek(checker) == '\0' || !strchr("\"\\/bfnrt", check_peek(checker)))
        return check_fail(checker, "unknown escape");
    checker->at++;
    return MAILSLOT_OK;
}

static mailslot_err check_string(struct checker *checker, bool is_name) {
    if (!skip_if(checker, '"'))
        return check_fail(checker,
                          is_name ? "expected a member name in double quotes" : "expected a value");
    while (!skip_if(checker, '"')) {
        size_t rest = (size_t)(checker->end - checker->at);
        if (rest == 0)
            return check_fail(checker, "unterminated string");
        if ((unsigned char)*checker->at < 0x20)
            return check_fail(checker, "unescaped control character in a string");
        size_t sequence = mailslot_utf8_length(checker->at, rest);
        if (sequence == 0)
            return check_fail(checker, "invalid UTF-8");
        checker->at += sequence;
        mailslot_err err = checker->at[-1] == '\\' ? check_escape(checker, is_name) : MAILSLOT_OK;
        if (err)
            return err;
    }
    return MAILSLOT_OK;
}

/* ---- Arrays and objects ---- */

static mailslot_err check_enter(struct checker *checker) {
    if (checker->depth == TEXT_NESTING_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "nested deeper than %d", VALUE_NESTING_MAX);
    checker->depth++;
    return MAILSLOT_OK;
}

static mailslot_err check_array(struct checker *checker) {
    mailslot_err err = check_enter(checker);
    checker->at++;
    skip_space(checker);
    bool more = !err && !skip_if(checker, ']');
    while (more) {
        err = check_value(checker);
        if (err)
            return err;
        more = skip_if(checker, ',');
        if (!more && !skip_if(checker, ']'))
            return check_fail(checker, "expected ',' or ']'");
    }
    checker->depth--;
    return err;
}

/* The name that the quoted text [start, end) stands for, in checker->name. json-c decodes escapes:
 * only for names that have any, since it sets up a locale for each text. */
static void read_name(struct checker *checker, const char *start, const char *end) {
    size_t len = (size_t)(end - start);
    checker->name.len = 0;
    if (!memchr(start, '\\', len)) {
        buffer_append(&checker->name, start + 1, len - 2);
    } else {
        if (!checker->escapes)
            checker->escapes = json_made(json_tokener_new());
        json_tokener_reset(checker->escapes);
        struct json_object *name =
            json_made(json_tokener_parse_ex(checker->escapes, start, (int)len));
        buffer_append_text(&checker->name, json_object_get_string(name));
        json_object_put(name);
    }
    buffer_append(&checker->name, "", 1);
}

static mailslot_err note_name(struct json_object *names, const char *name) {
    if (json_object_object_get_ex(names, name, NULL))
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "duplicate member \"%.100s\"", name);
    json_add(names, name, NULL);
    return MAILSLOT_OK;
}

static mailslot_err check_name(struct checker *checker, struct json_object *names) {
    skip_space(checker);
    const char *start = checker->at;
    mailslot_err err = check_string(checker, true);
    if (err)
        return err;
    read_name(checker, start, checker->at);
    return note_name(names, checker->name.data);
}

static mailslot_err check_members(struct checker *checker, struct json_object *names) {
    for (;;) {
        mailslot_err err = check_name(checker, names);
        if (err)
            return err;
        skip_space(checker);
        if (!skip_if(checker, ':'))
            return check_fail(checker, "expected ':'");
        err = check_value(checker);
        if (err || skip_if(checker, '}'))
            return err;
        if (!skip_if(checker, ','))
            return check_fail(checker, "expected ',' or '}'");
    }
}

static mailslot_err check_object(struct checker *checker) {
    mailslot_err err = check_enter(checker);
    if (err)
        return err;
    checker->at++;
    skip_space(checker);
    if (!skip_if(checker, '}')) {
        struct json_object *names = json_made(json_object_new_object());
        err = check_members(checker, names);
        json_object_put(names);
    }
    checker->depth--;
    return err;
}

/* ---- Values ---- */

static mailslot_err check_word(struct checker *checker) {
    static const char *const words[] = {"true", "false", "null"};
    size_t rest = (size_t)(checker->end - checker->at);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if (len <= rest && memcmp(checker->at, words[i], len) == 0) {
            checker->at += len;
            return MAILSLOT_OK;
        }
    }
    return check_fail(checker, "expected a value");
}

static mailslot_err check_any(struct checker *checker) {
    switch (check_peek(checker)) {
    case '{':
        return check_object(checker);
    case '[':
        return check_array(checker);
    case '"':
        return check_string(checker, false);
    case 't':
    case 'f':
    case 'n':
        return check_word(checker);
    case '-':
        return check_number(checker);
    default:
        if (check_peek(checker) >= '0' && check_peek(checker) <= '9')
            return check_number(checker);
        return check_fail(checker, "expected a value");
    }
}

/* One value with the space around it. Recursion ends at TEXT_NESTING_MAX. */
static mailslot_err check_value(struct checker *checker) {
    skip_space(checker);
    mailslot_err err = check_any(checker);
    skip_space(checker);
    return err;
}

mailslot_err json_check(const char *text, size_t len, struct buffer *rewritten) {
    struct checker checker = {
        .text = text, .at = text, .end = text + len, .rewritten = rewritten, .copied = text};
    skip_space(&checker);
    if (checker.at == checker.end)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             "empty input: expected a JSON value (\"\" is an empty string)");
    mailslot_err err = check_value(&checker);
    if (!err && checker.at != checker.end)
        err = check_fail(&checker, "unexpected text after the value");
    if (rewritten->len > 0)
        buffer_append(rewritten, checker.copied, (size_t)(checker.end - checker.copied) + 1);
    if (checker.escapes)
        json_tokener_free(checker.escapes);
    buffer_free(&checker.name);
    return err;
}
