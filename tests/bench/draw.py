#!/usr/bin/python3
"""Draws what mailslot_bench --json has written: draw.py FIGURES.json PICTURE.svg

Rates are bars from zero on one linear scale, so that their lengths compare; latencies, which span
orders of magnitude, are dots on a logarithmic one. A whisker is the minimum and maximum of rounds.
"""

import json
import math
import sys
from xml.sax.saxutils import escape

PEERS = [("mailslot", "mailslot"), ("zeromq", "ZeroMQ ipc"), ("unix", "AF_UNIX datagram"),
         ("pipe", "pipe"), ("mq", "POSIX mq"), ("nng", "NNG ipc"), ("floor", "bare ring")]
RATES = [("rate-64-1", "64 bytes, 1 writer"), ("rate-400-1", "400 bytes, 1 writer"),
         ("rate-64-4", "64 bytes, 4 writers")]
LATENCIES = [("pingpong-64", "Ping-pong: the reader is awake"),
             ("paced-64", "One message a millisecond: the reader sleeps")]

WIDTH, LEFT, MIDDLE, ROW, TOP = 960, 130, 480, 20, 96
BAR_MAX = 270  # pixels of the longest bar
DOT_LEFT, DOT_WIDTH, DOT_VALUES = 650, 225, 945
INK, FAINT, OURS, OTHERS, FLOOR = "#1f2328", "#59636e", "#0b62d6", "#a3acb6", "#dfe3e8"


class Picture:
    def __init__(self):
        self.parts = []

    def text(self, x, y, words, size=12, color=INK, anchor="start", weight="normal"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" '
                          f'text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>')

    def box(self, x, y, width, height, color, edge="none"):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                          f'height="{height:.1f}" fill="{color}" stroke="{edge}"/>')

    def line(self, x1, y1, x2, y2, color=FAINT, width=1):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{color}" stroke-width="{width}"/>')

    def dot(self, x, y, color, filled):
        fill = color if filled else "white"
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{fill}" '
                          f'stroke="{color}" stroke-width="1.5"/>')

    def svg(self, height):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
                f'viewBox="0 0 {WIDTH} {height}" font-family="Helvetica, Arial, sans-serif">\n'
                f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


class Figures:
    def __init__(self, run):
        self.run = run
        self.cells = {(cell["cell"], cell["peer"]): cell["values"] for cell in run["cells"]
                      if cell["measured"]}

    def spread(self, cell, peer, name):
        return self.cells.get((cell, peer), {}).get(name)

    def rate(self, cell, peer):
        """Of AF_UNIX, whose counts can be tuned, the better."""
        name = "million_messages_per_s"
        spreads = [self.spread(cell, peer, name)]
        if peer == "unix":
            spreads.append(self.spread(cell, "unix-tuned", name))
        return max((s for s in spreads if s), key=lambda s: s["median"], default=None)

    def latency(self, cell, peer):
        """(p50, p99) in us; of AF_UNIX the better."""
        pairs = []
        for name in (peer, "unix-tuned") if peer == "unix" else (peer,):
            p50, p99 = self.spread(cell, name, "p50_us"), self.spread(cell, name, "p99_us")
            if p50 and p99:
                pairs.append((p50["median"], p99["median"]))
        return min(pairs, default=None)


def short(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.1f}"


def color_of(peer):
    return {"mailslot": OURS, "floor": FLOOR}.get(peer, OTHERS)


def draw_names(picture, x, y, peer, name):
    picture.text(x, y + 4, name, color=INK if peer == "mailslot" else FAINT, anchor="end",
                 weight="bold" if peer == "mailslot" else "normal")


def draw_bar(picture, y, spread, scale, peer):
    picture.box(LEFT, y - 7, spread["median"] * scale, 14, color_of(peer),
                OTHERS if peer == "floor" else "none")
    picture.line(LEFT + spread["min"] * scale, y, LEFT + spread["max"] * scale, y, INK)
    end = max(spread["median"], spread["max"]) * scale
    picture.text(LEFT + end + 6, y + 4, short(spread["median"]), size=11,
                 weight="bold" if peer == "mailslot" else "normal")


