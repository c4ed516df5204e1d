/*
 * The NetBIOS names of a host (RFC 1001 sections 15 and 16, RFC 1002 section 5): claims, defends
 * and releases them and answers queries, as a B-node, or as an H-node if WINS servers are
 * configured. A state machine over packets and time: no I/O, no clock, no allocation. It sends
 * through a callback and tells when it must be called again.
 *
 * A node may be on several subnets and claims its names on all of them. A name belongs to the host:
 * if it is lost on one subnet, it is lost.
 *
 * An H-node claims by broadcast and registers with the WINS servers at the same time, so that a
 * server which is slow or down delays nothing. Each address registers for itself: its requests go
 * from that address through its own interface, so that a server never learns an address which it
 * cannot reach (a bridge for containers, say), and finds a server by itself. A refusal concerns one
 * address. The name is lost only if a server refused it and none granted it to any address.
 *
 * These rules give each unique name one owner, even if packets are lost or late or segments split:
 *  - A holder refuses its name to all others, by broadcast or not, for registrations, refreshes and
 *    overwrite demands. Members of a group refuse its name only as a unique name.
 *  - If two hosts claim a name by broadcast at the same time, the one with the lower address on
 * that subnet continues and refuses the other, which gives way when it receives the claim.
 *  - A refused claim is repeated after MSI_NODE_RECLAIM_S, at random, without end.
 *  - A claim ends with an overwrite demand by broadcast, which holders of a unique name repeat
 * every MSI_NODE_ANNOUNCE_S, at random. After two segments have joined, one of two holders repeats
 * it first; the other refuses, and the first gives the name up.
 *
 * Nothing in the protocol proves who sent a packet. A refusal, or a name conflict demand, takes a
 * name away if it comes from the name service port of a host on a subnet where the claim or demand
 * was broadcast, less than MSI_NODE_REFUSABLE_MS later, and carries its transaction id. After
 * MSI_NODE_STRAYS_MAX responses with other ids it is taken for a forgery: nothing counts until the
 * next request, which has a new id, and the owner is told. Any other conflict demand from there
 * makes the node repeat its overwrite demand earlier, at most once in MSI_NODE_DOUBT_S, so that a
 * conflict that is real comes out and a forged one takes nothing. A host on the segment that sees
 * the claim can take a name all the same, which the protocol cannot prevent; a host elsewhere takes
 * nothing, unless routers let its forged source address pass. Programs of the host itself take
 * nothing: no claim gives way to them, and their responses are ignored.
 *
 * A packet is answered with one packet at most, to where it came from, unless that is a broadcast
 * or multicast address or port 0; responses are never answered. Hosts that are on none of the
 * node's subnets, and are not its WINS servers, get MSI_NODE_ROUTED_PER_S answers a second, since a
 * forged source address would make the node send to a third host. Broadcasts are sent when time has
 * passed.
 */
#ifndef MSI_NODE_H
#define MSI_NODE_H

#include "netbios/nameservice.h"

enum {
    MSI_NODE_NAMES = 16,   /* most names */
    MSI_NODE_SUBNETS = 32, /* most subnets: bits of claiming_on, addresses in one answer */
    MSI_NODE_SERVERS = 4,  /* most WINS servers */
    MSI_NODE_HERE = -2,    /* in place of a subnet: the host itself */
    /* RFC 1002 section 6: BCAST_REQ_RETRY_TIMEOUT and _COUNT. */
    MSI_NODE_RETRY_MS = 250,
    MSI_NODE_RETRIES = 3,
};

/** Delays that the RFCs leave open; where there are two limits, random in between each time. */
enum {
    MSI_NODE_REFUSABLE_MS = 2000,
    MSI_NODE_RECLAIM_S = 30,
    MSI_NODE_RECLAIM_MOST_S = 60,
    MSI_NODE_ANNOUNCE_S = 300,
    MSI_NODE_ANNOUNCE_MOST_S = 600,
    MSI_NODE_DOUBT_S = 60,
    /* Responses with a wrong id, after one registration or demand, that are a forgery. Late answers
     * to a former claim are fewer: a unique name has one owner, which is asked three times. */
    MSI_NODE_STRAYS_MAX = 8,
    /* Requests a second that are answered to hosts which are on none of the node's subnets. */
    MSI_NODE_ROUTED_PER_S = 10,
};

/** Requests to WINS servers. RFC 1002 section 6 waits 5 s three times; this waits as Windows does,
 * so that a host whose server is down gets its names sooner. */
enum {
    MSI_NODE_WINS_RETRY_MS = 1500,
    MSI_NODE_WINS_RETRIES = 3,
    MSI_NODE_WINS_AGAIN_S = 300, /* after no server answered */
    MSI_NODE_WINS_AGAIN_MOST_S = 600,
    MSI_NODE_WACK_MOST_S = 60, /* longest wait that a WACK obtains, and how often it does */
    MSI_NODE_WACKS = 4,
    /* A registration is refreshed at half of the TTL granted, within these. */
    MSI_NODE_REFRESH_S = 60,
    MSI_NODE_REFRESH_MOST_S = 12 * 3600,
};

