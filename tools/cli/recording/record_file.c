/* Encodes, recognizes and decodes the entries of record files (proto/record.proto). */
#include "record_file.h"

#include "crc32c.h"

#include <mailslot/protobuf.h>

#include <string.h>

MAILSLOT_PROTOBUF(record_entry, Mailslot__Record__Entry, mailslot__record__entry__descriptor)

/* An entry ends with field 15, wire type 5 (fixed32): CRC-32C of all bytes before it,
 * little-endian. An entry is thus a valid Protobuf message, which other tools can read. */
enum { CHECKSUM_TAG = 15 << 3 | 5, CHECKSUM_SIZE = 5 };

/* LENGTH_MAX: bytes of a varint that can hold RECORD_CONTENT_MAX, 28 bits. SEARCH_ENTRY_MAX bounds
 * what a search checks behind damage. DECODE_*: the memory budget of decoding, by the size of the
 * entry, so that small entries cannot claim much memory. */
enum { LENGTH_MAX = 4, SEARCH_ENTRY_MAX = 1024 * 1024, DECODE_FACTOR = 4, DECODE_LEAST = 65536 };

static char format_text[] = "mailslot-record-file\n";

/* ---- Numbers ---- */

static size_t put_length(unsigned char *to, size_t length) {
    size_t size = 0;
    for (; length >= 0x80; length >>= 7)
        to[size++] = (unsigned char)(length | 0x80);
    to[size++] = (unsigned char)length;
    return size;
}

/* Reads the varint at data and returns its bytes; 0 if it continues beyond len, LENGTH_MAX + 1 if
 * it is invalid. Only the shortest encoding is valid: the writer uses no other, so another one is
 * damage. */
static size_t get_length(const unsigned char *data, size_t len, size_t *length) {
    *length = 0;
    for (size_t i = 0; i < LENGTH_MAX; i++) {
        if (i == len)
            return 0;
        *length |= (size_t)(data[i] & 0x7F) << (7 * i);
        if (data[i] < 0x80)
            return i > 0 && data[i] == 0 ? LENGTH_MAX + 1 : i + 1;
    }
    return LENGTH_MAX + 1;
}

static void put_checksum(unsigned char *to, uint32_t checksum) {
    to[0] = CHECKSUM_TAG;
    for (int i = 0; i < 4; i++)
        to[i + 1] = (unsigned char)(checksum >> (8 * i));
}

/* ---- Writing ---- */

static bool record_append(struct buffer *out, const record_entry *entry) {
    size_t content = protobuf_c_message_get_packed_size(&entry->base);
    if (content > RECORD_CONTENT_MAX - CHECKSUM_SIZE)
        return false;
    /* One allocation at most: the entry is packed in place. */
    buffer_reserve(out, LENGTH_MAX + content + CHECKSUM_SIZE);
    unsigned char *begin = (unsigned char *)out->data + out->len;
    size_t size = put_length(begin, content + CHECKSUM_SIZE);
    size += protobuf_c_message_pack(&entry->base, begin + size);
    put_checksum(begin + size, crc32c(begin, size));
    out->len += size + CHECKSUM_SIZE;
    return true;
}

void record_append_format(struct buffer *out) {
    record_entry entry = MAILSLOT__RECORD__ENTRY__INIT;
    entry.content_case = MAILSLOT__RECORD__ENTRY__CONTENT_FORMAT;
    entry.format = format_text;
    record_append(out, &entry);
}

mailslot_err record_append_header(struct buffer *out, const record_header *header) {
    record_entry entry = MAILSLOT__RECORD__ENTRY__INIT;
    entry.content_case = MAILSLOT__RECORD__ENTRY__CONTENT_HEADER;
    /* Protobuf-C takes no const; packing does not modify it. */
    entry.header = (record_header *)header;
    if (record_append(out, &entry))
        return MAILSLOT_OK;
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                         "a header with these mailslots and schemas exceeds %d bytes: record fewer",
                         RECORD_CONTENT_MAX);
}

