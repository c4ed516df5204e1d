"""check_exports.py OBJDUMP DLL LIST: the DLL exports exactly what the list says, but for what the
network's header declares, which the Windows build has not."""

import os
import re
import subprocess
import sys

NETWORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../core/mailslot/network.h")


def exported(objdump, dll):
    text = subprocess.run([objdump, "-p", dll], check=True, capture_output=True, text=True).stdout
    table = text.split("[Ordinal/Name Pointer] Table", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\s*\[\s*\d+\].*?(\w+)$", table, re.M))


def main(objdump, dll, listed):
    with open(listed, encoding="ascii") as file:
        wanted = set(file.read().split())
    if os.path.exists(NETWORK):
        with open(NETWORK, encoding="utf-8") as file:
            wanted -= set(re.findall(r"\b(mailslot_\w+)\(", file.read()))
    got = exported(objdump, dll)
    for symbol in sorted(wanted ^ got):
        print(f"{symbol}: {'missing' if symbol in wanted else 'not listed'}")
    print(f"{len(got)} symbols")
    return 1 if wanted != got or not got else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
