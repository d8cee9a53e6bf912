"""Links of one campaign as patterns: what is fixed, what varies and over what, and how many bits that tells.

A link is cut into its host and the rest; the rest into words and signs. Links with the same signs in the same places
are laid side by side: a word that is the same in all is fixed, a few that keep coming back are listed, anything else is
a class of characters with lengths, after the beginning that all share. Where that tells too little, links are parted by
the beginning of what varies most, and each part is tried again: generated links carry the number of their campaign or
of their seller there.

What a pattern tells is measured as Xie et al. do ("Spamming Botnets: Signatures and Characteristics", SIGCOMM 2008,
entropy reduction): the bits that it saves in writing down a link that matches it. Here a character has six bits without
it and not eight, for links are written with letters and digits whoever writes them; a host counts only where it is
fixed, and a length that varies counts with its shortest.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from impound.finders import _guards
from impound.finders.patterns import _classes, _macros, _tokens

CHARACTER = math.log2(66)
"""Bits of a character that nothing is known of: a link is written with 66 that need no escape (RFC 3986, 2.3)."""
BITS = 90.0
"""What a pattern must tell (the paper's line)."""
FEWEST, FEWEST_LINKS = 5, 3
"""Messages and different links that a pattern is learnt from, at least: a single link is no pattern."""
DOMAINS = 3
"""From so many domains on the host is left open: the next one will be new."""
BEGINNING = 4
"""Characters of a varying word by which links are parted."""
DEPTH = 3
LONGEST, MOST_PARTS = 300, 40
"""Characters of a link, and words and signs of it, that are looked at: what is longer is left out."""

_LINK = re.compile(r"(?:https?|ftp)://([^/?#\s]+)([/?#]\S*)?")
_PART = re.compile(r"[^\W_]+={0,2}|.", re.DOTALL)
_LETTERS = {"0-9": 10, "a-f": 6, "A-F": 6, "a-z": 26, "A-Z": 26, r"\pL": 128}


@dataclass(frozen=True, slots=True)
class Link:
    """A link and how many messages have it; ``parts`` are those of what follows the host."""

    url: str
    domain: str
    parts: tuple[str, ...]
    messages: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """An expression for whole links. ``letters`` are fixed ones, ``bits`` what a match tells."""

    regex: str
    letters: int
    bits: float
    links: tuple[Link, ...]


def read(url: str, messages: int) -> Link | None:
    """A link cut; None for one that is too long, ends at its host, or leads to a domain that many share."""
    found = _LINK.fullmatch(url) if len(url) <= LONGEST else None
    if not found or not _tokens.letters(found[2] or ""):
        return None
    host = found[1].rpartition("@")[2].partition(":")[0]
    domain, parts = _guards.domain(host) or host, tuple(_PART.findall(found[2]))
    return None if _guards.is_shared(domain) or len(parts) > MOST_PARTS else Link(url, domain, parts, messages)


def patterns(links: Iterable[Link]) -> list[Pattern]:
    """The patterns that tell enough, those of most messages first."""
    alike: defaultdict[tuple[str, ...], list[Link]] = defaultdict(list)
    for link in links:
        alike[tuple(map(_sign, link.parts))].append(link)
    found = (p for group in alike.values() for p in _learn(group, DEPTH))
    return sorted(found, key=lambda p: (-_messages(p.links), p.regex))


def _learn(links: Sequence[Link], depth: int) -> Iterator[Pattern]:
    """The pattern of links with the same signs, or those of their parts where it tells too little."""
    if _messages(links) < FEWEST or len({link.url for link in links}) < FEWEST_LINKS:
        return
    found = max(_pattern(links, listing=False), _pattern(links, listing=True), key=lambda p: p.bits >= BITS)
    if found.bits >= BITS:
        yield found
    elif depth and (parts := _parted(links)):
        for part in parts:
            yield from _learn(part, depth - 1)


def _pattern(links: Sequence[Link], *, listing: bool) -> Pattern:
    """Without ``listing`` whatever varies is left open and tells nothing: what is fixed must tell enough by itself."""
    regex, letters, bits = _host({link.domain for link in links})
    for values in zip(*(link.parts for link in links), strict=True):
        counts = Counter[str]()
        for value, link in zip(values, links, strict=True):
            counts[value] += link.messages
        part, fixed, told = _values(counts, listing)
        regex, letters, bits = regex + part, letters + fixed, bits + told
    return Pattern(regex, letters, bits, tuple(links))


def _host(domains: set[str]) -> tuple[str, int, float]:
    """The beginning of a pattern: the domains where they are few, any host otherwise."""
    if len(domains) >= DOMAINS:
        return r"(?:https?|ftp)://[^/?#\s]+", 0, 0.0
    shortest = min(map(len, domains))
    listed = _classes.either(domains)
    return (
        rf"(?:https?|ftp)://(?:[^/?#\s]*\.)?{listed}(?::[0-9]+)?",
        shortest,
        CHARACTER * shortest - math.log2(len(domains)),
    )


def _values(counts: Counter[str], listing: bool) -> tuple[str, int, float]:
    """What stands in one place, as an expression, with its fixed letters and its bits."""
    begin = _beginning(counts)
    if len(counts) == 1:
        return _classes.escaped(begin), _tokens.letters(begin), CHARACTER * len(begin)
    fixed, letters = _classes.escaped(begin), _tokens.letters(begin)
    rest = Counter({value[len(begin) :]: n for value, n in counts.items()})
    if not listing:
        return fixed + _classes.repeated(rest), letters, CHARACTER * len(begin)
    if listed := _macros.listed(rest):
        return fixed + listed.regex, letters, CHARACTER * min(map(len, counts)) - math.log2(len(counts))
    bits = CHARACTER * len(begin) + min(map(len, rest)) * max(0.0, CHARACTER - math.log2(_size(rest)))
    return fixed + _classes.repeated(rest), letters, bits


def _beginning(values: Iterable[str]) -> str:
    """What all the values begin with: what the first and the last of them in order do."""
    first, last = min(values), max(values)
    return next((first[:n] for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), first)


def _size(values: Iterable[str]) -> int:
    """How many characters the class of the values has."""
    name = _classes.characters(values)
    named = sum(size for part, size in _LETTERS.items() if part in name)
    return max(2, named + sum(not c.isalnum() for c in name[1:-1].replace(r"\pL", "").replace("-", "")))


def _parted(links: Sequence[Link]) -> list[list[Link]]:
    """Links by how the word begins that has most values; none where they all begin alike."""
    places = list(zip(*(link.parts for link in links), strict=True))
    widest = max(places, key=lambda values: (len(set(values)), max(map(len, values))))
    same = len(_beginning(widest))
    groups: defaultdict[str, list[Link]] = defaultdict(list)
    for link, value in zip(links, widest, strict=True):
        groups[value[: same + BEGINNING]].append(link)
    return [groups[begin] for begin in sorted(groups)] if len(groups) > 1 else []


def _sign(part: str) -> str:
    """A sign as it is, a word as whether it is a number."""
    return part if not part[0].isalnum() else "9" if part.isdecimal() else "w"


def _messages(links: Iterable[Link]) -> int:
    return sum(link.messages for link in links)
