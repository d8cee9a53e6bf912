"""Software by its headers: does a message look like the program it names, and is it one program with others?

Three statements on each message, left in the view ``message_software``:

* ``contradictions``: why it was not written by the mail program that it claims, joined by ``; ``; null where nothing
  speaks against it;
* ``constant``: a part of its Message-ID that the claimed program would vary from host to host, but many networks share
  (``header_constants``, learnt from the case);
* ``fingerprint``: the same for all messages of one sending program, however its random letters fall.

Why that is evidence: a spam program invents headers that a real program computes. It misses the clock inside a
Message-ID, the alphabet, the headers that always go together, or carries one constant in all its copies.

Known innocent causes: servers give ids to mail without one, lists and gateways rewrite headers. So forms that servers
give are nobody's contradiction, and only headers that intermediaries keep are asked for. See :mod:`._programs` for the
shapes and their sources; ``benchmarks/fingerprints.py`` prints how often each reason hits genuine mail.

Reference: Apache SpamAssassin, ``check_outlook_message_id`` and the ratware rules, for comparing the claimed program
with what it writes; Stringhini et al., "B@bel", USENIX Security 2012, for recognising senders by their dialect.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa

from impound.finders.software import _programs
from impound.plugin import Engine
from impound.tables import TABLES

FAR_SECONDS = 30 * 86_400
"""A message may wait in an outbox, or be a draft sent again: of 1,100 genuine senders the oldest was 16 days old."""
HALF_HOUR, EXACT_SECONDS, DAY = 1_800, 2, 86_400
"""A clock off by whole half hours, to two seconds, is a zone that was invented: a wait is not so exact."""
MILLISECOND = 10_000
"""Outlook's time has milliseconds (SYSTEMTIME), so its FILETIME is a multiple of 10,000: in all genuine mail met."""

MULTICAST = 224
"""First octets from here on are multicast or reserved (RFC 5771, RFC 1112, 4): no machine's address."""
LONG = 21
"""Runs of so many characters are not words, nor numbers of a clock or a host."""
QUEUE_ID = 6
"""A queue id so short that it may stand in a Message-ID by chance says nothing."""


@dataclass(frozen=True)
class Params:
    """When a shared value counts as a constant."""

    networks: int = 10
    """Distinct client networks that share it: a firm's offices or one provider's customers are fewer (METHODS, D4b)."""
    hours: int = 3
    """Distinct hours in which it was seen: parts that follow the clock are shared within minutes only."""
    above_chance: float = 10.0
    """Times as many networks as a value of the same field has on average in this case."""


class Header(NamedTuple):
    """What is asked of a message: columns of ``messages``, and the servers that its Received lines name."""

    mailer: str | None = None
    rfc_message_id: str | None = None
    sent_at: float | None = None
    received_at: float | None = None
    """Seconds since 1970, as the one before."""
    sent_offset_minutes: int | None = None
    header_order: str | None = None
    message_id_shape: str | None = None
    date_shape: str | None = None
    boundary_shape: str | None = None
    queue_id: str | None = None
    servers: tuple[str, ...] = ()
    """``by`` of its Received lines, lower case."""


def contradictions(header: Header) -> list[str]:
    """Why the program that is claimed cannot have written this, in plain words; empty if nothing speaks against it."""
    if not header.mailer:
        return []
    if _programs.misspelt(header.mailer):
        return ["the program's name is spelt as it never spells itself"]
    program = _programs.find(header.mailer)
    if program is None:
        return []
    found = [*_message_id(program, header), *_companions(program, header)]
    if program.nextpart and header.boundary_shape and _FOREIGN_BOUNDARY.match(header.boundary_shape):
        found.append("the MIME boundary has another program's form")
    return found


_FOREIGN_BOUNDARY = re.compile(
    r"-{12}[9hHaAbBw]\{\d{1,3}\}\Z|--9\{\d{1,3}\}\Z|-{10}[9hHAB]\{\d{1,3}\}\Z|B\{\d{1,3}\}\Z"
    r"|----=_w\{8\}_(?!9\{3\}_[9hHaAbB]\{[4-8]\}_[9HAB]\{8\}\.[9HAB]\{8\}\Z)"
)
"""Mozilla's, The Bat!'s and bare ones; or the program's own begun and not kept up."""


