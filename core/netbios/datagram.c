/* Encodes and decodes NetBIOS datagrams; every length from the wire is checked. */
#include "datagram.h"

#include <string.h>

/* RFC 1002 section 4.4.1: where the fields of the header lie, and the bits of FLAGS. */
enum {
    AT_TYPE = 0,
    AT_FLAGS = 1,
    AT_ID = 2,
    AT_SOURCE_IP = 4,
    AT_SOURCE_PORT = 8,
    AT_LENGTH = 10,
    AT_PACKET_OFFSET = 12,
    FLAG_MORE = 0x01,
    FLAG_FIRST = 0x02, /* and nothing else: of a B-node, and the only fragment */
};

/* The other types, 0x13 to 0x16, are errors and queries to a distribution server (NBDD): RFC
 * 1002 sections 4.4.3 and 4.4.4. They carry no user data. */
static bool datagram_has_data(uint8_t type) {
    return type == MSI_DATAGRAM_UNIQUE || type == MSI_DATAGRAM_GROUP ||
           type == MSI_DATAGRAM_BROADCAST;
}

/* Checks the header and finds where the datagram ends; bytes behind that are ignored. Fragments
 * are dropped, not reassembled: mailslots have no segmentation ([MS-MAIL]), so no sender makes
 * any. The type comes first: a short packet of another type is not a datagram cut off. */
static msi_wire_err datagram_decode_header(msi_datagram *datagram, const unsigned char *packet,
                                           size_t len, size_t *end) {
    if (len && !datagram_has_data(packet[AT_TYPE]))
        return MSI_WIRE_NOT_DATAGRAM;
    if (len < MSI_DATAGRAM_HEADER)
        return MSI_WIRE_SHORT;
    if (packet[AT_FLAGS] & FLAG_MORE || msi_get_be16(packet + AT_PACKET_OFFSET))
        return MSI_WIRE_FRAGMENT;
    *end = (size_t)MSI_DATAGRAM_HEADER + msi_get_be16(packet + AT_LENGTH);
    if (*end > len)
        return MSI_WIRE_SHORT;
    datagram->type = packet[AT_TYPE];
    datagram->id = msi_get_be16(packet + AT_ID);
    datagram->source_ip = msi_get_be32(packet + AT_SOURCE_IP);
    datagram->source_port = msi_get_be16(packet + AT_SOURCE_PORT);
    return MSI_WIRE_SOUND;
}

/* RFC 1002 section 4.4.2: source name, destination name, then user data up to the end. The names
 * are decoded within `end`, not `len`: they must not reach behind what the header declares. */
msi_wire_err msi_datagram_decode(msi_datagram *datagram, const unsigned char *packet, size_t len) {
    size_t end;
    msi_wire_err err = datagram_decode_header(datagram, packet, len, &end);
    if (err)
        return err;
    size_t at = MSI_DATAGRAM_HEADER;
    if (!msi_nbname_decode(&datagram->source, packet, end, &at) ||
        !msi_nbname_decode(&datagram->destination, packet, end, &at))
        return MSI_WIRE_NAME;
    if (end - at > MSI_DATAGRAM_DATA_MAX)
        return MSI_WIRE_LENGTH;
    datagram->data = packet + at;
    datagram->len = end - at;
    return MSI_WIRE_SOUND;
}

static void datagram_encode_header(const msi_datagram *datagram, unsigned char *out, size_t size) {
    out[AT_TYPE] = datagram->type;
    out[AT_FLAGS] = FLAG_FIRST;
    msi_put_be16(out + AT_ID, datagram->id);
    msi_put_be32(out + AT_SOURCE_IP, datagram->source_ip);
    msi_put_be16(out + AT_SOURCE_PORT, datagram->source_port);
    msi_put_be16(out + AT_LENGTH, (uint16_t)(size - MSI_DATAGRAM_HEADER));
    msi_put_be16(out + AT_PACKET_OFFSET, 0);
}

/* The header comes last, since it holds the length. A name that has no room encodes to 0 bytes;
 * at stays within cap then, so one check behind both names is enough. */
size_t msi_datagram_encode(const msi_datagram *datagram, unsigned char *out, size_t cap) {
    if (datagram->len > MSI_DATAGRAM_DATA_MAX || cap < MSI_DATAGRAM_HEADER)
        return 0;
    size_t at = MSI_DATAGRAM_HEADER;
    size_t source = msi_nbname_encode(&datagram->source, out + at, cap - at);
    at += source;
    size_t destination = msi_nbname_encode(&datagram->destination, out + at, cap - at);
    at += destination;
    if (!source || !destination || datagram->len > cap - at)
        return 0;
    if (datagram->len)
        memcpy(out + at, datagram->data, datagram->len);
    at += datagram->len;
    datagram_encode_header(datagram, out, at);
    return at;
}
