"""Recipients out of the stored text: whatever a message derives from the person it was sent to becomes a token.

Recipients are victims. Their addresses become pseudonyms (HMAC-SHA256 with the case key); in every stored string their
address is replaced by ``{{to.address}}``, their local part by ``{{to.local}}``, their name by ``{{to.name}}``, and an
address in base64, hex or as a digest (as links carry it) by ``{{to.code}}``. So personal data stays in the sealed
originals, and personalised copies of one mail become equal texts.

Ordinary words are left alone: a local part such as ``sales`` is replaced only as part of the address, behind a
salutation, or at the head of a paragraph and followed by a comma; :mod:`impound.readers._words` says what is ordinary.
Display names have rules of their own (:mod:`impound.readers._names`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from impound.readers._names import Name, name
from impound.readers._words import GENERIC, addressed, is_word, lower

__all__ = ["Person", "Redactor", "is_word", "people", "pseudonym", "redactor"]

FEW = 8
"""People up to which a set of them is remembered: memory is bounded in sets, so a set must be small."""
PEOPLE_LIMIT = 2000
"""Recipients of one message that are looked at: a To header of 64 KiB holds about that many."""
SHORT = 1024
"""Characters of headers up to which their recipients are remembered: memory must not grow with what strangers write."""
HEADER_LIMIT = 65536
"""Characters of one header in which recipients are looked for."""
CODED_LIMIT = 100
"""Coded forms are looked for only when a message has at most so many recipients, which bounds the time: who writes to
many at once cannot put one's address into a link."""
CODE_LENGTH = 8
"""Characters of base64 that an address alone must decide before they are looked for: eight meet by chance once in
2^48 places."""
ANYWHERE = 6
"""A local part of so many letters, or one fewer when they are not all letters, is replaced inside words too."""

SEPARATOR = "\x1f"
"""May stand between strings that are cleaned in one go."""

_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@\\]{1,128}@[^\s<>()\[\]\",;:@\\]{1,255}")
_AT = re.compile(r"@|%40|&#0*64;|=40|%2540| ?[\[({]at[\])}] ?| at (?=\S)|(?P<verp>=|#|%3d)")
"""How the sign in an address is written in text and links; ``verp``: in bounce addresses, behind a prefix and a hyphen
(Bernstein, "Variable Envelope Return Paths", 1997)."""
_AT_FIRST = frozenset("@%&= [({#")
_HEX = frozenset("0123456789abcdef")


class Person(NamedTuple):
    """A recipient: the address in lower case, the display name beside it, and the address as spelt where that differs
    (each empty when there was none)."""

    address: str
    name: str = ""
    spelt: str = ""


def people(headers: Iterable[str], extra: Iterable[str] = ()) -> tuple[Person, ...]:
    """The recipients named in address headers (decoded values) and in ``extra`` (bare addresses); each once."""
    values, bare = tuple(headers), tuple(extra)
    short = sum(map(len, values)) + sum(map(len, bare)) <= SHORT
    return _people(values, bare) if short else _people.__wrapped__(values, bare)


@lru_cache(maxsize=1024)
def _people(headers: tuple[str, ...], extra: tuple[str, ...]) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for value in headers:
        for person in _listed(value) if len(value) <= SHORT else _listed.__wrapped__(value[:HEADER_LIMIT]):
            known = found.get(person.address)
            if known is None or (person.name and not known.name):
                found[person.address] = person
    for spelt in extra:
        for person in _listed(spelt) if len(spelt) <= SHORT else _listed.__wrapped__(spelt[:HEADER_LIMIT]):
            found.setdefault(person.address, person)
    return tuple(found.values())[:PEOPLE_LIMIT]


@lru_cache(maxsize=1024)
def _listed(value: str) -> tuple[Person, ...]:
    """The recipients of one header, with the names before or (in parentheses) behind their addresses."""
    found: list[Person] = []
    at = 0
    for match in _ADDRESS.finditer(value):
        before = value[at : match.start()]
        if found and not found[-1].name and (comment := before.lstrip(" \t>"))[:1] == "(":
            inside, _, before = comment[1:].partition(")")
            found[-1] = found[-1]._replace(name=inside.strip(" \t\"'")[:80])
        spelt, at = match[0].strip("'."), match.end()
        before = before.strip(" \t,;<>\"'()")
        address = spelt.lower()
        found.append(Person(address, before[-80:] if "@" not in before else "", spelt if spelt != address else ""))
        if len(found) >= PEOPLE_LIMIT:
            break
    if found and not found[-1].name and (comment := value[at : at + 99].lstrip(" \t>"))[:1] == "(":
        found[-1] = found[-1]._replace(name=comment[1:].partition(")")[0].strip(" \t\"'")[:80])
    return tuple(found)


