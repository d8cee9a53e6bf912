"""Mail made to blow up the search for botnets: ``python benchmarks/hostile_botnets.py [--most 1000000]``.

Ever more messages of infected hosts that share what ties strands: one boilerplate text by one program; one text by a
fifth as many programs as there are messages; the same with one constant in all of them; a fifth as many campaigns by
one program. Each host sends ten, of strands drawn by lot. CPU and peak memory of the search alone (without reading),
the ten searches without a tenth of the hosts among it, and what ten times the mail costs: ten times is linear, a
hundred times would be quadratic.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa

from impound.finders import botnets
from impound.finders.botnets import _botnet_rows, _communities
from impound.finders.botnets._communities import Programs
from impound.finders.botnets._strands import Sightings, Strands

KINDS = ("one text", "many programs", "one constant", "many campaigns")
DAY = 86_400
EACH = 10
"""Messages of a host."""


def sightings(kind: str, n: int) -> Sightings:
    """Messages of a month, by host and then in time."""
    draw = np.random.default_rng(1)
    host = np.repeat(np.arange(n // EACH, dtype=np.int64), EACH)
    at = draw.integers(DAY, 30 * DAY, n)
    order = np.lexsort((at, host))
    many, one = draw.integers(1, n // 5, n), np.ones(n, np.int64)
    program = many if kind in ("many programs", "one constant") else one
    return Sightings(
        message=np.arange(1, n + 1, dtype=np.int64),
        at=at[order],
        host=host,
        net=host,
        campaign=many if kind == "many campaigns" else one,
        software=program,
        constant=one if kind == "one constant" else np.zeros(n, np.int64),
        ips=pa.array([f"240.{h >> 16}.{h >> 8 & 255}.{h & 255} x" for h in range(n // EACH)]),
        programs={key: str(key) for key in np.unique(program).tolist()},
    )


def hostile(kind: str, n: int) -> None:
    """Search a hostile case of one kind and size; print seconds of CPU, MiB at the most, and the botnets found."""
    seen, params = sightings(kind, n), _communities.Params()
    began = time.process_time()
    strands = Strands.among(seen, params.strand_hosts)
    programs = Programs(strands, {}, params)
    label = botnets.gathered(seen, strands, programs, params)
    held = botnets.stability(seen, strands, programs, label, params)
    found = [b for b in _botnet_rows.botnets(seen, strands, label, held) if len(b.hosts) >= params.botnet_hosts]
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(f"{spent} {peak} {len(strands.hosts)} {len(found)}\n")


def main() -> None:
    """Measure each kind and size in a process of its own, and print the curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        hostile(given.one[0], int(given.one[1]))
        return
    for kind in given.kinds:
        before = 0.0
        size = 10_000
        while size <= given.most:
            command = [sys.executable, __file__, "--one", kind, str(size)]
            done = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
            spent, peak, strands, found = float(done[0]), int(done[1]), int(done[2]), int(done[3])
            growth = f"{spent / before:5.1f} ×" if before else ""
            cost = f"{spent:7.2f} s CPU {peak:6,} MiB"
            print(f"{kind:14} {size:9,} messages {cost}  {strands:8,} strands {found:6,} botnets {growth}", flush=True)
            before, size = spent, size * 10


if __name__ == "__main__":
    main()
