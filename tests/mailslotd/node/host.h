/* One host's node under test: its time, what it sent and told, and packets for it, whose bytes are
 * put together here by hand. */
#ifndef MAILSLOT_TEST_NETBIOS_HOST_H
#define MAILSLOT_TEST_NETBIOS_HOST_H

#include <node/node.h>

enum { PORT = 137, TTL = 300000, HOST_SENT = 256, HOST_TOLD = 256 };

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

/** The host's places, and others. */
#define OURS    IP(10, 0, 0, 10)
#define LOWER   IP(10, 0, 0, 9)
#define HIGHER  IP(10, 0, 0, 11)
#define NETMASK IP(255, 255, 255, 0)
#define SERVER  IP(10, 9, 9, 1)
#define SERVER2 IP(10, 9, 9, 2)

extern const msi_subnet first_subnet, second_subnet; /* ours is on the first */

struct bytes {
    size_t len;
    unsigned char at[MSI_NS_MAX];
};

struct sent {
    uint64_t ms; /* when, since the host began */
    int subnet;
    msi_udp_address to;
    struct bytes bytes;
};

struct told {
    uint64_t ms;
    size_t name;
    msi_name_state state;
    uint32_t by;
};

struct host {
    msi_node node;
    uint64_t now;
    struct sent sent[HOST_SENT];
    struct told told[HOST_TOLD];
    size_t sent_count, told_count;
    unsigned forgeries; /* told of */
};

/* ---- The host ---- */

/** A config of no names and no servers. */
msi_node_config no_names(void);
void add_name(msi_node_config *config, const char *name, uint8_t suffix, bool group);

void host_init(struct host *host, const msi_node_config *config);

/** Puts it on subnets, and lets it do what is due. */
void host_on(struct host *host, const msi_subnet *subnets, size_t count);

/** A host with the name HOST<20> on first_subnet, which has just begun to claim it; and one that
 *  holds it, with what it sent and told forgotten. */
void host_claiming(struct host *host);
void host_holding(struct host *host);

/** Lets time pass, with the host called when it wants to be. */
void host_run(struct host *host, uint64_t ms);

/** Gives it a packet, checks that it answers with one at most, to where that came from, and only to
 *  requests; whether it answered. */
bool host_hears(struct host *host, int subnet, uint32_t ip, uint16_t port,
                const struct bytes *packet);

/** Forgets what it sent and told. */
void host_forget(struct host *host);

msi_name_state host_state(const struct host *host);
uint16_t id_of(const struct sent *sent);
uint16_t flags_of(const struct sent *sent);
/** Of the packet sent last; fails if there is none. */
const struct sent *last_sent(const struct host *host);

/** Checks all there is of a packet. */
void check_sent(const struct sent *sent, int subnet, uint32_t ip, uint16_t port,
                const struct bytes *bytes);

/* ---- Packets ---- */

/** A query, or a node status query by type. */
struct bytes question(uint16_t id, uint16_t flags, const char *name, uint8_t suffix, uint16_t type);

/** A registration, refresh or release, as its flags say. */
struct bytes claim(uint16_t id, uint16_t flags, const char *name, uint8_t suffix, uint32_t ttl,
                   uint16_t nb_flags, uint32_t ip);

/** An answer with a record of any data, and with one address. */
struct bytes answer(uint16_t id, uint16_t flags, const char *name, uint8_t suffix, uint16_t type,
                    uint32_t ttl, const void *data, size_t len);
struct bytes address_answer(uint16_t id, uint16_t flags, const char *name, uint8_t suffix,
                            uint32_t ttl, uint16_t nb_flags, uint32_t ip);

/** The refusal of HOST<20>, as nmbd sends it: flags 0xad86. */
struct bytes refusal(uint16_t id);

#endif
