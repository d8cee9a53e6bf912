"""Recipients out of the stored text: whatever a message derives from the person it was sent to becomes a token.

Recipients are victims. Their addresses become pseudonyms (HMAC-SHA256 with the case key); in every stored string their
address is replaced by ``{{to.address}}``, their local part by ``{{to.local}}``, their name by ``{{to.name}}``, and an
address in base64, hex or as a digest (as links carry it) by ``{{to.code}}``. So personal data stays in the sealed
originals, and personalised copies of one mail become equal texts.

Ordinary words are left alone: a local part such as ``sales`` is replaced only as part of the address, behind a
salutation, or at the head of a line and followed by a comma. What is ordinary comes from a word list with frequencies
(pyspellchecker's, counted on film subtitles) and from the role names of RFC 2142.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

PEOPLE_LIMIT = 2000
"""Recipients of one message that are looked at: a To header of 64 KiB holds about that many."""
CODED_LIMIT = 4
"""Coded forms are looked for only when a message has at most so many recipients: who writes to many at once cannot
put one's address into a link."""
WORD_FREQUENCY = 200
"""A word met fewer times in the list (1.2 billion words of subtitles) is taken for a name rather than a word."""
SHORTEST = 3
"""A local part with fewer characters (``1@``, ``jd@``) stands in too many other words: replaced in addresses only."""
ROLES = frozenset(
    """abuse admin administrator billing careers catchall contact enquiries feedback ftp help helpdesk hostmaster info
    inquiries jobs kontakt list lists mail mailer marketing media news noc noreply office orders postmaster press
    registrar root sales security service services spam support team test usenet user uucp vertrieb ventas web
    webmaster www""".split()  # noqa: SIM905  (a list of quoted words is harder to read)
)
"""Mailboxes that name a duty, not a person (RFC 2142 and its common kin)."""

_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@\\]{1,128}@[^\s<>()\[\]\",;:@\\]{1,255}")
_AT = re.compile(r"@|%40|&#0*64;|=40|%2540| ?[\[({]at[\])}] ?|(?P<verp>=|#|%3d)")
"""How the sign in an address is written in text and links; ``verp``: in bounce addresses, behind a prefix and a hyphen
(Bernstein, "Variable Envelope Return Paths", 1997)."""
_AT_FIRST = "@%&= [({#"
_CUE = re.compile(
    r"(?:^[ \t>]*|\b(?:dear|hi|hello|hey|hallo|greetings|welcome|attn|attention|good (?:morning|day|evening)"
    r"|sehr geehrter?|lieber?|bonjour|cher|ch[eè]re|hola|estimad[oa]|car[oa]|ciao)[ \t,:!-]{1,3}"
    r"(?:(?:mr|mrs|ms|dr|herr|frau)\.?[ \t])?)\Z",
    re.IGNORECASE | re.MULTILINE,
)
"""What stands before a word that addresses the reader: a salutation, or the beginning of a line."""
_CUE_SPAN = 32


@dataclass(frozen=True)
class Person:
    """A recipient: the address in lower case, and the display name beside it (empty when there was none)."""

    address: str
    name: str = ""


def people(headers: Iterable[str], extra: Iterable[str] = ()) -> tuple[Person, ...]:
    """The recipients named in address headers (decoded values) and in ``extra`` (bare addresses); each once."""
    found: dict[str, Person] = {}
    for value in headers:
        at = 0
        for match in _ADDRESS.finditer(value[:65536]):
            address = match[0].strip("'.").lower()
            name = value[at : match.start()].strip(" \t,;<>\"'()")
            at = match.end()
            if address not in found or (name and not found[address].name):
                found[address] = Person(address, name[-80:] if "@" not in name else "")
            if len(found) >= PEOPLE_LIMIT:
                return tuple(found.values())
    for address in extra:
        found.setdefault(address.lower(), Person(address.lower()))
    return tuple(found.values())


@lru_cache(maxsize=65536)
def pseudonym(key: bytes, address: str) -> str:
    """What stands for an address in the tables: the same within a case, meaningless without its key."""
    return "r-" + hmac.digest(key, address.encode(), "sha256").hex()[:20]


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    from spellchecker import SpellChecker

    counted = SpellChecker(distance=1).word_frequency.dictionary
    return frozenset(word for word, times in counted.items() if times >= WORD_FREQUENCY)


def is_word(text: str) -> bool:
    """Whether a local part is an ordinary word (or several joined by ``-``, ``.`` or ``_``), a role, or too short."""
    if len(text) < SHORTEST:
        return True
    return all(w in ROLES or w in _words() for w in re.split(r"[-._]+", text) if w)


