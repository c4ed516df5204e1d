"""check_exports.py OBJDUMP DLL LIST: the DLL exports exactly what the list says."""

import re
import subprocess
import sys


def exported(objdump, dll):
    text = subprocess.run([objdump, "-p", dll], check=True, capture_output=True, text=True).stdout
    table = text.split("[Ordinal/Name Pointer] Table", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\s*\[\s*\d+\].*?(\w+)$", table, re.M))


def main(objdump, dll, listed):
    with open(listed, encoding="ascii") as file:
        wanted = set(file.read().split())
    got = exported(objdump, dll)
    for symbol in sorted(wanted ^ got):
        print(f"{symbol}: {'missing' if symbol in wanted else 'not listed'}")
    print(f"{len(got)} symbols")
    return 1 if wanted != got or not got else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
