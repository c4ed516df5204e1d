/* Datagrams as they come in on UDP port 138, and the mailslot writes in them. */
#include "fuzz.h"

#include <same.h>

static void check_encoding(const msi_datagram *datagram) {
    size_t size = MSI_DATAGRAM_HEADER + 2u * MSI_NBNAME_PLAIN + datagram->source.scope_len +
                  datagram->destination.scope_len + datagram->len;
    require(size <= MSI_DATAGRAM_MAX);
    unsigned char *out = fuzz_memory(size);
    msi_datagram again;
    for (size_t cap = 0; cap < size; cap += 7)
        require(msi_datagram_encode(datagram, out, cap) == 0);
    require(msi_datagram_encode(datagram, out, size - 1) == 0);
    require(msi_datagram_encode(datagram, out, size) == size);
    require(msi_datagram_decode(&again, out, size) == MSI_WIRE_SOUND);
    require(same_datagram(datagram, &again));
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    msi_datagram datagram;
    msi_wire_err err = msi_datagram_decode(&datagram, data, size);
    require(err < MSI_WIRE_KINDS);
    if (err)
        return 0;
    require(datagram.data >= data + MSI_DATAGRAM_HEADER);
    require(datagram.len <= MSI_DATAGRAM_DATA_MAX);
    require(datagram.data <= data + size && datagram.len <= (size_t)(data + size - datagram.data));
    check_encoding(&datagram);
    msi_smb_mailslot write;
    if (msi_smb_mailslot_decode(&write, datagram.data, datagram.len))
        return 0;
    require(write.data >= datagram.data && write.len <= MSI_SMB_MAILSLOT_DATA_MAX);
    require(write.data + write.len <= datagram.data + datagram.len);
    return 0;
}
