/* Encodes and decodes name service packets; every length from the wire is checked. */
#include "nameservice.h"

#include <string.h>

/* RFC 1002 sections 4.2.1.1 to 4.2.1.3: where fields lie, in the header and behind names. */
enum {
    AT_FLAGS = 2,
    AT_QUESTIONS = 4,
    AT_ANSWERS = 6,
    AT_AUTHORITIES = 8,
    AT_ADDITIONALS = 10,
    OPCODE = 0x7800,
    OPCODE_SHIFT = 11,
    QUESTION_FIXED = 4,           /* type and class */
    RECORD_FIXED = 10,            /* type, class, TTL, length of the data */
    POINTER_TO_QUESTION = 0xc00c, /* the question's name stands right behind the header */
};

/* ---- Decoding ---- */

/* A packet being decoded. Invariant: at <= len. */
typedef struct {
    const unsigned char *bytes;
    size_t len, at;
} packet_reader;

/* Moves over count bytes; returns a pointer to them, or NULL if the packet ends before. */
static const unsigned char *ns_take(packet_reader *reader, size_t count) {
    if (count > reader->len - reader->at)
        return NULL;
    reader->at += count;
    return reader->bytes + reader->at - count;
}

static bool ns_known_opcode(uint8_t opcode) {
    return opcode == MSI_NS_QUERY || opcode == MSI_NS_MULTIHOMED ||
           (opcode >= MSI_NS_REGISTRATION && opcode <= MSI_NS_REFRESH_ALT);
}

/* RFC 1002 section 4.2.1.2. A foreign class is reported only after the reader has moved behind
 * the question, so that ns_skip() can pass over it. */
static msi_wire_err ns_decode_question(msi_ns_packet *packet, packet_reader *reader) {
    if (!msi_nbname_decode(&packet->name, reader->bytes, reader->len, &reader->at))
        return MSI_WIRE_NAME;
    const unsigned char *fixed = ns_take(reader, QUESTION_FIXED);
    if (!fixed)
        return MSI_WIRE_SHORT;
    packet->question_type = msi_get_be16(fixed);
    return msi_get_be16(fixed + 2) == MSI_NS_CLASS_IN ? MSI_WIRE_SOUND : MSI_WIRE_NOT_DATAGRAM;
}

/* RFC 1002 section 4.2.1.3. A foreign class is reported last, as in ns_decode_question(). */
static msi_wire_err ns_decode_record(msi_ns_packet *packet, packet_reader *reader) {
    if (!msi_nbname_decode(&packet->record_name, reader->bytes, reader->len, &reader->at))
        return MSI_WIRE_NAME;
    const unsigned char *fixed = ns_take(reader, RECORD_FIXED);
    if (!fixed)
        return MSI_WIRE_SHORT;
    packet->record_type = msi_get_be16(fixed);
    packet->ttl = msi_get_be32(fixed + 4);
    packet->rdata_len = msi_get_be16(fixed + 8);
    packet->rdata = ns_take(reader, packet->rdata_len);
    if (!packet->rdata)
        return MSI_WIRE_SHORT;
    return msi_get_be16(fixed + 2) == MSI_NS_CLASS_IN ? MSI_WIRE_SOUND : MSI_WIRE_NOT_DATAGRAM;
}

/* Reads count questions, or records, and discards them. Their class does not matter, their
 * lengths do: the next record begins behind them. A count up to 65535 that the packet does not
 * hold ends at its last byte with SHORT or NAME. */
static msi_wire_err ns_skip(packet_reader *reader, size_t count, bool questions) {
    msi_ns_packet forgotten;
    for (; count; count--) {
        msi_wire_err err = questions ? ns_decode_question(&forgotten, reader)
                                     : ns_decode_record(&forgotten, reader);
        if (err && err != MSI_WIRE_NOT_DATAGRAM)
            return err;
    }
    return MSI_WIRE_SOUND;
}

