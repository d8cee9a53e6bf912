"""The marks and their holders: which one a text names, whose domain a host is made to look like, who may use it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from impound import canonical
from impound.check import _plain
from impound.check._lexicon import MOST_TEXTS

LONGEST_LABEL = 63
"""Letters of a label of a domain (RFC 1035, section 2.3.4)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark: its kind (account, medicine, luxury, software), its holders' domains, whether it is an ordinary word."""

    name: str
    kind: str
    domains: tuple[str, ...]
    ordinary: bool = False

    def holds(self, domain: str) -> bool:
        """Whether a domain, or one above it, is the holder's: listed, or the mark's own word below a suffix."""
        if not domain:
            return False
        if any(domain == own or domain.endswith("." + own) for own in self.domains):
            return True
        label, _, suffix = domain.partition(".")
        return label == _label(self.name) and (len(suffix) == 2 or suffix in _OWN_SUFFIXES)


_OWN_SUFFIXES = frozenset(
    ("com", "net", "org", "co.uk", "com.br", "com.au", "com.mx", "com.ar", "co.jp", "com.tr", "co.in", "co.za")
)


def _label(name: str) -> str:
    """A name as it would be a label of a domain."""
    return "".join(_plain.fold(name).split())


class Marks:
    """The marks of ``brands.toml`` ready to be looked up; ``more`` are a user's own: a name, its holder's domains."""

    def __init__(self, more: Mapping[str, Iterable[str]] | None = None) -> None:
        data = tomllib.loads(resources.files("impound.check").joinpath("brands.toml").read_text("utf-8"))
        self.sellers: dict[str, list[str]] = data["sellers"]
        self.marks: dict[str, list[Mark]] = {}
        self._phrases: dict[str, list[tuple[str, str]]] = {}
        self._alike: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._shapes: dict[str, str] = {}
        ordinary = frozenset(data["ordinary"]["words"])
        for kind, table in {"account": data["account"], **data["goods"], "own": dict(more or {})}.items():
            for name, domains in table.items():
                mark = Mark(name, "account" if kind == "own" else kind, tuple(domains), name in ordinary)
                self.marks.setdefault(name, []).append(mark)
                self._add(name, (name, *data["names"].get(name, ())))
        goods = [_label(name) for kind in data["goods"].values() for name in kind]
        self._moved = {_plain.scramble(own): own for own in goods if len(own) > 5 and own in self._phrases}
        self._ends = frozenset(map(_plain.ends, self._moved.values()))
        self._goods = [(bare, own) for own in goods if len(bare := _plain.skeleton(own)) > 5 and own in self._phrases]
        self._near: dict[str, set[str]] = {}
        for label in self._labels:
            for less in _shorter(label) if len(label) > 6 else ():
                self._near.setdefault(less, set()).add(label)
        self._idle: set[str] = set()
        self._named = lru_cache(maxsize=MOST_TEXTS)(self._find)

    def _add(self, name: str, spellings: Iterable[str]) -> None:
        for spelling in spellings:
            plain = " ".join(_plain.fold(spelling).split())
            key = max(plain.split(), key=len)
            phrase = (f" {plain} ", name)
            if phrase not in self._phrases.setdefault(key, []):
                self._phrases[key].append(phrase)
            if " " not in plain and len(plain) > 4:
                self._alike.setdefault(_plain.skeleton(plain), plain)
            if len(plain) > 5:
                label = _label(spelling)
                self._labels.setdefault(label, name)
                self._shapes.setdefault(_plain.skeleton(label), label)

    def named(self, text: str) -> Mapping[str, int]:
        """The marks that a text names, with how often."""
        return self._named(text) if text else {}

    def _find(self, text: str) -> Mapping[str, int]:
        found: dict[str, int] = {}
        distinct, line, _ = _plain.cut(text)
        for word in distinct - self._idle:
            known = word if word in self._phrases else self._meant(word)
            if not known:
                if len(self._idle) < 1 << 17:
                    self._idle.add(word)
                continue
            for phrase, name in self._phrases[known]:
                if known != word and phrase == f" {known} ":
                    found[name] = found.get(name, 0) + line.count(f" {word} ")
                elif phrase in line:
                    found[name] = found.get(name, 0) + line.count(phrase)
        return dict(sorted(found.items()))

    def _meant(self, word: str) -> str:
        """The spelling of a mark that a word disguises, or that is run together with another word (of goods alone)."""
        if len(word) < 5:
            return ""
        bare = _plain.skeleton(word)
        meant = self._alike.get(bare, "")
        if not meant and _plain.ends(word) in self._ends:
            meant = self._moved.get(_plain.scramble(word), "")
        if not meant and len(word) > 7:
            for shape, own in self._goods:
                if shape in bare:
                    return own
        return meant

    @lru_cache(maxsize=16384)  # noqa: B019  (one table lives as long as the program)
    def looks_like(self, host: str) -> tuple[str, str]:
        """The mark whose holder's domain a host is made to look like, and how; two empty texts when it is not."""
        domain = canonical.registrable_domain(host) or ""
        if not domain:
            return "", ""
        label, ahead = _shown(domain.partition(".")[0]), _shown(host[: -len(domain)].rstrip("."))
        alike = "looks like" if "xn--" in host else "carries"
        for part, where in ((label, ""), (ahead, " in front of another domain")):
            for piece in (part, *re.split(r"[.-]", part)):
                name = self._labels.get(piece, "")
                if name and not self.is_holder(name, domain):
                    return name, f"{host} {alike} the name {name}{where}"
        meant = self._shapes.get(_plain.skeleton(label), "") or self._one_off(label)
        name = self._labels.get(meant, "")
        if name and meant != label and not self.is_holder(name, domain):
            return name, f"{host} looks like {meant}"
        return "", ""

    def _one_off(self, label: str) -> str:
        """The mark that a label is one letter away from; only for names of seven letters and more.

        Both lose a letter and meet: what is one edit apart has a word in common among those with one letter less.
        """
        if not 6 <= len(label) <= LONGEST_LABEL:
            return ""
        near = {own for less in _shorter(label) for own in self._near.get(less, ())}
        return min((own for own in near if one_edit(label, own)), default="")

    def is_holder(self, name: str, domain: str) -> bool:
        """Whether a domain belongs to a holder of a mark, or to somebody who may sell its goods."""
        of = self.marks[name]
        allowed = [s for mark in of for s in self.sellers.get(mark.kind, ())]
        return any(mark.holds(domain) for mark in of) or any(domain == s or domain.endswith("." + s) for s in allowed)


def _shown(label: str) -> str:
    """A label as a browser shows it: Punycode (RFC 3492) decoded, look-alike letters as what they look like."""
    if "xn--" not in label:
        return label
    pieces = (_decoded(piece) for piece in label.split("."))
    return ".".join(_plain.fold(piece).replace(" ", "-") for piece in pieces)


def _decoded(piece: str) -> str:
    try:
        return piece[4:].encode().decode("punycode") if piece.startswith("xn--") else piece
    except UnicodeError:
        return piece


def _shorter(word: str) -> Iterator[str]:
    """A word, and it without each one of its letters."""
    yield word
    yield from (word[:n] + word[n + 1 :] for n in range(len(word)))


def one_edit(one: str, other: str) -> bool:
    """Whether one letter put in, left out, changed, or two neighbours swapped make one word the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])


@lru_cache(maxsize=1)
def shipped() -> Marks:
    """The marks that come with the program."""
    return Marks()
