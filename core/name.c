#include "name.h"
#include "ascii.h"
#include "error.h"

#include <string.h>

static bool is_separator(char c) { return c == '\\' || c == '/'; }

static const char *skip_separators(const char *p) {
    while (is_separator(*p))
        p++;
    return p;
}

static size_t component_length(const char *p) {
    size_t n = 0;
    while (p[n] && !is_separator(p[n]))
        n++;
    return n;
}

static bool equals_ignoring_case(const char *p, size_t len, const char *word) {
    if (len != strlen(word))
        return false;
    for (size_t i = 0; i < len; i++)
        if (msi_lower(p[i]) != word[i])
            return false;
    return true;
}

/* ---- UTF-8 (RFC 3629 section 4) ---- */

/* Length of the sequence at p, 0 if it is not one. A NUL ends every wrong sequence in time. */
static size_t utf8_length(const unsigned char *p) {
    static const struct {
        unsigned char first, last, second_min, second_max, length;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (*p < forms[i].first || *p > forms[i].last)
            continue;
        for (size_t k = 1; k < forms[i].length; k++) {
            unsigned char min = k == 1 ? forms[i].second_min : 0x80;
            unsigned char max = k == 1 ? forms[i].second_max : 0xbf;
            if (p[k] < min || p[k] > max)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

/* ---- Parts of a name ---- */

static mailslot_err bad(const char *why) {
    return mailslot_fail(MAILSLOT_ERR_BAD_NAME, "bad mailslot name: %s", why);
}

static mailslot_err check_character(const char *p, size_t *length) {
    unsigned char c = (unsigned char)*p;
    *length = utf8_length((const unsigned char *)p);
    if (!*length)
        return bad("not valid UTF-8");
    if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)p[1] < 0xa0))
        return bad("a control character");
    if (strchr(":*?\"<>|", c))
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME, "bad mailslot name: '%c' is not allowed", c);
    return MAILSLOT_OK;
}

static mailslot_err check_component(const char *p, size_t len) {
    if (!len)
        return bad("an empty part");
    if ((len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
        return bad("'.' and '..' are not allowed");
    for (size_t i = 0, step; i < len; i += step) {
        mailslot_err err = check_character(p + i, &step);
        if (err)
            return err;
    }
    return MAILSLOT_OK;
}

/* Copies the path at p into name, one `\` between parts. */
static mailslot_err parse_path(msi_name *name, const char *p) {
    size_t used = 0;
    for (;;) {
        size_t len = component_length(p);
        mailslot_err err = check_component(p, len);
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
        p = skip_separators(p);
        if (used + 1 > MSI_PATH_MAX)
            used--; /* the part that must follow is then too long, and says so */
        name->path[used++] = '\\';
    }
    name->path[used] = 0;
    for (size_t i = 0; i <= used; i++)
        name->key[i] = msi_lower(name->path[i]);
    return MAILSLOT_OK;
}

/* Four numbers and three dots: somebody means an address. */
static bool looks_like_address(const char *p, size_t len) {
    size_t dots = 0;
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '.')
            dots++;
        else if (p[i] < '0' || p[i] > '9')
            return false;
    }
    return dots == 3;
}

/* Computer and group names: the NetBIOS set is what Windows lets a computer be called, ASCII
 * without controls, space and \ / : * ? " < > | and not beginning with a dot ([MS-BRWS] defers to
 * RFC 1001, which sets no limit of its own). */
mailslot_err msi_computer_parse(char computer[MSI_COMPUTER_MAX + 1], const char *p, size_t len) {
    if (!len || len > MSI_COMPUTER_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                             "bad computer name: %zu characters, must be 1 to %d", len,
                             MSI_COMPUTER_MAX);
    if (looks_like_address(p, len))
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                             "bad computer name: '%.*s' is an address, not a NetBIOS name",
                             (int)len, p);
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

static mailslot_err parse_authority(msi_name *name, const char *p, size_t len) {
    if (len == 1 && *p == '.')
        return MAILSLOT_OK;
    if (len == 1 && *p == '*') {
        name->scope = MSI_SCOPE_DOMAIN;
        return MAILSLOT_OK;
    }
    name->scope = MSI_SCOPE_COMPUTER;
    return msi_computer_parse(name->computer, p, len);
}

mailslot_err msi_name_parse(msi_name *name, const char *text) {
    *name = (msi_name){.scope = MSI_SCOPE_LOCAL};
    if (!text)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "name is NULL");
    if (!is_separator(text[0]))
        return parse_path(name, text);
    if (!is_separator(text[1]))
        return bad("begins with one separator, where a computer takes two");
    const char *authority = skip_separators(text);
    size_t len = component_length(authority);
    mailslot_err err = parse_authority(name, authority, len);
    if (err)
        return err;
    const char *kind = skip_separators(authority + len);
    size_t kind_len = component_length(kind);
    if (!equals_ignoring_case(kind, kind_len, "mailslot"))
        return bad("'mailslot' must follow the computer, as in \\\\.\\mailslot\\name");
    return parse_path(name, skip_separators(kind + kind_len));
}
