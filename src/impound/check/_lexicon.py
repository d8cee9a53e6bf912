"""The words of ``lures.toml``, and what a text speaks for: points for each lure, by the words in it.

Words are compared as :mod:`impound.check._plain` leaves them. Points are whole numbers, so that it does not matter in
which order they are added.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from impound.check import _plain

POINTS = {"sure": 8.0, "certain": 4.0, "strong": 2.0, "weak": 1.0}
STRONG = POINTS["strong"]
ENOUGH = 4.0
"""Points that name a lure."""
Points = dict[str, dict[str, float]]
"""For each lure the words found, with their points."""
Entries = tuple[tuple[str, str, float], ...]
"""What a word gives: lure, the word as it is shown, points."""
Known = tuple[Entries, tuple[tuple[str, str, str, float], ...]]
"""What a word gives, and the phrases to look for where it stands: as it stands in a text, lure, as shown, points."""
COMMON = frozenset(
    [
        "the",
        "you",
        "your",
        "on",
        "this",
        "have",
        "from",
        "like",
        "only",
        "every",
        "some",
        "new",
        "don",
        "their",
        "day",
        "name",
        "make",
        "want",
        "has",
        "been",
        "will",
        "with",
        "for",
        "are",
        "and",
        "of",
        "to",
        "in",
        "is",
        "it",
        "at",
        "now",
        "here",
        "get",
        "all",
        "any",
        "number",
        "address",
        "local",
        "money",
        "business",
        "account",
        "hours",
    ]
)
"""Words that most texts have: a phrase is looked for where its rarest word stands."""
MOST_TEXTS = 2048
"""Texts whose words are remembered, for campaigns repeat them: some megabytes."""
MOST_KEPT = 1 << 17
"""Words whose meaning is remembered; a flood of new ones is looked up each time and fills no memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of a message speaks for: words with their points, the sum, the weightiest, how many are strong."""

    points: Points
    sums: Mapping[str, float]
    most: Mapping[str, float]
    strong: Mapping[str, int]
    count: int = 0

    @classmethod
    def of(cls, points: Points, count: int = 0) -> Part:
        """A part with its sums; points are whole numbers, so that their order does not matter."""
        sums, most, strong = {}, {}, {}
        for name, words in points.items():
            given = words.values()
            sums[name], most[name] = sum(given), max(given)
            strong[name] = len([None for p in given if p >= STRONG])
        return cls(points, sums, most, strong, count)


class Lexicon:
    """The words of ``lures.toml`` ready to be looked up; ``more`` are a user's own: certain words for a lure each."""

    def __init__(self, more: Mapping[str, Iterable[str]] | None = None) -> None:
        data = tomllib.loads(resources.files("impound.check").joinpath("lures.toml").read_text("utf-8"))
        self._whole: dict[str, list[tuple[str, str, float]]] = {}
        self._begin: dict[str, list[tuple[str, str, float]]] = {}
        self._phrases: dict[str, list[tuple[str, str, str, float]]] = {}
        self._seen_through: dict[str, str] = {}
        self._unspaced: list[tuple[str, str, float]] = []
        self.together: dict[str, str] = {}
        self.enough: dict[str, float] = {}
        self._hosts: list[tuple[str, str]] = []
        self.needs: dict[str, frozenset[str]] = {}
        self._inside = [(_plain.skeleton(word), word) for word in data.pop("inside")]
        for word in data.pop("disguised"):
            self._seen_through.setdefault(_plain.skeleton(word), word)
            if len(word) > 5:
                self._seen_through.setdefault("~" + _plain.scramble(word), word)
        for name, lists in data.items():
            self.together[name] = lists.pop("together", "never")
            self.enough[name] = float(lists.pop("enough", ENOUGH))
            self.needs[name] = frozenset(lists.pop("needs", ()))
            self._hosts += [(name, part) for part in lists.pop("links", ())]
            for kind, terms in lists.items():
                self._add(name, terms, POINTS[kind])
            self._add(name + "?", self.needs[name], 0)
        for name, terms in (more or {}).items():
            self._add(name, terms, POINTS["certain"])
        self._starts = frozenset(word[:3] for word in self._begin)
        self._ends = frozenset(_plain.ends(word) for word in self._seen_through.values())
        self._known: dict[str, Known] = {}
        self.body = lru_cache(maxsize=MOST_TEXTS)(lambda text: self.part(text, _signs(text)))
        self.head = lru_cache(maxsize=MOST_TEXTS)(self.part)
        self.signs = lru_cache(maxsize=MOST_TEXTS)(lambda signs: self.part("", signs))
        self._idle: set[str] = set()

    def _add(self, name: str, terms: Iterable[str], points: float) -> None:
        for term in terms:
            plain = term if term.startswith("#") else " ".join(_plain.fold(term).split())
            entry = (name, term.rstrip("*"), points)
            if not plain.isascii():
                self._unspaced.append(entry)
                continue
            if " " in plain:
                end = "" if term.endswith("*") else " "
                whole = plain.split() if end else plain.split()[:-1]
                key = max(whole, key=lambda word: (word not in COMMON, len(word)))
                self._phrases.setdefault(key, []).append((f" {plain}{end}", *entry))
            elif term.endswith("*"):
                self._begin.setdefault(plain, []).append(entry)
            else:
                self._whole.setdefault(plain, []).append(entry)

    def in_links(self, hosts: Iterable[str]) -> list[tuple[str, str]]:
        """The lures that the names of hosts speak for, each with what was found in them."""
        names = " ".join(hosts)
        return [(lure, f"{part} in a link") for lure, part in self._hosts if part in names]

    def part(self, text: str, signs: Iterable[str] = ()) -> Part:
        """What a text and the signs beside it speak for."""
        distinct, line, count = _plain.cut(text)
        given: Points = {}
        known = self._known.get
        for word in distinct.union(signs) - self._idle:
            entries, phrases = known(word) or self._look_up(word)
            for name, term, points in entries:
                given.setdefault(name, {})[term] = points
            for phrase, name, term, points in phrases:
                if phrase in line:
                    given.setdefault(name, {})[term] = points
        if self._unspaced and not text.isascii():
            for name, term, points in self._unspaced:
                if term in text:
                    given.setdefault(name, {})[term] = points
        return Part.of(given, count)

    def _look_up(self, word: str) -> Known:
        """What a single word gives, disguised or not, and the phrases that it may stand in."""
        meant = self._meant(word)
        entries = self._entries(meant or word)
        if meant:
            entries = tuple((name, f"{word} ({meant})", points) for name, _, points in entries)
        known = entries, tuple(self._phrases.get(meant or word, ()))
        if not any(known):
            if len(self._idle) < MOST_KEPT:
                self._idle.add(word)
        elif len(self._known) < MOST_KEPT:
            self._known[word] = known
        return known

    def _entries(self, word: str) -> Entries:
        whole = tuple(self._whole.get(word, ()))
        if word[:3] not in self._starts:
            return whole
        return (*whole, *(entry for end in range(3, len(word) + 1) for entry in self._begin.get(word[:end], ())))

    def _meant(self, word: str) -> str:
        """The word of the list that another one is a disguise of, or nothing."""
        if word in self._whole or len(word) < 5:
            return ""
        bare = _plain.skeleton(word)
        meant = self._seen_through.get(bare, "")
        if not meant and _plain.ends(word) in self._ends:
            meant = self._seen_through.get("~" + _plain.scramble(word), "")
        if not meant and len(word) > 7:
            for shape, inner in self._inside:
                if shape in bare:
                    return inner if inner != word else ""
        return "" if meant == word else meant


