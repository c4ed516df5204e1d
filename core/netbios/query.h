/*
 * Asking the name service for a name, or a node for its status (RFC 1002 sections 5.1.1.4, 5.1.2.4
 * and 5.3). Pure: packets and time are passed in, and what is to be sent is fetched.
 *
 * Servers are asked first, all at once. As soon as all have said that they do not know the name, or
 * after MSI_QUERY_SERVERS_MS, the segments are asked by broadcast too, and the servers that were
 * silent again; three times, MSI_QUERY_WAIT_MS apart. RFC 1002 section 6 would give a server 15 s;
 * a writer must know within one. Whoever wants more than one answer waits to the end of the try
 * that brought the first.
 *
 * Everybody can send us packets. An answer counts if it has the transaction id, which nobody can
 * guess who did not hear the query, and the name asked for, and came from the name service's port
 * of a server that was asked, or of a host on a segment that was. Nothing more can be known of it.
 */
#ifndef MSI_QUERY_H
#define MSI_QUERY_H

#include "nameservice.h"
#include "udp.h"

enum {
    /* RFC 1002 section 6: BCAST_REQ_RETRY_COUNT and _TIMEOUT. */
    MSI_QUERY_TRIES = 3,
    MSI_QUERY_WAIT_MS = 250,
    MSI_QUERY_SERVERS_MS = 150,
    MSI_QUERY_BYTES = MSI_NS_HEADER + MSI_NBNAME_ENCODED_MAX + 4, /* of the longest query */
};

/** Whom to ask for what. */
typedef struct {
    msi_nbname name;
    uint16_t type; /* MSI_NS_TYPE_NB or MSI_NS_TYPE_STATUS */
    uint16_t id;   /* of the transaction */
    uint16_t port; /* of the name service */
    uint32_t servers[MSI_CONFIG_SERVERS];
    size_t server_count;
    msi_interface interfaces[MSI_INTERFACES_MAX]; /* to broadcast on */
    size_t interface_count;
    bool every_try; /* go on when answers have come: somebody else may not have heard it */
} msi_question;

typedef struct {
    msi_question question;
    unsigned try;                       /* 0: servers alone; 1 to MSI_QUERY_TRIES: everybody */
    size_t next;                        /* whom to send to next in this try */
    uint64_t until;                     /* when this try ends */
    bool answered;                      /* the try after this one is needed only if every_try */
    bool knows_not[MSI_CONFIG_SERVERS]; /* what the servers have said */
} msi_query;

/** A packet to be sent. */
typedef struct {
    const msi_interface *from; /* within the query; NULL: as the system routes */
    msi_udp_address to;
    unsigned char bytes[MSI_QUERY_BYTES];
    size_t len;
} msi_query_packet;

void msi_query_begin(msi_query *query, const msi_question *question, uint64_t now);

/** Fetches one packet that is to be sent now; false if there is none (any more). */
bool msi_query_fetch(msi_query *query, uint64_t now, msi_query_packet *packet);

/** When to fetch again; MSI_NEVER once the query is over. */
uint64_t msi_query_due(const msi_query *query);

/** Whether nobody is to be waited for any longer. */
bool msi_query_is_over(const msi_query *query);

/** Takes in a packet; true if it answers the question, and is then in *answer, whose data points
 *  into bytes. An answer to a name has at least one address, and is a group's or has one at least
 *  that a host can have. */
bool msi_query_receive(msi_query *query, msi_udp_address from, const unsigned char *bytes,
                       size_t len, msi_ns_packet *answer);

/** Whether an answer to a name says that it is a group's. */
bool msi_query_is_group(const msi_ns_packet *answer);

/** Whether a host can have an address: not none, not loopback, multicast or broadcast. */
bool msi_query_is_host(uint32_t ip);

/** Of the addresses in an answer the one to send to: on a segment of ours, else the first that a
 *  host can have. 0: none, as servers say of groups. */
uint32_t msi_query_address(const msi_query *query, const msi_ns_packet *answer);

/** Whether an address is in an interface's network. */
bool msi_query_is_near(const msi_interface *interface, uint32_t ip);

#endif
