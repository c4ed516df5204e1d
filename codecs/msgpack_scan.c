/* The MessagePack specification's formats as a state machine that takes any number of bytes at a
 * time. Containers that are open are a stack of counters, so a scan takes constant memory. */
#include "msgpack_scan.h"

#include <inttypes.h>

/* What follows a first byte of c0 to df (MessagePack specification, "Formats"). */
enum shape {
    NEVER = 0, /* the byte is in no valid message */
    FIXED,     /* size bytes */
    SIZED,     /* a length of size bytes, then that many bytes, then extra more */
    ARRAY,     /* a count of size bytes, then that many elements */
    MAP,       /* a count of size bytes, then twice that many elements */
};

struct form {
    unsigned char shape, size, extra;
};

static const struct form forms[32] = {
    [0x00] = {FIXED, 0, 0}, [0x01] = {NEVER, 0, 0},  [0x02] = {FIXED, 0, 0}, /* nil, -, false */
    [0x03] = {FIXED, 0, 0},                                                  /* true */
    [0x04] = {SIZED, 1, 0}, [0x05] = {SIZED, 2, 0},  [0x06] = {SIZED, 4, 0}, /* bin */
    [0x07] = {SIZED, 1, 1}, [0x08] = {SIZED, 2, 1},  [0x09] = {SIZED, 4, 1}, /* ext and its type */
    [0x0a] = {FIXED, 4, 0}, [0x0b] = {FIXED, 8, 0},                          /* float */
    [0x0c] = {FIXED, 1, 0}, [0x0d] = {FIXED, 2, 0},  [0x0e] = {FIXED, 4, 0}, /* unsigned */
    [0x0f] = {FIXED, 8, 0},                                                  /* unsigned 64 */
    [0x10] = {FIXED, 1, 0}, [0x11] = {FIXED, 2, 0},  [0x12] = {FIXED, 4, 0}, /* signed */
    [0x13] = {FIXED, 8, 0},                                                  /* signed 64 */
    [0x14] = {FIXED, 2, 0}, [0x15] = {FIXED, 3, 0},  [0x16] = {FIXED, 5, 0}, /* ext 1, 2, 4 */
    [0x17] = {FIXED, 9, 0}, [0x18] = {FIXED, 17, 0},                         /* ext 8, 16 */
    [0x19] = {SIZED, 1, 0}, [0x1a] = {SIZED, 2, 0},  [0x1b] = {SIZED, 4, 0}, /* str */
    [0x1c] = {ARRAY, 2, 0}, [0x1d] = {ARRAY, 4, 0},  [0x1e] = {MAP, 2, 0},   /* array, map 16 */
    [0x1f] = {MAP, 4, 0},                                                    /* map 32 */
};

enum { FLOAT_32 = 0xca };

void msi_msgpack_scan_start(msi_msgpack_scan *scan, uint64_t room) {
    scan->room = room;
    scan->at = scan->elements = scan->body = 0;
    scan->pending = 1;
    scan->length_left = scan->depth = 0;
    scan->has_float = false;
}

uint64_t msi_msgpack_scan_missing(const msi_msgpack_scan *scan) {
    return scan->pending + scan->body + scan->length_left;
}

/* Empty containers are closed at once and need no place on the stack. 2 x 4,294,967,295 elements
 * at each of 31 levels do not overflow `pending`. */
static msi_msgpack_scan_verdict open_container(msi_msgpack_scan *scan, uint64_t elements) {
    if (elements == 0)
        return MSI_MSGPACK_SCAN_FINE;
    if (scan->depth + 1 == MSI_MSGPACK_DEPTH)
        return MSI_MSGPACK_SCAN_DEEP;
    scan->left[scan->depth++] = elements;
    scan->pending += elements;
    scan->elements += elements;
    return MSI_MSGPACK_SCAN_FINE;
}

static msi_msgpack_scan_verdict begin_form(msi_msgpack_scan *scan, unsigned first) {
    struct form form = forms[first - 0xc0];
    if (form.shape == NEVER)
        return MSI_MSGPACK_SCAN_C1;
    if (form.shape == FIXED) {
        scan->has_float = scan->has_float || first == FLOAT_32;
        scan->body = form.size;
        return MSI_MSGPACK_SCAN_FINE;
    }
    scan->first = first;
    scan->length = 0;
    scan->length_left = form.size;
    return MSI_MSGPACK_SCAN_FINE;
}

