"""What a message answers, and whose delivery a mail server's report is about: rows of ``answers``.

RFC 5322, 3.6.4 for In-Reply-To and References; RFC 3462 and 3464 for reports, which return the message or its headers.
"""

from __future__ import annotations

import re
from itertools import islice

from impound.readers import _mime
from impound.readers._body import Context
from impound.readers._personal import Person, people

REPORT = "multipart/report"
LOOKED_AT = 1 << 18
"""Bytes of a report in which the returned headers are looked for: servers return at most some 50 KiB of a message."""

UNDELIVERED = 100
"""Recipients of a report that are looked at: a server reports on one delivery, seldom on a list of them."""

_ID = re.compile(r"<([^<>\s]{1,400})>")
_RETURNED = re.compile(rb"(?i)[\r\n]message-id:[ \t]*(?:\r?\n[ \t]+)?<([^<>\s]{1,400})>")
_RECIPIENT = re.compile(rb"(?im)^(?:final|original)-recipient:[ \t]*[a-z0-9-]{1,40};[ \t]*([^\r\n]{3,400})")
_STATUS = re.compile(rb"(?im)^status:[ \t]*([245]\.\d{1,3}\.\d{1,3})")


def answers(context: Context, parsed: _mime.Message, raw: bytes) -> None:
    """Add a row for what the message answers or reports on, if it says so; at most one of each kind."""
    found: list[tuple[str, str | None, str | None]] = [("answer", id_, None) for id_ in _answered(parsed.headers)]
    if parsed.mime_shape.startswith(REPORT):
        status = next((_status(p.data) for p in parsed.parts if p.media_type == "message/delivery-status"), None)
        returned = _RETURNED.search(raw, parsed.body_offset, parsed.body_offset + LOOKED_AT)
        found.append(("report", returned[1].decode("latin-1") if returned else None, status))
    for ordinal, (how, about, status) in enumerate(found):
        context.out.row(
            "answers",
            id=context.record_id("answers", ordinal),
            source_id=context.piece.source_id,
            offset=context.piece.offset,
            message_id=context.message_id,
            about=context.redact.optional(about),
            how=how,
            status=status,
        )


def undelivered(parsed: _mime.Message) -> tuple[Person, ...]:
    """To whom a mail server could not deliver, by its report (RFC 3464, 2.3): recipients, if of another message."""
    if not parsed.mime_shape.startswith(REPORT):
        return ()
    data = [p.data[:LOOKED_AT] for p in parsed.parts if p.media_type == "message/delivery-status"][:1]
    named = (found[1].decode("latin-1") for part in data for found in _RECIPIENT.finditer(part))
    return people((), islice(named, UNDELIVERED))


def _answered(headers: list[_mime.Header]) -> list[str]:
    """The Message-ID in In-Reply-To, or else the last one in References; none where there is none."""
    said = {name.lower(): value for name, value in reversed(headers) if name[:1] in "IiRr"}
    for name, place in (("in-reply-to", 0), ("references", -1)):
        ids = _ID.findall(said.get(name, "")[-4000:])
        if ids:
            return [ids[place]]
    return []


def _status(data: bytes) -> str | None:
    found = _STATUS.search(data[:LOOKED_AT])
    return found[1].decode() if found else None
