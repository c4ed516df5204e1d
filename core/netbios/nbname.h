/*
 * NetBIOS names (RFC 1001 section 14, RFC 1002 section 4.1): 16 bytes, the last a suffix that says
 * what kind of service it is, in a scope, which is usually empty. Pure functions over bytes.
 */
#ifndef MSI_NBNAME_H
#define MSI_NBNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MSI_NBNAME_SIZE = 16,
    MSI_NBNAME_PLAIN = 34,        /* bytes of an encoded name without a scope */
    MSI_NBNAME_ENCODED_MAX = 255, /* RFC 1002 section 4.1 */
    MSI_NBNAME_SCOPE_MAX = MSI_NBNAME_ENCODED_MAX - MSI_NBNAME_PLAIN,
    MSI_NBNAME_TEXT = MSI_NBNAME_SIZE * 4 + 5, /* bytes of its text form with the NUL */
};

/** Suffixes of the names that carry mailslots ([MS-BRWS], Samba). */
enum {
    MSI_SUFFIX_WORKSTATION = 0x00, /* of a computer, or of a group */
    MSI_SUFFIX_MESSENGER = 0x03,
    MSI_SUFFIX_SERVER = 0x20,
    MSI_SUFFIX_ELECTION = 0x1e, /* of a group */
};

typedef struct {
    unsigned char bytes[MSI_NBNAME_SIZE];
    uint8_t scope_len;                         /* bytes of scope; 0: none */
    unsigned char scope[MSI_NBNAME_SCOPE_MAX]; /* labels, each with its length before it */
} msi_nbname;

/** Makes a name of 1 to 15 characters, which are put in upper case (ASCII) and padded with spaces;
 *  further ones are left away. "*" is padded with NULs and takes suffix 0, as every implementation
 *  writes it. The scope is empty. */
void msi_nbname_set(msi_nbname *name, const char *text, uint8_t suffix);

/** Sets the scope from text: labels of 1 to 63 bytes between dots; "" for none. False, and none, if
 *  it is not such or too long. */
bool msi_nbname_set_scope(msi_nbname *name, const char *text);

/** Writes the first-level encoding; returns its bytes, MSI_NBNAME_PLAIN plus the scope's. 0, with
 *  nothing written, if that is more than cap. */
size_t msi_nbname_encode(const msi_nbname *name, unsigned char *out, size_t cap);

/**
 * Reads the name at *offset of a packet of len bytes and moves *offset behind it. Follows label
 * pointers (RFC 1002 section 4.1) that lead to a label before those that led to the pointer, so
 * that they end. False, with *offset unchanged and *name undefined, if there is no valid name.
 */
bool msi_nbname_decode(msi_nbname *name, const unsigned char *packet, size_t len, size_t *offset);

/** Compares bytes and scope; ASCII case in the scope does not matter, in the bytes it does: names
 *  on the wire are upper case. */
bool msi_nbname_equal(const msi_nbname *a, const msi_nbname *b);

/** Whether it is the name "*", the wildcard of RFC 1002. */
bool msi_nbname_is_wildcard(const msi_nbname *name);

/** The first 15 bytes without padding (spaces and NULs at their end), as a string: what a record
 *  shows as the sender's computer. Bytes that are not printable ASCII come out as '.'. */
void msi_nbname_computer(const msi_nbname *name, char out[MSI_NBNAME_SIZE]);

/** Writes it for people: NAME<20>, with \xHH for what is not printable. Without padding and
 *  scope. */
void msi_nbname_text(const msi_nbname *name, char out[MSI_NBNAME_TEXT]);

#endif
