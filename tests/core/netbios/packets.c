/*
 * Writes one packet of every kind that we send into a directory, for others to judge:
 * datagram-*.bin and name-*.bin with the UDP payload, and packets.pcap with all of them.
 *
 *     netbios_packets DIRECTORY
 */
#include "packets.h"

#include <netbios/smb_mailslot.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *directory;
static FILE *capture;

_Noreturn void packets_give_up(const char *what) {
    fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "not made");
    exit(1);
}

static void write_all(FILE *file, const void *bytes, size_t len) {
    if (fwrite(bytes, 1, len, file) != len)
        packets_give_up("write");
}

/* ---- The capture: packets as IPv4 without a link layer ---- */

/* https://www.ietf.org/archive/id/draft-gharris-opsawg-pcap-01.html, link type 228: LINKTYPE_IPV4
 */
static void begin_capture(void) {
    const uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 228};
    write_all(capture, header, sizeof header);
}

static uint16_t ip_checksum(const unsigned char *header, size_t len) {
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i += 2)
        sum += msi_get_be16(header + i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_headers(unsigned char out[28], size_t len, uint32_t to, uint16_t port) {
    memset(out, 0, 28);
    out[0] = 0x45; /* version 4, five words */
    msi_put_be16(out + 2, (uint16_t)(28 + len));
    out[8] = 64; /* hops */
    out[9] = 17; /* UDP */
    msi_put_be32(out + 12, OUR_IP);
    msi_put_be32(out + 16, to);
    msi_put_be16(out + 10, ip_checksum(out, 20));
    msi_put_be16(out + 20, port);
    msi_put_be16(out + 22, port);
    msi_put_be16(out + 24, (uint16_t)(8 + len)); /* and no checksum, which UDP allows */
}

void packets_put(const char *name, const unsigned char *bytes, size_t len, uint32_t to,
                 uint16_t port) {
    static uint32_t seconds;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.bin", directory, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        packets_give_up(path);
    write_all(file, bytes, len);
    fclose(file);
    unsigned char headers[28];
    put_headers(headers, len, to, port);
    uint32_t total = (uint32_t)(sizeof headers + len);
    const uint32_t record[] = {++seconds, 0, total, total};
    write_all(capture, record, sizeof record);
    write_all(capture, headers, sizeof headers);
    write_all(capture, bytes, len);
}

/* ---- Datagrams ---- */

static void put_datagram(const char *name, uint8_t type, const char *destination, const char *path,
                         size_t len) {
    static unsigned char message[MSI_SMB_MAILSLOT_DATA_MAX];
    static uint16_t id = 0x4000;
    unsigned char smb[MSI_DATAGRAM_DATA_MAX], bytes[MSI_DATAGRAM_MAX];
    memset(message, 'm', sizeof message);
    msi_smb_mailslot write = {.data = message, .len = len};
    snprintf(write.path, sizeof write.path, "%s", path);
    msi_datagram datagram = {.type = type,
                             .id = id++,
                             .source_ip = OUR_IP,
                             .source_port = MSI_DATAGRAM_PORT,
                             .data = smb,
                             .len = msi_smb_mailslot_encode(&write, smb, sizeof smb)};
    msi_nbname_set(&datagram.source, "US", MSI_SUFFIX_WORKSTATION);
    msi_nbname_set(&datagram.destination, destination, MSI_SUFFIX_WORKSTATION);
    size_t size = msi_datagram_encode(&datagram, bytes, sizeof bytes);
    if (!datagram.len || !size)
        packets_give_up(name);
    packets_put(name, bytes, size, type == MSI_DATAGRAM_UNIQUE ? PEER_IP : BROADCAST_IP,
                MSI_DATAGRAM_PORT);
}

static void put_datagrams(void) {
    char longest[MSI_SMB_MAILSLOT_PATH_MAX + 1] = {0};
    memset(longest, 'x', sizeof longest - 1);
    put_datagram("datagram-unique", MSI_DATAGRAM_UNIQUE, "PEER", "trace", 5);
    put_datagram("datagram-group", MSI_DATAGRAM_GROUP, "WORKGROUP", "trace", 5);
    put_datagram("datagram-broadcast", MSI_DATAGRAM_BROADCAST, "*", "trace", 5);
    put_datagram("datagram-empty", MSI_DATAGRAM_UNIQUE, "PEER", "trace", 0);
    put_datagram("datagram-odd", MSI_DATAGRAM_UNIQUE, "PEER", "a\\b\\c", 1);
    put_datagram("datagram-largest", MSI_DATAGRAM_UNIQUE, "PEER", "12345678",
                 MSI_SMB_MAILSLOT_DATA_MAX);
    put_datagram("datagram-longest-name", MSI_DATAGRAM_UNIQUE, "FIFTEEN-LETTERS", longest,
                 (size_t)msi_smb_mailslot_limit(longest));
}

/* ---- Name service ---- */

static void put_question(const char *file, uint16_t flags, uint16_t type, const char *name,
                         uint32_t to) {
    static uint16_t id = 0x5000;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = {
        .id = id++, .flags = flags, .has_question = true, .question_type = type};
    msi_nbname_set(&packet.name, name, MSI_SUFFIX_SERVER);
    size_t size = msi_ns_encode(&packet, bytes, sizeof bytes);
    if (!size)
        packets_give_up(file);
    packets_put(file, bytes, size, to, MSI_NS_PORT);
}

/* As a sender asks, who has no names. */
static void put_questions(void) {
    const uint16_t desired = MSI_NS_RECURSION_DESIRED;
    put_question("name-query", desired | MSI_NS_BROADCAST, MSI_NS_TYPE_NB, "PEER", BROADCAST_IP);
    put_question("name-query-wins", desired, MSI_NS_TYPE_NB, "PEER", SERVER_IP);
    put_question("name-status-query", 0, MSI_NS_TYPE_STATUS, "*", PEER_IP);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    directory = argv[1];
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/packets.pcap", directory);
    capture = fopen(path, "wb");
    if (!capture)
        packets_give_up(path);
    begin_capture();
    put_datagrams();
    put_questions();
    packets_put_node();
    return fclose(capture) ? 1 : 0;
}
