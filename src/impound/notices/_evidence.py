"""A message of spam as evidence that may leave: its headers and the beginning of its text, without its recipient.

What led to the recipient is a token in double braces (RFC 6590 asks for such a thing), what the stranger wrote is
defanged, and the sender's name before the ``@`` is left out: it is mostly that of somebody who knows nothing of it.
"""

from __future__ import annotations

import quopri
import textwrap
from email.header import Header
from email.utils import format_datetime

from impound import canonical
from impound.canonical import clean, harmless
from impound.notices._facts import EXCERPT, Infection, Sighting

LONGEST = 400
"""Characters of a header field that are shown; RFC 5322, 2.1.1 allows a line 998."""
LINE = 76
CUT = "[The rest of the text is left out.]"
NOTE = "by the receiver: no recipient is named, links cannot be followed, the text is cut"
_KEPT = frozenset("!#$%&'*+-./=?@[]^_`{|}~:")
"""Marks that a word of ASCII may have in a header field; none of them begins or ends anything there."""


def redacted(infection: Infection, shown: Sighting) -> str:
    """The message in ASCII, with line feeds: a message by RFC 5322 that any program reads."""
    fields = [
        ("Received", _folded("Received", _received(infection, shown))),
        ("Message-ID", f"<{_word(shown.rfc_message_id)}>" if shown.rfc_message_id else ""),
        ("From", _sender(shown)),
        ("Subject", _encoded("Subject", _words(shown.subject, LONGEST))),
        ("X-Mailer", _encoded("X-Mailer", _words(shown.mailer, LONGEST))),
        ("X-Redacted", _folded("X-Redacted", NOTE)),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    head = "".join(f"{name}: {value}\n" for name, value in fields if value)
    return f"{head}\n{quopri.encodestring(excerpt(shown.text).encode('utf-8', 'replace')).decode('ascii')}"


def excerpt(text: str) -> str:
    """The beginning of a hostile text, line by line, that nobody can follow anywhere by accident."""
    lines = [_words(line, EXCERPT) for line in text[:EXCERPT].splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "".join(f"{line}\n" for line in kept) + (f"{CUT}\n" if len(text) >= EXCERPT else "")


def _received(infection: Infection, shown: Sighting) -> str:
    """The line that our side wrote, without the recipient that may stand in it."""
    port = f":{shown.port}" if shown.port and ":" not in infection.ip else ""
    name = f"{_word(infection.name)} " if infection.name else ""
    line = f"from {_word(shown.helo) or 'unknown'} ({name}[{infection.ip}]{port})"
    line += "".join(
        f" {said} {_word(what)}"
        for said, what in (("by", shown.by), ("with", shown.protocol), ("id", shown.queue_id))
        if _word(what)
    )
    return f"{line}; {format_datetime(shown.at.replace(microsecond=0))}"


def _sender(shown: Sighting) -> str:
    name = _words(shown.from_name, LONGEST).replace('"', "'").replace("\\", "/")
    named = (f'"{name}"' if name.isascii() else _encoded("From", name)) if name else ""
    domain = canonical.host(shown.from_domain[:LONGEST])
    return f"{named} <redacted@{domain}>".strip() if domain else f"{named} <>" if name else ""


def _encoded(name: str, text: str) -> str:
    """A text as the value of a header field (RFC 2047)."""
    if not text:
        return ""
    return _folded(name, text) if text.isascii() else Header(text, "utf-8", LINE, name).encode()


def _folded(name: str, text: str) -> str:
    """A value in lines, cut at spaces only."""
    lines = textwrap.wrap(text, LINE, initial_indent=" " * len(name), break_long_words=False, break_on_hyphens=False)
    return "\n ".join(lines).lstrip(" ")


def _word(text: str) -> str:
    """A name or an identifier: one word of ASCII that begins and ends nothing in a header field."""
    return "".join(c for c in text[:LONGEST] if c.isascii() and (c.isalnum() or c in _KEPT))


def _words(text: str, limit: int) -> str:
    return " ".join(harmless(word) for word in clean(text, limit).split())
