"""Mailboxes, telephones and messengers as people write them, disguised ones too: what may be a contact, and where.

Telephones: ITU-T E.164 (2010) for their length, E.123 (2001) for how they are written; behind a word for telephone any
8 to 13 digits. Disguises: ``name (at) host (dot) example``, ``name @ host . example``, digits apart from each other,
full-width letters and digits (:func:`plain` folds those).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import re2


class Span(NamedTuple):
    """What may be a contact, and the stretch of text it stands in. ``plain``: it says itself what it is for."""

    start: int
    end: int
    kind: str
    value: str
    plain: bool = False

    def meets(self, other: Span) -> bool:
        """Whether two stretches have a character in common."""
        return self.start < other.end and other.start < self.end


_WIDE = re2.compile("[\uff01-\uff5e]")
_MAILBOX = re.compile(r"(?<![\w.+%=/-])[a-z0-9][\w.+-]{0,63}+@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])")
_OPEN, _CLOSE = r"[ ]{0,2}[(\[{<][ ]{0,2}", r"[ ]{0,2}[)\]}>][ ]{0,2}"
_DOT = rf"(?:{_OPEN}(?:dot|punto|ponto|point|\.){_CLOSE}|[ ]{{0,2}}\.[ ]{{0,2}}|[ ]{{1,2}}dot[ ]{{1,2}})"
_DISGUISED = (
    re.compile(
        rf"(?<![\w.+-])([a-z0-9][\w.+-]{{1,63}}){_OPEN}(?:at|arroba|@){_CLOSE}"
        rf"([a-z0-9-]{{2,63}}(?:{_DOT}[a-z]{{2,24}}){{1,3}})\b"
    ),
    re.compile(r"(?<![\w.+-])([a-z0-9][\w.+-]{1,63})[ ]at[ ]([a-z0-9-]{2,63}(?:[ ]dot[ ][a-z]{2,24}){1,3})\b"),
    re.compile(
        r"(?<![\w.+-])([a-z0-9][\w.+-]{1,63})[ ]{0,2}@[ ]{0,2}"
        r"([a-z0-9-]{2,63}(?:[ ]{0,2}\.[ ]{0,2}[a-z]{2,24}){1,3})\b"
    ),
)  # fmt: skip
_DOTS = re.compile(rf"{_DOT}")
_SIGNS = re2.compile(r"[(\[{<] {0,2}(?:at|arroba|@) {0,2}[)\]}>]| at [a-z0-9-]{2,63} dot | @|@ | \.(?:com|net|org)")
"""What a disguised mailbox cannot do without; looked for first."""

_CANDIDATE = re.compile(r"[+(0-9][0-9 ()./-]{6,40}")
"""What may be a number; looked for first, because a set of first characters is found fast."""
_TELEPHONE = re.compile(
    r"(?<![\w+./-])(?:\+[ ]?[1-9](?:[ ().-]{0,2}\d){7,14}|00[ ]?[1-9](?:[ ().-]{0,2}\d){8,13}"
    r"|(?:1[ .-])?\(?[2-9]\d\d\)?[ .-]{1,2}\d{3}[ .-]\d{4})(?![\w-])"
)
_SPACED = re.compile(r"(?<![\d-])\d(?:[ ().-]{1,3}\d){9,13}(?![\d])")
"""A number with something between every two digits: nobody writes prices so."""
_LABELLED = re.compile(
    r"(?:\btel|t[ée]l[ée]phones?|telefono?|teléfonos?|telefone|phones?|\bph|fax|mobile|\bcell|cellular|\bcel|celular"
    r"|\bcall|ligue|fono|handy|whats ?app|тел(?:ефон)?|моб|电话|電話|手机|手機|传真|傳真|致电|热线)"
    r"[^\w\n]{0,4}(?:us|me|now|no|number|num|nr|line|at|on|&|/|fax|tel|\W)?[^\w\n]{0,6}$"
)
_NUMBER = re.compile(r"\+?\(?\d[\d ()./-]{5,24}\d(?![\w-])")
_DIGITS = re.compile(r"\d")

_MESSENGERS = (
    ("icq", "icq", re.compile(r"\bicq\b[^\w\n]{0,6}(?:no|number|uin)?[^\w\n]{0,4}(\d[\d -]{4,11}\d)(?!\d)")),
    ("qq", "qq", re.compile(r"\bqq(?:号|號)?[ ]{0,2}[:：][ ]{0,2}(\d{5,11})(?!\d)")),
    ("msn", "msn", re.compile(
        r"\bmsn(?: messenger)?[ ]{0,2}[:：]\s{0,2}([a-z0-9][\w.+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z]{2,24}){1,3})")),
    ("skype", "skype", re.compile(r"\bskype(?: id| name)?[ ]{0,2}[:：-][ ]{0,2}((?:live:)?[a-z][\w.,-]{4,30}\w)")),
    ("whatsapp", "whats", re.compile(r"\bwhats ?app\b[^\d+\n]{0,24}(\+?\d[\d ().-]{6,18}\d)(?!\d)")),
    ("telegram", "telegram", re.compile(r"\btelegram\b[^@\n]{0,20}@([a-z]\w{4,31})\b")),
    ("telegram", "t.me/", re.compile(r"(?<![\w.])t\.me/(\w{5,32})\b")),
    ("wechat", "wechat", re.compile(r"\bwechat(?: id)?[ ]{0,2}[:：][ ]{0,2}([a-z][\w-]{5,19}|\+?\d{8,13})\b")),
    ("wechat", "微信", re.compile(r"微信(?:号|號)?[ ]{0,2}[:：]?[ ]{0,2}([a-z][\w-]{5,19}|\+?\d{8,13})(?![\w-])")),
    ("kik", "kik", re.compile(r"\bkik[ ]{0,2}[:：][ ]{0,2}([a-z][\w.]{4,20})\b")),
    ("viber", "viber", re.compile(r"\bviber\b[^\d+\n]{0,12}(\+?\d[\d ().-]{6,18}\d)(?!\d)")),
)  # fmt: skip
"""The service, a word that its texts cannot do without, and its name or number behind its name."""


def plain(text: str) -> str:
    """A text with full-width letters, digits and signs in their ordinary form."""
    return unicodedata.normalize("NFKC", text) if _WIDE.search(text) else text


def mailboxes(low: str) -> Iterator[Span]:
    """Mailboxes in a text in lower case."""
    if "@" in low:
        for found in _MAILBOX.finditer(low):
            yield Span(found.start(), found.end(), "mailbox", found[0])
    if not _SIGNS.search(low):
        return
    for disguise in _DISGUISED:
        for found in disguise.finditer(low):
            host = _DOTS.sub(".", found[2])
            yield Span(found.start(), found.end(), "mailbox", f"{found[1].rstrip('.')}@{host}")


def telephones(low: str) -> Iterator[Span]:
    """Telephone numbers in a text in lower case: their digits, without the 00 in front of a country's."""
    end = 0
    for candidate in _CANDIDATE.finditer(low):
        start = max(candidate.start(), end)
        number = _TELEPHONE.search(low, start, candidate.end() + 1) or _SPACED.search(low, start, candidate.end() + 1)
        labelled = False
        if number is None and _LABELLED.search(low, max(0, candidate.start() - 32), candidate.start()):
            number, labelled = _NUMBER.match(low, candidate.start(), candidate.end()), True
        if number is None:
            continue
        digits = "".join(_DIGITS.findall(number[0]))
        if 8 <= len(digits) <= (13 if labelled else 15):
            end = number.end()
            foreign = digits.startswith("00") and not labelled
            yield Span(number.start(), end, "telephone", digits[2:] if foreign else digits)


def messengers(low: str) -> Iterator[Span]:
    """Names and numbers at messengers in a text in lower case: ``service:name``."""
    for service, word, pattern in _MESSENGERS:
        if word in low:
            for found in pattern.finditer(low):
                name = found[1] if "@" in found[1] or found[1][0].isalpha() else "".join(_DIGITS.findall(found[1]))
                yield Span(found.start(), found.end(), "messenger", f"{service}:{name}", True)
