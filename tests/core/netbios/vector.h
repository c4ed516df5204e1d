/*
 * Test vectors, one in a file of tests/vectors/netbios. A file has three parts between lines "---":
 *
 * 1. Lines that begin with '#', in words; and "key: value" lines, which say how to read it:
 *      is: name | nameservice | datagram | smb_mailslot
 *      at: OFFSET              where in the bytes a name begins; 0 unless said
 *      canonical: yes | no     whether encoding what was decoded gives these bytes again
 * 2. What the bytes mean, as describe() says it; or why they are refused (MSI_WIRE_LIST).
 * 3. The bytes, in hexadecimal.
 */
#ifndef MAILSLOT_TEST_NETBIOS_VECTOR_H
#define MAILSLOT_TEST_NETBIOS_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

enum { VECTOR_BYTES = 2048, VECTOR_TEXT = 8192 };

struct vector {
    char is[16];
    size_t at;
    bool canonical;
    char meaning[VECTOR_TEXT];
    unsigned char bytes[VECTOR_BYTES];
    size_t len;
};

/** Reads a file. A file that is not a vector fails the test. */
void vector_read(struct vector *vector, const char *path);

#endif