static void fill_origin(Mailslot__Record__Origin *to, const mailslot_origin *from) {
    to->remote = from->remote;
    if (from->remote) {
        to->computer.data = (uint8_t *)from->computer;
        to->computer.len = strlen(from->computer);
        to->address = (char *)from->address;
        return;
    }
    /* -1 means unknown, which is a field that is not set: 0 is a valid id. */
    if (from->pid >= 0) {
        to->process_case = MAILSLOT__RECORD__ORIGIN__PROCESS_PID;
        to->pid = (uint32_t)from->pid;
    }
    if (from->uid >= 0) {
        to->user_case = MAILSLOT__RECORD__ORIGIN__USER_UID;
        to->uid = (uint32_t)from->uid;
    }
}

void record_append_message(struct buffer *out, uint32_t slot, uint64_t elapsed,
                           const mailslot_record *record) {
    const mailslot_origin *from = mailslot_record_origin(record);
    mailslot_bytes bytes = mailslot_record_bytes(record);
    Mailslot__Record__Origin origin = MAILSLOT__RECORD__ORIGIN__INIT;
    record_message message = MAILSLOT__RECORD__MESSAGE__INIT;
    record_entry entry = MAILSLOT__RECORD__ENTRY__INIT;
    fill_origin(&origin, from);
    message.slot = slot;
    message.arrival = from->arrival_ns;
    message.elapsed = elapsed;
    message.origin = &origin;
    message.data.data = (uint8_t *)bytes.data;
    message.data.len = bytes.len;
    entry.content_case = MAILSLOT__RECORD__ENTRY__CONTENT_MESSAGE;
    entry.message = &message;
    record_append(out, &entry);
}

/* ---- Looking ---- */

static bool has_checksum(const unsigned char *data, size_t size) {
    unsigned char expected[CHECKSUM_SIZE];
    const unsigned char *end = data + size - CHECKSUM_SIZE;
    if (*end != CHECKSUM_TAG)
        return false;
    put_checksum(expected, crc32c(data, size - CHECKSUM_SIZE));
    return memcmp(end, expected, CHECKSUM_SIZE) == 0;
}

/* A content is one of fields 1 to 14, length-delimited: new kinds of entries remain readable as
 * entries. Checking the tag first rejects most random bytes without computing a checksum. */
static bool may_begin(unsigned char tag) {
    return (tag & 7) == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && tag >> 3 >= 1 && tag >> 3 <= 14;
}

/* As record_look(), but without the checksum. */
static enum record_state record_measure(const unsigned char *data, size_t len, size_t *size) {
    size_t content, prefix = get_length(data, len, &content);
    /* The least that an entry has, for a caller that has to read more before it knows. */
    *size = 1 + CHECKSUM_SIZE;
    if (prefix == 0)
        return RECORD_CUT;
    if (prefix > LENGTH_MAX || content < CHECKSUM_SIZE + 2 || content > RECORD_CONTENT_MAX)
        return RECORD_BROKEN;
    *size = prefix + content;
    if (prefix < len && !may_begin(data[prefix]))
        return RECORD_BROKEN;
    return *size > len ? RECORD_CUT : RECORD_WHOLE;
}

enum record_state record_look(const void *data, size_t len, size_t *size) {
    enum record_state state = record_measure(data, len, size);
    if (state == RECORD_WHOLE && !has_checksum(data, *size))
        return RECORD_BROKEN;
    return state;
}

size_t record_whole_bytes(const void *data, size_t len) {
    size_t whole = 0, size;
    while (whole < len &&
           record_look((const char *)data + whole, len - whole, &size) == RECORD_WHOLE)
        whole += size;
    return whole;
}

bool record_is_format(const void *data, size_t len) {
    struct buffer format = {0};
    record_append_format(&format);
    size_t known = len < format.len ? len : format.len;
    bool is = memcmp(data, format.data, known) == 0;
    buffer_free(&format);
    return is;
}

/* Tries every offset. A candidate passes three cheap checks (length, first tag, checksum tag)
 * before a checksum is computed; `work` bounds those computations, or a crafted file would take
 * time quadratic in its size. */
