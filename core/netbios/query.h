/*
 * Queries of the name service for a name, or of a node for its status (RFC 1002 sections 5.1.1.4,
 * 5.1.2.4 and 5.3). Pure: the caller passes packets and the time in, and fetches packets to send.
 *
 * The first try asks all servers at once. When all have denied the name, or after
 * MSI_QUERY_SERVERS_MS, three more tries, MSI_QUERY_WAIT_MS apart, broadcast on the segments and
 * ask the silent servers again. RFC 1002 section 6 would wait 15 s for a server, but a writer needs
 * the result within one second. With every_try a query runs to its end, to collect all answers.
 *
 * Any host can send packets to the socket. An answer counts only if it has the transaction id,
 * which a host that did not receive the query must guess, and the name in question, and comes from
 * the name service's port of a server that was asked, or of a host on a segment that was. The
 * protocol has no stronger check.
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

/** A question: the name, the servers and the segments to ask. */
typedef struct {
    msi_nbname name;
    uint16_t type; /* MSI_NS_TYPE_NB or MSI_NS_TYPE_STATUS */
    uint16_t id;   /* of the transaction */
    uint16_t port; /* of the name service */
    uint32_t servers[MSI_CONFIG_SERVERS];
    size_t server_count;
    msi_interface interfaces[MSI_INTERFACES_MAX]; /* to broadcast on those that can */
    size_t interface_count;
    bool every_try;              /* go on after an answer: other hosts may have missed the query */
    bool (*is_own)(uint32_t ip); /* whether this computer has an address; NULL: interfaces tell */
} msi_question;

typedef struct {
    msi_question question;
    unsigned try;                       /* 0: servers alone; 1 to MSI_QUERY_TRIES: all */
    size_t next;                        /* index of the next destination in this try */
    uint64_t until;                     /* when this try ends */
    bool answered;                      /* the try after this one is needed only if every_try */
    bool knows_not[MSI_CONFIG_SERVERS]; /* which servers have denied the name */
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

/** Whether no more answers are expected. */
bool msi_query_is_over(const msi_query *query);

/** Takes in a packet; true if it answers the question, and is then in *answer, whose data points
 *  into bytes. An answer to a name has at least one address, and is a group's or has one at least
 *  that a host can have; if that is not one to send to, the query goes on to its next try. */
bool msi_query_receive(msi_query *query, msi_udp_address from, const unsigned char *bytes,
                       size_t len, msi_ns_packet *answer);

/** Whether an answer has the group flag set. */
bool msi_query_is_group(const msi_ns_packet *answer);

/** Whether a host can have an address: not none, not loopback, multicast or broadcast. */
bool msi_query_is_host(uint32_t ip);

/**
 * Of the addresses in an answer from `by`, the one to send to: the first on the segment by which
 * the answer came, else on a segment of ours, else the first that a host can have. An address of
 * this computer is one only if this computer answered, and no other is there: many computers have
 * the same address for a bridge of their own. 0: none, as servers say of groups.
 */
uint32_t msi_query_address(const msi_query *query, uint32_t by, const msi_ns_packet *answer);

/** Whether an address is in an interface's network. */
bool msi_query_is_near(const msi_interface *interface, uint32_t ip);

#endif
