"""The API reference can be made without a warning, and describes every function that the libraries
export, every public header, error and option.

usage: check_reference.py DOXYFILE SOURCE
"""
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

doxyfile, source = sys.argv[1:]


def read(*path):
    with open(os.path.join(source, *path), encoding="utf-8") as file:
        return file.read()


def make_reference(directory, change=""):
    """Runs doxygen as the target mailslot_doc does, but into directory."""
    with open(doxyfile, encoding="utf-8") as file:
        settings = file.read()
    settings += f"\nOUTPUT_DIRECTORY={directory}\nGENERATE_TAGFILE={directory}/tags\n{change}\n"
    return subprocess.run(["doxygen", "-"], input=settings, capture_output=True, text=True)


def described(directory):
    """What the reference has, by kind: {"function": {name...}, ...}."""
    found = {}
    root = xml.parse(os.path.join(directory, "tags")).getroot()
    for compound in root.iter("compound"):
        found.setdefault(compound.get("kind"), []).append(compound.findtext("name"))
        for member in compound.iter("member"):
            found.setdefault(member.get("kind"), []).append(member.findtext("name"))
    return found


def check(directory):
    made = make_reference(directory)
    assert made.returncode == 0 and not made.stderr, made
    found = described(directory)
    symbols = [read("tests", path).split() for path in
               ("core/mailslot.symbols", "codecs/mailslot_codecs.symbols")]
    assert sorted(found["function"]) == sorted(sum(symbols, [])), found["function"]
    headers = [name for room in ("core", "codecs")
               for name in os.listdir(os.path.join(source, room, "mailslot"))
               if name.endswith(".h")]
    assert sorted(found["file"]) == sorted(headers), found["file"]
    with open(os.path.join(directory, "html", "mailslot_8h.html"), encoding="utf-8") as file:
        page = file.read()
    errors = re.findall(r"X\(([A-Z_]+), \d+", read("core/mailslot/mailslot.h"))
    assert len(errors) > 10
    for name in errors:
        assert "MAILSLOT_ERR_" + name in page, name
    assert {"decode_budget", "next_size", "arrival_ns"} <= set(found["variable"])
    print(len(found["function"]), "functions described, no warning")


def check_that_warnings_count(directory):
    """Nothing above would fail if doxygen were told to be quiet about it."""
    os.mkdir(directory)
    header = os.path.join(directory, "bare.h")
    with open(header, "w", encoding="utf-8") as file:
        file.write("/** @file\n * Nothing. */\nint bare(void);\n")
    made = make_reference(directory, f"INPUT={header}\nUSE_MDFILE_AS_MAINPAGE=")
    assert made.returncode != 0 and "bare" in made.stderr, made


with tempfile.TemporaryDirectory() as work:
    check(work)
    check_that_warnings_count(os.path.join(work, "bare"))