/* No message of RFC 1002 has more than one question; the first one counts. */
static msi_wire_err ns_decode_questions(msi_ns_packet *packet, packet_reader *reader) {
    size_t count = msi_get_be16(reader->bytes + AT_QUESTIONS);
    packet->has_question = count > 0;
    packet->question_type = 0;
    if (!count)
        return MSI_WIRE_SOUND;
    msi_wire_err err = ns_decode_question(packet, reader);
    return err ? err : ns_skip(reader, count - 1, true);
}

/* Reads a section of count records. Its first record becomes the packet's, unless an earlier
 * section had one. */
static msi_wire_err ns_decode_section(msi_ns_packet *packet, packet_reader *reader, size_t count) {
    if (count && !packet->has_record) {
        msi_wire_err err = ns_decode_record(packet, reader);
        if (err)
            return err;
        packet->has_record = true;
        count--;
    }
    return ns_skip(reader, count, false);
}

/* The sections in their order on the wire: answers, authorities, additionals. Responses have an
 * answer; registrations, refreshes and releases have an additional record (RFC 1002 section
 * 4.2). */
static msi_wire_err ns_decode_records(msi_ns_packet *packet, packet_reader *reader) {
    const unsigned char *header = reader->bytes;
    size_t answers = msi_get_be16(header + AT_ANSWERS);
    packet->has_record = false;
    packet->record_is_additional = !answers && msi_get_be16(header + AT_ADDITIONALS);
    packet->record_type = 0;
    packet->ttl = 0;
    packet->rdata = NULL;
    packet->rdata_len = 0;
    msi_wire_err err = ns_decode_section(packet, reader, answers);
    if (!err)
        err = ns_skip(reader, msi_get_be16(header + AT_AUTHORITIES), false);
    return err ? err : ns_decode_section(packet, reader, msi_get_be16(header + AT_ADDITIONALS));
}

msi_wire_err msi_ns_decode(msi_ns_packet *packet, const unsigned char *bytes, size_t len) {
    if (len < MSI_NS_HEADER)
        return MSI_WIRE_SHORT;
    uint16_t flags = msi_get_be16(bytes + AT_FLAGS);
    packet->id = msi_get_be16(bytes);
    packet->flags = (uint16_t)(flags & ~OPCODE);
    packet->opcode = (uint8_t)((flags & OPCODE) >> OPCODE_SHIFT);
    if (!ns_known_opcode(packet->opcode))
        return MSI_WIRE_NOT_DATAGRAM;
    packet_reader reader = {bytes, len, MSI_NS_HEADER};
    msi_wire_err err = ns_decode_questions(packet, &reader);
    if (!err)
        err = ns_decode_records(packet, &reader);
    if (err)
        return err;
    if (!packet->has_question && !packet->has_record)
        return MSI_WIRE_NOT_DATAGRAM;
    if (!packet->has_question)
        /* Responses have no question in RFC 1002: the record's name is the subject. */
        packet->name = packet->record_name;
    return MSI_WIRE_SOUND;
}

/* ---- Encoding ---- */

static void ns_encode_header(const msi_ns_packet *packet, unsigned char *out) {
    memset(out, 0, MSI_NS_HEADER);
    msi_put_be16(out, packet->id);
    msi_put_be16(out + AT_FLAGS,
                 (uint16_t)((packet->flags & ~OPCODE) | (packet->opcode << OPCODE_SHIFT & OPCODE)));
    msi_put_be16(out + AT_QUESTIONS, packet->has_question);
    if (packet->has_record)
        msi_put_be16(out + (packet->record_is_additional ? AT_ADDITIONALS : AT_ANSWERS), 1);
}

/* The functions below return the bytes that they wrote, 0 if cap is too small. */

static size_t ns_encode_question(const msi_ns_packet *packet, unsigned char *out, size_t cap) {
    size_t name = msi_nbname_encode(&packet->name, out, cap);
    if (!name || QUESTION_FIXED > cap - name)
        return 0;
    msi_put_be16(out + name, packet->question_type);
    msi_put_be16(out + name + 2, MSI_NS_CLASS_IN);
    return name + QUESTION_FIXED;
}

