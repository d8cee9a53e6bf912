"""Reply contacts: where a message asks to be answered, beside the address it came from.

What it finds: mailboxes and telephone numbers in the text, and the mailbox in ``Reply-To`` where it lies elsewhere than
the sender's (``reply_contacts``). For lottery and advance-fee fraud they are all that an investigator can act on.

Why that is evidence: the fraud needs an answer, so its contact works and stays the same while sender and words vary.

Known innocent causes: signatures, list footers and quoted mail are full of contacts; mail to lists and replies is left
out, and so are quoted lines and signatures. Numbers that are not written as telephone numbers are (prices, tickers,
dates) are not taken for one: a country code, or groups of digits that a telephone number has.

Reference: ITU-T E.164 (2010) for the length of numbers, E.123 (2001) for how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from impound import config
from impound.finders import _sketch
from impound.plugin import Engine

MOST = 20
"""Contacts taken from one text: a list of addresses is no request to answer."""

_MAILBOX = re.compile(r"(?<![\w.+%-])[a-z0-9][\w.+-]{0,63}+@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])")
_CANDIDATE = re.compile(r"[+(0-9][0-9 ().-]{8,24}")
"""What may be a number; looked for first, because a set of first characters is found fast."""
_TELEPHONE = re.compile(
    r"(?<![\w+./-])(?:\+[ ]?[1-9](?:[ ().-]{0,2}\d){7,14}|00[ ]?[1-9](?:[ ().-]{0,2}\d){8,13}"
    r"|(?:1[ .-])?\(?[2-9]\d\d\)?[ .-]{1,2}\d{3}[ .-]\d{4})(?![\w-])"
)
_DIGITS = re.compile(r"\d")
CONTACTS = pa.schema([("body_sha256", pa.string()), ("kind", pa.string()), ("value", pa.string())])


@dataclass(frozen=True)
class Params:
    """(Nothing to choose yet.)"""


_Params = Params


class ReplyContacts:
    """Finds ``reply_contacts`` from ``messages`` and ``bodies``."""

    name = "reply_contacts"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = ("messages", "bodies")
    writes: ClassVar[tuple[str, ...]] = ("reply_contacts",)
    Params = Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> ReplyContacts:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the view ``reply_contacts``."""
        engine.run("loud", LOUD)
        engine.run("loud_bodies", LOUD_BODIES)
        engine.map("body_contacts", body_contacts, "loud_bodies", CONTACTS)
        engine.run("reply_contacts", REPLY_CONTACTS, keep=True)


def body_contacts(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of CONTACTS for rows of ``bodies``."""
    rows = [
        (name, kind, value)
        for name, text, page in zip(
            *(batch.column(c).to_pylist() for c in ("body_sha256", "text", "html_text")), strict=True
        )
        for kind, value in sorted(contacts(page or text or ""))
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(CONTACTS)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, CONTACTS, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=CONTACTS)


def contacts(text: str) -> set[tuple[str, str]]:
    """The contacts in a text: ``("mailbox", address)`` and ``("telephone", digits)``; none where there are too many."""
    found = set(_found(_sketch.own_words(text)))
    return found if len(found) <= MOST else set()


def _found(text: str) -> Iterator[tuple[str, str]]:
    if "@" in text:
        for mailbox in _MAILBOX.finditer(text.lower()):
            yield "mailbox", mailbox[0]
    end = 0
    for candidate in _CANDIDATE.finditer(text):
        number = _TELEPHONE.search(text, max(candidate.start(), end), candidate.end() + 1)
        if number is None:
            continue
        end = number.end()
        digits = "".join(_DIGITS.findall(number[0]))
        yield "telephone", digits.removeprefix("00") if number[0].startswith("00") else digits


LOUD = """
SELECT m.id, m.body_sha256, m.reply_to, m.from_addr, m.from_domain FROM messages m
WHERE m.list_id IS NULL
  AND NOT (',' || LOWER(m.header_order) || ',' LIKE '%,in-reply-to,%')
  AND NOT (',' || LOWER(m.header_order) || ',' LIKE '%,references,%')
"""
"""Mail that is written neither to a list nor in reply."""

LOUD_BODIES = """
SELECT b.body_sha256, b.text, b.html_text FROM bodies b
JOIN (SELECT DISTINCT body_sha256 FROM loud) l ON l.body_sha256 = b.body_sha256
"""

REPLY_CONTACTS = """
SELECT l.id AS message_id, c.kind, c.value FROM loud l JOIN body_contacts c ON c.body_sha256 = l.body_sha256
WHERE l.from_addr IS NULL OR c.value <> l.from_addr
UNION
SELECT l.id AS message_id, 'mailbox' AS kind, l.reply_to AS value FROM loud l
WHERE l.reply_to IS NOT NULL AND l.reply_to NOT LIKE '{{%' AND l.from_domain IS NOT NULL
  AND l.reply_to NOT LIKE '%@' || l.from_domain
"""
