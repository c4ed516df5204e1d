"""Every packet we send is dissected by Wireshark down to what it carries, without a complaint; one
that was damaged is not."""

import json
import glob
import os
import subprocess

import judge

TSHARK = judge.need("tshark")
# In a capture: its header, the packet's, IP and UDP, NetBIOS with two names, and in the SMB.
SETUP_COUNT = 24 + 16 + 28 + 82 + 59
COMPLAINTS = ("_ws.expert", "_ws.malformed", "_ws.short", "_ws.unreassembled")


def dissect(capture):
    command = [TSHARK, "-n", "-r", capture, "-T", "json", "--no-duplicate-keys"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def keys(tree):
    if isinstance(tree, list):
        for branch in tree:
            yield from keys(branch)
    elif isinstance(tree, dict):
        for key, branch in tree.items():
            yield key
            yield from keys(branch)


def wanted(layers):
    """The protocols a packet must be dissected as."""
    if layers["udp"]["udp.dstport"] == "137":
        return ["nbns"]
    empty = '"smb.dc": "0"' in json.dumps(layers.get("smb"))
    return ["nbdgm", "smb"] if empty else ["nbdgm", "smb", "mailslot"]  # it looks at data alone


def problems(capture):
    """What is wrong with the packets of a capture, and how many there are."""
    packets = [packet["_source"]["layers"] for packet in dissect(capture)]
    found = []
    for number, layers in enumerate(packets, 1):
        found += [f"packet {number}: {key}" for key in keys(layers) if key.startswith(COMPLAINTS)]
        found += [f"packet {number}: not dissected as {layer}" for layer in wanted(layers)
                  if layer not in layers]
    return found, len(packets)


def damage(capture):
    """A copy of the capture whose first datagram ends before its setup words."""
    with open(capture, "rb") as file:
        content = bytearray(file.read())
    content[SETUP_COUNT] = 0xff
    with open(capture + ".damaged", "wb") as file:
        file.write(content)
    return capture + ".damaged"


def check_dissection(directory):
    capture = os.path.join(directory, "packets.pcap")
    found, count = problems(capture)
    written = len(glob.glob(os.path.join(directory, "*.bin")))
    complaints, _ = problems(damage(capture))
    print(f"{count} packets dissected, {written} written", *found, sep="\n")
    print("of a damaged packet it says:", *complaints)
    deaf = not any("_ws.malformed" in complaint for complaint in complaints)
    return int(bool(found) or count != written or not count or deaf)


judge.with_packets(check_dissection)
