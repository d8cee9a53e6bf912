"""The wordings that one campaign's texts mix: groups of texts that share their pairs of words.

A pair counts when a tenth of the texts have it, so that filler, which is another in every message, counts for nothing.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHARE = 0.1
"""Share of the texts that must have a pair of words before it counts."""
LIKE = 0.5
"""Share of the smaller text's pairs that two texts of one wording have in common."""
MOST_PAIRS = 2_000
STABLE, COVERED = 0.9, 0.85
"""A pair that so many texts of a wording have is the template's; a text that has fewer of these is another's."""


Pairs = frozenset[tuple[str, str]]


def wording(sets: Sequence[Pairs]) -> list[int]:
    """The places of the texts that are worded like the most typical one, given the pairs of words of each."""
    counts = Counter(itertools.chain.from_iterable(sets))
    least = max(2.0, SHARE * len(sets))
    often = sorted((-n, pair) for pair, n in counts.items() if n >= least)[:MOST_PAIRS]
    if not often:
        return []
    has = _table(sets, {pair: n for n, (_, pair) in enumerate(often)})
    size = has.sum(axis=1, dtype=np.int64)
    like = _both(has) / np.maximum(np.minimum.outer(size, size), 1)
    near = (like >= LIKE) & (size >= 1)[:, None] & (size >= 1)[None, :]
    leader = int(near.sum(axis=1).argmax())
    group = np.flatnonzero(near[leader])
    stable = has[group].mean(axis=0) >= STABLE
    if stable.any():
        group = group[has[group][:, stable].mean(axis=1) >= COVERED]
    return [int(n) for n in group]


def _table(sets: Sequence[Pairs], places: dict[tuple[str, str], int]) -> NDArray[np.bool_]:
    """Which text has which pair: a row for each text."""
    has = np.zeros((len(sets), len(places)), dtype=np.bool_)
    for row, found in enumerate(sets):
        has[row, [places[pair] for pair in found & places.keys()]] = True
    return has


def _both(has: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many pairs each two texts share."""
    packed = np.packbits(has, axis=1)
    return np.array([np.bitwise_count(packed & row).sum(axis=1, dtype=np.int64) for row in packed])


def pairs(symbols: Sequence[str]) -> Pairs:
    """The pairs of neighbouring words of a text; the one word of a text that has no more."""
    words = [symbol for symbol in symbols if len(symbol) > 1 or symbol.isalnum()]
    return frozenset(itertools.pairwise(words)) or frozenset((w, "") for w in words)
