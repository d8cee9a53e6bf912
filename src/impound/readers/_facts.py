"""What the headers of a message say, as columns of ``messages``; the recipients taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from impound import canonical
from impound.readers import _charset, _dates, _received
from impound.readers._personal import Person, Redactor, people
from impound.readers._shapes import Shapes

HEADER_LIMIT = 2000
"""Characters kept of one header value. RFC 5322, 2.1.1 asks for lines of at most 998."""
HOPS = 60
"""Received lines read of one message; servers give up at 25 to 100 (RFC 5321, 6.3)."""
RECIPIENT_HEADERS = frozenset(
    """to cc bcc resent-to resent-cc resent-bcc delivered-to x-original-to envelope-to x-envelope-to apparently-to
    x-delivered-to x-rcpt-to x-forwarded-to x-forwarded-for original-recipient final-recipient x-apparently-to
    x-real-to x-resolved-to""".split()  # noqa: SIM905  (a list of quoted words is harder to read)
)
SINGLE_HEADERS = frozenset(
    """message-id date subject from sender reply-to return-path x-mailer user-agent list-id authentication-results
    received-spf x-drill""".split()  # noqa: SIM905
)

_ANGLED = re.compile(r"<([^<>\s]*)>")
_BARE = re.compile(r"[^\s<>()\[\]\",;:@]{1,128}@[^\s<>()\[\]\",;:@]{1,255}")
_FROM_LINE = re.compile(rb">?From (\S{1,255})")
_RESULT = re.compile(r"\b(spf|dkim|dmarc)=([a-z]{2,12})", re.IGNORECASE)


@dataclass
class Headers:
    """The headers that matter: the first of each single one, the hops, the recipients, and the order of all."""

    first: dict[str, str] = field(default_factory=dict)
    hops: list[_received.Hop] = field(default_factory=list)
    people: tuple[Person, ...] = ()
    order: str = ""


def headers(pairs: Iterable[tuple[str, str]]) -> Headers:
    """The headers of a message, sorted out. ``pairs``: names as spelt and unfolded values, in order."""
    found, names, last = Headers(), [], ""
    received: list[str] = []
    recipients: list[str] = []
    for name, value in pairs:
        low = name.lower()
        if name != last:
            names.append(name)
            last = name
        if low == "received":
            received.append(value)
        elif low in RECIPIENT_HEADERS:
            recipients.append(value)
        elif low in SINGLE_HEADERS and low not in found.first:
            found.first[low] = value
    found.order = ",".join(names)[:HEADER_LIMIT]
    parsed = [_received.parse(value) for value in received[:HOPS]]
    found.hops = [hop for hop, _ in parsed]
    named = [recipient for _, recipient in parsed if recipient and "@" in recipient]
    found.people = people(map(_charset.decode_words, recipients), named)
    return found


def facts(headers: Headers, raw: bytes, redact: Redactor, charset: str | None) -> dict[str, Any]:
    """What the headers say, as columns of ``messages``.

    ``raw``: for the ``From `` line of an mbox; ``charset``: what raw 8-bit headers are probably written in.
    """
    first, hops = headers.first, headers.hops
    sent_at, offset = _dates.parse(first["date"]) if "date" in first else (None, None)
    received_at = next((h.at for h in hops if h.at is not None), None)
    seen_at, clock = _seen(received_at, raw, sent_at)
    from_name, from_addr = _mailbox(_value(first, "from", charset) or _value(first, "sender", charset))
    return_path = _address(first.get("return-path")) if "return-path" in first else _envelope(raw)
    message_id = first.get("message-id", "").strip()[:HEADER_LIMIT] or None
    subject = _value(first, "subject", charset)
    texts = {
        "rfc_message_id": message_id,
        "from_name": from_name,
        "from_addr": from_addr,
        "return_path": return_path,
        "reply_to": _address(_value(first, "reply-to", charset)),
        "subject": subject,
        "mailer": _value(first, "x-mailer", charset) or _value(first, "user-agent", charset),
        "list_id": _list_id(first.get("list-id")),
    }
    spf, dkim, dmarc = _results(first)
    clean = _redacted(texts, redact)
    from_domain = canonical.host(from_addr.rpartition("@")[2]) if from_addr else None
    if from_domain and clean["from_addr"] != from_addr:
        (from_domain,) = redact.hosts([from_domain])
    return {
        **clean,
        "seen_at": seen_at,
        "clock": clock,
        "sent_at": sent_at,
        "sent_offset_minutes": offset,
        "received_at": received_at,
        "from_domain": from_domain,
        "subject_shape": canonical.subject_shape(clean["subject"]) if clean["subject"] is not None else None,
        "received": _redacted_hops(hops, redact),
        "spf": spf,
        "dkim": dkim,
        "dmarc": dmarc,
        "queue_id": hops[0].queue_id if hops else None,
        "header_order": headers.order,
    }


def shapes(headers: Headers, row: dict[str, Any], wanted: Shapes) -> None:
    """Have the shapes of the Message-ID and the date put into the row of ``messages``."""
    row["message_id_shape"] = row["date_shape"] = None
    if message_id := headers.first.get("message-id", "").strip()[:HEADER_LIMIT]:
        wanted.want(row, "message_id_shape", *canonical.message_id_parts(message_id))
    if "date" in headers.first:
        wanted.want(row, "date_shape", headers.first["date"].strip())


def _seen(received_at: datetime | None, raw: bytes, sent_at: datetime | None) -> tuple[datetime | None, str | None]:
    if received_at is not None:
        return received_at, "receiver"
    if raw.startswith(b"From "):
        written = _dates.from_line(raw[: raw.find(b"\n")])
        if written is not None:
            return written, "file"
    return (sent_at, "sender") if sent_at is not None else (None, None)


def _value(first: dict[str, str], name: str, charset: str | None) -> str | None:
    value = first.get(name)
    return None if value is None else _charset.decode_words(value, charset)[:HEADER_LIMIT].strip()


def _mailbox(value: str | None) -> tuple[str | None, str | None]:
    """Display name and address of the first mailbox in an address header."""
    if not value:
        return None, None
    angled = None
    for angled in _ANGLED.finditer(value):
        if "@" in angled[1]:
            break
    if angled is not None:
        name = value[: angled.start()].rpartition(",")[2] if '"' not in value else value[: angled.start()]
        return name.strip(" \t\"'") or None, angled[1].lower() or None
    bare = _BARE.search(value)
    if bare is None:
        return value, None
    return (value[: bare.start()] + value[bare.end() :]).strip(" \t\"'()<>") or None, bare[0].lower()


def _address(value: str | None) -> str | None:
    return _mailbox(value)[1] if value else None


def _envelope(raw: bytes) -> str | None:
    """The envelope sender that an mbox writes into its ``From `` line."""
    found = _FROM_LINE.match(raw)
    address = found[1].decode("latin-1").lower() if found else ""
    return address if "@" in address else None


def _list_id(value: str | None) -> str | None:
    if not value:
        return None
    found = _ANGLED.search(value[:HEADER_LIMIT])
    return (found[1] if found else value.strip()[:HEADER_LIMIT]) or None


def _results(first: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    """The receiver's word on SPF, DKIM and DMARC (RFC 8601), the first of each."""
    found: dict[str, str] = {}
    for method, result in _RESULT.findall(first.get("authentication-results", "")[:HEADER_LIMIT]):
        found.setdefault(method.lower(), result.lower())
    if "spf" not in found and (spf := first.get("received-spf", "").split(None, 1)):
        found["spf"] = spf[0].lower()[:12]
    return found.get("spf"), found.get("dkim"), found.get("dmarc")


def _redacted(texts: dict[str, str | None], redact: Redactor) -> dict[str, str | None]:
    """The texts without the recipients; all in one go, since most messages hold none in their headers."""
    clean = redact.each([text or "" for text in texts.values()])
    return {name: clear if text is not None else None for (name, text), clear in zip(texts.items(), clean, strict=True)}


def _redacted_hops(hops: list[_received.Hop], redact: Redactor) -> list[tuple[Any, ...]]:
    """The hops as rows of the struct ``HOP``; host names without the recipients."""
    said = [name or "" for hop in hops for name in (hop.helo, hop.name, hop.by)]
    clean = redact.hosts(said)
    if clean == said:
        return [tuple(hop) for hop in hops]
    names = [text or None for text in clean]
    named = zip(hops, names[::3], names[1::3], names[2::3], strict=True)
    return [tuple(hop._replace(helo=helo, name=name, by=by)) for hop, helo, name, by in named]
