"""A message as templates look at it: one line for each part of it, always the same parts in the same order.

A template's expression has a line for each line of the face, so that it can be read, and taken apart, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from impound.check.mail import Mail

LINES = ("order", "program", "message-id", "date", "mime", "boundary", "from", "reply-to", "subject", "links", "text")
"""The parts; ``text`` is the last one."""
TEXT, LINE, LINKS = 4_000, 400, 5
"""Characters of the text and of another line, and links that are looked at."""

_UNSEEN = dict.fromkeys((*range(0x20), 0x7F, *range(0x200B, 0x2010), 0xFEFF, 0xAD), " ")
"""Control characters and what has no width: spaces, as everything is that Python calls one."""
_UNSEEN_ASCII = bytes(0x20 if n in _UNSEEN else n for n in range(256))
"""The same for texts of ASCII alone, most of them, in a tenth of the time."""
_RECEIVERS = re.compile(
    r"(?i)received|return-path|delivered-to|envelope-to|authentication-|arc-|dkim-|domainkey|x-spam|x-virus|x-original"
    r"|x-envelope|x-status|x-uid|x-keywords|status|lines|content-length|list-|mailing-list|precedence|sender|errors-to"
    r"|x-been|x-mailman|x-loop|resent-"
)
"""Headers that receivers, lists and forwarders write: they say where a message went, not who made it."""


def face(mail: Mail) -> str:
    """The face of a message: ``LINES`` without their names, one below the other."""
    return "\n".join(parts(mail).values())


def parts(mail: Mail) -> dict[str, str]:
    """The lines of the face by name; each is one line of text with single spaces."""
    order = ",".join(name for name in mail.header_order.split(",") if not _RECEIVERS.match(name))
    said = (
        order, mail.mailer, mail.rfc_message_id, mail.date_shape, f"{mail.mime_shape} {mail.charset}",
        mail.boundary_shape, f'"{mail.from_name}" {mail.from_addr}', mail.reply_to, mail.subject,
        " ".join(_links(mail)),
    )  # fmt: skip
    found = {name: _line(value, LINE) for name, value in zip(LINES, said, strict=False)}
    return found | {"text": text(mail.words)}


def text(words: str) -> str:
    """The line of the text alone."""
    return _line(words, TEXT)


def _links(mail: Mail) -> Iterable[str]:
    urls = dict.fromkeys(link.url for link in mail.links if link.scheme != "mailto")
    return [url for _, url in zip(range(LINKS), urls, strict=False)]


def _line(said: str, limit: int) -> str:
    part = said[: 2 * limit]
    seen = part.encode().translate(_UNSEEN_ASCII).decode() if part.isascii() else part.translate(_UNSEEN)
    return " ".join(seen.split())[:limit]
