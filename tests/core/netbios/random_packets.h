/* Packets made up from a seed: everything the encoders can be asked for. */
#ifndef MAILSLOT_TEST_NETBIOS_RANDOM_PACKETS_H
#define MAILSLOT_TEST_NETBIOS_RANDOM_PACKETS_H

#include <netbios/nameservice.h>
#include <netbios/smb_mailslot.h>

/** A generator; any number is a seed. */
struct random {
    uint64_t state;
};

/** A number below bound, which is not 0. */
uint32_t random_below(struct random *random, uint32_t bound);

void random_bytes(struct random *random, unsigned char *out, size_t len);

/** One name in four has a scope, of any length up to the longest. */
void random_name(struct random *random, msi_nbname *name);

/* These put a packet's data at out, which holds as much as its kind can have. */

void random_datagram(struct random *random, msi_datagram *datagram,
                     unsigned char out[MSI_DATAGRAM_DATA_MAX]);
void random_write(struct random *random, msi_smb_mailslot *write,
                  unsigned char out[MSI_SMB_MAILSLOT_DATA_MAX]);
/** Its data are at most 600 bytes. */
void random_ns(struct random *random, msi_ns_packet *packet, unsigned char out[600]);

#endif
