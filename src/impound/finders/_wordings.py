"""The wordings that one campaign's texts mix: groups of texts that share their pairs of words.

A pair counts when a tenth of the texts have it, so that filler, which is another in every message, counts for nothing.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

SHARE = 0.1
"""Share of the texts that must have a pair of words before it counts."""
LIKE = 0.5
"""Share of the smaller text's pairs that two texts of one wording have in common."""
MOST_PAIRS = 2_000
STABLE, COVERED = 0.9, 0.85
"""A pair that so many texts of a wording have is the template's; a text that has fewer of these is another's."""


def wording(texts: Sequence[Sequence[str]]) -> list[int]:
    """The places of the texts that are worded like the most typical one."""
    sets = [set(_pairs(text)) for text in texts]
    counts = Counter(pair for found in sets for pair in found)
    least = max(2.0, SHARE * len(texts))
    kept = [p for p, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:MOST_PAIRS] if n >= least]
    if not kept:
        return []
    has = np.array([[pair in found for pair in kept] for found in sets], dtype=np.float32)
    size = has.sum(axis=1)
    like = (has @ has.T) / np.maximum(np.minimum.outer(size, size), 1)
    near = (like >= LIKE) & (size >= 1)[:, None] & (size >= 1)[None, :]
    leader = int(near.sum(axis=1).argmax())
    group = np.flatnonzero(near[leader])
    stable = has[group].mean(axis=0) >= STABLE
    if stable.any():
        group = group[has[group][:, stable].mean(axis=1) >= COVERED]
    return [int(n) for n in group]


def _pairs(text: Sequence[str]) -> list[tuple[str, str]]:
    words = [symbol for symbol in text if len(symbol) > 1 or symbol.isalnum()]
    return list(itertools.pairwise(words)) or [(w, "") for w in words]
