"""The manual pages against what they describe: those of the tool against --help, those of the
headers against the headers and the symbols the libraries export.

usage: test_man.py TEMPLATES PAGES SOURCE
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

from harness.tool import DONE, ToolTest

SOURCE, PAGES, TEMPLATES = sys.argv.pop(), sys.argv.pop(), sys.argv.pop()
HEADERS = ["mailslot", "codec", "network", "registry", "text", "msgpack", "protobuf", "schema"]


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def section(page, name):
    return re.search(rf'^\.Sh {name}\n(.*?)(?=^\.Sh|\Z)', page, re.S | re.M).group(1)


def header_text(header):
    path, = glob.glob(os.path.join(SOURCE, "*", "mailslot", header + ".h"))
    return read(path)


def library_page_name(header):
    return "mailslot" if header == "mailslot" else "mailslot_" + header


def library_page(header):
    name = library_page_name(header)
    return read(PAGES, name, name + ".3")


def functions_in_header(header):
    """By another way than the one the pages are made: without comments and macros, what stands in
    front of a parameter list at the end of a declaration."""
    text = re.sub(r"/\*.*?\*/", "", header_text(header), flags=re.S)
    text = re.sub(r"^#.*?[^\\]$", "", text, flags=re.S | re.M)
    text = re.sub(r"MAILSLOT_PRINTF\(.*?\)", "", text)
    return re.findall(r"MAILSLOT_API[^;]*?\b(mailslot_\w+)\(", text)


class ToolPages(ToolTest):
    """Pages are made from the tables that the tool has too: test_documents.c looks at how. Here each
    verb must have a page, with all that its help has."""

    def help(self, *verb):
        result = self.run_tool(*verb, "--help")
        self.assertEqual(result.status, DONE)
        return result.out.decode()

    def verbs(self):
        listed = re.search(r"^Verbs:\n(.*?)\n\n", self.help(), re.S | re.M).group(1)
        return dict(re.findall(r"^  ([a-z]+) +(.*)$", listed, re.M))

    @staticmethod
    def page(*verb):
        return read(PAGES, "-".join(("mailslot", *verb)) + ".1")

    def test_verbs(self):
        described = re.findall(r"^\.It Cm ([a-z]+)$", section(self.page(), "DESCRIPTION"), re.M)
        self.assertEqual(described, list(self.verbs()))
        templates = {os.path.basename(path)[len("mailslot-"):-len(".1.in")]
                     for path in glob.glob(os.path.join(TEMPLATES, "mailslot-*.1.in"))}
        self.assertEqual(templates, set(self.verbs()))

    def test_summaries(self):
        for verb, summary in self.verbs().items():
            self.assertIn(f".Nd {summary}\n", self.page(verb))

    def test_options(self):
        for verb in ((), *((verb,) for verb in self.verbs())):
            in_help = set(re.findall(r"^  (-[a-z]|--[a-z-]+)\b", self.help(*verb), re.M))
            described = set(re.findall(r"^\.It Fl (\S+)", self.page(*verb), re.M))
            self.assertEqual({"-" + option for option in described}, in_help, verb)
            self.assertIn("--help", in_help)

    def test_exit_statuses(self):
        for verb in ((), *((verb,) for verb in self.verbs())):
            in_help = re.findall(r"^  (\d)  ", self.help(*verb).split("Exit status:")[1], re.M)
            in_page = re.findall(r"^\.It (\d)", section(self.page(*verb), "EXIT STATUS"), re.M)
            self.assertEqual(in_page, in_help, verb)


class LibraryPages(unittest.TestCase):
    def test_functions(self):
        everything = []
        for header in HEADERS:
            in_header = functions_in_header(header)
            page = library_page(header)
            self.assertEqual(re.findall(r"^\.Fo (\w+)$", page, re.M), in_header, header)
            entries = re.findall(r"^\.It Fn (mailslot_\w+)", page, re.M)
            self.assertEqual(entries, in_header, header)
            for name in in_header:
                self.assertRegex(section(page, "NAME"), rf"\.Nm {name}\b")
            everything += in_header
        exported = [read(SOURCE, "tests", path).split() for path in
                    ("core/mailslot.symbols", "codecs/mailslot_codecs.symbols")]
        self.assertEqual(sorted(everything), sorted(sum(exported, [])))

    def test_types_and_constants(self):
        for header in HEADERS:
            text, page = header_text(header), library_page(header)
            types = re.findall(r"^typedef struct \w+ (\w+);$|^\} (\w+);$|^struct (\w+) \{$",
                               text, re.M)
            types = {name for found in types for name in found if name}
            self.assertEqual(set(re.findall(r"^\.It Vt (\w+)$", page, re.M)), types, header)
            macros = set(re.findall(r"^#define (MAILSLOT_\w+)", text, re.M))
            macros -= {f"MAILSLOT_{header.upper()}_H", "MAILSLOT_ENUM_MEMBER",
                       "MAILSLOT_PROTOBUF_FUNCTION", "MAILSLOT_PROTOBUF_CAST"}
            described = set(re.findall(r"^\.It (?:Dv|Fn) (MAILSLOT_\w+)", page, re.M))
            errors = {name for name in described if name.startswith("MAILSLOT_ERR_")}
            self.assertEqual(described - errors, macros, header)

    def test_errors(self):
        listed = re.findall(r'^    X\((\w+), (\d+), "(.*)"\)', header_text("mailslot"), re.M)
        page = library_page("mailslot")
        self.assertGreater(len(listed), 10)
        for name, number, text in listed:
            self.assertIn(f".It Dv MAILSLOT_ERR_{name}\n{text} ({number})\n", page)

    def test_every_word_of_the_comments_is_there(self):
        for header in HEADERS:
            page = re.sub(r"\\(\(..|.)", lambda m: {"e": "\\", "(ti": "~", "-": "-", "&": ""}.get(
                m.group(1), "'"), library_page(header))
            page = set(re.findall(r"\w+", page))
            comments = re.findall(r"^/\*\*(.*?)\*/", header_text(header), re.S | re.M)
            words = set(re.findall(r"(?<!@)\b\w+", " ".join(comments))) - {"name", "Timeouts"}
            self.assertEqual(words - page, set(), header)

    def test_each_function_leads_to_its_page(self):
        for header in HEADERS:
            name = library_page_name(header)
            for function in functions_in_header(header):
                self.assertEqual(read(PAGES, name, function + ".3"),
                                 f".so man3/{name}.3\n")


class Format(unittest.TestCase):
    def test_mandoc_has_no_warning(self):
        if not shutil.which("mandoc"):
            print("SKIPPED: the pages' format: no mandoc")
            self.skipTest("no mandoc")
        pages = glob.glob(os.path.join(PAGES, "*.1"))
        pages += glob.glob(os.path.join(TEMPLATES, "*.[58]"))
        pages += [os.path.join(PAGES, name, name + ".3")
                  for name in map(library_page_name, HEADERS)]
        self.assertEqual(len(pages), 25)
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_links_lead_to_pages_of_ours(self):
        ours = {os.path.basename(path)[:-2] for path in glob.glob(os.path.join(PAGES, "*.1"))}
        ours |= set(map(library_page_name, HEADERS))
        for page in ([read(path) for path in glob.glob(os.path.join(PAGES, "*.1"))]
                     + [library_page(header) for header in HEADERS]):
            links = re.findall(r"^\.Xr (\S+) [13]", page, re.M)
            self.assertGreater(len(links), 0)
            links = set(links) - {"logger"}
            self.assertLessEqual(links, ours)


if __name__ == "__main__":
    unittest.main()
