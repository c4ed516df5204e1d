/* NetBIOS name service packets (RFC 1002 section 4.2): what travels on UDP port 137. Pure. */
#ifndef MSI_NAMESERVICE_H
#define MSI_NAMESERVICE_H

#include "nbname.h"
#include "wire.h"

enum {
    MSI_NS_PORT = 137, /* RFC 1002 section 6 */
    MSI_NS_HEADER = 12,
    /* RFC 1002 section 4.2.1.1 lets UDP carry 576; answers with many addresses may be longer. */
    MSI_NS_MAX = 1500,
    MSI_NS_ADDRESS = 6,      /* bytes of one NB_FLAGS and address in an answer */
    MSI_NS_STATUS_NAME = 18, /* bytes of one name in a node status */
    MSI_NS_STATISTICS = 46,  /* bytes at the end of a node status */
};

/** RFC 1002 section 4.2.1.1, OPCODE (without the R bit). */
enum {
    MSI_NS_QUERY = 0,
    MSI_NS_REGISTRATION = 5,
    MSI_NS_RELEASE = 6,
    MSI_NS_WACK = 7,
    MSI_NS_REFRESH = 8,
    MSI_NS_REFRESH_ALT = 9, /* some implementations' refresh; Samba knows both */
    MSI_NS_MULTIHOMED = 15, /* registration by a host with several addresses; Microsoft's */
};

/** RFC 1002 section 4.2.1.1, the bits of NM_FLAGS at their place in the 16-bit word, and RCODE. */
enum {
    MSI_NS_RESPONSE = 0x8000,
    MSI_NS_AUTHORITATIVE = 0x0400,
    MSI_NS_TRUNCATED = 0x0200,
    MSI_NS_RECURSION_DESIRED = 0x0100,
    MSI_NS_RECURSION_AVAILABLE = 0x0080,
    MSI_NS_BROADCAST = 0x0010,
    MSI_NS_RCODE = 0x000f,
};
enum {
    MSI_NS_OK = 0,
    MSI_NS_NAME_ERROR = 3,
    MSI_NS_REFUSED = 5,
    MSI_NS_ACTIVE = 6,
    MSI_NS_CONFLICT = 7
};

/** RFC 1002 section 4.2.1.3, types; NB_FLAGS bits of an address (section 4.2.1.3). */
enum {
    MSI_NS_TYPE_NULL = 0x0a,
    MSI_NS_TYPE_NB = 0x20,
    MSI_NS_TYPE_STATUS = 0x21,
    MSI_NS_CLASS_IN = 1
};
enum {
    MSI_NS_GROUP = 0x8000,
    MSI_NS_NODE_H = 0x6000,
    MSI_NS_NODE_M = 0x4000,
    MSI_NS_NODE_P = 0x2000,
    MSI_NS_NAME_ACTIVE = 0x0400
};

/** A packet with what one can hold of it: at most one question and one record (the answer, or the
 *  additional record of a registration); no message of the protocol has more. */
typedef struct {
    uint16_t id;
    uint16_t flags; /* MSI_NS_ bits and rcode, with the opcode left out */
    uint8_t opcode;
    bool has_question, has_record;
    bool record_is_additional;
    msi_nbname name;        /* of the question if there is one, else of the record */
    uint16_t question_type; /* MSI_NS_TYPE_NB or _STATUS */
    msi_nbname record_name; /* decoded: as sent, pointers followed; encoding ignores it and writes
                               name (a pointer to it, if there is a question) */
    uint16_t record_type;
    uint32_t ttl;               /* seconds */
    const unsigned char *rdata; /* decoded: into the packet */
    uint16_t rdata_len;
} msi_ns_packet;

/**
 * Takes a packet apart. Its record is the first answer, else the first additional record; further
 * questions and records, and those of authorities, are checked for their lengths and passed over,
 * bytes after them are ignored. An opcode that is not listed above, neither question nor record, or
 * a class other than MSI_NS_CLASS_IN is NOT_DATAGRAM; a name that leads nowhere is NAME; an end
 * before a field, or before the data of a record, is SHORT. *packet is undefined then. Without a
 * record its fields are 0, record_name is undefined.
 */
msi_wire_err msi_ns_decode(msi_ns_packet *packet, const unsigned char *bytes, size_t len);

/** Writes a packet; returns its bytes, 0 if cap is too small or there is neither question nor
 *  record. */
size_t msi_ns_encode(const msi_ns_packet *packet, unsigned char *out, size_t cap);

/** One address of a positive answer, or of a registration. */
typedef struct {
    uint16_t nb_flags;
    uint32_t ip; /* host byte order */
} msi_ns_address;

/** Number of addresses in a record's data (whole ones), and the i-th of them. */
size_t msi_ns_address_count(const msi_ns_packet *packet);
msi_ns_address msi_ns_address_at(const msi_ns_packet *packet, size_t i);

/** Writes MSI_NS_ADDRESS bytes. */
void msi_ns_address_put(unsigned char *out, msi_ns_address address);

/** One name of a node status answer. */
typedef struct {
    unsigned char bytes[MSI_NBNAME_SIZE];
    uint16_t flags; /* MSI_NS_GROUP, MSI_NS_NAME_ACTIVE, ... */
} msi_ns_status_name;

/** Number of names in a node status record's data (those really there), and the i-th of them. */
size_t msi_ns_status_count(const msi_ns_packet *packet);
msi_ns_status_name msi_ns_status_at(const msi_ns_packet *packet, size_t i);

/** Writes a node status record's data (count, names, statistics of zeros after unit_id, 6 bytes);
 *  returns its bytes, 0 if cap is too small or count over 255. */
size_t msi_ns_status_put(unsigned char *out, size_t cap, const msi_ns_status_name *names,
                         size_t count, const unsigned char unit_id[6]);

#endif
