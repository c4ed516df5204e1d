/* Mailslot names, taken apart. Pure functions over bytes. */
#ifndef MSI_NAME_H
#define MSI_NAME_H

#include <mailslot/mailslot.h>

enum {
    MSI_PATH_MAX = 246,    /* bytes after the prefix, so that prefix and path make 260 at most */
    MSI_COMPUTER_MAX = 15, /* RFC 1001 section 14: 16 bytes, the last a suffix */
};

/** Which computers a name means. */
typedef enum {
    MSI_SCOPE_LOCAL,    /* this one */
    MSI_SCOPE_COMPUTER, /* the computer or the group called name.computer */
    MSI_SCOPE_DOMAIN,   /* every computer of the own workgroup */
} msi_scope;

typedef struct {
    msi_scope scope;
    char computer[MSI_COMPUTER_MAX + 1]; /* upper case; "" unless scope is COMPUTER */
    char path[MSI_PATH_MAX + 1];         /* as given, `\` between its parts */
    char key[MSI_PATH_MAX + 1];          /* path with ASCII letters in lower case: what compares */
} msi_name;

/** Stores a computer's or group's name, len characters at p, in upper case with a NUL. BAD_NAME. */
mailslot_err msi_computer_parse(char computer[MSI_COMPUTER_MAX + 1], const char *p, size_t len);

/** Parses text. BAD_NAME with what is wrong and where. Touches nothing but *name. */
mailslot_err msi_name_parse(msi_name *name, const char *text);

#endif
