/* Checks the names that a descriptor set declares; a set is not trusted. */
#include "names.h"

#include <string.h>

/* By hand: isalpha() depends on the locale. */
bool msi_schema_is_identifier(const char *text) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return *text && !(*text >= '0' && *text <= '9') && text[strspn(text, letters)] == '\0';
}

/* Identifiers between dots. */
bool msi_schema_is_package(const char *text) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.";
    bool proper = text[strspn(text, letters)] == '\0';
    for (const char *part = text; part && proper; part = strchr(part, '.')) {
        part += *part == '.';
        proper = *part && *part != '.' && !(*part >= '0' && *part <= '9');
    }
    return proper;
}
