"""The encoder of NetBIOS names and datagrams (RFC 1001 section 14, RFC 1002 section 4.4, [MS-MAIL]).

Datagrams are built by Samba's own codec where python3-samba is installed, else by the code below;
test_datagram.py checks that both produce the same bytes.
"""

import socket
import struct

from harness.skipping import skip

try:
    from samba.dcerpc import nbt
    from samba.ndr import ndr_pack, ndr_unpack
except ImportError:
    nbt = None

UNIQUE, TO_GROUP, BROADCAST = 0x10, 0x11, 0x12  # kinds of datagrams
FIRST = 2     # flag: the first fragment, which is the only one
PORT = 138
NAME = 16     # bytes of a NetBIOS name with its suffix
HEADER = 14   # bytes in front of what DGM_LENGTH counts (RFC 1002 section 4.4.1)
SMB_WORDS = 70  # bytes of an SMB header and a mailslot write's words, up to the slot's name
TRANSACTION = 0x25
TIMEOUT_MS = 1000
PREFIX = "\\MAILSLOT\\"


def encode_name(name, suffix=0, scope=""):
    """First-level encoding of a name in upper case; "*" is padded with zeros."""
    raw = (b"*".ljust(NAME, b"\0") if name == "*"
           else name.upper().encode().ljust(NAME - 1) + bytes([suffix]))
    half = b"".join(bytes([0x41 + (byte >> 4), 0x41 + (byte & 15)]) for byte in raw)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in scope.split(".") if label)
    return bytes([len(half)]) + half + labels + b"\0"


def smb_write(slot, data):
    """The SMB transaction that writes data to a slot, whose name lacks \\MAILSLOT\\."""
    path = (PREFIX + slot).encode() + b"\0"
    header = b"\xffSMB" + bytes([TRANSACTION]) + bytes(27)
    words = struct.pack("<HHHHBBHIHHHHHBB", 0, len(data), 0, 0, 0, 0, 0, TIMEOUT_MS, 0, 0, 0,
                        len(data), SMB_WORDS - 1 + len(path), 3, 0)
    setup = struct.pack("<HHH", 1, 1, 2)  # write, priority, class
    return (header + bytes([17]) + words + setup + struct.pack("<H", len(path) + len(data))
            + path + data)


def own_datagram(slot, data, to, kind, number, source, suffix, address, body=None):
    """A datagram by this file's code; body is sent instead of the SMB transaction."""
    rest = (encode_name(source) + encode_name(to, suffix)
            + (smb_write(slot, data) if body is None else body))
    return struct.pack(">BBH4sHHH", kind, FIRST, number, socket.inet_aton(address), PORT,
                       len(rest), 0) + rest


def samba_name(text, suffix):
    made = nbt.name()
    made.name, made.type = text.upper(), suffix
    return made


def samba_transaction(slot, data):
    made = nbt.smb_trans_body()
    made.total_data_count = made.data_count = len(data)
    made.data_offset = SMB_WORDS + len(PREFIX + slot)
    made.timeout = TIMEOUT_MS
    made.opcode, made.priority, made._class = 1, 1, 2
    made.mailslot_name = PREFIX + slot
    made.data = data
    return made


def samba_datagram(slot, data, to, kind, number, source, suffix, address):
    """A datagram by Samba's codec, field by field as its IDL has them."""
    smb = nbt.dgram_smb_packet()
    smb.smb_command = nbt.SMB_TRANSACTION
    smb.signature = [0] * 8
    smb.body = samba_transaction(slot, data)
    message = nbt.dgram_message()
    message.source_name, message.dest_name = samba_name(source, 0), samba_name(to, suffix)
    message.dgram_body_type = nbt.DGRAM_SMB
    message.body = smb
    made = nbt.dgram_packet()
    made.msg_type, made.flags = kind, nbt.DGRAM_FLAG_FIRST
    made.dgram_id, made.src_addr, made.src_port = number, address, PORT
    made.data = message
    message.length = len(ndr_pack(made)) - HEADER
    made.data = message
    return ndr_pack(made)


def datagram(slot, data, to="HOST", kind=UNIQUE, number=1, source="SENDER", suffix=0,
             address="192.0.2.9", body=None):
    """The bytes of a mailslot message from one name to another. With body, which need not be one, that
    is sent instead of the SMB transaction."""
    if nbt and body is None:
        return samba_datagram(slot, data, to, kind, number, source, suffix, address)
    return own_datagram(slot, data, to, kind, number, source, suffix, address, body)


def need_samba():
    """Skips tests that prove something by Samba's codec if there is none."""
    if not nbt:
        skip("these tests need Debian's python3-samba")


def decoded(payload):
    """A datagram taken apart by Samba: names as (text, suffix), slot and data."""
    message = ndr_unpack(nbt.dgram_packet, payload).data
    body = message.body.body
    return ((message.source_name.name, message.source_name.type),
            (message.dest_name.name, message.dest_name.type), body.mailslot_name, bytes(body.data))
