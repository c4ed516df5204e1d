"""Mailslot writes built by Samba's own codec, field by field as its IDL has them."""

from harness import sandbox

try:
    from samba.dcerpc import nbt
    from samba.ndr import ndr_pack, ndr_unpack
except ImportError as error:
    sandbox.skip(f"network tests need Debian's python3-samba: {error}")

HEADER = 14  # bytes in front of what DGM_LENGTH counts (RFC 1002 section 4.4.1)
SMB = 70     # bytes of an SMB header and a mailslot write's words, up to the name


def name(text, suffix):
    made = nbt.name()
    made.name, made.type = text, suffix
    return made


def transaction(slot, data):
    made = nbt.smb_trans_body()
    made.total_data_count = made.data_count = len(data)
    made.data_offset = SMB + len(slot)
    made.timeout = 1000
    made.opcode, made.priority, made._class = 1, 1, 2
    made.mailslot_name = slot
    made.data = data
    return made


def packet(kind, source, destination, slot, data, address, number=1):
    smb = nbt.dgram_smb_packet()
    smb.smb_command = nbt.SMB_TRANSACTION
    smb.signature = [0] * 8
    smb.body = transaction(slot, data)
    message = nbt.dgram_message()
    message.source_name, message.dest_name = source, destination
    message.dgram_body_type = nbt.DGRAM_SMB
    message.body = smb
    made = nbt.dgram_packet()
    made.msg_type, made.flags = kind, nbt.DGRAM_FLAG_FIRST
    made.dgram_id, made.src_addr, made.src_port = number, address, 138
    made.data = message
    message.length = len(ndr_pack(made)) - HEADER
    made.data = message
    return made


def mailslot_write(kind, source, destination, slot, data, address, number=1):
    """The bytes of a datagram from one name to another, \\MAILSLOT\\ being part of slot."""
    return ndr_pack(packet(kind, source, destination, slot, data, address, number))


def read(payload):
    """A datagram taken apart by Samba: names as (text, suffix), slot and data."""
    made = ndr_unpack(nbt.dgram_packet, payload)
    message = made.data
    body = message.body.body
    return ((message.source_name.name, message.source_name.type),
            (message.dest_name.name, message.dest_name.type), body.mailslot_name, bytes(body.data))