size_t record_find(const void *data, size_t len, uint64_t *work) {
    const unsigned char *bytes = data;
    for (size_t at = 1; at < len; at++) {
        size_t size;
        if (record_measure(bytes + at, len - at, &size) != RECORD_WHOLE ||
            size > SEARCH_ENTRY_MAX || bytes[at + size - CHECKSUM_SIZE] != CHECKSUM_TAG)
            continue;
        if (*work < size)
            return len;
        *work -= size;
        if (has_checksum(bytes + at, size))
            return at;
    }
    return len;
}

/* ---- Decoding ---- */

static mailslot_err record_bad(const char *what) {
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%s", what);
}

static mailslot_err check_header(const record_header *header) {
    if (header->n_slots > RECORD_SLOTS_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "a header has %zu slots, more than %d",
                             header->n_slots, RECORD_SLOTS_MAX);
    /* An empty name or codec comes from no recorder; the callers look both up by strcmp() and print
     * them. */
    for (size_t i = 0; i < header->n_slots; i++)
        if (!*header->slots[i]->name || !*header->slots[i]->codec)
            return record_bad("a slot has no name or no codec");
    return MAILSLOT_OK;
}

static mailslot_err check_message(const record_message *message, size_t slots) {
    const Mailslot__Record__Origin *origin = message->origin;
    /* The callers use it as an index. */
    if (message->slot >= slots)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "a message is for slot %u of %zu",
                             message->slot, slots);
    if (message->data.len > RECORD_MESSAGE_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "a message has %zu bytes, more than %d",
                             message->data.len, RECORD_MESSAGE_MAX);
    if (origin && (origin->computer.len > RECORD_COMPUTER_MAX ||
                   strlen(origin->address) > RECORD_ADDRESS_MAX))
        return record_bad("a message has an invalid origin");
    /* record_origin() makes a C string of it, which a NUL would cut. */
    if (origin && origin->computer.len &&
        memchr(origin->computer.data, '\0', origin->computer.len) != NULL)
        return record_bad("a message has an invalid origin");
    return MAILSLOT_OK;
}

static mailslot_err check_entry(const record_entry *entry, size_t slots) {
    switch (entry->content_case) {
    case MAILSLOT__RECORD__ENTRY__CONTENT_FORMAT:
        return strcmp(entry->format, format_text) == 0 ? MAILSLOT_OK
                                                       : record_bad("the format is unknown");
    case MAILSLOT__RECORD__ENTRY__CONTENT_HEADER:
        return check_header(entry->header);
    case MAILSLOT__RECORD__ENTRY__CONTENT_MESSAGE:
        return check_message(entry->message, slots);
    /* A kind of entry of a newer version: skipped by the reader. */
    default:
        return MAILSLOT_OK;
    }
}

mailslot_err record_decode(mailslot_record *memory, const void *data, size_t size, size_t slots,
                           const record_entry **entry) {
    size_t content, prefix = get_length(data, size, &content);
    mailslot_err err =
        mailslot_record_decode(memory, record_entry_codec(), (const char *)data + prefix, content,
                               NULL, content * DECODE_FACTOR + DECODE_LEAST);
    if (err)
        return err;
    *entry = mailslot_record_value(memory);
    return check_entry(*entry, slots);
}

mailslot_origin record_origin(const record_message *message, struct record_origin_text *text) {
    const Mailslot__Record__Origin *from = message->origin;
    mailslot_origin origin = {.computer = ".", .address = "", .arrival_ns = message->arrival};
    origin.pid = from && !from->remote && from->process_case ? (int64_t)from->pid : -1;
    origin.uid = from && !from->remote && from->user_case ? (int64_t)from->uid : -1;
    if (!from || !from->remote)
        return origin;
    if (from->computer.len)
        memcpy(text->computer, from->computer.data, from->computer.len);
    /* check_message() has bounded the length. */
    text->computer[from->computer.len] = '\0';
    origin.remote = true;
    origin.computer = text->computer;
    origin.address = from->address;
    return origin;
}
