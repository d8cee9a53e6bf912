"""Templates of headers, for mail whose words say nothing: pictures, filler, a new wording with every mail.

A program that makes mail writes its headers in one way, and often writes a constant where the program it claims to be
would write a value of the machine: the address in a Message-ID of Outlook is the sender's own. So such a template asks
for that constant, and for everything else that the headers fix: their order, the program, the MIME tree, the boundary.
It needs no word, and so it may tell the program rather than the campaign: whoever proposes it must look whom else it
matches.

References: Pitsillidis et al., "Botnet Judo" (NDSS 2010), section 4.3, for headers in templates; Stringhini et al.,
"B@bel" (USENIX Security 2012) for constants that give a program away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from impound.check.face import LINES
from impound.finders.patterns import _classes, _macros, _tokens
from impound.finders.patterns._macros import DICTIONARY, FIXED, NOISE, Macro

FEWEST = 5
"""Messages that share a constant, at least…"""
SHARE = 0.5
"""…and the share of the messages that do."""
UNSEEN = 0.05
"""Chance of a header's value not seen yet up to which the values met are listed: each line costs so many misses."""
CONSTANT = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,32}")
"""A number of eight digits or more that shows that it is hexadecimal: a decimal one may be a date."""
_ANYBODYS = re.compile(r"0+|f+|[0-9a-f]{6}0a|[0-9a-f]{4}(?:a8c0|fea9|1[0-9a-f]ac)")
"""Nothing, and the private networks (RFC 1918, RFC 3927) as Outlook writes addresses: many machines have those."""
_LISTED = ("order", "program", "mime", "boundary")
_PART = re.compile(r"[^\W_]+|.", re.DOTALL)
_ID = LINES.index("message-id")


class Head(NamedTuple):
    """A template of headers: an expression for a whole face, its pieces by line, and the constant that it asks for."""

    regex: str
    pieces: tuple[tuple[str, Macro], ...]
    constant: str
    learnt: tuple[int, ...]


def head(faces: Sequence[str]) -> Head | None:
    """The template of the headers that most of the faces share; None where they share none."""
    lines = [face.split("\n") for face in faces]
    constant = _constant([line[_ID] for line in lines])
    learnt = [n for n, line in enumerate(lines) if constant and constant in line[_ID]]
    if len(learnt) < max(FEWEST, SHARE * len(faces)):
        return None
    values = {name: [lines[n][at] for n in learnt] for at, name in enumerate(LINES)}
    pieces = {name: _listed(name, values[name]) for name in _LISTED}
    pieces["message-id"] = _identifier(values["message-id"])
    if not all(pieces.values()):
        return None
    written = (_written(name, pieces.get(name, [])) for name in LINES[:-1])
    told = tuple((name, macro) for name in LINES for macro in pieces.get(name, ()))
    return Head("\n".join(written) + "\n.*", told, constant, tuple(learnt))


def constants(identifier: str) -> set[str]:
    """The numbers in a Message-ID, before its host, that could be a program's constant."""
    found = _PART.findall(identifier.rpartition("@")[0])
    return {part for part in found if CONSTANT.fullmatch(part) and not _ANYBODYS.fullmatch(part)}


def _constant(identifiers: Sequence[str]) -> str:
    counts = Counter(part for identifier in identifiers for part in constants(identifier))
    return max(sorted(counts), key=counts.__getitem__, default="")


def _listed(name: str, values: Sequence[str]) -> list[Macro]:
    """The macro of a header of which all values are likely to be met; nothing where they are not.

    Beside the MIME tree the charset is left open: it goes with the words.
    """
    if name == "mime":
        values = [value.partition(" ")[0] for value in values]
    counts = Counter(values)
    if _macros.unseen(list(counts.values())) > UNSEEN or len(counts) > _macros.MOST_VALUES:
        return []
    kept = tuple(sorted(counts, key=lambda value: (-counts[value], value)))
    regex = "(?:" + "|".join(map(_classes.escaped, sorted(counts))) + ")" + ("(?: .*)?" if name == "mime" else "")
    return [Macro(FIXED if len(counts) == 1 else DICTIONARY, regex, kept, len(counts))]


def _identifier(values: Sequence[str]) -> list[Macro]:
    """The macros of a Message-ID, its host only where it is the same in all; nothing where its parts do not line up."""
    cut = [_PART.findall(value.rpartition("@")[0]) for value in values]
    if len({tuple(part if not part[0].isalnum() else "" for part in parts) for parts in cut}) != 1:
        return []
    made = [_part(Counter(parts)) for parts in zip(*cut, strict=True)]
    hosts = Counter(value.rpartition("@")[2] for value in values)
    host = _macros.fixed(values[0].rpartition("@")[2]) if len(hosts) == 1 else Macro(NOISE, ".*", (), len(hosts))
    return [*made, _macros.fixed("@"), host]


def _part(counts: Counter[str]) -> Macro:
    if len(counts) == 1:
        return _macros.fixed(next(iter(counts)))
    shown = tuple(sorted(counts))[: _macros.SHOWN]
    return Macro(NOISE, _classes.repeated(counts), shown, len(counts), _macros.unseen(list(counts.values())))


def _written(name: str, macros: Sequence[Macro]) -> str:
    return "".join(m.regex for m in macros) or ".*"


def letters(found: Head) -> int:
    """How many letters and digits it fixes in the Message-ID: the constant, and whatever else never varies."""
    return sum(_tokens.letters(m.values[0]) for name, m in found.pieces if name == "message-id" and m.kind == FIXED)
