#!/usr/bin/env python3
"""includes.py [ROOT]: checks every #include of core/, codecs/ and tools/ against rules.py, and that
no files include one another in a circle. Prints FILE:LINE and the rule for each that is broken;
exits 1 then."""
import fnmatch
import functools
import pathlib
import re
import sys
from dataclasses import dataclass

import rules

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SUFFIXES = (".c", ".h", ".cpp", ".hpp")


@dataclass(frozen=True)
class Include:
    file: str  # relative to the root
    line: int
    text: str  # as written, between the quotes or angle brackets
    target: str  # the included file, relative to the root; None: not one of ours

    def __str__(self):
        return f"{self.file}:{self.line}: includes {self.target or self.text}"


def matches(path, pattern):
    """`*` does not match `/`."""
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)


@functools.lru_cache(maxsize=None)
def room_of(path):
    for room in rules.ROOMS:
        if any(matches(path, pattern) for pattern in room.files):
            return room
    return None


def include_paths(path):
    found = [paths for top, paths in rules.INCLUDE_PATHS.items() if path.startswith(top + "/")]
    return found[0] if found else ()


def sources(root):
    for top in ("core", "codecs", "tools"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in SUFFIXES:
                yield path.relative_to(root).as_posix()


@functools.lru_cache(maxsize=None)
def resolve(root, file, quote, text):
    """The file of this project that an include means, or None."""
    folder = pathlib.PurePosixPath(file).parent
    places = ([folder] if quote == '"' else []) + [*map(pathlib.PurePosixPath, include_paths(file))]
    for place in places:
        path = (root / place / text).resolve()
        if path.is_file() and root in path.parents:
            return path.relative_to(root).as_posix()
    return None


def read_includes(root, file):
    for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        target = match and resolve(root, file, match[1], match[2])
        if match:
            yield match[1], Include(file, number, match[2], target)


def is_generated(text):
    name = text.rsplit("/", 1)[-1]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in rules.GENERATED)


def allows(room, target):
    target_room = room_of(target)
    return any(target_room and target_room.name == may or matches(target, may) for may in room.may)


def check_include(quote, include):
    """What is wrong with an include, or None."""
    if include.target is None:
        missing = quote == '"' and not is_generated(include.text)
        return f"{include}, which does not exist" if missing else None
    room = room_of(include.file)
    if room is None or allows(room, include.target):
        return None
    return f"{include}; rule: {room.name} includes only: {', '.join(room.may)}"


def stem(path):
    """A header and its source count as one file."""
    return path if path in rules.APART else path.rsplit(".", 1)[0]


def find_circle(edges):
    """A list of includes that lead back to their beginning, or None. Depth first; a stem that was
    left is in no circle."""
    left, trail, on_trail = set(), [], set()

    def visit(node):
        on_trail.add(node)
        for include in edges.get(node, ()):
            target = stem(include.target)
            if target in on_trail:
                begin = [stem(i.file) for i in trail + [include]].index(target)
                return (trail + [include])[begin:]
            if target not in left:
                trail.append(include)
                circle = visit(target)
                if circle:
                    return circle
                trail.pop()
        on_trail.discard(node)
        left.add(node)
        return None

    for node in sorted(edges):
        circle = None if node in left else visit(node)
        if circle:
            return circle
    return None


def check_circles(includes):
    edges = {}
    for include in includes:
        if include.target and stem(include.file) != stem(include.target):
            edges.setdefault(stem(include.file), []).append(include)
    circle = find_circle(edges)
    if not circle:
        return []
    return ["\n".join([f"{circle[0]}; rule: no circle of files"] + [f"  {i}" for i in circle[1:]])]


def check_tree(root):
    """The sentences of all that is wrong."""
    broken, all_includes = [], []
    for file in sources(root):
        if room_of(file) is None:
            broken.append(f"{file}:1: is in no room: add it to tests/architecture/rules.py")
        for quote, include in read_includes(root, file):
            all_includes.append(include)
            sentence = check_include(quote, include)
            if sentence:
                broken.append(sentence)
    if not all_includes:
        broken.append(f"{root}: no source files")
    return broken + check_circles(all_includes)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__ + "/../../..").resolve()
    broken = check_tree(root)
    for sentence in broken:
        print(sentence)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
