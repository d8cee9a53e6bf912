"""Templates against a message: which of many signatures it matches, in time that grows with its length alone.

Expressions are RE2's (Cox, "Regular expression matching in the wild", 2010): no backtracking, so that no text makes one
slow. Of a thousand signatures a message meets only those whose words it has: the words that stand whole in one of
their fixed texts are looked up first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from impound.check.face import face
from impound.check.mail import Mail

WORDS = 4
"""Words of a signature that a message is asked for before its expression is tried: the longest ones."""
MEMORY = 4 << 20
"""Bytes that one expression's automaton may hold; beyond that RE2 goes on without it, still in linear time."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_INNER = re.compile(r"(?<=[ .,:;!?])[^\W\d_]{4,}(?=[ .,:;!?])")


@dataclass(frozen=True, slots=True)
class Signature:
    """A template's number, expression, and fixed texts one of which every match holds (columns of ``templates``)."""

    id: int
    regex: str
    anchors: tuple[str, ...] = ()


class Matcher:
    """Many signatures. An expression is compiled when the first message has its words."""

    def __init__(self, signatures: Iterable[Signature]) -> None:
        self.always: list[Signature] = []
        self.by_word: dict[str, list[tuple[frozenset[str], Signature]]] = {}
        for signature in signatures:
            found = [words([anchor]) for anchor in signature.anchors]
            if not found or not all(found):
                self.always.append(signature)
                continue
            for needed in found:
                self.by_word.setdefault(needed[0], []).append((frozenset(needed), signature))

    def match(self, mail: Mail) -> list[int]:
        """The numbers of the signatures that a message matches, in order."""
        return self.match_face(face(mail))

    def match_face(self, shown: str) -> list[int]:
        """The same for a message whose face is made already."""
        met = set(_WORD.findall(shown))
        tried = {s for word in met & self.by_word.keys() for needed, s in self.by_word[word] if needed <= met}
        if not tried and not self.always:
            return []
        raw = shown.encode("utf-8", "replace")
        return sorted(s.id for s in (*tried, *self.always) if compiled(s.regex).match(raw))


def words(anchors: Iterable[str]) -> list[str]:
    """The longest words that stand whole inside fixed texts: a message that matches has them."""
    found = {word for anchor in anchors for word in _INNER.findall(anchor)}
    return sorted(found, key=lambda w: (-len(w), w))[:WORDS]


@lru_cache(maxsize=10_000)
def compiled(regex: str) -> Any:
    """An expression, ready to match UTF-8. Raises ``re2.error`` for what RE2 does not take."""
    import re2

    options = re2.Options()
    options.max_mem, options.never_capture, options.log_errors = MEMORY, True, False
    return re2.compile(regex.encode("utf-8", "replace"), options)