def draw_rates(picture, figures):
    """Returns where the column ends."""
    longest = max((figures.rate(cell, peer)["max"] for cell, _ in RATES for peer, _ in PEERS
                   if figures.rate(cell, peer)), default=1)
    picture.text(20, TOP, "Million messages a second", size=14, weight="bold")
    y = TOP + 12
    for cell, title in RATES:
        y += 26
        picture.text(LEFT, y, title, color=FAINT)
        y += 6
        for peer, name in PEERS:
            spread = figures.rate(cell, peer)
            if spread:
                y += ROW
                draw_names(picture, LEFT - 8, y - 6, peer, name)
                draw_bar(picture, y - 6, spread, BAR_MAX / longest, peer)
    return y


def draw_axis(picture, scale, low, high, top, bottom):
    for power in range(low, high + 1):
        x = scale(10 ** power)
        picture.line(x, top, x, bottom, "#e4e8ec")
        picture.text(x, bottom + 14, f"{10 ** power:g}", size=10, color=FAINT, anchor="middle")


def draw_latency(picture, figures, cell, title, y):
    pairs = [(peer, name, figures.latency(cell, peer)) for peer, name in PEERS]
    pairs = [pair for pair in pairs if pair[2]]
    low, high = -1, 4

    def scale(us):
        share = (math.log10(max(us, 10 ** low)) - low) / (high - low)
        return DOT_LEFT + DOT_WIDTH * min(max(share, 0), 1)

    picture.text(DOT_LEFT, y, title, color=FAINT)
    draw_axis(picture, scale, low, high, y + 10, y + 14 + ROW * len(pairs))
    for peer, name, (p50, p99) in pairs:
        y += ROW
        color = color_of(peer) if peer != "floor" else "#c3cad2"
        draw_names(picture, DOT_LEFT - 12, y, peer, name)
        picture.line(scale(p50), y, scale(p99), y, color, 2)
        picture.dot(scale(p99), y, color, False)
        picture.dot(scale(p50), y, color, True)
        picture.text(DOT_VALUES, y + 4, short(p50), size=11, anchor="end",
                     weight="bold" if peer == "mailslot" else "normal")
    return y + 34


def draw_latencies(picture, figures):
    picture.text(MIDDLE + 60, TOP, "Latency one way, us", size=14, weight="bold")
    picture.text(DOT_VALUES, TOP, "filled: median; hollow: 99th percentile", size=11,
                 color=FAINT, anchor="end")
    y = TOP + 38
    for cell, title in LATENCIES:
        y = draw_latency(picture, figures, cell, title, y) + 26
    return y


def draw_notes(picture, x, y):
    for note in ("bare ring: single producer, no locks, no crash safety, the reader spins;",
                 "the least that moving bytes between two CPUs costs.",
                 "AF_UNIX: the better of its default and a tuned queue length."):
        picture.text(x, y, note, size=11, color=FAINT)
        y += 16


def draw(run):
    picture, figures = Picture(), Figures(run)
    picture.text(20, 34, "Mailslots beside other ways to send small messages", size=19,
                 weight="bold")
    rounds = f"{run['rounds']} interleaved rounds of {run['seconds']:g} s a cell"
    picture.text(20, 56, f"{run['date']} UTC, {run['cpu']}, {run['cpus']} CPUs, {run['kernel']}; "
                 f"median of {rounds}", size=11, color=FAINT)
    if not run["figures_valid"]:
        picture.text(20, 74, f"{run['build']} build: these figures mean nothing", color="#c00000")
    bottom = draw_rates(picture, figures)
    notes = draw_latencies(picture, figures)
    draw_notes(picture, MIDDLE + 60, notes + 8)
    return picture.svg(max(bottom, notes + 56) + 16)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: draw.py FIGURES.json PICTURE.svg")
    with open(sys.argv[1], encoding="utf-8") as file:
        picture = draw(json.load(file))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(picture)


main()
