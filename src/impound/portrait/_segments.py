"""Texts laid side by side: which words of one of them the others have in the same place, and what varies over what.

The method is the longest common subsequence (Wagner and Fischer, "The string-to-string correction problem", JACM 1974,
has the recurrence), a row at a time for all texts at once: its cost is bounded by the number and length of the texts,
whatever their words are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIXED = 0.9
"""Share of the texts that have a word in its place before it is called fixed: one in ten may be cut or quoted."""
SHOWN = 14
"""Words of a varying stretch that are shown; what follows is only counted."""
SPARE = 4
"""…unless it is so few words that counting them would be longer."""
SUCH_AS = 3
"""Other values of a varying stretch that are named."""

Text = tuple[str, ...]
Places = NDArray[np.int32]


@dataclass(frozen=True)
class Segment:
    """A stretch of an example. ``values``: how many different stretches stand in its place, 1 where it is fixed.

    ``text`` is the example's own, ``such_as`` what a few others have; ``more`` counts its words that are left out.
    """

    text: str
    values: int = 1
    such_as: tuple[str, ...] = ()
    more: int = 0

    @property
    def fixed(self) -> bool:
        """Whether all texts have it, but for one in ten."""
        return self.values == 1


def aligned(base: Text, texts: Sequence[Text]) -> tuple[Segment, ...]:
    """The base in segments, by what the texts (itself among them) have in each place."""
    counts = Counter(texts)
    if not base and not any(counts):
        return ()
    others, weight = list(counts), np.array(list(counts.values()))
    places = matches(base, others)
    fixed = (weight[:, None] * (places >= 0)).sum(axis=0) >= FIXED * weight.sum()
    found: list[Segment] = []
    start = 0
    for end in [*np.flatnonzero(fixed).tolist(), len(base)]:
        between = [_between(text, row, start, end) for text, row in zip(others, places, strict=True)]
        found += _gap(base[start:end], between, weight.tolist())
        if end < len(base):
            found.append(Segment(base[end]))
        start = end + 1
    return tuple(_joined(found))


def _between(text: Text, places: Places, start: int, end: int) -> Text:
    """What a text has between the words that match the base's before ``start`` and from ``end`` on."""
    after = places[end:]
    matched = after[after >= 0]
    low = int(places[:start].max(initial=-1)) + 1
    return text[low : int(matched[0]) if len(matched) else len(text)]


def _gap(own: Text, all_of: list[Text], weight: list[int]) -> list[Segment]:
    """The segment between two fixed words; none where the texts agree, but for one in ten, that nothing stands."""
    kinds: Counter[Text] = Counter()
    for text, n in zip(all_of, weight, strict=True):
        kinds[_bare(text)] += n
    mine = _bare(own)
    if kinds[mine] >= FIXED * sum(weight):
        return [Segment(joined(own))] if own else []
    others = sorted((k for k in kinds if k and k != mine), key=lambda k: (-kinds[k], k))[:SUCH_AS]
    before, after = _edges(own)
    inner = own[before : len(own) - after]
    such_as = tuple(joined(k[:SHOWN]) + (" …" if len(k) > SHOWN else "") for k in others)
    shown = SHOWN if len(inner) > SHOWN + SPARE else len(inner)
    gap = Segment(joined(inner[:shown]).strip(), max(2, len(kinds)), such_as, len(_bare(inner[shown:])))
    around = (own[:before], own[len(own) - after :])
    return [Segment(joined(around[0])) if before else None, gap, Segment(joined(around[1])) if after else None]  # type: ignore[list-item]  # sifted by _joined


def _bare(text: Text) -> Text:
    return tuple(word for word in text if not word.isspace())


def _edges(own: Text) -> tuple[int, int]:
    """How many line breaks a stretch begins and ends with: they are layout, not what varies."""
    before = next((n for n, word in enumerate(own) if not word.isspace()), len(own))
    after = next((n for n, word in enumerate(reversed(own[before:])) if not word.isspace()), 0)
    return before, after


def _joined(found: Sequence[Segment | None]) -> list[Segment]:
    """Fixed words that follow each other as one segment."""
    segments: list[Segment] = []
    run: list[str] = []
    for segment in filter(None, found):
        if segment.fixed:
            run.append(segment.text)
            continue
        segments += [Segment(joined(run))] if run else []
        segments.append(segment)
        run = []
    return segments + ([Segment(joined(run))] if run else [])


def joined(tokens: Sequence[str]) -> str:
    """Words and line breaks as a text."""
    return re.sub(r" ?(\n+) ?", r"\1", " ".join(tokens))


def matches(base: Text, texts: Sequence[Text]) -> Places:
    """For each text and each word of the base the place of its match in the text, or -1: a longest subsequence."""
    index = {word: n for n, word in enumerate(dict.fromkeys(base))}
    widest = max((len(t) for t in texts), default=0)
    coded = np.full((len(texts), widest), -1, np.int32)
    for row, text in enumerate(texts):
        coded[row, : len(text)] = [index.get(word, -1) for word in text]
    table = np.zeros((len(base) + 1, len(texts), widest + 1), np.int16)
    for i, word in enumerate(base):  # all texts a row at a time; along a row the maximum runs on
        np.maximum(table[i][:, 1:], table[i][:, :-1] + (coded == index[word]), out=table[i + 1][:, 1:])
        np.maximum.accumulate(table[i + 1], axis=1, out=table[i + 1])
    return _traced(table)


def _traced(table: NDArray[np.int16]) -> Places:
    """The way back through the table, for all texts at once."""
    steps, count, width = table.shape
    places = np.full((count, steps - 1), -1, np.int32)
    rows, at = np.arange(count), np.full(count, width - 1)
    for i in range(steps - 2, -1, -1):
        here = table[i + 1][rows, at]
        used = here > table[i][rows, at]  # without this word the subsequence is shorter: it matches where the row rose
        if used.any():
            rose = (table[i + 1] >= here[:, None]).argmax(axis=1) - 1
            places[used, i] = rose[used]
            at = np.where(used, rose, at)
    return places
