"""Anchors: the ordered runs of tokens that all texts of one wording share, the longest first.

Tokens that stand in no run of ``RUN`` tokens common to all texts are left out before texts are aligned, so that a word
that happens to be everywhere does not become an anchor. What is left is nearly the same in all texts, and the longest
common subsequence of it (bit-parallel: Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA 2004, as
``rapidfuzz`` has it) is cut where the texts disagree about what stands between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from impound.finders.patterns import _tokens

RUN = 5
"""Tokens of a run, spaces counted: three words, or two and a sign."""
FEWEST_LETTERS = 6
"""Letters of an anchor (Judo's minimum)."""

Symbols = Sequence[str]
Places = NDArray[np.int64]


def anchors(texts: Sequence[Symbols]) -> list[tuple[Places, int]]:
    """Each anchor as where it begins in each text, and its length in tokens; in order."""
    common = shared(texts, len(texts))
    kept = [covered(text, common) for text in texts]
    spine = subsequence([[text[p] for p in places] for text, places in zip(texts, kept, strict=True)])
    if not spine:
        return []
    where = np.array(
        [places[found] for places, found in zip(kept, map(np.array, _found(texts, kept, spine)), strict=True)]
    )
    return [(where[:, start], end - start) for start, end in _runs(where) if _telling(spine[start:end])]


def shared(texts: Sequence[Symbols], least: int) -> set[int]:
    """Runs that at least so many of the texts have, as hashes."""
    counts = Counter(chain.from_iterable(set(runs(text)) for text in texts))
    return {run for run, n in counts.items() if n >= least}


def runs(text: Symbols) -> list[int]:
    """A hash for each run of a text; one for the whole of a text that is shorter than a run."""
    length = min(RUN, len(text))
    return list(map(hash, zip(*(text[n:] for n in range(length)), strict=False))) if length else []


def covered(text: Symbols, common: set[int]) -> Places:
    """The places of a text that stand in a common run."""
    starts = np.array([run in common for run in runs(text)], dtype=bool)
    within = np.zeros(len(text), dtype=bool)
    for n in range(min(RUN, len(text))):
        within[n : n + len(starts)] |= starts
    return np.flatnonzero(within)


def subsequence(texts: Sequence[Symbols]) -> list[str]:
    """What all the texts have, in order: the longest common subsequence of one after the other."""
    from rapidfuzz.distance import LCSseq

    spine = list(sorted(texts, key=len)[0])
    for text in texts:
        if spine == text:
            continue
        spine = [spine[n] for block in LCSseq.opcodes(spine, text) if block.tag == "equal"
                 for n in range(block.src_start, block.src_end)]  # fmt: skip
    return spine


def _found(texts: Sequence[Symbols], kept: Sequence[Places], spine: list[str]) -> list[list[int]]:
    """For each text where its kept tokens are the spine's."""
    from rapidfuzz.distance import LCSseq

    found = []
    for text, places in zip(texts, kept, strict=True):
        own = [text[p] for p in places]
        found.append(
            list(range(len(own)))
            if own == spine
            else [
                n
                for block in LCSseq.opcodes(spine, own)
                if block.tag == "equal"
                for n in range(block.dest_start, block.dest_end)
            ]
        )
    return found


def _runs(where: Places) -> list[tuple[int, int]]:
    """Stretches of the spine that stand together in every text."""
    broken = np.flatnonzero((np.diff(where, axis=1) != 1).any(axis=0)) + 1
    ends = [0, *broken.tolist(), where.shape[1]]
    return list(pairwise(ends))


def _telling(run: Symbols) -> bool:
    return sum(_tokens.letters(s) for s in run if not s.startswith("<") or len(s) == 1) >= FEWEST_LETTERS
