"""Templates against a message: which of many signatures it matches, in time that grows with its length alone.

Expressions are RE2's (Cox, "Regular expression matching in the wild", 2010): no backtracking, so that no text makes one
slow. Of a thousand signatures a message meets only those one of whose fixed texts it holds: the longest word that
stands whole in each is looked up first, then the fixed text is looked for, and only then the expression is tried.

An expression has a line for each line of the face, and none that reaches over the end of one. So it is taken apart: the
line for the text is tried on the text alone, the lines before it only where they ask for anything. A signature that
asks for no text has constants of the headers for fixed texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from impound.check.face import LINES, face
from impound.check.mail import Mail

MEMORY = 4 << 20
"""Bytes that one expression's automaton may hold; beyond that RE2 goes on without it, still in linear time."""
HEAD = ".*\n" * (len(LINES) - 1)
"""The beginning of an expression that asks for the text alone."""


_CONSTANT = re.compile(r"[0-9a-f]{8,32}")


@dataclass(frozen=True, slots=True)
class Signature:
    """A template's number, expression, and fixed texts one of which every match holds (columns of ``templates``)."""

    id: int
    regex: str
    anchors: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """The lines before the text, each with its end; empty where they ask for nothing."""
        before = self.regex[: self.regex.rfind("\n") + 1]
        return "" if before == HEAD else before

    @property
    def text(self) -> str:
        """The line for the text."""
        return self.regex[self.regex.rfind("\n") + 1 :]

    @property
    def wordless(self) -> bool:
        """Whether it asks for no text, so that it may tell a program rather than a campaign."""
        return self.text == ".*"


class Matcher:
    """Many signatures. An expression is compiled when the first message holds one of its fixed texts."""

    def __init__(self, signatures: Iterable[Signature]) -> None:
        self.always: list[Signature] = []
        self.by_word: dict[str, dict[str, list[Signature]]] = {}
        self.by_constant: dict[str, list[Signature]] = {}
        for signature in signatures:
            if signature.wordless and signature.anchors:
                self.by_constant.setdefault(signature.anchors[0], []).append(signature)
                continue
            words = [(anchor, word(anchor)) for anchor in signature.anchors]
            if not words or not all(found for _, found in words):
                self.always.append(signature)
                continue
            for anchor, found in words:
                self.by_word.setdefault(found, {}).setdefault(anchor, []).append(signature)

    def match(self, mail: Mail) -> list[int]:
        """The numbers of the signatures that a message matches, in order, those that ask for no text last."""
        return self.match_face(face(mail))

    def match_face(self, shown: str) -> list[int]:
        """The same for a message whose face is made already."""
        head, end, text = shown.rpartition("\n")
        found = self.match_text(text)
        if any(s.head for s in found):
            before = (head + end).encode("utf-8", "replace")
            found = [s for s in found if not s.head or compiled(s.head).match(before)]
        return [*sorted(s.id for s in found), *sorted(s.id for s in self.match_head(head + end))]

    def match_head(self, head: str) -> list[Signature]:
        """Of the signatures that ask for no text those whose other lines match, each of which ends in a newline."""
        if not self.by_constant:
            return []
        tried = [s for part in self.by_constant.keys() & set(_CONSTANT.findall(head)) for s in self.by_constant[part]]
        before = head.encode("utf-8", "replace") if tried else b""
        return [s for s in tried if compiled(s.head).match(before)]

    def match_text(self, text: str) -> list[Signature]:
        """The signatures whose line for the text matches, whatever they ask of the other lines."""
        met = self.by_word.keys() & set(text.split(" "))
        held = (its for word in met for anchor, its in self.by_word[word].items() if anchor in text)
        tried = {s.id: s for its in held for s in its}
        tried |= {s.id: s for s in self.always if not s.anchors or any(anchor in text for anchor in s.anchors)}
        if not tried:
            return []
        raw = text.encode("utf-8", "replace")
        return [s for s in tried.values() if compiled(s.text).match(raw)]


def word(anchor: str) -> str:
    """The longest word that stands whole, between spaces, inside a fixed text; empty where none does."""
    return max(sorted(anchor.split(" ")[1:-1]), key=len, default="")


@lru_cache(maxsize=10_000)
def compiled(regex: str) -> Any:
    """An expression, ready to match UTF-8. Raises ``re2.error`` for what RE2 does not take."""
    import re2

    options = re2.Options()
    options.max_mem, options.never_capture, options.log_errors = MEMORY, True, False
    return re2.compile(regex.encode("utf-8", "replace"), options)
