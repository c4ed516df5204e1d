/*
 * Checks the structure of a MessagePack value without unpacking it, in constant memory. The value
 * may come in pieces: a packer writes many, decode has one.
 */
#ifndef MSI_MSGPACK_SCAN_H
#define MSI_MSGPACK_SCAN_H

#include <mailslot/codec.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The deepest nesting, the outermost value included. msgpack-c's own stack for unpacking holds 32
 *  open containers (MSGPACK_EMBED_STACK_SIZE), one more than this allows. */
enum { MSI_MSGPACK_DEPTH = 32 };

/** The result of a scan. MSI_MSGPACK_SCAN_FINE includes a value that is not complete yet. */
typedef enum {
    MSI_MSGPACK_SCAN_FINE = 0,
    MSI_MSGPACK_SCAN_SHORT,    /* needs more bytes than there is room for */
    MSI_MSGPACK_SCAN_TRAILING, /* bytes follow the value */
    MSI_MSGPACK_SCAN_C1,       /* the byte 0xc1, which no value has */
    MSI_MSGPACK_SCAN_DEEP,
} msi_msgpack_scan_verdict;

typedef struct {
    uint64_t room;     /* bytes that may still come; UINT64_MAX: unknown */
    uint64_t at;       /* bytes taken */
    bool has_float;    /* a float 32 has begun */
    uint64_t elements; /* of all arrays and maps begun, keys and values counted each */
    uint64_t pending;  /* elements still to begin, at all depths */
    uint64_t body;     /* bytes of the element begun last that are still to pass */
    unsigned first;    /* its first byte, while its length is being read */
    unsigned length_left;
    uint32_t length;
    unsigned depth; /* containers open */
    uint64_t left[MSI_MSGPACK_DEPTH];
} msi_msgpack_scan;

/** Starts the scan of a value of at most room bytes. */
void msi_msgpack_scan_start(msi_msgpack_scan *scan, uint64_t room);

/** Takes len more bytes. If the result is not FINE, scan->at is the offset of the cause. */
msi_msgpack_scan_verdict msi_msgpack_scan_feed(msi_msgpack_scan *scan, const void *data,
                                               size_t len);

/** For a second scan, of len bytes that a first one has found FINE: goes on to the next float 32
 * and returns its 4 bytes, which are in data; NULL if there are no more. data and len must be the
 * same in all calls. */
const unsigned char *msi_msgpack_scan_float(msi_msgpack_scan *scan, const unsigned char *data,
                                            size_t len);

/** The least number of bytes that complete the value; 0: it is complete. */
uint64_t msi_msgpack_scan_missing(const msi_msgpack_scan *scan);

/** Reports a verdict that is not FINE: as the error complex for DEEP, as bad for the others. */
mailslot_err msi_msgpack_scan_fail(const msi_msgpack_scan *scan, msi_msgpack_scan_verdict verdict,
                                   mailslot_err bad, mailslot_err complex);

#endif