def _message_id(program: _programs.Program, header: Header) -> Iterator[str]:
    text = (header.rfc_message_id or "").strip()[: _programs.LIMIT]
    if program.gives_id and header.queue_id and len(header.queue_id) >= QUEUE_ID and header.queue_id in text:
        yield "it came without a Message-ID, which the program always gives: the receiving server gave it this one"
        return
    if not text or not program.forms:
        return
    _, form, match = _form(header.mailer or "", text)
    if form and match:
        yield from _clock(form, match, header)
        return
    if not _given_on_the_way(text, header):
        yield "the Message-ID has a form that the program never gives, nor a server in its place"


@lru_cache(maxsize=2)  # asked once for the contradictions of a message, and once for its fingerprint
def _form(mailer: str, message_id: str) -> tuple[int, _programs.Form | None, re.Match[str] | None]:
    """The first form of the claimed program that a Message-ID has, with its number; None where it has none."""
    program = _programs.find(mailer)
    for n, form in enumerate(program.forms if program else ()):
        match = form.pattern.match(message_id)
        if match:
            return n, form, match
    return 0, None, None


def _given_on_the_way(text: str, header: Header) -> bool:
    """Whether a server, known by its form or named in a Received line, or a news system gave the id."""
    if _programs.from_server(text) or text.rpartition("@")[2].rstrip(">").lower() in header.servers:
        return True
    return bool(_NEWS.search(f",{(header.header_order or '')[:20_000].lower()},"))


_NEWS = re.compile(",(?:newsgroups|nntp-posting-host|nntp-posting-date|x-complaints-to|x-trace|x-usenet-provider),")
"""Marks of a message that came by way of a news server, which gives the id."""


def _clock(form: _programs.Form, match: re.Match[str], header: Header) -> Iterator[str]:
    if form.clock is None:
        return
    if "high" in match.groupdict() and _programs.filetime(match) % MILLISECOND:
        yield "the time in the Message-ID is not one that the program can write"
    if "machine" in match.groupdict() and (_programs.machine(match) or 0) >= MULTICAST:
        yield "the Message-ID holds the address of no machine, where the program writes the machine's own"
    at = form.clock(match, header.sent_offset_minutes or 0)
    if at is None:
        yield "the Message-ID holds digits that are no time, where the program writes the time"
        return
    if header.sent_at is None:
        return
    apart = abs(at - header.sent_at)
    arrived = apart if header.received_at is None else abs(at - header.received_at)
    if min(apart, arrived) > FAR_SECONDS:
        yield "the time in the Message-ID is more than a month from the message's own"
    elif form.utc and HALF_HOUR - EXACT_SECONDS <= apart <= DAY and _whole(apart):
        yield "the time in the Message-ID and the Date header are apart by whole half hours: the zone is invented"


def _whole(seconds: float) -> bool:
    rest = round(seconds) % HALF_HOUR
    return min(rest, HALF_HOUR - rest) <= EXACT_SECONDS


def _companions(program: _programs.Program, header: Header) -> Iterator[str]:
    """Headers that are missing; asked only where the program's other marks were kept by whoever passed it on.

    The order of headers is not asked: lists and gateways sort them anew (it was wrong for 13 of 54 genuine senders).
    """
    names = _names((header.header_order or "")[:20_000])
    if "x-mimeole" not in names:
        return
    if program.always and not names.intersection(program.always):
        yield f"{' and '.join(map(_title, program.always))} are missing, which the program always writes"
    if program.nextpart and "content-type" in names and "mime-version" not in names:
        yield "MIME-Version is missing, which the program always writes"


@lru_cache(maxsize=256)
def _names(header_order: str) -> frozenset[str]:
    return frozenset(header_order.lower().split(","))


def _title(name: str) -> str:
    return "-".join(
        {"mime": "MIME", "msmail": "MSMail", "mimeole": "MimeOLE"}.get(w, w.title()) for w in name.split("-")
    )


_ADDED = re.compile(
    r"received|return-path|delivered-to|x-original-to|envelope-to|x-envelope|status|x-status|x-keywords|x-uid|x-imap"
    r"|authentication-results|dkim-|domainkey-|arc-|list-|x-list|mailing-list|precedence|x-mailman|x-beenthere"
    r"|errors-to|sender|resent-|x-(?:old-)?spam|x-virus|x-scanned|x-amavis|x-mailscanner|x-barracuda|x-bogosity"
    r"|x-antivirus|x-miltered|x-uuid|x-rav-|x-clamav|x-ironport|x-proofpoint|x-ms-exchange|x-forefront|x-microsoft-antispam|x-google"
    r"|x-gm-|x-received|x-loop|x-pyzor|x-greylist|x-sieve|lines|content-length|x-authentication-warning"
    r"|x-mime-autoconverted|x-rcpt|x-dspam|x-archived|x-sender-ip|cc\Z|bcc\Z|in-reply-to\Z|references\Z|reply-to\Z"
)
"""What receivers, lists and filters add, and what depends on the conversation and not on the program."""
_SHAPE_RUN = re.compile(r"([9hHaAbBw])\{(\d{1,4})\}")
_DATE_DAY = re.compile(r"9\{[12]\}")