@lru_cache(maxsize=1)
def shipped() -> Lexicon:
    """The words that come with the program."""
    return Lexicon()


_MILLIONS = re.compile(r"\d[.,]\d{3}[.,]\d{3}|\d ?(?:million|mio\b|millones|milh|billion)", re.IGNORECASE)
_PRICE = re.compile(r"[$€£]\s?\d|\d\s?[$€£]")
_TICKER = re.compile(r"\b[A-Z]{3,5}\.(?:PK|OB|F)\b|\b(?:OTC|Symbol|SYM)\w{0,3}(?: BB)?\W{1,4}[A-Z]{4}\b")


def _signs(text: str) -> Iterator[str]:
    """What is seen in a text and is no word."""
    if ("000" in text or "illi" in text or "ILLI" in text) and _MILLIONS.search(text):
        yield "#million"
    if ("$" in text or (not text.isascii() and ("€" in text or "£" in text))) and _has_two(_PRICE, text):
        yield "#prices"
    if "%" in text:
        yield "#percent"
    if (".PK" in text or ".OB" in text or "OTC" in text or "ymbol" in text or "SYM" in text) and _TICKER.search(text):
        yield "#ticker"


def _has_two(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern stands in a text twice; the rest of it is not looked at."""
    first = pattern.search(text)
    return first is not None and pattern.search(text, first.end()) is not None
