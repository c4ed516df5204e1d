/* Names: what is accepted has one canonical form, which means the same. The input is the text. */
#include "fuzz.h"

#include <mailslot/codec.h>
#include <name.h>

static char *copy_text(const uint8_t *data, size_t size) {
    char *text = fuzz_memory(size + 1);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static void check_character(const char *at) {
    unsigned char c = (unsigned char)at[0];
    require(c >= 0x20 && c != 0x7f && !strchr("/:*?\"<>|", c));
    require(c != 0xc2 || (unsigned char)at[1] >= 0xa0); /* controls too, as RFC 3629 writes them */
}

/* A part is a file's name: neither empty nor one that means a directory. */
static void check_part(const char *part, size_t len) {
    require(len > 0);
    require(!(len == 1 && part[0] == '.') && !(len == 2 && part[0] == '.' && part[1] == '.'));
}

static void check_path(const char *path) {
    size_t len = strlen(path), start = 0;
    require(len <= MSI_PATH_MAX && mailslot_utf8_prefix(path, len) == len);
    for (size_t i = 0; i <= len; i++) {
        if (path[i] && path[i] != '\\') {
            check_character(path + i);
            continue;
        }
        check_part(path + start, i - start);
        start = i + 1;
    }
}

static void check_key(const msi_name *name) {
    require(strlen(name->key) == strlen(name->path));
    for (size_t i = 0; name->path[i]; i++) {
        bool capital = name->path[i] >= 'A' && name->path[i] <= 'Z';
        require(name->key[i] == (capital ? name->path[i] + ('a' - 'A') : name->path[i]));
    }
}

static void check_computer(const msi_name *name) {
    size_t len = strlen(name->computer);
    require((name->scope == MSI_SCOPE_COMPUTER) == (len > 0) && len <= MSI_COMPUTER_MAX);
    for (size_t i = 0; i < len; i++) {
        check_character(name->computer + i);
        require(name->computer[i] != '\\' && name->computer[i] != ' ');
        require(!(name->computer[i] >= 'a' && name->computer[i] <= 'z'));
    }
}

static void check_same(const char *text, const msi_name *name, bool same_path) {
    msi_name again;
    require(msi_name_parse(&again, text) == MAILSLOT_OK);
    require(again.scope == name->scope && !strcmp(again.computer, name->computer));
    require(!strcmp(again.key, name->key));
    require(!same_path || !strcmp(again.path, name->path));
}

static void replace(char *text, char from, char to) {
    for (; *text; text++)
        if (*text == from)
            *text = to;
}

/* The canonical form is the full one; it means the same whichever separator and case it is in, and
 * a local name also without its prefix. */
static void check_forms(const msi_name *name) {
    char full[MSI_PATH_MAX + 64];
    const char *computer = name->scope == MSI_SCOPE_LOCAL    ? "."
                           : name->scope == MSI_SCOPE_DOMAIN ? "*"
                                                             : name->computer;
    snprintf(full, sizeof full, "\\\\%s\\mailslot\\%s", computer, name->path);
    check_same(full, name, true);
    replace(full, '\\', '/');
    check_same(full, name, true);
    snprintf(full, sizeof full, "//%s/MailSlot/%s", computer, name->key);
    check_same(full, name, false);
    if (name->scope == MSI_SCOPE_LOCAL)
        check_same(name->path, name, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = copy_text(data, size);
    msi_name name;
    mailslot_err err = msi_name_parse(&name, text);
    free(text); /* nothing in name may point there */
    if (err) {
        require(err == MAILSLOT_ERR_BAD_NAME && *mailslot_detail());
        return 0;
    }
    check_path(name.path);
    check_key(&name);
    check_computer(&name);
    check_forms(&name);
    return 0;
}
