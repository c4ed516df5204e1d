"""Who may include whom, as tables.

A room is a set of files with one purpose. Each file of core/, codecs/ and tools/ is in the first
room of ROOMS that has a pattern for it, and may include only files of the rooms, or files, listed
for that room. `*` in a pattern does not match `/`.

Headers of the system and of other projects are not covered.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    name: str
    files: tuple  # patterns of the files it has
    may: tuple  # rooms, by name, and patterns of files that it may include
    planted: tuple  # for planted.py: a file of the room, and an include that breaks its rule


PUBLIC = ("public headers of core", "public headers of codecs")

# tools/cli, from high to low: a folder includes itself and those below it.
CLI_FOLDERS = ("main.c", "verbs", "top", "recording", "output", "json", "base", "platform")


def cli_rooms():
    """A room for each folder of tools/cli. The planted include is the command's main header, or in
    verbs/ a private one of core."""
    rooms = []
    for i, folder in enumerate(CLI_FOLDERS):
        name = "tools/cli/" + folder
        lower = tuple("tools/cli/" + below for below in CLI_FOLDERS[i:])
        files = (name,) if folder == "main.c" else (name + "/*",)
        rooms.append(Room(name, files, PUBLIC + lower, CLI_PLANTED[folder]))
    return tuple(rooms)


CLI_PLANTED = {
    "main.c": ("tools/cli/main.c", '"slot.h"'),
    "verbs": ("tools/cli/verbs/send.c", '"slot.h"'),
    "top": ("tools/cli/top/rates.c", '"verbs/verbs.h"'),
    "recording": ("tools/cli/recording/crc32c.c", '"verbs/verbs.h"'),
    "output": ("tools/cli/output/output.c", '"recording/progress.h"'),
    "json": ("tools/cli/json/text.c", '"output/output.h"'),
    "base": ("tools/cli/base/buffer.c", '"json/text.h"'),
    "platform": ("tools/cli/platform/signals.c", '"base/report.h"'),
}

# Rooms from low to high: a lower one never includes a higher one.
ROOMS = (
    # ---- core: 1, knows nothing of the house ----
    Room("public headers of core", ("core/mailslot/*.h",), ("public headers of core",),
         ("core/mailslot/mailslot.h", '"name.h"')),
    Room("ground of core",
         ("core/error.*", "core/name.*", "core/ascii.h", "core/utf8.*", "core/byteorder.h",
          "core/envelope.h", "core/deadline.h", "core/platform.h", "core/rundown.*", "core/unwind.h",
          "core/options.*", "core/record.*", "core/codec.c", "core/codec_memory.h"),
         ("public headers of core", "ground of core"),
         ("core/name.c", '"transport.h"')),

    # ---- core: 2, what the system gives ----
    Room("core/linux", ("core/linux/*",),
         ("public headers of core", "ground of core", "core/linux"),
         ("core/linux/platform.c", '"local/queue.h"')),
    Room("the system in core/win32",
         ("core/win32/win32.h", "core/win32/platform.c", "core/win32/errors.c",
          "core/win32/utf16.c"),
         ("public headers of core", "ground of core", "the system in core/win32"),
         ("core/win32/platform.c", '"win32/reader.h"')),

    # ---- core: 3, plain memory ----
    Room("the queue of core/local",
         ("core/local/queue*", "core/local/ring.*", "core/local/frame.h", "core/local/lock.*"),
         ("public headers of core", "core/error.h", "core/envelope.h", "core/deadline.h",
          "core/linux/futex_wait.h", "the queue of core/local"),
         ("core/local/queue.c", '"transport.h"')),

    # ---- core: 4, the transports, which do not know one another ----
    Room("the transport interface", ("core/transport.h",),
         ("public headers of core", "ground of core"),
         ("core/transport.h", '"netbios/config.h"')),
    Room("core/local", ("core/local/*",),
         ("public headers of core", "ground of core", "core/linux", "the queue of core/local",
          "the transport interface", "core/local"),
         ("core/local/local.c", '"relay/reader.h"')),
    Room("core/relay", ("core/relay/*",),
         ("public headers of core", "ground of core", "core/linux", "the transport interface",
          "core/relay"),
         ("core/relay/protocol.c", '"netbios/wire.h"')),
    Room("core/netbios", ("core/netbios/*",),
         ("public headers of core", "ground of core", "core/linux", "the system in core/win32",
          "the transport interface", "core/netbios"),
         ("core/netbios/sender.c", '"relay/broadcast.h"')),
    Room("core/win32", ("core/win32/*",),
         ("public headers of core", "ground of core", "the system in core/win32",
          "the transport interface", "core/win32"),
         ("core/win32/native.c", '"netbios/sender.h"')),

    # ---- core: 5, what joins transports, and the mailslot object ----
    Room("the list of transports", ("core/transports/transports.h",),
         ("public headers of core", "ground of core", "the transport interface"),
         ("core/transports/transports.h", '"local/local.h"')),
    Room("core/transports", ("core/transports/*",),
         ("public headers of core", "ground of core", "core/linux", "the system in core/win32",
          "the transport interface", "core/local", "core/relay", "core/netbios", "core/win32",
          "the list of transports", "core/transports"),
         ("core/transports/transports.c", '"slot.h"')),
    Room("the mailslot object",
         ("core/slot.*", "core/put.c", "core/get.c", "core/inspect.c"),
         ("public headers of core", "ground of core", "the transport interface",
          "the list of transports", "the mailslot object"),
         ("core/slot.c", '"netbios/config.h"')),

    # ---- codecs: 6 ----
    Room("public headers of codecs", ("codecs/mailslot/*.h",), PUBLIC,
         ("codecs/mailslot/text.h", '"arena.h"')),
    Room("codecs", ("codecs/*", "codecs/schema/*"), PUBLIC + ("codecs",),
         ("codecs/text.c", '"error.h"')),

    # ---- tools: 6 ----
    # The daemon is the other end of the library's wire formats, so it is compiled with core's
    # private headers of them, and with the ground that they stand on.
    Room("the NetBIOS node of mailslotd", ("tools/mailslotd/node/*",),
         ("public headers of core", "core/ascii.h", "core/netbios/nameservice.h",
          "core/netbios/nbname.h", "core/netbios/config.h", "the NetBIOS node of mailslotd"),
         ("tools/mailslotd/node/node.c", '"daemon.h"')),
    Room("tools/mailslotd", ("tools/mailslotd/*", "tools/mailslotd/*/*"),
         PUBLIC + ("core/error.h", "core/ascii.h", "core/byteorder.h", "core/envelope.h",
                   "core/name.h", "core/platform.h", "core/relay/protocol.h",
                   "core/relay/status_codec.h", "core/linux/send_parts.h",
                   "core/netbios/config.h",
                   "core/netbios/datagram.h", "core/netbios/ip.h",
                   "core/netbios/nameservice.h", "core/netbios/nbname.h",
                   "core/netbios/smb_mailslot.h", "core/netbios/udp.h", "core/netbios/wire.h",
                   "the NetBIOS node of mailslotd", "tools/mailslotd"),
         ("tools/mailslotd/main.c", '"local/slotfile.h"')),
    *cli_rooms(),
    Room("the makers of man pages and completion", ("tools/man/*", "tools/completion/*"),
         ("public headers of core", "tools/cli/base", "tools/cli/verbs/verbs.h",
          "the makers of man pages and completion"),
         ("tools/man/mdoc.c", '"output/output.h"')),
    Room("tools/examples", ("tools/examples/*",), PUBLIC + ("tools/examples",),
         ("tools/examples/text_send.c", '"slot.h"')),
)

# Headers that the build makes.
GENERATED = ("*.pb-c.h", "*_set.h")

# Where an include is looked for besides the including file's own folder, by the file's top folders.
INCLUDE_PATHS = {
    "core": ("core",),
    "codecs": ("codecs", "core"),
    "tools/cli": ("tools/cli", "codecs", "core"),
    "tools/mailslotd": ("tools/mailslotd", "core", "codecs"),
    "tools/man": ("tools/cli", "tools/completion", "codecs", "core"),
    "tools/completion": ("tools/cli", "codecs", "core"),
    "tools/examples": ("codecs", "core"),
}


# A header and its source count as one file when circles are looked for, except for these: the
# header is the ground of its folder, and the source its top.
APART = ("tools/mailslotd/node/node.h",)