/* Behind a question its name is not repeated: RFC 1002 section 4.2.2 has a label pointer there. */
static size_t ns_encode_record_name(const msi_ns_packet *packet, unsigned char *out, size_t cap) {
    if (!packet->has_question)
        return msi_nbname_encode(&packet->name, out, cap);
    if (cap < 2)
        return 0;
    msi_put_be16(out, POINTER_TO_QUESTION);
    return 2;
}

static size_t ns_encode_record(const msi_ns_packet *packet, unsigned char *out, size_t cap) {
    size_t name = ns_encode_record_name(packet, out, cap);
    if (!name || (size_t)RECORD_FIXED + packet->rdata_len > cap - name)
        return 0;
    out += name;
    msi_put_be16(out, packet->record_type);
    msi_put_be16(out + 2, MSI_NS_CLASS_IN);
    msi_put_be32(out + 4, packet->ttl);
    msi_put_be16(out + 8, packet->rdata_len);
    if (packet->rdata_len)
        memcpy(out + RECORD_FIXED, packet->rdata, packet->rdata_len);
    return name + RECORD_FIXED + packet->rdata_len;
}

size_t msi_ns_encode(const msi_ns_packet *packet, unsigned char *out, size_t cap) {
    if (cap < MSI_NS_HEADER || (!packet->has_question && !packet->has_record))
        return 0;
    ns_encode_header(packet, out);
    size_t at = MSI_NS_HEADER;
    if (packet->has_question) {
        size_t question = ns_encode_question(packet, out + at, cap - at);
        if (!question)
            return 0;
        at += question;
    }
    if (!packet->has_record)
        return at;
    size_t record = ns_encode_record(packet, out + at, cap - at);
    return record ? at + record : 0;
}

/* ---- Data of records ---- */

/* RFC 1002 section 4.2.13: ADDR_ENTRY; a last one that is cut off does not count. */
size_t msi_ns_address_count(const msi_ns_packet *packet) {
    return packet->rdata_len / MSI_NS_ADDRESS;
}

msi_ns_address msi_ns_address_at(const msi_ns_packet *packet, size_t i) {
    const unsigned char *at = packet->rdata + i * MSI_NS_ADDRESS;
    return (msi_ns_address){.nb_flags = msi_get_be16(at), .ip = msi_get_be32(at + 2)};
}

void msi_ns_address_put(unsigned char *out, msi_ns_address address) {
    msi_put_be16(out, address.nb_flags);
    msi_put_be32(out + 2, address.ip);
}

/* RFC 1002 section 4.2.18. NUM_NAMES comes from the sender: count only names that are in the
 * data. The statistics behind them may be missing. */
size_t msi_ns_status_count(const msi_ns_packet *packet) {
    if (!packet->rdata_len)
        return 0;
    size_t there = (packet->rdata_len - 1u) / MSI_NS_STATUS_NAME;
    return packet->rdata[0] < there ? packet->rdata[0] : there;
}

msi_ns_status_name msi_ns_status_at(const msi_ns_packet *packet, size_t i) {
    const unsigned char *at = packet->rdata + 1 + i * MSI_NS_STATUS_NAME;
    msi_ns_status_name name = {.flags = msi_get_be16(at + MSI_NBNAME_SIZE)};
    memcpy(name.bytes, at, MSI_NBNAME_SIZE);
    return name;
}

size_t msi_ns_status_put(unsigned char *out, size_t cap, const msi_ns_status_name *names,
                         size_t count, const unsigned char unit_id[6]) {
    if (count > UINT8_MAX)
        return 0;
    size_t size = 1 + count * MSI_NS_STATUS_NAME + MSI_NS_STATISTICS;
    if (size > cap)
        return 0;
    *out++ = (unsigned char)count;
    for (size_t i = 0; i < count; i++, out += MSI_NS_STATUS_NAME) {
        memcpy(out, names[i].bytes, MSI_NBNAME_SIZE);
        msi_put_be16(out + MSI_NBNAME_SIZE, names[i].flags);
    }
    /* STATISTICS begins with UNIT_ID, the hardware address. Its counters stay 0. */
    memcpy(out, unit_id, 6);
    memset(out + 6, 0, MSI_NS_STATISTICS - 6);
    return size;
}
