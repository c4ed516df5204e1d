/* Mailslot writes, as the user data of a datagram. */
#include "fuzz.h"

#include <same.h>

/* It has one encoding, which a datagram can carry and which means the same. */
static void check_encoding(const msi_smb_mailslot *write) {
    size_t size = 69 + strlen("\\MAILSLOT\\") + strlen(write->path) + 1 + write->len;
    require(size <= MSI_DATAGRAM_DATA_MAX);
    unsigned char *out = fuzz_memory(size);
    msi_smb_mailslot again;
    require(msi_smb_mailslot_encode(write, out, size - 1) == 0);
    require(msi_smb_mailslot_encode(write, out, size) == size);
    require(msi_smb_mailslot_decode(&again, out, size) == MSI_WIRE_SOUND);
    require(same_write(write, &again));
    free(out);
}

/* One byte more than the limit cannot be written. */
static void check_limit(const msi_smb_mailslot *write) {
    int limit = msi_smb_mailslot_limit(write->path);
    require(limit > 0 && limit <= MSI_SMB_MAILSLOT_DATA_MAX && write->len <= (size_t)limit);
    static const unsigned char message[MSI_SMB_MAILSLOT_DATA_MAX + 1];
    unsigned char out[2 * MSI_DATAGRAM_DATA_MAX];
    msi_smb_mailslot other = *write;
    other.data = message;
    other.len = (size_t)limit;
    size_t size = msi_smb_mailslot_encode(&other, out, sizeof out);
    require(size && size <= MSI_DATAGRAM_DATA_MAX);
    other.len++;
    require(msi_smb_mailslot_encode(&other, out, sizeof out) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    msi_smb_mailslot write;
    msi_wire_err err = msi_smb_mailslot_decode(&write, data, size);
    require(err < MSI_WIRE_KINDS);
    if (err)
        return 0;
    size_t len = strnlen(write.path, sizeof write.path);
    require(len > 0 && len <= MSI_SMB_MAILSLOT_PATH_MAX);
    require(write.data >= data && write.data + write.len <= data + size);
    check_limit(&write);
    check_encoding(&write);
    return 0;
}
