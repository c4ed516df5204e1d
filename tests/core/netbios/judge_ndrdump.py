"""Every packet we send is decoded by Samba's own code, which encodes it again to the same bytes; of
one that was damaged it sees that."""

import glob
import os

import judge

NDRDUMP = judge.need("ndrdump")
STRUCTS = {"datagram": "nbt_dgram_packet", "name": "nbt_name_packet"}


BYTE_COUNT = 149  # where it lies in a datagram whose names have no scope


def accepts(path):
    struct = STRUCTS[os.path.basename(path).split("-")[0]]
    status, said = judge.run([NDRDUMP, "--validate", "nbt", struct, "struct", path])
    sound = status == 0 and "dump OK" in said and "WARNING" not in said
    print(f"{os.path.basename(path)}: {'accepted' if sound else 'refused: ' + said}")
    return sound


def damage(path):
    """A copy of a datagram whose ByteCount is wrong."""
    with open(path, "rb") as file:
        content = bytearray(file.read())
    content[BYTE_COUNT] ^= 1
    with open(path + ".damaged", "wb") as file:
        file.write(content)
    return path + ".damaged"


def check_packets(directory):
    files = sorted(glob.glob(os.path.join(directory, "*.bin")))
    kinds = {os.path.basename(path).split("-")[0] for path in files}
    verdicts = [accepts(path) for path in files]
    fooled = accepts(damage(os.path.join(directory, "datagram-unique.bin")))
    return int(kinds != set(STRUCTS) or not all(verdicts) or fooled)


judge.with_packets(check_packets)
