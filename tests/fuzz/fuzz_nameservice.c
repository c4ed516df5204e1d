/* Name service packets, as they come in on UDP port 137, and what their records hold. */
#include "fuzz.h"

#include <same.h>

/* Bytes of its encoding: a record after a question has a pointer for its name. */
static size_t encoded_size(const msi_ns_packet *packet) {
    size_t name = (size_t)MSI_NBNAME_PLAIN + packet->name.scope_len, size = MSI_NS_HEADER + name;
    if (packet->has_question)
        size += 4;
    if (packet->has_record)
        size += 10u + packet->rdata_len + (packet->has_question ? 2 : 0);
    return size;
}

static void check_encoding(const msi_ns_packet *packet) {
    size_t size = encoded_size(packet);
    unsigned char *out = fuzz_memory(size);
    msi_ns_packet again;
    for (size_t cap = 0; cap < size; cap += 7)
        require(msi_ns_encode(packet, out, cap) == 0);
    require(msi_ns_encode(packet, out, size - 1) == 0);
    require(msi_ns_encode(packet, out, size) == size);
    require(msi_ns_decode(&again, out, size) == MSI_WIRE_SOUND);
    require(same_ns_packet(packet, &again));
    require(!again.has_record || same_name(&again.name, &again.record_name));
    free(out);
}

/* Addresses that are put back give the bytes they were read from. */
static void check_addresses(const msi_ns_packet *packet) {
    size_t count = msi_ns_address_count(packet);
    require(count * MSI_NS_ADDRESS <= packet->rdata_len);
    for (size_t i = 0; i < count; i++) {
        unsigned char out[MSI_NS_ADDRESS];
        msi_ns_address_put(out, msi_ns_address_at(packet, i));
        require(memcmp(out, packet->rdata + i * MSI_NS_ADDRESS, sizeof out) == 0);
    }
}

/* So do names of a node status. */
static void check_status(const msi_ns_packet *packet) {
    static const unsigned char unit_id[6];
    static msi_ns_status_name names[UINT8_MAX];
    static unsigned char out[1 + UINT8_MAX * MSI_NS_STATUS_NAME + MSI_NS_STATISTICS];
    size_t count = msi_ns_status_count(packet);
    require(count <= UINT8_MAX && count * MSI_NS_STATUS_NAME <= packet->rdata_len);
    for (size_t i = 0; i < count; i++)
        names[i] = msi_ns_status_at(packet, i);
    size_t size = msi_ns_status_put(out, sizeof out, names, count, unit_id);
    require(size == 1 + count * MSI_NS_STATUS_NAME + MSI_NS_STATISTICS && out[0] == count);
    if (count)
        require(memcmp(out + 1, packet->rdata + 1, count * MSI_NS_STATUS_NAME) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    msi_ns_packet packet;
    msi_wire_err err = msi_ns_decode(&packet, data, size);
    require(err < MSI_WIRE_KINDS);
    if (err)
        return 0;
    require(packet.has_question || packet.has_record);
    require(packet.has_record || (!packet.rdata && !packet.rdata_len));
    if (packet.has_record) {
        require(packet.rdata >= data + MSI_NS_HEADER && packet.rdata <= data + size);
        require(packet.rdata_len <= (size_t)(data + size - packet.rdata));
    }
    check_encoding(&packet);
    check_addresses(&packet);
    check_status(&packet);
    return 0;
}
