/*
 * Looks through the structure of a MessagePack value without unpacking it, in constant memory.
 * It takes the value in pieces, as decode has one and a packer makes many.
 */
#ifndef MSI_MSGPACK_SCAN_H
#define MSI_MSGPACK_SCAN_H

#include <mailslot/codec.h>

#include <stddef.h>
#include <stdint.h>

/** How deep values nest at most, the outermost counted. msgpack-c's own stack for unpacking is a
 *  little deeper (32 open containers), so that it never sees its end. */
enum { MSI_MSGPACK_DEPTH = 32 };

/** What a scan found; MSI_MSGPACK_SCAN_FINE also of a value that is not whole yet. */
typedef enum {
    MSI_MSGPACK_SCAN_FINE = 0,
    MSI_MSGPACK_SCAN_SHORT,    /* more must come than there is room for */
    MSI_MSGPACK_SCAN_TRAILING, /* more comes than one value */
    MSI_MSGPACK_SCAN_C1,       /* the byte that is in no value */
    MSI_MSGPACK_SCAN_DEEP,
} msi_msgpack_scan_verdict;

typedef struct {
    uint64_t room;     /* bytes that may still come; UINT64_MAX: who knows */
    uint64_t at;       /* bytes taken */
    uint64_t elements; /* of all arrays and maps begun, keys and values counted each */
    uint64_t pending;  /* elements still to begin, at all depths */
    uint64_t body;     /* bytes of the element begun last that are still to pass */
    unsigned first;    /* its first byte, while its length is being read */
    unsigned length_left;
    uint32_t length;
    unsigned depth; /* containers open */
    uint64_t left[MSI_MSGPACK_DEPTH];
} msi_msgpack_scan;

/** Begins with a value of at most room bytes. */
void msi_msgpack_scan_start(msi_msgpack_scan *scan, uint64_t room);

/** Takes len bytes more. After anything but FINE, scan->at is where it happened. */
msi_msgpack_scan_verdict msi_msgpack_scan_feed(msi_msgpack_scan *scan, const void *data,
                                               size_t len);

/** Bytes that must come at least before the value is whole; 0: it is. */
uint64_t msi_msgpack_scan_missing(const msi_msgpack_scan *scan);

/** Fails for a verdict that is not FINE: with complex for DEEP, with bad for all others. */
mailslot_err msi_msgpack_scan_fail(const msi_msgpack_scan *scan, msi_msgpack_scan_verdict verdict,
                                   mailslot_err bad, mailslot_err complex);

#endif
