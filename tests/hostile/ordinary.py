"""What reading ordinary mail takes on this machine now: what evil is compared with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from hostile import measure
from hostile.evil import FROM, MIB, attached
from hostile.measure import Outcome

SIZES = (0, 2 * MIB, 8 * MIB)
"""Bytes from which one worker process (``engines._pool.SMALL_BYTES``) and from which more (``intake.BATCH_BYTES``) are
at work: each has 90 MiB of libraries in memory before it reads a byte."""


class Cost(NamedTuple):
    """Seconds of wall time, seconds of processor time, MiB."""

    seconds: float
    cpu: float
    mib: float


class Ordinary:
    """The cost of an ordinary mail, and of mailboxes that are just long enough for worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.of = cache(self._of)

    def beyond(self, outcome: Outcome) -> Cost:
        """What an outcome took beyond ordinary mail that starts as many processes."""
        handed_in = sum(size or 0 for size in outcome.sizes)
        usual = self.of(max(size for size in SIZES if size <= handed_in))
        took = Cost(outcome.seconds, outcome.cpu, outcome.mib)
        return Cost(*(max(mine - theirs, 0.0) for mine, theirs in zip(took, usual, strict=True)))

    def _of(self, size: int) -> Cost:
        """The least of two runs: what is taken off must not be too much."""
        path = self.folder / f"ordinary-{size}"
        long = FROM + attached(b"ordinary", b"application/pdf", b"%PDF" + bytes(100_000)) + b"\n"
        path.write_bytes(long * (2 * size // len(long) + 1) if size else long)
        runs = [measure.read(self.folder / f"{path.name}.case{n}", path) for n in range(2)]
        return Cost(min(r.seconds for r in runs), min(r.cpu for r in runs), min(r.mib for r in runs))
