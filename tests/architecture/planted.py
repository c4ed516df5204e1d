#!/usr/bin/env python3
"""planted.py CTAGS: proves that includes.py and names.py find what they are for. Plants one forbidden
include for each room, one circle, one missing header, one file without a room, and functions of one
bare word in a copy of the tree, one after another, and expects the failure to name file, line and
rule."""
import pathlib
import shutil
import sys
import tempfile
import unittest

import includes
import names
import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
CTAGS = sys.argv.pop(1)


class Planted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.root = pathlib.Path(cls.temporary.name).resolve()
        for top in ("core", "codecs", "tools"):
            shutil.copytree(ROOT / top, cls.root / top)
        cls.before = includes.check_tree(cls.root)

    def plant(self, file, text):
        """The sentences that appear when text is a new last line of file, and its number."""
        path = self.root / file
        original = path.read_text(encoding="utf-8") if path.exists() else None
        path.write_text((original or "") + text + "\n", encoding="utf-8")
        try:
            found = [s for s in includes.check_tree(self.root) if s not in self.before]
        finally:
            if original is None:
                path.unlink()
            else:
                path.write_text(original, encoding="utf-8")
        return found, (original or "").count("\n") + 1

    def expect_one(self, sentences, *parts):
        for sentence in sentences:
            if all(part in sentence for part in parts):
                return
        self.fail(f"none of {sentences} has {parts}")

    def test_the_tree_is_clean(self):
        self.assertEqual(self.before, [])

    def test_a_forbidden_include_in_each_room(self):
        for room in rules.ROOMS:
            with self.subTest(room=room.name):
                file, include = room.planted
                self.assertEqual(includes.room_of(file), room)
                found, line = self.plant(file, f"#include {include}")
                self.expect_one(found, f"{file}:{line}: includes ",
                                f"rule: {room.name} includes only: ")

    def test_a_circle(self):
        found, line = self.plant("core/error.h", '#include "name.h"')
        self.expect_one(found, "rule: no circle of files",
                        f"core/error.h:{line}: includes core/name.h")

    def test_a_header_that_does_not_exist(self):
        found, line = self.plant("core/slot.c", '#include "nowhere.h"')
        self.expect_one(found, f"core/slot.c:{line}: includes nowhere.h, which does not exist")

    def test_a_file_in_no_room(self):
        found, _ = self.plant("core/newcomer.c", "")
        self.expect_one(found, "core/newcomer.c:1: is in no room")

    def test_functions_of_one_bare_word(self):
        path = self.root / "core/slot.c"
        original = path.read_text(encoding="utf-8")
        line = original.count("\n") + 1
        path.write_text(original + "static void run(void) {}\nvoid slot_run(void) {}\n",
                        encoding="utf-8")
        try:
            found = names.bare_functions(CTAGS, self.root)
        finally:
            path.write_text(original, encoding="utf-8")
        before = names.bare_functions(CTAGS, self.root)
        self.assertEqual([f for f in found if f not in before], [("run", "core/slot.c", str(line))])


if __name__ == "__main__":
    unittest.main()
