#include "random_packets.h"

#include <string.h>

/* xorshift64*, from a state that is never 0. */
static uint32_t next(struct random *random) {
    uint64_t x = random->state ? random->state : 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    random->state = x;
    return (uint32_t)(x * 0x2545f4914f6cdd1d >> 32);
}

uint32_t random_below(struct random *random, uint32_t bound) { return next(random) % bound; }

void random_bytes(struct random *random, unsigned char *out, size_t len) {
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)next(random);
}

static void random_scope(struct random *random, msi_nbname *name) {
    size_t most = random_below(random, MSI_NBNAME_SCOPE_MAX + 1), used = 0;
    while (used + 2 <= most) {
        size_t len = 1 + random_below(random, 63);
        if (used + 1 + len > most)
            len = most - used - 1;
        name->scope[used] = (unsigned char)len;
        random_bytes(random, name->scope + used + 1, len);
        used += 1 + len;
    }
    name->scope_len = (uint8_t)used;
}

void random_name(struct random *random, msi_nbname *name) {
    random_bytes(random, name->bytes, MSI_NBNAME_SIZE);
    name->scope_len = 0;
    if (random_below(random, 4) == 0)
        random_scope(random, name);
}

void random_datagram(struct random *random, msi_datagram *datagram,
                     unsigned char out[MSI_DATAGRAM_DATA_MAX]) {
    datagram->type = (uint8_t)(MSI_DATAGRAM_UNIQUE + random_below(random, 3));
    datagram->id = (uint16_t)next(random);
    datagram->source_ip = next(random);
    datagram->source_port = (uint16_t)next(random);
    random_name(random, &datagram->source);
    random_name(random, &datagram->destination);
    datagram->data = out;
    datagram->len = random_below(random, MSI_DATAGRAM_DATA_MAX + 1);
    random_bytes(random, out, datagram->len);
}

void random_write(struct random *random, msi_smb_mailslot *write,
                  unsigned char out[MSI_SMB_MAILSLOT_DATA_MAX]) {
    size_t len = 1 + random_below(random, random_below(random, 2) ? 12 : MSI_SMB_MAILSLOT_PATH_MAX);
    for (size_t i = 0; i < len; i++)
        write->path[i] = (char)(1 + random_below(random, 255));
    write->path[len] = '\0';
    write->data = out;
    write->len = random_below(random, (uint32_t)msi_smb_mailslot_limit(write->path) + 1);
    random_bytes(random, out, write->len);
}

void random_ns(struct random *random, msi_ns_packet *packet, unsigned char out[600]) {
    static const uint8_t opcodes[] = {MSI_NS_QUERY,     MSI_NS_REGISTRATION, MSI_NS_RELEASE,
                                      MSI_NS_WACK,      MSI_NS_REFRESH,      MSI_NS_REFRESH_ALT,
                                      MSI_NS_MULTIHOMED};
    uint32_t parts = 1 + random_below(random, 3);
    *packet = (msi_ns_packet){.id = (uint16_t)next(random),
                              .flags = (uint16_t)(next(random) & 0x87ff),
                              .opcode = opcodes[random_below(random, sizeof opcodes)],
                              .has_question = parts & 1,
                              .has_record = parts >> 1};
    random_name(random, &packet->name);
    if (packet->has_question)
        packet->question_type = (uint16_t)next(random);
    if (!packet->has_record)
        return;
    packet->record_is_additional = next(random) & 1;
    packet->record_type = (uint16_t)next(random);
    packet->ttl = next(random);
    packet->rdata = out;
    packet->rdata_len = (uint16_t)random_below(random, 601);
    random_bytes(random, out, packet->rdata_len);
}