@lru_cache(maxsize=16384)
def pseudonym(key: bytes, address: str) -> str:
    """What stands for an address in the tables: the same within a case, meaningless without its key."""
    return "r-" + hmac.digest(key, _bytes(address), "sha256").hex()[:20]


def _bytes(address: str) -> bytes:
    return address.encode("utf-8", "surrogatepass")  # headers in raw 8-bit may hold half a pair


class Redactor:
    """Replaces one message's recipients in its strings. Made once for each distinct set of people."""

    def __init__(self, persons: tuple[Person, ...]) -> None:
        mailboxes: dict[Mailbox, None] = {}
        names: dict[Name, None] = {}
        for person in persons:
            for mailbox in _mailboxes(person.address):
                mailboxes[mailbox] = None
            if person.name and (found := name(person.name, person.address.partition("@")[0])):
                names[found] = None
        # the longest first: john.smith@… must be gone before john@… takes a piece out of it
        longest = sorted(mailboxes, key=lambda m: -len(m.local)) if len(mailboxes) > 1 else mailboxes
        self._needles: tuple[tuple[str, Mailbox | Name], ...] = (
            *((m.local, m) for m in longest),
            *((word, n) for n in names for word in dict.fromkeys((n.first, n.last))),
        )
        self._mailboxes = tuple(longest)
        coded = [_codes(p.address, p.spelt) for p in persons] if len(persons) <= CODED_LIMIT else []
        self._loose = tuple(code for loose, _ in coded for code in loose)
        self._exact = tuple(code for _, exact in coded for code in exact)
        self._shortest = min(map(len, self._loose + self._exact), default=0)

    def __call__(self, text: str) -> str:
        """The text with tokens in place of the recipients; costs a plain search for each where none is found."""
        if not text:
            return text
        low = lower(text)
        for needle, found in self._needles:
            if needle in low:
                changed = found.sub(text, low)
                if changed is not text:
                    text, low = changed, lower(changed)
        if len(text) < self._shortest:
            return text
        for code in self._exact:
            if code in text:
                text = text.replace(code, "{{to.code}}")
        for code in self._loose:
            if code in low:
                text = re.sub(code, "{{to.code}}", text, flags=re.IGNORECASE)
        return text

    def each(self, texts: list[str]) -> list[str]:
        """Several short strings, in one go; one by one where a replacement would reach across two of them."""
        clean = self(SEPARATOR.join(texts)).split(SEPARATOR)
        return clean if len(clean) == len(texts) else [self(text) for text in texts]

    def hosts(self, names: list[str]) -> list[str]:
        """The same for host names.

        A local part that is also a label of its domain (desk@desk.example.com) names a machine there, not a person: it
        is left as a name of its own (``desk``).
        """
        low = lower(SEPARATOR.join(names))
        for mailbox in self._mailboxes:
            if mailbox.local in low:
                own = mailbox.local if mailbox.on_hosts else None
                names = [n if (small := lower(n)) == own else mailbox.sub(n, small) for n in names]
        return names

    def optional(self, text: str | None) -> str | None:
        """The same for a value that may be missing."""
        return self(text) if text else text


def redactor(persons: tuple[Person, ...]) -> Redactor:
    """The redactor for a set of people; an organisation's recipients come again and again, long lists do not."""
    return _remembered(persons) if len(persons) <= FEW else Redactor(persons)


@lru_cache(maxsize=4096)
def _remembered(persons: tuple[Person, ...]) -> Redactor:
    return Redactor(persons)


