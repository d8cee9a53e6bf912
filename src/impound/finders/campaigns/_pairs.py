"""Pairs of messages as columns of numbers: what may be one campaign's, kept and thinned out without a Python object.

A pair of rows is one number where it is sorted or counted, for numpy sorts numbers ten times as fast as rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from impound.finders._mail import Flags, Numbers

Kinds = NDArray[np.int8]
DAY = 86_400


class Ties:
    """Pairs of rows of :class:`Mail` with the kind of what ties them. ``at``: the messages' times, in seconds."""

    def __init__(self, at: Numbers, days: float) -> None:
        self._at, self._gap = at, days * DAY
        self.ends: list[Numbers] = [np.empty(0, np.int64)]
        self.others = self.ends.copy()
        self.kinds: list[Kinds] = [np.empty(0, np.int8)]

    def chain(self, kind: int, keys: Sequence[Numbers], who: Numbers, where: Flags, timeless: bool = False) -> None:
        """Tie messages with equal keys, each to the next in time, within the days that the rules allow; 0 is no key."""
        for column in keys:
            where = where & (column != 0)
        who, columns = who[where], [k[where] for k in keys]
        order = np.lexsort((who, self._at[who], *columns[::-1]))
        who = who[order]
        same = who[1:] != who[:-1]
        for column in columns:
            same &= column[order][1:] == column[order][:-1]
        if not timeless:
            same &= self._at[who[1:]] - self._at[who[:-1]] <= self._gap
        self.add(kind, who[:-1][same], who[1:][same])

    def add(self, kind: int, ends: Numbers, others: Numbers) -> None:
        self.ends.append(ends)
        self.others.append(others)
        self.kinds.append(np.full(len(ends), kind, dtype=np.int8))

    def columns(self) -> tuple[Numbers, Numbers, Kinds]:
        """Ends, others and kinds, each as one column; the pieces are let go."""
        self.ends, self.others = [np.concatenate(self.ends)], [np.concatenate(self.others)]
        self.kinds = [np.concatenate(self.kinds)]
        return self.ends[0], self.others[0], self.kinds[0]


class Apart:
    """Pairs of rows that are in two groups, each once: what is gathered by stronger ties needs no weak one."""

    def __init__(self) -> None:
        self._codes: list[Numbers] = []
        self._kept = 0
        self._held = 0

    def add(self, ends: Numbers, others: Numbers, gathered: Numbers) -> None:
        """Add pairs; what has come to be in one group goes, whenever the pairs have doubled."""
        self._codes.append(coded(ends, others, len(gathered)))
        self._held += len(ends)
        if self._held > 2 * self._kept + len(gathered):
            self._settle(gathered)

    def pairs(self, gathered: Numbers) -> tuple[Numbers, Numbers]:
        """The pairs, as two columns of rows: of those between a row and one group the first."""
        codes, count = self._settle(gathered), max(len(gathered), 1)
        self._codes = []
        return codes // count, codes % count

    def _settle(self, gathered: Numbers) -> Numbers:
        """The pairs that are left, in order; groups only grow, so what is not the first now will never be."""
        codes, count = distinct(*self._codes), max(len(gathered), 1)
        self._codes = []
        codes = codes[np.not_equal(gathered[codes // count], gathered[codes % count])]
        kept = _first(codes // count * count + gathered[codes % count])
        kept |= _first(codes % count * count + gathered[codes // count])
        codes = codes[kept]
        self._codes, self._kept, self._held = [codes], len(codes), len(codes)
        return codes


def _first(values: Numbers) -> Flags:
    """Which of the values are the first of those that are equal."""
    order = np.argsort(values, kind="stable")
    found = np.empty(len(values), dtype=bool)
    found[order] = np.diff(values[order], prepend=-1) != 0
    return found


def coded(ends: Numbers, others: Numbers, count: int) -> Numbers:
    """Pairs as single numbers, the smaller row first, so that equal ones are found fast."""
    return np.minimum(ends, others) * count + np.maximum(ends, others)


def distinct(*codes: Numbers) -> Numbers:
    """The distinct numbers in order; numpy's own hashes them, which takes ten times as long for a million alike."""
    ordered: Numbers = np.sort(np.concatenate(codes)) if codes else np.empty(0, np.int64)
    found: Numbers = ordered[np.diff(ordered, prepend=-1) != 0]
    return found


def together(first: Numbers, second: Numbers) -> tuple[Numbers, Numbers]:
    """The distinct pairs of two columns of small numbers, in order: as single numbers they are sorted ten times as fast
    as numpy sorts columns."""
    count = int(second.max(initial=0)) + 1
    codes = distinct(first * count + second)
    return codes // count, codes % count