static msi_msgpack_scan_verdict begin_element(msi_msgpack_scan *scan, unsigned char first) {
    while (scan->depth && scan->left[scan->depth - 1] == 0)
        scan->depth--;
    if (scan->depth)
        scan->left[scan->depth - 1]--;
    scan->pending--;
    if (first < 0x80 || first >= 0xe0)
        return MSI_MSGPACK_SCAN_FINE;
    if (first < 0x90)
        return open_container(scan, 2 * (first & 0x0f));
    if (first < 0xa0)
        return open_container(scan, first & 0x0f);
    if (first >= 0xc0)
        return begin_form(scan, first);
    scan->body = first & 0x1f;
    return MSI_MSGPACK_SCAN_FINE;
}

static msi_msgpack_scan_verdict take_length(msi_msgpack_scan *scan, unsigned char byte) {
    scan->length = scan->length << 8 | byte;
    if (--scan->length_left)
        return MSI_MSGPACK_SCAN_FINE;
    struct form form = forms[scan->first - 0xc0];
    if (form.shape == ARRAY)
        return open_container(scan, scan->length);
    if (form.shape == MAP)
        return open_container(scan, 2 * (uint64_t)scan->length);
    scan->body = (uint64_t)scan->length + form.extra;
    return MSI_MSGPACK_SCAN_FINE;
}

/* Takes one byte of a header, or all there is of a body; returns how many bytes that was. */
static size_t scan_step(msi_msgpack_scan *scan, const unsigned char *p, size_t len,
                        msi_msgpack_scan_verdict *verdict) {
    if (scan->body) {
        size_t step = scan->body < len ? (size_t)scan->body : len;
        scan->body -= step;
        return step;
    }
    if (scan->length_left)
        *verdict = take_length(scan, *p);
    else if (scan->pending)
        *verdict = begin_element(scan, *p);
    else
        *verdict = MSI_MSGPACK_SCAN_TRAILING;
    return *verdict ? 0 : 1;
}

msi_msgpack_scan_verdict msi_msgpack_scan_feed(msi_msgpack_scan *scan, const void *data,
                                               size_t len) {
    const unsigned char *p = data;
    msi_msgpack_scan_verdict verdict = MSI_MSGPACK_SCAN_FINE;
    while (!verdict && msi_msgpack_scan_missing(scan) <= scan->room && len) {
        size_t step = scan_step(scan, p, len, &verdict);
        p += step;
        len -= step;
        scan->at += step;
        scan->room -= step;
    }
    return !verdict && msi_msgpack_scan_missing(scan) > scan->room ? MSI_MSGPACK_SCAN_SHORT
                                                                   : verdict;
}

const unsigned char *msi_msgpack_scan_float(msi_msgpack_scan *scan, const unsigned char *data,
                                            size_t len) {
    msi_msgpack_scan_verdict verdict = MSI_MSGPACK_SCAN_FINE;
    while (!verdict && scan->at < len) {
        const unsigned char *at = data + scan->at;
        bool begins = scan->body == 0 && scan->length_left == 0;
        scan->at += scan_step(scan, at, len - (size_t)scan->at, &verdict);
        if (begins && *at == FLOAT_32)
            return at + 1;
    }
    return NULL;
}

mailslot_err msi_msgpack_scan_fail(const msi_msgpack_scan *scan, msi_msgpack_scan_verdict verdict,
                                   mailslot_err bad, mailslot_err complex) {
    switch (verdict) {
    case MSI_MSGPACK_SCAN_TRAILING:
        return mailslot_fail(bad,
                             "the MessagePack value ends at byte %" PRIu64
                             ", but more bytes follow; was the message put with another codec?",
                             scan->at);
    case MSI_MSGPACK_SCAN_C1:
        return mailslot_fail(
            bad,
            "byte %" PRIu64
            " is 0xc1, which MessagePack never uses; was the message put with another codec?",
            scan->at);
    case MSI_MSGPACK_SCAN_DEEP:
        return mailslot_fail(complex,
                             "MessagePack nested over %d deep, the limit, at byte %" PRIu64,
                             MSI_MSGPACK_DEPTH, scan->at);
    default:
        return mailslot_fail(bad,
                             "the MessagePack value is cut short at byte %" PRIu64
                             ": at least %" PRIu64 " bytes are missing",
                             scan->at, msi_msgpack_scan_missing(scan));
    }
}
