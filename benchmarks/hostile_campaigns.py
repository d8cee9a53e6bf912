"""Mail made to blow up the search for campaigns: ``python benchmarks/hostile_campaigns.py [--most 1000000]``.

Ever more messages that all share what proposes pairs: one text but for a word, one band and nothing else, one landing
domain, one picture. CPU and peak memory of the search alone (without reading), and what ten times the mail costs: ten
times is linear, a hundred times would be quadratic.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np

from impound.finders import _sketch, campaigns
from impound.finders._mail import Files, Links, Mail
from impound.finders.campaigns import _ties

KINDS = ("one text", "one band", "one landing", "one picture")
DAY = 86_400


def mail(n: int, sketches: np.ndarray, heads: np.ndarray) -> Mail:
    """Messages of a month with these sketches, each by a program of its own from a network of its own."""
    count = np.arange(1, n + 1, dtype=np.int64)
    nothing = np.zeros(n, np.int64)
    return Mail(
        ids=count,
        at=np.sort(np.random.default_rng(1).integers(DAY, 30 * DAY, n)),
        text=count - 1,
        text_key=count,
        words=np.full(n, 200),
        software=count,
        subject=nothing,
        subject_words=nothing,
        mime=np.ones(n, np.int64),
        net=count,
        host=count,
        owner=count,
        quiet=np.zeros(n, bool),
        bounce=np.zeros(n, bool),
        sketches=sketches,
        heads=heads,
    )


def hostile(kind: str, n: int) -> None:
    """Search a hostile case of one kind and size; print seconds of CPU, MiB at the most, and the clusters found."""
    draw = np.random.default_rng(2)
    places = (n, _sketch.PLACES)
    alike = kind == "one text"
    sketches = np.ones(places, np.uint16) if alike else draw.integers(0, 1 << 16, places, np.uint16)
    if kind == "one band":
        sketches[:, : _sketch.ROWS] = 7
    heads = np.ones((n, _sketch.HEAD_PLACES), np.uint16) if alike else draw.integers(
        0, 1 << 16, (n, _sketch.HEAD_PLACES), np.uint16
    )  # fmt: skip
    given = mail(n, sketches, heads)
    rows, ones = np.arange(n, dtype=np.int64), np.ones(n, np.int64)
    began = time.process_time()
    rules = _ties.Rules(given, _ties.Params())
    pictures = rows.astype(np.uint64) % 64 + 1
    files = Files(rows, rows + 1, rows + 9_000, pictures, ones == int(kind == "one picture"), ones * 90_000)
    rules.texts(files)
    if kind == "one landing":
        rules.links(Links(rows, ones, ones, ones, np.zeros(n, bool)))
    if kind == "one picture":
        rules.files(files)
    clusters, _ = campaigns.clustered(given, rules, rules.params)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(f"{spent} {peak} {len(np.unique(clusters))}\n")


def main() -> None:
    """Measure each kind and size in a process of its own, and print the curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        hostile(given.one[0], int(given.one[1]))
        return
    for kind in KINDS:
        before = 0.0
        size = 10_000
        while size <= given.most:
            command = [sys.executable, __file__, "--one", kind, str(size)]
            spent, peak, found = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
            growth = f"{float(spent) / before:5.1f} ×" if before else ""
            cost = f"{float(spent):7.2f} s CPU {int(peak):6,} MiB"
            print(f"{kind:12} {size:9,} messages {cost}  {int(found):9,} clusters {growth}", flush=True)
            before, size = float(spent), size * 10


if __name__ == "__main__":
    main()