def fingerprint(header: Header) -> str:
    """Sixteen hex digits that the messages of one sending program share: order of its own headers, forms, claim."""
    parts = (
        _programs.name(header.mailer),
        _own_order((header.header_order or "")[:20_000]),
        _id_form(header),
        _date(header.date_shape or ""),
        _general(header.boundary_shape or ""),
    )
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=4096)
def _date(shape: str) -> str:
    return _DATE_DAY.sub("9", shape).replace("-", "+")


@lru_cache(maxsize=16384)
def _own_order(header_order: str) -> str:
    return ",".join(name for name in header_order.split(",") if not _ADDED.match(name.lower()))


def _id_form(header: Header) -> str:
    """Which form the Message-ID has: the program's own, a server's, or its shape with lengths in classes."""
    text = (header.rfc_message_id or "").strip()[: _programs.LIMIT]
    number, form, _ = _form(header.mailer, text) if header.mailer else (0, None, None)
    if form:
        return f"own {number}"
    if _programs.from_server(text):
        return "server"
    return _shape(header.message_id_shape or "")


@lru_cache(maxsize=16384)
def _shape(message_id_shape: str) -> str:
    left, at, right = message_id_shape.partition("@")
    return _general(left) + at + right.partition(".")[0]


@lru_cache(maxsize=16384)
def _general(shape: str) -> str:
    """A shape without what falls by chance: words of any length are alike, digits and hex keep a class of length."""
    return _SHAPE_RUN.sub(_run, shape[:500])


def _run(match: re.Match[str]) -> str:
    kind, n = match[1], int(match[2])
    if kind in "aAbBw":
        return "word" if n < LONG else "long"
    return "s" if n <= 3 else "m" if n <= 7 else "8" if n == 8 else "l" if n < LONG else "x"


FIELDS, TRAITS = TABLES["header_fields"].schema, TABLES["header_traits"].schema
_SEPARATOR = re.compile(r"([.$@_%+=-])")
_VALUE = re.compile(r"(?=.*\d)[0-9A-Za-z]{6,40}\Z|[0-9a-f]{8}\Z|[0-9A-F]{8}\Z")
_HEX8 = re.compile(r"[0-9a-fA-F]{8}\Z")
_DATE_LIKE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])\d{2,11}\Z")


def id_fields(message_id: str | None) -> list[tuple[str, str]]:
    """The parts left of the ``@`` that may be a machine's or a constant, each with its place, such as ``$$ 3``.

    Left out: short parts, words, dates, and what decodes to a private or loopback address, which innocents share.
    """
    text = (message_id or "").strip()[: _programs.LIMIT]
    left = text.lstrip("<").partition("@")[0]
    if not left or _programs.from_server(text):
        return []
    pieces = _SEPARATOR.split(left)
    marks, values = "".join(pieces[1::2])[:20], pieces[0::2][:12]
    return [(f"{marks} {n}", value) for n, value in enumerate(values, 1) if _telling(value)]


def _telling(value: str) -> bool:
    if not _VALUE.match(value) or _DATE_LIKE.match(value) or len(set(value)) < 2:
        return False
    return not (_HEX8.match(value) and _inside(value))


def _inside(value: str) -> bool:
    """Whether eight hex digits are a private or loopback address, read either way."""
    octets = bytes.fromhex(value)
    return _private(octets[0], octets[1]) or _private(octets[3], octets[2])


def _private(first: int, second: int) -> bool:
    """Whether an address that begins so is no public one (the networks of ``_hops.scope``)."""
    return first in (0, 10, 127) or second in _PRIVATE.get(first, ())


_PRIVATE = {100: range(64, 128), 169: range(254, 255), 172: range(16, 32), 192: range(168, 169)}


_PLAIN = tuple(name for name in Header._fields if name != "servers")
COLUMNS = ("id", *_PLAIN, "received")
"""Columns of ``messages`` that are read."""


