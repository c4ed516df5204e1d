/*
 * MessagePack: what is decoded is what a parser written from the specification alone would accept
 * within our depth, and the scan that comes first finds the same however the bytes are cut. The
 * input is the message.
 */
#include "fuzz.h"
#include "message.h"

#include <mailslot/msgpack.h>
#include <msgpack_scan.h>

/* ---- The specification ---- */

/* Whether the next value is whole, with `around` arrays and maps around it. */
static bool accept_value(struct input *input, unsigned around);

static bool accept_elements(struct input *input, uint64_t count, unsigned around) {
    for (uint64_t i = 0; i < count; i++)
        if (!accept_value(input, around + 1))
            return false;
    return true;
}

static bool accept_bytes(struct input *input, uint64_t len) {
    size_t got;
    take_bytes(input, len > SIZE_MAX ? SIZE_MAX : (size_t)len, &got);
    return got == len;
}

/* A number of `size` bytes, the most significant first. */
static bool accept_length(struct input *input, unsigned size, uint64_t *length) {
    size_t got;
    const uint8_t *at = take_bytes(input, size, &got);
    *length = 0;
    for (size_t i = 0; i < got; i++)
        *length = *length << 8 | at[i];
    return got == size;
}

static bool accept_form(struct input *input, unsigned first, unsigned around) {
    static const unsigned char fixed[] = {
        [0xca - 0xc0] = 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17};
    uint64_t length;
    switch (first) {
    case 0xc0: /* nil, false, true */
    case 0xc2:
    case 0xc3:
        return true;
    case 0xc1:
        return false;
    case 0xc4: /* bin */
    case 0xc5:
    case 0xc6:
        return accept_length(input, 1u << (first - 0xc4), &length) && accept_bytes(input, length);
    case 0xc7: /* ext */
    case 0xc8:
    case 0xc9:
        return accept_length(input, 1u << (first - 0xc7), &length) &&
               accept_bytes(input, length + 1);
    case 0xd9: /* str */
    case 0xda:
    case 0xdb:
        return accept_length(input, 1u << (first - 0xd9), &length) && accept_bytes(input, length);
    case 0xdc: /* array, map */
    case 0xdd:
        return accept_length(input, first == 0xdc ? 2 : 4, &length) &&
               accept_elements(input, length, around);
    case 0xde:
    case 0xdf:
        return accept_length(input, first == 0xde ? 2 : 4, &length) &&
               accept_elements(input, 2 * length, around);
    default:
        return accept_bytes(input, fixed[first - 0xc0]);
    }
}

static bool accept_value(struct input *input, unsigned around) {
    if (around >= MSI_MSGPACK_DEPTH || !input->left)
        return false;
    unsigned first = (unsigned)take_number(input, 1);
    if (first < 0x80 || first >= 0xe0)
        return true;
    if (first < 0x90)
        return accept_elements(input, 2 * (first & 15), around);
    if (first < 0xa0)
        return accept_elements(input, first & 15, around);
    if (first < 0xc0)
        return accept_bytes(input, first & 31);
    return accept_form(input, first, around);
}

static bool accept_message(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    return accept_value(&input, 0) && !input.left;
}

/* ---- Values ---- */

static bool same_value(const msgpack_object *a, const msgpack_object *b);

static bool same_body(uint32_t size, const char *a, const char *b) {
    return !size || memcmp(a, b, size) == 0;
}

static bool same_map(const msgpack_object_map *a, const msgpack_object_map *b) {
    for (uint32_t i = 0; a->size == b->size && i < a->size; i++)
        if (!same_value(&a->ptr[i].key, &b->ptr[i].key) ||
            !same_value(&a->ptr[i].val, &b->ptr[i].val))
            return false;
    return a->size == b->size;
}

static bool same_array(const msgpack_object_array *a, const msgpack_object_array *b) {
    for (uint32_t i = 0; a->size == b->size && i < a->size; i++)
        if (!same_value(&a->ptr[i], &b->ptr[i]))
            return false;
    return a->size == b->size;
}

static bool same_ext(const msgpack_object_ext *a, const msgpack_object_ext *b) {
    return a->size == b->size && a->type == b->type && same_body(a->size, a->ptr, b->ptr);
}

static bool same_value(const msgpack_object *a, const msgpack_object *b) {
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        return a->via.boolean == b->via.boolean;
    case MSGPACK_OBJECT_STR:
        return a->via.str.size == b->via.str.size &&
               same_body(a->via.str.size, a->via.str.ptr, b->via.str.ptr);
    case MSGPACK_OBJECT_BIN:
        return a->via.bin.size == b->via.bin.size &&
               same_body(a->via.bin.size, a->via.bin.ptr, b->via.bin.ptr);
    case MSGPACK_OBJECT_EXT:
        return same_ext(&a->via.ext, &b->via.ext);
    case MSGPACK_OBJECT_ARRAY:
        return same_array(&a->via.array, &b->via.array);
    case MSGPACK_OBJECT_MAP:
        return same_map(&a->via.map, &b->via.map);
    case MSGPACK_OBJECT_NIL:
        return true;
    default: /* numbers, floating point too, by their bits */
        return a->via.u64 == b->via.u64;
    }
}

static bool equal(const void *a, const void *b) { return same_value(a, b); }

/* ---- The scan, in pieces ---- */

static void check_pieces(const uint8_t *data, size_t size, size_t piece) {
    msi_msgpack_scan whole, cut;
    msi_msgpack_scan_start(&whole, size);
    msi_msgpack_scan_start(&cut, size);
    msi_msgpack_scan_verdict verdict = msi_msgpack_scan_feed(&whole, data, size),
                             in_pieces = MSI_MSGPACK_SCAN_FINE;
    for (size_t at = 0; at < size && !in_pieces; at += piece)
        in_pieces = msi_msgpack_scan_feed(&cut, data + at, size - at < piece ? size - at : piece);
    if (!size)
        return;
    require(verdict == in_pieces && whole.at == cut.at && whole.elements == cut.elements);
    require(msi_msgpack_scan_missing(&whole) == msi_msgpack_scan_missing(&cut));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct message message;
    mailslot_err err = message_decode(&message, mailslot_codec_msgpack(), data, size, 0);
    require(accept_message(data, size) == !err);
    if (!err)
        message_check(mailslot_codec_msgpack(), &message, equal);
    message_free(&message);
    check_pieces(data, size, 1);
    check_pieces(data, size, 7);
    return 0;
}
