"""syntax.py BUILD COMPILER: checks the syntax of what a Windows build compiles with another
compiler, by the build's compile_commands.json. Only the library, the codecs and the tool."""

import json
import os
import shlex
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOMS = tuple(os.path.join(SOURCE, room) + os.sep for room in ("core", "codecs", "tools/cli"))
FLAGS = ["--target=x86_64-pc-windows-gnu", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
         "-isystem", "/usr/x86_64-w64-mingw32/include"]


def arguments_of(command):
    """What matters to the syntax: definitions, include directories and the language."""
    words = shlex.split(command)[1:]
    kept = []
    for i, word in enumerate(words):
        if word.startswith(("-D", "-I", "-std=")):
            kept.append(word)
        elif word == "-isystem":
            kept += words[i:i + 2]
    return kept


def main(build, compiler):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = [e for e in json.load(file) if e["file"].startswith(ROOMS)]
    failed = 0
    for entry in entries:
        failed += subprocess.run([compiler, *FLAGS, *arguments_of(entry["command"]),
                                  entry["file"]], check=False).returncode != 0
    print(f"{compiler}: {len(entries)} files, {failed} with errors")
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