def traits(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of ``TRAITS`` for a batch with ``COLUMNS``."""
    rows: list[tuple[Any, ...]] = []
    columns = (_values(batch.column(name)) for name in ("id", *_PLAIN))
    for (message_id, *values), servers in zip(zip(*columns, strict=True), _servers(batch), strict=True):
        header = Header._make((*values, servers))
        against = "; ".join(contradictions(header)) or None
        rows.append((message_id, fingerprint(header), _programs.name(header.mailer), against))
    yield _batch(rows, TRAITS)


def _values(column: pa.Array) -> list[Any]:
    """A column as a list, times as seconds since 1970: making a datetime of each costs as much as all else."""
    if not pa.types.is_timestamp(column.type):
        found: list[Any] = column.to_pylist()
        return found
    micros = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64()).to_pylist()
    return [None if at is None else at / 1e6 for at in micros]


def _servers(batch: pa.RecordBatch) -> Iterator[tuple[str, ...]]:
    received = batch.column("received")
    names = iter(received.flatten().field("by").to_pylist())  # taking structs apart one by one costs ten times as much
    for count in received.value_lengths().to_pylist():
        yield tuple(name.lower() for name in itertools.islice(names, count or 0) if name)


def explode(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of ``FIELDS`` for a batch with ``id``, ``mailer`` and ``rfc_message_id``.

    Only known programs: a mailing service may well put one constant in all its ids.
    """
    rows: list[tuple[Any, ...]] = []
    columns = (batch.column(name).to_pylist() for name in ("id", "mailer", "rfc_message_id"))
    for message_id, mailer, rfc_message_id in zip(*columns, strict=True):
        program = _programs.find(mailer) if mailer else None
        if program:
            rows += [(message_id, program.name, field, value) for field, value in id_fields(rfc_message_id)]
    yield _batch(rows, FIELDS)


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else [[] for _ in schema.names]
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def headers(engine: Engine) -> None:
    """Leave the views ``header_traits`` and ``header_fields``, from the view ``messages``."""
    engine.run("software_headers", f"SELECT {', '.join(COLUMNS)} FROM messages")
    engine.map("header_traits", traits, "software_headers", TRAITS)
    engine.run("software_claims", "SELECT id, mailer, rfc_message_id FROM messages WHERE mailer IS NOT NULL")
    engine.map("header_fields", explode, "software_claims", FIELDS)


def software(engine: Engine, params: Params | None = None) -> None:
    """Leave the views ``message_software`` and ``header_constants``, from what :func:`headers` left, ``messages`` and
    ``origins``."""
    params = params or Params()
    limits = {"networks": params.networks, "hours": params.hours, "above_chance": params.above_chance}
    engine.run("header_constants", CONSTANTS, limits, keep=True)
    engine.run("message_software", SOFTWARE, keep=True)


CONSTANTS = """
WITH shared AS (
  SELECT f.program, f.field, f.value,
         COUNT(DISTINCT o.client_net) AS nets,
         COUNT(DISTINCT f.message_id) AS messages,
         COUNT(DISTINCT date_trunc('hour', m.seen_at)) AS hours
  FROM header_fields f
  JOIN origins o ON o.message_id = f.message_id
  JOIN messages m ON m.id = f.message_id
  WHERE o.client_net IS NOT NULL
  GROUP BY f.program, f.field, f.value
),
chance AS (
  SELECT program, field, SUM(nets) AS nets, COUNT(*) AS shared_values FROM shared GROUP BY program, field
)
SELECT s.program, s.field, s.value, s.nets, s.messages
FROM shared s JOIN chance c ON c.program = s.program AND c.field = s.field
WHERE s.nets >= :networks AND s.hours >= :hours
  AND (c.shared_values = 1
       OR s.nets * (c.shared_values - 1) >= :above_chance * (c.nets - s.nets))
"""
"""Values shared by many networks, hour after hour, and by far more than the *other* values of their field."""

SOFTWARE = """
WITH constant AS (
  SELECT f.message_id, MIN(c.value) AS constant
  FROM header_fields f
  JOIN header_constants c ON c.program = f.program AND c.field = f.field AND c.value = f.value
  GROUP BY f.message_id
)
SELECT t.message_id, t.fingerprint, t.program, t.contradictions, c.constant
FROM header_traits t LEFT JOIN constant c ON c.message_id = t.message_id
"""
