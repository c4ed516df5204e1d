/* What a decoded packet says, in lines. */
#ifndef MAILSLOT_TEST_NETBIOS_DESCRIBE_H
#define MAILSLOT_TEST_NETBIOS_DESCRIBE_H

#include <netbios/nameservice.h>
#include <netbios/smb_mailslot.h>

enum { DESCRIPTION = 8192 };

struct description {
    char text[DESCRIPTION];
    size_t used;
};

void describe_kind(struct description *out, msi_wire_err kind);
void describe_name(struct description *out, const msi_nbname *name, size_t next);
/** Places are counted from packet. What the datagram carries is described too. */
void describe_datagram(struct description *out, const msi_datagram *datagram,
                       const unsigned char *packet);
void describe_write(struct description *out, const msi_smb_mailslot *write,
                    const unsigned char *packet);
void describe_ns(struct description *out, const msi_ns_packet *packet, const unsigned char *bytes);

#endif
