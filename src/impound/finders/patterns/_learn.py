"""Templates learnt from the faces of one campaign's messages: wording by wording, each until nothing is left over.

Per wording: anchors of the text, macros for the gaps between them, a macro for each other line of the face; then the
expression is tried on all messages, and what it does not match is what the next wording is looked for in. So a template
whose lists grew stale is learnt again together with what it missed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from impound.check.face import LINES
from impound.check.templates import compiled
from impound.finders.patterns import _macros, _tokens, _wordings
from impound.finders.patterns._anchors import anchors
from impound.finders.patterns._macros import Macro

FEWEST = 5
"""Messages that a template is learnt from, at least."""
SAMPLE = 50
"""Messages that one wording is learnt from, at most."""
WORDINGS = 6
"""Wordings that a campaign is split into, at most."""
FIXED_LETTERS = 40
"""Letters and digits of fixed text below which an expression is too weak to accuse anybody."""
STRETCH, MOST_STRETCHES = 50, 16
"""Letters and digits that a stretch of a text must fix to stand for the whole, ten words; and how many there are."""
_SENTENCE = re.compile(r".{40,100}?[.!?:] |.{80,}? |.+$")
"""A sentence or two, or words where none ends."""
LONGEST = 12_000
"""Characters of an expression; a longer one is cut after its last whole anchor."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in tokens, what each is compared by, and its pairs of words."""

    tokens: list[str]
    symbols: list[str]
    pairs: _wordings.Pairs

    @classmethod
    def of(cls, text: str) -> Cut:
        """The text cut."""
        tokens = _tokens.tokens(text)
        symbols = list(map(_tokens.symbol, tokens))
        return cls(tokens, symbols, _wordings.pairs(symbols))


@dataclass(frozen=True)
class Piece:
    """A macro and the part of the message that it stands in."""

    part: str
    macro: Macro


@dataclass(frozen=True)
class Learned:
    """A template: ``members`` are the places of the faces that it matches, ``learnt`` of those it was made from."""

    regex: str
    pieces: tuple[Piece, ...]
    anchors: tuple[str, ...]
    letters: int
    learnt: tuple[int, ...]
    members: tuple[int, ...]


def learn(faces: Sequence[str]) -> list[Learned]:
    """The templates of a campaign's faces, in the order in which they were found."""
    left, found = list(range(len(faces))), []
    texts = [_text(face) for face in faces]
    known = {text: Cut.of(text) for text in set(texts)}
    for _ in range(WORDINGS):
        if len(left) < FEWEST:
            break
        sample = _spread(left, 2 * SAMPLE)
        alike = _wordings.wording([known[texts[n]].pairs for n in sample])
        alike = _spread(alike, SAMPLE)
        if len(alike) < FEWEST:
            break
        learnt = [sample[n] for n in alike]
        made = template([faces[n] for n in learnt], [known[texts[n]] for n in learnt])
        members = _matching(made[0], faces, left) if made[2] >= FIXED_LETTERS else []
        found += [Learned(made[0], made[1], _fixed(made[1]), made[2], tuple(sorted(set(learnt) & set(members))),
                          tuple(members))] if len(members) >= FEWEST else []  # fmt: skip
        gone = {*members, *learnt}
        left = [n for n in left if n not in gone]
    return found


def template(faces: Sequence[str], cut: Sequence[Cut]) -> tuple[str, tuple[Piece, ...], int]:
    """The expression for faces of one wording, its pieces, and how many fixed letters the text has."""
    lines = list(zip(*(face.split("\n") for face in faces), strict=True))
    pieces = [Piece(name, m) for name, values in zip(LINES[:-1], lines, strict=False) for m in _macros.gap(values)]
    text = [Piece("text", m) for m in merged(body(cut))]
    written = ["".join(m.regex for m in stretch) for stretch in stretches([p.macro for p in text])]
    either = written[0] if len(written) == 1 else f"(?:{'|'.join(written)})"
    regex = ".*\n" * (len(LINES) - 1) + f".*{either}"
    return regex, (*pieces, *text), sum(p.macro.letters for p in text)


def stretches(macros: Sequence[Macro]) -> list[list[Macro]]:
    """Stretches of a text any of which will do: each begins and ends with fixed text, and fixes enough by itself.

    A template is edited while it runs, seldom all of it at once. What is left over at the end is not asked for; where
    there are too many, some are taken from all over the text.
    """
    found: list[list[Macro]] = [[]]
    for macro in (piece for m in macros for piece in _sentences(m)):
        if macro.letters or found[-1]:
            found[-1].append(macro)
        if macro.letters and sum(m.letters for m in found[-1]) >= STRETCH:
            found.append([])
    if len(found) > 1:
        return _spread(found[:-1], MOST_STRETCHES)
    while found[0] and not found[0][-1].letters:
        found[0].pop()
    return found


def _sentences(macro: Macro) -> list[Macro]:
    """A long fixed text in pieces of a sentence or two, any other macro as it is."""
    if macro.kind != _macros.FIXED or macro.letters < STRETCH:
        return [macro]
    return [_macros.fixed(text) for text in _SENTENCE.findall(macro.values[0])]


def body(texts: Sequence[Cut]) -> list[Macro]:
    """The macros of the text, up to its last anchor."""
    cut = [text.tokens for text in texts]
    found, size, at = [], 0, [0] * len(cut)
    for starts, length in anchors([text.symbols for text in texts]):
        between = ["".join(c[a:s]) for c, a, s in zip(cut, at, starts, strict=True)]
        new = _macros.gap(between) + _macros.pieces([c[s : s + length] for c, s in zip(cut, starts, strict=True)])
        size += sum(len(m.regex) for m in new)
        if size > LONGEST:
            break
        found += new
        at = [int(s) + length for s in starts]
    return found


def merged(macros: Sequence[Macro]) -> list[Macro]:
    """Neighbouring pieces of fixed text as one."""
    found: list[Macro] = []
    for macro in macros:
        if macro.kind == _macros.FIXED and found and found[-1].kind == _macros.FIXED:
            found[-1] = _macros.fixed(found[-1].values[0] + macro.values[0])
        elif macro.regex:
            found.append(macro)
    return found


def _fixed(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """The longest fixed text of each stretch."""
    found = stretches([p.macro for p in pieces if p.part == "text"])
    fixed = ([m.values[0] for m in stretch if m.kind == _macros.FIXED] for stretch in found)
    return tuple(max(texts, key=len, default="") for texts in fixed)


def _matching(regex: str, faces: Sequence[str], among: Sequence[int]) -> list[int]:
    expression = compiled(regex)
    return [n for n in among if expression.match(faces[n].encode("utf-8", "replace"))]


def _text(face: str) -> str:
    return face.rpartition("\n")[2]


_Any = TypeVar("_Any")


def _spread(places: Sequence[_Any], most: int) -> list[_Any]:
    """At most so many of them, evenly from first to last: a template changes with time."""
    step = max(1.0, len(places) / most)
    return [places[int(n * step)] for n in range(min(most, len(places)))]
