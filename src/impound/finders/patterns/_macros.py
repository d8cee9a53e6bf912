"""What stands in a gap of a template: one of a few values, or noise of a class and length, or a typed field.

The chance that a dictionary shows a value not seen yet is estimated by Good and Turing: the share of the values met
that were met once (Good, "The population frequencies of species and the estimation of population parameters",
Biometrika 1953). Where none was met once, the chance is that of a value as rare as the rarest one met, missed by luck.
A gap that is neither is split at the signs and words that all its values share, which Judo calls micro-anchors
(Pitsillidis et al., "Botnet Judo: Fighting Spam with Itself", NDSS 2010).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from impound.finders.patterns import _classes, _tokens
from impound.finders.patterns._tokens import LINK, MAILBOX, NUMBER, SIGN, WORD

FIXED, DICTIONARY, NOISE, ANY = "fixed", "dictionary", "noise", "anything"
UNSEEN = 0.01
"""Chance of a value not seen yet up to which a list of values is a dictionary: each gap costs so many misses."""
MOST_VALUES = 40
"""Values of a dictionary; with more the expression is no longer readable."""
LONGEST_VALUE = 80
"""Characters of a dictionary's value, or of noise that is described; what is longer is free text."""
MOST_PIECES = 40
"""Tokens of a gap that is split at what its values share."""
SHOWN = 8
"""Values that are kept to be shown."""
_TYPED = {LINK: r"(?:https?://|www\.|ftp://)?[^ ]+", MAILBOX: r"[^ @]+@[^ @]+\.[A-Za-z0-9]+"}


@dataclass(frozen=True)
class Macro:
    """A piece of a template. ``letters``: how many letters and digits of it are fixed."""

    kind: str
    regex: str
    values: tuple[str, ...] = ()
    distinct: int = 1
    unseen: float = 0.0
    letters: int = 0


def fixed(text: str) -> Macro:
    """Text that all messages have."""
    return Macro(FIXED, _classes.escaped(text), (text,), letters=_tokens.letters(text))


def unseen(counts: Sequence[int]) -> float:
    """The chance that the next value is one not met yet, from how often each value was met."""
    total, once = sum(counts), sum(1 for n in counts if n == 1)
    if once:
        return once / total
    rarest = min(counts)
    return rarest / total * math.exp(-rarest)


def gap(values: Sequence[str]) -> list[Macro]:
    """The macros for a gap with these values, one for each message."""
    counts = Counter(values)
    if len(counts) == 1 and len(values[0]) <= LONGEST_VALUE:
        return pieces([_tokens.tokens(values[0])] * len(values))
    if dictionary := listed(counts):
        return [dictionary]
    if max(map(len, counts)) > 4 * LONGEST_VALUE:
        return [anything(counts)]
    cut = {v: _tokens.tokens(v) for v in counts}
    if len({_skeleton(c) for c in cut.values()}) == 1 and len(cut[values[0]]) <= MOST_PIECES:
        return pieces([cut[v] for v in values])
    return [noise(counts)]


def pieces(cut: Sequence[Sequence[str]]) -> list[Macro]:
    """A macro for each place, where all values have the same types in the same places."""
    return list(map(place, zip(*cut, strict=True)))


def place(found: Sequence[str]) -> Macro:
    """The macro for one token of each message, all of one type."""
    kind, counts = _tokens.kind(found[0]), Counter(found)
    if kind in _TYPED:
        return _shown(kind, _TYPED[kind], counts)
    if kind == NUMBER:
        return _shown(kind, _number(counts), counts)
    if len(counts) == 1:
        return fixed(found[0])
    return listed(counts) or noise(counts)


def listed(counts: Counter[str]) -> Macro | None:
    """A dictionary, where the values met are likely to be all there are."""
    missing = unseen(list(counts.values()))
    short = len(counts) <= MOST_VALUES and max(map(len, counts)) <= LONGEST_VALUE
    if (
        not short
        or missing > UNSEEN
        or any(_tokens.kind(t) not in (WORD, SIGN) for v in counts for t in _tokens.tokens(v))
    ):
        return None
    return _shown(DICTIONARY, _classes.either(counts), counts, missing)


def noise(counts: Counter[str]) -> Macro:
    """A class of characters with lengths; anything where values are long."""
    if max(map(len, counts)) > LONGEST_VALUE:
        return anything(counts)
    return _shown(NOISE, _classes.repeated(counts.elements()), counts, unseen(list(counts.values())))


def anything(counts: Counter[str]) -> Macro:
    """Free text."""
    return _shown(ANY, ".*", counts, unseen(list(counts.values())))


def _shown(kind: str, regex: str, counts: Counter[str], missing: float = 0.0) -> Macro:
    most = sorted(counts, key=lambda v: (-counts[v], v))[:SHOWN]
    return Macro(kind, regex, tuple(v[:LONGEST_VALUE] for v in most), len(counts), round(missing, 6))


def _number(counts: Counter[str]) -> str:
    return r"[0-9]+" if all(map(str.isdecimal, counts)) and all(map(str.isascii, counts)) else r"[0-9][0-9.,:/\-]*"


def _skeleton(cut: Sequence[str]) -> tuple[str, ...]:
    kinds = map(_tokens.kind, cut)
    return tuple(token if kind == SIGN else kind for token, kind in zip(cut, kinds, strict=True))
