#!/usr/bin/env python3
"""names.py CTAGS [ROOT]: checks that no function of core/, codecs/ and tools/, static or not, is
called by one bare word, such as run or put: a name says the file or folder, so that grep, gdb and
perf tell it from the others. Prints FILE:LINE for each that is; exits 1 then."""
import pathlib
import subprocess
import sys

# main, and a term of its field rather than a plain word.
ALLOWED = {"main", "crc32c"}


def functions(ctags, root):
    """(name, file, line) of every function that is defined."""
    listing = subprocess.run(
        [ctags, "-x", "--languages=C,C++", "--kinds-C=f", "--kinds-C++=f",
         "--_xformat=%N\t%F\t%n", "-R", "core", "codecs", "tools"],
        cwd=root, check=True, capture_output=True, text=True).stdout
    return [tuple(line.split("\t")) for line in listing.splitlines()]


def is_bare(name):
    """C++ operators are no identifiers."""
    return name.isidentifier() and "_" not in name and name not in ALLOWED


def bare_functions(ctags, root):
    return [f for f in functions(ctags, root) if is_bare(f[0])]


def main():
    ctags = sys.argv[1]
    root = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else __file__ + "/../../..").resolve()
    if not functions(ctags, root):
        print(f"{root}: {ctags} finds no functions")
        return 1
    bare = bare_functions(ctags, root)
    for name, file, line in bare:
        print(f"{file}:{line}: function {name}() is called by one bare word: "
              f"put the subject of its file before it")
    return 1 if bare else 0


if __name__ == "__main__":
    sys.exit(main())