class Redactor:
    """Replaces one message's recipients in its strings. Made once for each distinct set of people."""

    def __init__(self, persons: tuple[Person, ...]) -> None:
        mailboxes: dict[_Mailbox, None] = {}
        names: dict[_Name, None] = {}
        for person in persons:
            local, _, domain = person.address.partition("@")
            for part in (local, local.partition("+")[0]):
                if part:
                    mailboxes[_mailbox(part, domain)] = None
            name = " ".join(person.name.lower().split())
            if name and name != local and (" " in name or (len(name) >= SHORTEST and not is_word(name))):
                names[_name(name)] = None
        self._mailboxes, self._names = tuple(mailboxes), tuple(names)
        # a local part that is also a label of its domain (desk@desk.example.com) names a machine there, not a person
        self._on_hosts = tuple(m for m in mailboxes if m.local not in m.domain.split("."))
        self._codes = _codes(persons) if len(persons) <= CODED_LIMIT else ()

    def __call__(self, text: str) -> str:
        """The text with tokens in place of the recipients; costs a plain search for each where none is found."""
        if not text:
            return text
        low = text.lower()
        changed = text
        for mailbox in self._mailboxes:
            if mailbox.local in low:
                changed = mailbox.sub(changed)
        for name in self._names:
            if name.needle in low:
                changed = name.sub(changed)
        for code in self._codes:
            if code in text:
                changed = changed.replace(code, "{{to.code}}")
        return changed

    def hosts(self, text: str) -> str:
        """The same for host names, where a local part may be a label of the recipients' own servers."""
        low = text.lower()
        for mailbox in self._on_hosts:
            if mailbox.local in low:
                text = mailbox.sub(text)
        return text

    def optional(self, text: str | None) -> str | None:
        """The same for a value that may be missing."""
        return self(text) if text else text


@lru_cache(maxsize=4096)
def redactor(persons: tuple[Person, ...]) -> Redactor:
    """The redactor for a set of people; an organisation's recipients come again and again."""
    return Redactor(persons)


@dataclass(frozen=True)
class _Mailbox:
    """An address as it may stand in a text: whole, or its local part alone."""

    local: str
    domain: str
    word: bool
    """Whether the local part is an ordinary word: then it is replaced only where it addresses the reader."""
    anywhere: bool
    """Whether it is long or odd enough to be nobody else's, so that it is replaced inside another word too."""

    def sub(self, text: str) -> str:
        low = text.lower()
        if len(low) != len(text):  # a few capitals become two letters: then places in one are not places in the other
            low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        out: list[str] = []
        done, place = 0, low.find(self.local)
        while place >= 0:
            end = place + len(self.local)
            token, end = self._token(text, low, place, end)
            if token:
                out += [text[done:place], token]
                done = end
            place = low.find(self.local, end)
        return "".join([*out, text[done:]]) if out else text

    def _token(self, text: str, low: str, place: int, end: int) -> tuple[str, int]:
        """What stands for the local part found at a place, and where what it stands for ends; no token: leave it."""
        before, after = low[place - 1 : place], low[end : end + 1]
        if after and after in _AT_FIRST and (sign := _AT.match(low, end)):
            rest = sign.end() + len(self.domain)
            joined = before.isalnum() or (before and sign["verp"] is None and before in "._%+-")
            if low.startswith(self.domain, sign.end()) and not joined and not _is_label(low[rest : rest + 1]):
                return "{{to.address}}", rest
        if self.anywhere:
            return "{{to.local}}", end
        if before.isalpha() or after.isalpha():
            return "", end
        if self.word and not _addressed(text[max(0, place - _CUE_SPAN) : place], text[end : end + 2]):
            return "", end
        return "{{to.local}}", end


def _is_label(character: str) -> bool:
    return character.isalnum() or character == "-"


def _addressed(before: str, after: str) -> bool:
    """Whether a word between these addresses the reader: behind a salutation, or heading a line before a comma."""
    cue = _CUE.search(before)
    return cue is not None and bool(cue[0].strip(" \t>\n") or after.lstrip(" \t")[:1] in (",", "!", ":"))


@lru_cache(maxsize=8192)
def _mailbox(local: str, domain: str) -> _Mailbox:
    word = is_word(local)
    return _Mailbox(local, domain, word, not word and (len(local) >= 7 or (len(local) >= 5 and not local.isalpha())))


@dataclass(frozen=True)
class _Name:
    """A display name: replaced whole (also turned round), its first word where it addresses the reader."""

    needle: str
    whole: re.Pattern[str]
    given: re.Pattern[str] | None

    def sub(self, text: str) -> str:
        text = self.whole.sub("{{to.name}}", text)
        if self.given is None:
            return text

        def addressed(match: re.Match[str]) -> str:
            cue = _CUE.search(text[max(0, match.start() - _CUE_SPAN) : match.start()])
            return "{{to.name}}" if cue is not None and cue[0].strip(" \t>\n") else match[0]

        return self.given.sub(addressed, text)


@lru_cache(maxsize=8192)
def _name(name: str) -> _Name:
    words = [re.escape(w) for w in name.split()]
    whole = r"(?<!\w)" + r"[\s,]{1,3}".join(words) + r"(?!\w)"
    if len(words) == 1:
        return _Name(name, re.compile(whole, re.IGNORECASE), None)
    turned = rf"(?<!\w){words[-1]},\s?{words[0]}(?!\w)"
    given = re.compile(rf"(?<!\w){words[0]}(?!\w)", re.IGNORECASE) if len(words[0]) >= SHORTEST else None
    return _Name(name.split(maxsplit=1)[0], re.compile(f"{whole}|{turned}", re.IGNORECASE), given)


@lru_cache(maxsize=8192)
def _codes_of(address: str) -> tuple[str, ...]:
    raw = address.encode()
    codes = [raw.hex(), raw.hex().upper()]
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, raw, usedforsecurity=False).hexdigest()
        codes += [digest, digest.upper()]
    for shift in range(3):
        # the characters that only this address decides, whatever stands before and after it in the coded text
        coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        core = coded[(0, 2, 3)[shift] : len(coded) - (1 if (shift + len(raw)) % 3 else 0)]
        if len(core) >= 10:
            codes += [core, core.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(codes))


def _codes(persons: tuple[Person, ...]) -> tuple[str, ...]:
    return tuple(code for person in persons for code in _codes_of(person.address))
