"""Compiles the C programs of README.md, lets the sender send to the receiver, and runs what the
section on the command line shows.

usage: check_readme.py README CC LIBDIR CODECS_LIBDIR TRACE_LIB TOOL INCLUDE...
"""
import os
import re
import subprocess
import sys
import tempfile
import time

readme, compiler, libdir, codecs_libdir, trace_lib, tool, *includes = sys.argv[1:]

# No trace.Event: not Protobuf, cut short, not UTF-8, a field 0, open groups, a group's end. None may
# end the receiver, and all good messages between them are printed.
HOSTILE = [b"\xff" * 64, b"\x2a\x05hi", b"\x2a\x01\xff", b"\0\0", b"\x0b" * 400, b"\x0c"]
ROUNDS = 5


def programs(text):
    """The ```c blocks that are whole programs, by the comment in their first line."""
    found = {}
    for block in re.findall(r"^```c\n(.*?)^```", text, re.S | re.M):
        name = re.match(r"/\* (\w+)\.c", block)
        if name:
            found[name.group(1)] = block
    return found


def build(directory, name, source):
    path = os.path.join(directory, name)
    with open(path + ".c", "w", encoding="utf-8") as file:
        file.write(source)
    command = [compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", path + ".c", "-o", path]
    command += ["-I" + include for include in includes]
    command += [trace_lib, "-L" + libdir, "-L" + codecs_libdir, "-lmailslot-codecs", "-lmailslot",
                "-lprotobuf-c", "-Wl,-rpath," + libdir + ":" + codecs_libdir]
    subprocess.run(command, check=True)
    return path


def lines_of_code(source):
    return [line for line in source.splitlines()
            if line.strip() and not line.startswith(("/*", "#include", "MAILSLOT_PROTOBUF"))]


def wait_for_slot(name, receiver):
    for _ in range(300):
        if subprocess.run([tool, "info", name], capture_output=True).returncode == 0:
            return
        assert receiver.poll() is None, "the receiver ended early"
        time.sleep(0.1)
    raise AssertionError("the receiver never opened its slot")


def main():
    with open(readme, encoding="utf-8") as file:
        found = programs(file.read())
    assert set(found) == {"send", "receive"}, f"programs in README: {sorted(found)}"
    for name, source in found.items():
        count = len(lines_of_code(source))
        assert count <= 12, f"{name}.c has {count} lines, README promises twelve"
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        os.environ["MAILSLOT_DIR"] = directory
        paths = {name: build(directory, name, source) for name, source in found.items()}
        missing = subprocess.run([paths["send"]], capture_output=True, text=True)
        assert missing.returncode == 1 and "no such mailslot" in missing.stderr, missing
        receiver = subprocess.Popen(["stdbuf", "-oL", paths["receive"]],
                                    stdout=subprocess.PIPE, text=True)
        wait_for_slot("trace", receiver)
        for _ in range(ROUNDS):
            for hostile in HOSTILE:
                subprocess.run([tool, "send", "trace", "--file", "-"], input=hostile, check=True)
            subprocess.run([paths["send"]], check=True)
        for _ in range(ROUNDS):
            printed = receiver.stdout.readline()
            assert "disk almost full" in printed, repr(printed)
        assert receiver.poll() is None
        receiver.kill()
        receiver.wait()
        print("sent and received:", printed.strip())


main()