/** State of a name. */
typedef enum {
    MSI_NAME_CLAIMING, /* asked for, or waiting for a subnet; no objection yet */
    MSI_NAME_HELD,
    MSI_NAME_CONFLICT, /* another host has or took it; claimed again later */
    MSI_NAME_RELEASED,
} msi_name_state;

typedef struct {
    uint32_t ip, broadcast, netmask; /* host byte order; broadcast 0: it cannot */
} msi_subnet;

/** Callbacks of a node. Called from within the functions below; must not call them. */
typedef struct {
    /** Send bytes to an address; from the subnet's own address if subnet is one's index, from any
     *  if -1. */
    void (*send)(void *ctx, int subnet, msi_udp_address to, const unsigned char *bytes, size_t len);
    /** A name's state has changed; by is the address that objected (host byte order), or 0. */
    void (*state)(void *ctx, size_t name, msi_name_state state, uint32_t by);
    /** A host on a subnet guesses transaction ids to take a name away; by is the last address. May
     *  be NULL. */
    void (*forged)(void *ctx, size_t name, uint32_t by);
    void *ctx;
} msi_node_owner;

typedef struct {
    msi_nbname name;
    bool group;
} msi_node_name;

typedef struct {
    msi_node_name names[MSI_NODE_NAMES]; /* all different, of one scope */
    size_t name_count;
    uint32_t servers[MSI_NODE_SERVERS]; /* WINS, by preference; none: a B-node */
    size_t server_count;
    uint16_t port;            /* of the name service, 137 but in tests */
    uint32_t ttl;             /* seconds, told in answers and registrations */
    unsigned char unit_id[6]; /* in node status: an Ethernet address, or zeros */
    uint32_t seed;            /* of transaction ids and of random delays */
} msi_node_config;

/* From here to the functions: private, declared here so that the owner can allocate a node. */

typedef enum {
    MSI_WINS_IDLE,    /* until it is time to refresh, or to try the servers again */
    MSI_WINS_ASKING,  /* a request is under way */
    MSI_WINS_LEAVING, /* the name was lost: release it */
} msi_wins_step;

/** Registration of a name with a WINS server for one address of the host. */
typedef struct {
    msi_wins_step step;
    uint64_t next;
    uint16_t id; /* of the request under way */
    size_t server;
    unsigned sent, wacks;
    bool refreshing;
    bool registered;     /* with that server */
    uint32_t refused_by; /* the server whose last verdict was a refusal; 0: none */
} msi_wins_lease;

typedef struct {
    msi_name_state state;
    uint64_t next;
    uint16_t id;          /* of the claim, and of the overwrite demand after it */
    unsigned sent;        /* registrations of the claim; 0: none under way */
    uint32_t claiming_on; /* a bit for each subnet that the claim is for */
    uint32_t asked_on;    /* of these, or of all: where the last request was broadcast */
    unsigned strays;      /* responses since with another id */
    uint64_t refusable_until, announced;
    msi_wins_lease leases[MSI_NODE_SUBNETS]; /* as subnets */
} msi_node_claim;

typedef struct {
    msi_node_config config;
    msi_node_owner owner;
    msi_node_claim claims[MSI_NODE_NAMES]; /* as config.names */
    msi_subnet subnets[MSI_NODE_SUBNETS];
    size_t subnet_count;
    uint64_t random;
    uint64_t routed_second; /* in which so many requests of hosts elsewhere were answered */
    unsigned routed;
    bool released;
} msi_node;

/** Makes a node without subnets, which claims nothing yet. Names and servers beyond the most are
 *  left out. */
void msi_node_init(msi_node *node, const msi_node_config *config, const msi_node_owner *owner);

/**
 * Tells which subnets the host is on from now on; those beyond MSI_NODE_SUBNETS are left out. Names
 * are claimed on those that are new, and go on being held on those that stay; if none stays, every
 * name is claimed anew. Sends nothing: msi_node_next() is due.
 */
void msi_node_set_subnets(msi_node *node, const msi_subnet *subnets, size_t count, uint64_t now);

/** Takes in a packet that came from an address to one of the node's, or to the broadcast address
 *  of subnet; subnet is -1 if that is not known, and MSI_NODE_HERE if it did not leave the host.
 *  Packets of the node's own, which come from an address of it and the name service's port, are
 *  left alone. Returns whether it was sound. */
msi_wire_err msi_node_receive(msi_node *node, int subnet, msi_udp_address from,
                              const unsigned char *bytes, size_t len, uint64_t now);

/** When to call msi_node_tick() next, in ns on the clock of now, which must not go back;
 *  UINT64_MAX: not before something else happens. Any other function may change it. */
uint64_t msi_node_next(const msi_node *node);

/** Does what is due. */
void msi_node_tick(msi_node *node, uint64_t now);

/** Releases every name held, telling so once; the node then sends and answers nothing any more. */
void msi_node_release(msi_node *node, uint64_t now);

msi_name_state msi_node_name_state(const msi_node *node, size_t name);

#endif