class Mailbox:
    """An address as it may stand in a text: whole, or its local part alone."""

    def __init__(self, local: str, domain: str) -> None:
        self.local, self.domain = local, domain
        self.word = is_word(local)
        """Whether the local part is an ordinary word: then it is replaced only where it addresses the reader."""
        self.anywhere = not self.word and len(local) >= ANYWHERE - (not local.isalpha()) and not local.isdigit()
        """Whether it is long or odd enough to be nobody else's, so that it is replaced inside another word too."""
        labels = domain.split(".")
        self.on_hosts = ".".join(labels[labels.index(local) :]) if local in labels else ""
        """The end of the domain that begins with the local part: a host name with it is the organisation's own."""

    def sub(self, text: str, low: str) -> str:
        """The text with tokens in place of the mailbox; ``low`` is the text in lower case, as long as the text."""
        local, length = self.local, len(self.local)
        out: list[str] = []
        done, place = 0, low.find(local)
        while place >= 0:
            end = place + length
            after = low[end : end + 1]
            rest = self._address_end(low, place, end) if after in _AT_FIRST else 0
            if rest:
                out += (text[done:place], "{{to.address}}")
                done = end = rest
            elif self._stands(text, low, place, end, after):
                out += (text[done:place], "{{to.local}}")
                done = end
            place = low.find(local, end)
        if not out:
            return text
        out.append(text[done:])
        return "".join(out)

    def _address_end(self, low: str, place: int, end: int) -> int:
        """Where the address ends whose local part stands at a place; 0 when it is not this address."""
        sign = _AT.match(low, end)
        if sign is None or not low.startswith(self.domain, sign.end()):
            return 0
        rest = sign.end() + len(self.domain)
        if (after := low[rest : rest + 1]).isalnum() or after == "-":
            return 0
        before = low[place - 1 : place]
        if before and (before.isalnum() or (before in "._%+-" and sign["verp"] is None)) and not _escaped(low, place):
            return 0
        return rest

    def _stands(self, text: str, low: str, place: int, end: int, after: str) -> bool:
        """Whether the local part at a place stands for the recipient, and is not part of something else."""
        before = low[place - 1 : place]
        inside = after.isalpha() or (before.isalpha() and not _escaped(low, place))
        if self.word:
            return not inside and self.local not in GENERIC and addressed(text, place, end)
        if self.on_hosts and low.startswith(self.on_hosts, place) and not inside:
            return False
        if not inside:
            return not (self.local.isdigit() and (before.isdigit() or after.isdigit()))
        return self.anywhere and not (self.local.isalpha() and _is_other_word(low, place, end))


def _escaped(low: str, place: int) -> bool:
    """Whether the characters before a place are an escape of a link or of quoted-printable (``%3D``, ``=3D``)."""
    return place >= 3 and low[place - 3] in "%=" and low[place - 2] in _HEX and low[place - 1] in _HEX


def _is_other_word(low: str, place: int, end: int) -> bool:
    """Whether the letters around a place make an ordinary word (``martin`` in ``martinis``)."""
    while place and low[place - 1].isalpha():
        place -= 1
    while end < len(low) and low[end].isalpha():
        end += 1
    return end - place < 32 and is_word(low[place:end])


@lru_cache(maxsize=8192)
def _mailboxes(address: str) -> tuple[Mailbox, ...]:
    """An address; the same without its tag (``me+tag@…``); and as a link writes it where that differs."""
    local, _, domain = address.partition("@")
    parts = dict.fromkeys((local, local if local.isalnum() else quote(local).lower(), local.partition("+")[0]))
    return tuple(Mailbox(part, domain) for part in parts if part)


@lru_cache(maxsize=8192)
def _codes(address: str, spelt: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """An address in hex and as digests (lower case, to be met in any), and in base64 (to be met as it is)."""
    loose: list[str] = []
    exact: list[str] = []
    for raw in dict.fromkeys(_bytes(a) for a in (address, spelt or address)):
        loose += (raw.hex(), hashlib.md5(raw, usedforsecurity=False).hexdigest())
        loose += (hashlib.sha1(raw, usedforsecurity=False).hexdigest(), hashlib.sha256(raw).hexdigest())
        for shift in range(3):
            # the characters that this address alone decides, whatever stands before and after it in the coded text
            coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
            core = coded[(0, 2, 3)[shift] : len(coded) - (1 if (shift + len(raw)) % 3 else 0)]
            if len(core) >= CODE_LENGTH:
                exact += (core, core.replace("+", "-").replace("/", "_"))
    return tuple(dict.fromkeys(loose)), tuple(dict.fromkeys(exact))
