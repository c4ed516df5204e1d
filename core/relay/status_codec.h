/*
 * mailslotd's status as it crosses the relay socket: a sequence of fields, each a tag in one byte,
 * its length in two bytes (big endian), and that many bytes. A field with an unknown tag, or a
 * counter with an unknown number, is skipped, so that either side may be the newer one. List
 * entries come one per field; those beyond what mailslot_daemon_status has room for are skipped. Of
 * a field that is there twice, the later one counts. Pure functions over bytes.
 */
#ifndef MSI_RELAY_STATUS_CODEC_H
#define MSI_RELAY_STATUS_CODEC_H

#include <mailslot/network.h>

/** More than the longest encoded status. */
enum { MSI_STATUS_ENCODED_MAX = 16384 };

/** Encodes a status; returns the bytes. The counts must be within their arrays. */
size_t msi_status_encode(const mailslot_daemon_status *status,
                         unsigned char out[MSI_STATUS_ENCODED_MAX]);

/** Decodes all of a status but its size, which becomes the struct's. Control characters in strings
 *  become '?'. False if a field's length is wrong, a known field has not the length or value that
 *  it must have, or version or pid is missing; *status is undefined then. */
bool msi_status_decode(mailslot_daemon_status *status, const unsigned char *bytes, size_t len);

#endif
