/* Parses mailslot names (forms, separators, length, characters) and compares them. The rules are
 * S1 to S5: everything is checked here, before a transport or the system sees the name. */
#include "name.h"
#include "ascii.h"
#include "error.h"

#include <mailslot/codec.h>

#include <string.h>

static bool name_is_separator(char c) { return c == '\\' || c == '/'; }

static const char *name_skip_separators(const char *p) {
    while (name_is_separator(*p))
        p++;
    return p;
}

static size_t name_component_length(const char *p) {
    size_t n = 0;
    while (p[n] && !name_is_separator(p[n]))
        n++;
    return n;
}

static bool name_equals_word(const char *p, size_t len, const char *word) {
    if (len != strlen(word))
        return false;
    for (size_t i = 0; i < len; i++)
        if (msi_lower(p[i]) != word[i])
            return false;
    return true;
}

/* ---- Parts of a name ---- */

static mailslot_err name_bad(const char *why) {
    return mailslot_fail(MAILSLOT_ERR_BAD_NAME, "bad mailslot name: %s", why);
}

/* U+0080 to U+009F, which are C2 80 to C2 9F, are control characters too; they could change a
 * terminal that lists slots. c is not 0, which strchr() would find: the component ends before a
 * NUL. */
static mailslot_err name_check_character(const char *p, size_t len, size_t *length) {
    unsigned char c = (unsigned char)*p;
    *length = mailslot_utf8_length(p, len);
    if (!*length)
        return name_bad("not valid UTF-8");
    if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)p[1] < 0xa0))
        return name_bad("control character");
    if (strchr(":*?\"<>|", c))
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME, "bad mailslot name: '%c' is not allowed", c);
    return MAILSLOT_OK;
}

static mailslot_err name_check_component(const char *p, size_t len) {
    if (!len)
        return name_bad("empty part between separators");
    if ((len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
        return name_bad("'.' and '..' are not allowed");
    for (size_t i = 0, step; i < len; i += step) {
        mailslot_err err = name_check_character(p + i, len - i, &step);
        if (err)
            return err;
    }
    return MAILSLOT_OK;
}

/* Copies the path at p into name, with one `\` between parts, and folds it into the key. The key
 * is the slot's file name on Linux: it contains no '/' and is neither "." nor "..". Ends: every
 * part has at least one byte. */
static mailslot_err name_parse_path(msi_name *name, const char *p) {
    size_t used = 0;
    for (;;) {
        size_t len = name_component_length(p);
        mailslot_err err = name_check_component(p, len);
        if (err)
            return err;
        if (used + len > MSI_PATH_MAX)
            return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                                 "bad mailslot name: more than %d bytes after the prefix",
                                 MSI_PATH_MAX);
        memcpy(name->path + used, p, len);
        used += len;
        p += len;
        if (!*p)
            break;
        p = name_skip_separators(p);
        if (used + 1 > MSI_PATH_MAX)
            used--; /* the part that must follow then exceeds the limit and fails */
        name->path[used++] = '\\';
    }
    name->path[used] = 0;
    for (size_t i = 0; i <= used; i++)
        name->key[i] = msi_lower(name->path[i]);
    return MAILSLOT_OK;
}

/* Digits and exactly three dots: an IPv4 address, which NetBIOS names must not be taken for. */
static bool name_looks_like_address(const char *p, size_t len) {
    size_t dots = 0;
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '.')
            dots++;
        else if (p[i] < '0' || p[i] > '9')
            return false;
    }
    return dots == 3;
}

static mailslot_err name_upper_computer(char computer[MSI_COMPUTER_MAX + 1], const char *p,
                                        size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c <= ' ' || c >= 0x7f || strchr(":*?\"<>|,;", c) || (c == '.' && i == 0))
            return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                                 "bad computer name: byte 0x%02x at offset %zu", c, i);
        computer[i] = msi_upper(p[i]);
    }
    computer[len] = 0;
    return MAILSLOT_OK;
}

/* A computer whose host name is longer has that up to the first dot, cut (as Windows and Samba do):
 * say which name that is, if it is one. */
static mailslot_err name_bad_length(const char *p, size_t len) {
    char cut[MSI_COMPUTER_MAX + 1];
    size_t cut_len = 0;
    while (cut_len < len && cut_len < MSI_COMPUTER_MAX && p[cut_len] != '.')
        cut_len++;
    msi_fail_silently();
    bool valid = cut_len && !name_upper_computer(cut, p, cut_len);
    msi_fail_aloud();
    return mailslot_fail(
        MAILSLOT_ERR_BAD_NAME, "bad computer name: %zu characters, must be 1 to %d%s%s%s", len,
        MSI_COMPUTER_MAX, valid ? "; the computer with this host name is called '" : "",
        valid ? cut : "", valid ? "'" : "");
}

/* Computer and group names: the NetBIOS set is what Windows lets a computer be called, ASCII
 * without controls, space and \ / : * ? " < > | and not beginning with a dot ([MS-BRWS] defers to
 * RFC 1001, which sets no limit of its own). */
mailslot_err msi_computer_parse(char computer[MSI_COMPUTER_MAX + 1], const char *p, size_t len) {
    if (!len || len > MSI_COMPUTER_MAX)
        return name_bad_length(p, len);
    if (name_looks_like_address(p, len))
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                             "bad computer name: '%.*s' is an address, not a NetBIOS name",
                             (int)len, p);
    return name_upper_computer(computer, p, len);
}

static mailslot_err name_parse_authority(msi_name *name, const char *p, size_t len) {
    if (len == 1 && *p == '.')
        return MAILSLOT_OK;
    if (len == 1 && *p == '*') {
        name->scope = MSI_SCOPE_DOMAIN;
        return MAILSLOT_OK;
    }
    name->scope = MSI_SCOPE_COMPUTER;
    return msi_computer_parse(name->computer, p, len);
}

/* Three forms: name, \\.\mailslot\name, \\computer\mailslot\name (S1, S5). A single separator in
 * front is refused rather than guessed at: it may be a path of the file system. */
mailslot_err msi_name_parse(msi_name *name, const char *text) {
    *name = (msi_name){.scope = MSI_SCOPE_LOCAL};
    if (!text)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "name is NULL");
    if (!name_is_separator(text[0]))
        return name_parse_path(name, text);
    if (!name_is_separator(text[1]))
        return name_bad(
            "begins with one separator; use two before a computer, none before a local name");
    const char *authority = name_skip_separators(text);
    size_t len = name_component_length(authority);
    mailslot_err err = name_parse_authority(name, authority, len);
    if (err)
        return err;
    const char *kind = name_skip_separators(authority + len);
    size_t kind_len = name_component_length(kind);
    if (!name_equals_word(kind, kind_len, "mailslot"))
        return name_bad("'mailslot' must follow the computer, as in \\\\.\\mailslot\\name");
    return name_parse_path(name, name_skip_separators(kind + kind_len));
}

bool mailslot_name_equal(const char *a, const char *b) {
    msi_name parsed_a, parsed_b;
    msi_fail_silently(); /* a malformed name is an answer here, not a failure */
    bool valid = !msi_name_parse(&parsed_a, a) && !msi_name_parse(&parsed_b, b);
    msi_fail_aloud();
    return valid && parsed_a.scope == parsed_b.scope &&
           strcmp(parsed_a.computer, parsed_b.computer) == 0 &&
           strcmp(parsed_a.key, parsed_b.key) == 0;
}
