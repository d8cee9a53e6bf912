"""A message as its headers and parts: an own walk over the bytes, with hard limits, that reads what can be read.

Written for RFC 5322 and 2045–2049 and for what spam makes of them: any line endings, garbage between headers, missing
boundaries, bad base64. Sloppiness is not a problem; what a limit kept from being read is one, with its offset.
``benchmarks/mime_parsers.py`` compares the cost on TREC 2007: a fifth of the standard library's. fast-mail-parser takes
a tenth, but it drops a whole message on bad base64 and knows neither offsets nor boundaries nor limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from impound.readers._charset import decode, decode_words
from impound.readers._transfer import is_encoded, transfer_decode

MAX_DEPTH = 50
"""Levels of multipart and message/rfc822; real mail has at most 10, and clients stop at about 100."""
MAX_PARTS = 1_000
"""Parts of a message that are read; the largest digests of real lists have some hundreds."""
MAX_HEADERS = 1_000
"""Headers of a message or a part; Postfix and Exim end up with less than 200."""
MAX_HEADER_BYTES = 1 << 20
"""Bytes of a header block; Exim's ``header_maxsize`` has the same default."""
MAX_PARAMETERS = 100
"""Parameters of one header that are looked at; a long RFC 2231 file name takes about 20."""
MAX_LOOKALIKES = 100_000
"""Lines of a message that begin like a boundary: bounds the work when a boundary is short and common."""
MAX_SHAPE = 1_000
"""Characters of ``mime_shape``."""
MAX_NAME = 1_000
"""Characters of a file name, Content-ID or disposition; file systems allow 255."""

Header = tuple[str, str]
"""Name as spelt; value unfolded, trimmed, undecoded: each character is one byte (Latin-1), so nothing is lost."""
Problem = tuple[int, str]
"""Offset in bytes and what could not be read, in words."""


@dataclass(slots=True)
class Part:
    """A leaf of the part tree.

    ``path`` counts as IMAP does (RFC 9051, 6.4.5): ``1.2``. ``media_type`` is in lower case, without parameters, as is
    ``disposition``; ``charset`` as claimed, lower case. ``name`` is decoded. ``data`` is transfer-decoded.
    ``offset`` is where its body begins in the message; inside an encoded message part, where that part's body begins.
    """

    path: str
    media_type: str
    charset: str | None
    name: str | None
    disposition: str | None
    content_id: str | None
    data: bytes
    offset: int


@dataclass(slots=True)
class Message:
    """A message: headers in order, leaves in order, the tree of media types, the outermost boundary (Latin-1)."""

    headers: list[Header]
    body_offset: int
    parts: list[Part] = field(default_factory=list)
    mime_shape: str = ""
    boundary: str | None = None
    problems: list[Problem] = field(default_factory=list)


_PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*+(?:>?From [^\r\n]*+(?:[\r\n]++|\Z))*+")
_BLANK = re.compile(rb"\n\r{0,4}\n|\r\r(?!\r{0,3}\n)")
_BREAKS = re.compile(r"\r{1,4}\n|\r")
_FIELD = re.compile(r"^([!-9;-~]++)[ \t]*+:[ \t]*+(.*+(?:\n[ \t].*+)*+)", re.MULTILINE)
_LINE = re.compile(rb"([!-9;-~]++)[ \t]*+:|[ \t]|")
_LINE_END = re.compile(rb"\r{0,4}\n|\r|\Z")
_KNOWN = re.compile(
    rb"(?i)(?:received|return-path|delivered-to|from|sender|reply-to|to|cc|subject|date|message-id|references"
    rb"|in-reply-to|mime-version|content-[a-z-]++|x-[!-9;-~]++|list-[a-z-]++|status|precedence|user-agent)\Z"
)
_PARAMETER = re.compile(r"(?:^|[;\s])([^\s=;\"]{1,64}+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;]*+))", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[\s\"';]*+([a-z0-9!#$&^_.+-]{1,127}+)\s*+/\s*+([a-z0-9!#$&^_.+-]{1,127}+)")
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})

Parameters = dict[str, str]


def parse(raw: bytes) -> Message:
    """The message in the bytes. Never raises; see :class:`Message` and the limits above.

    A byte order mark, blank lines and an mbox ``From `` line (also ``>From ``) in front are skipped.
    """
    start = _PROLOGUE.match(raw)
    walk = _Walk(raw, [], [])
    headers, body = walk.header_block(start.end() if start else 0, len(raw))
    message = Message(headers, body, walk.parts, problems=walk.problems)
    content = _content(headers)
    shape = walk.entity(content, _Place(body, len(raw), "", 0))
    message.mime_shape = shape if len(shape) <= MAX_SHAPE else shape[: MAX_SHAPE - 1] + "…"
    message.boundary = walk.boundary
    return message


class _Place(NamedTuple):
    """Where a body stands: its range in the bytes, its path (empty for the whole message) and depth in the tree."""

    start: int
    end: int
    path: str
    depth: int


class _Walk:
    """One message's bytes, and what the walk through them has found and spent.

    ``lines`` is the bytes with every line break a line feed at its place, for finding boundaries. ``origin`` is set for
    bytes that had to be decoded to be walked: every offset in them is that one, and nothing in them is decoded again.
    """

    __slots__ = ("boundary", "lines", "lookalikes", "origin", "parts", "problems", "raw")

    def __init__(self, raw: bytes, parts: list[Part], problems: list[Problem], origin: int | None = None) -> None:
        self.raw, self.parts, self.problems, self.origin = raw, parts, problems, origin
        bare = b"\r" in raw and raw.count(b"\r") > raw.count(b"\r\n")
        self.lines = raw.replace(b"\r", b"\n") if bare else raw
        self.boundary: str | None = None
        self.lookalikes = 0

    def problem(self, offset: int, reason: str) -> None:
        """Note what could not be read, once for each reason."""
        if all(reason != known for _, known in self.problems):
            self.problems.append((offset if self.origin is None else self.origin, reason))

    def header_block(self, start: int, end: int) -> tuple[list[Header], int]:
        """The headers from ``start``, and where the body after them begins."""
        raw = self.raw
        if start >= end or raw[start] in b"\r\n":
            return [], _next_line(raw, start, end)
        first = raw.find(b"\n", start, end)
        stop = raw.find(b"\n\n", first, end) if first > 0 and raw[first - 1] != 13 else -1
        body = stop + 2
        if stop < 0 or raw.find(b"\r", start, stop) >= 0:
            blank = _BLANK.search(raw, start, end)
            stop, body = (blank.start(), blank.end()) if blank else (end, end)
        cut = min(stop, start + MAX_HEADER_BYTES)
        text = raw[start:cut].decode("latin-1")
        if "\r" in text:
            text = _BREAKS.sub("\n", text)
        text = text.rstrip("\n")
        headers, lines = _fields(text)
        if not headers:
            return [], start
        if cut == stop and lines <= text.count("\n") and len(headers) <= MAX_HEADERS:
            headers, body = self.sloppy_block(start, stop, body)
        if cut < stop:
            self.problem(cut, f"a header block longer than {MAX_HEADER_BYTES:,} bytes: the rest of it was not read")
        if len(headers) > MAX_HEADERS:
            self.problem(start, f"more than {MAX_HEADERS:,} headers: the others were not read")
        return headers[:MAX_HEADERS], body

    def sloppy_block(self, start: int, stop: int, body: int) -> tuple[list[Header], int]:
        """Headers with strange lines among them. Strange lines after the last header are the body, without a blank
        line before it; so is a whole block without headers. After a strange line only well-known names count."""
        raw, good = self.raw, bytearray()
        position, strange = start, -1
        while position < stop:
            line_end = _next_line(raw, position, stop)
            line = _LINE.match(raw, position, line_end)
            name = line[1] if line else None
            if name is not None and (strange < 0 or _KNOWN.match(name)):
                strange = -1
            elif name is not None or strange >= 0 or position == start or raw[position] not in b" \t":
                strange = position if strange < 0 else strange
            if strange < 0:
                good += raw[position:line_end]
            position = line_end
        text = _BREAKS.sub("\n", good.decode("latin-1"))
        return _fields(text)[0], strange if strange >= 0 else body

    def entity(self, content: Parameters, place: _Place, default: str = "text/plain") -> str:
        """Walk one entity whose Content-… headers and body are given; returns its shape."""
        media_type, parameters = _typed(content.get("type", ""), default)
        if place.depth >= MAX_DEPTH and media_type.startswith(("multipart/", "message/")):
            self.problem(place.start, f"nested deeper than {MAX_DEPTH} levels: what lies deeper was taken as one text")
            media_type = "text/plain"
        if media_type.startswith("multipart/"):
            shape = self.multipart(media_type, parameters, place)
            if shape:
                return shape
            media_type = "text/plain"
        elif media_type in _MESSAGES:
            return f"{media_type}({self.message(content, place)})"
        self.leaf(media_type, parameters, content, place)
        return media_type

    def multipart(self, media_type: str, parameters: Parameters, place: _Place) -> str:
        """Walk the parts of a multipart; an empty shape when it has no boundary or the boundary stands nowhere."""
        boundary = parameters.get("boundary", "").rstrip()
        ranges = self.split(boundary.encode("latin-1", "replace"), place.start, place.end) if boundary else []
        if not ranges:
            return ""
        if self.boundary is None and self.origin is None:
            self.boundary = boundary
        default = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
        shapes = []
        for number, (begin, stop) in enumerate(ranges, 1):
            if len(self.parts) >= MAX_PARTS:
                self.problem(begin, f"more than {MAX_PARTS:,} parts: the others were not read")
                break
            headers, body = self.header_block(begin, stop)
            path = f"{place.path}.{number}" if place.path else str(number)
            shapes.append(self.entity(_content(headers), _Place(body, stop, path, place.depth + 1), default))
        return f"{media_type}({','.join(shapes)})"

    def split(self, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
        """The ranges between the lines that are ``--boundary`` (RFC 2046, 5.1.1), to the closing one or the end."""
        raw, delimiter = self.raw, b"--" + boundary
        ranges: list[tuple[int, int]] = []
        begin, position = -1, start
        while (hit := self.delimiter(delimiter, position, start, end)) >= 0:
            tail = hit + len(delimiter)
            closing = raw.startswith(b"--", tail, end)
            line_end = _next_line(raw, tail, end)
            position = tail
            if raw[tail + 2 * closing : line_end].strip(b" \t\r\n"):
                continue
            if begin >= 0:
                ranges.append((begin, max(begin, _before_break(raw, hit))))
            begin, position = line_end, line_end - 1 if line_end > tail else tail
            if closing or len(ranges) > MAX_PARTS:
                return ranges
        if begin >= 0:
            ranges.append((begin, end))
        return ranges

    def delimiter(self, delimiter: bytes, position: int, start: int, end: int) -> int:
        """Where the next line that begins with the delimiter is, or -1."""
        self.lookalikes += 1
        if self.lookalikes > MAX_LOOKALIKES:
            self.problem(position, f"more than {MAX_LOOKALIKES:,} lines look like a boundary: the rest is one part")
            return -1
        if position == start and self.raw.startswith(delimiter, start, end):
            return start
        hit = self.lines.find(b"\n" + delimiter, position, end)
        return hit + 1 if hit >= 0 else -1

    def message(self, content: Parameters, place: _Place) -> str:
        """Walk the message inside a message part; what is decoded first where it is encoded, against RFC 2046."""
        walk, (start, end, path, depth) = self, place
        encoding = content.get("transfer-encoding", "")
        if self.origin is None and is_encoded(encoding):
            data = transfer_decode(memoryview(self.raw)[start:end], encoding)
            walk = _Walk(data, self.parts, self.problems, start)
            start, end = 0, len(data)
        prologue = _PROLOGUE.match(walk.raw, start, end)
        headers, body = walk.header_block(prologue.end() if prologue else start, end)
        inner = _content(headers)
        if not _typed(inner.get("type", ""), "text/plain")[0].startswith("multipart/"):
            path = f"{path}.1" if path else "1"
        return walk.entity(inner, _Place(body, end, path, depth + 1))

    def leaf(self, media_type: str, parameters: Parameters, content: Parameters, place: _Place) -> None:
        """Keep one part."""
        disposition, name = None, None
        if "disposition" in content:
            disposition, named = _disposition(content["disposition"])
            name = named.get("filename")
        self.parts.append(
            Part(
                path=place.path or "1",
                media_type=media_type,
                charset=parameters.get("charset", "").strip().lower()[:MAX_NAME] or None,
                name=name or parameters.get("name") or None,
                disposition=disposition,
                content_id=content.get("id", "").strip(" \t<>")[:MAX_NAME] or None,
                data=transfer_decode(
                    memoryview(self.raw)[place.start : place.end], content.get("transfer-encoding", "")
                ),
                offset=place.start if self.origin is None else self.origin,
            )
        )


def _next_line(raw: bytes, position: int, end: int) -> int:
    """Where the line after the one at ``position`` begins."""
    found = _LINE_END.search(raw, position, end)
    return found.end() if found else end


def _before_break(raw: bytes, position: int) -> int:
    """Where the line break that ends at ``position`` begins: it belongs to the boundary, not to the part."""
    if raw[position - 1] == 10:
        position -= 1
        return position - 1 if raw[position - 1] == 13 else position
    return position - 1


def _fields(text: str) -> tuple[list[Header], int]:
    """The headers of a block with plain line feeds, at most one more than the limit, and how many lines they take."""
    headers: list[Header]
    if text.count("\n") < MAX_HEADERS:
        headers = _FIELD.findall(text)
    else:
        headers = [(m[1], m[2]) for m in islice(_FIELD.finditer(text), MAX_HEADERS + 1)]
    lines = len(headers)
    for i, (name, value) in enumerate(headers):
        if "\n" in value:
            lines += value.count("\n")
            headers[i] = (name, value.replace("\n", "").strip())
        elif value[-1:] in (" ", "\t"):
            headers[i] = (name, value.rstrip())
    return headers, lines


def _content(headers: list[Header]) -> Parameters:
    """The Content-… headers by the rest of their name; of repeated ones the first, as mail programs do."""
    found: Parameters = {}
    for name, value in headers:
        if name[0] in "Cc" and name[:8].lower() == "content-":
            found.setdefault(name[8:].lower(), value)
    return found


def _typed(value: str, default: str) -> tuple[str, Parameters]:
    """Media type and parameters of a Content-Type; text/plain when it is none (RFC 2045, 5.2)."""
    if not value:
        return default, {}
    return _typed_cached(value) if len(value) < 100 else _typed_now(value)


def _typed_now(value: str) -> tuple[str, Parameters]:
    lower = value[:400].lower()
    found = _MEDIA_TYPE.match(lower)
    media_type = f"{found[1]}/{found[2]}" if found else "text/plain"
    return media_type, parameters_of(value[found.end() :] if found else value)


_typed_cached = lru_cache(maxsize=1024)(_typed_now)


def _disposition(value: str) -> tuple[str | None, Parameters]:
    word, _, rest = value.partition(";")
    return word.strip().lower()[:MAX_NAME] or None, parameters_of(";" + rest)


def parameters_of(text: str) -> Parameters:
    """The parameters of a header value, names in lower case, of repeated ones the first; at most MAX_PARAMETERS.

    File names are decoded (RFC 2231 with continuations, RFC 2047 although it is forbidden there); a charset is only
    its first word, since a missing semicolon makes the next parameter look like a part of it.
    """
    found: Parameters = {}
    extended: dict[str, list[tuple[int, bool, str]]] = {}
    for match in islice(_PARAMETER.finditer(text), MAX_PARAMETERS):
        name, quoted, bare = match.groups()
        value = bare.strip() if quoted is None else quoted
        if quoted is not None and "\\" in quoted:
            value = _unescaped(quoted)
        if "*" in name:
            base, *numbers = name.lower().split("*")
            number = int(numbers[0]) if numbers[0].isascii() and numbers[0].isdigit() else 0
            extended.setdefault(base, []).append((number, not numbers[-1], value))
        else:
            found.setdefault(name.lower(), value)
    for base, pieces in extended.items():
        found[base] = _joined(pieces)
    for key in ("name", "filename"):
        if key in found:
            found[key] = _file_name(found[key], decoded=key in extended)
    if "charset" in found:
        found["charset"] = found["charset"].strip("\"' ").partition(" ")[0]
    return found


def _unescaped(quoted: str) -> str:
    """A quoted string without its backslashes; a DOS path in it keeps them (``C:\\pictures\\cat.gif``)."""
    return quoted if quoted[1:3] == ":\\" else _ESCAPED.sub(r"\1", quoted)


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """The value of an RFC 2231 parameter from its (number, percent-encoded?, value) pieces."""
    pieces.sort(key=lambda piece: piece[0])
    charset, data = None, b""
    for i, (_, encoded, value) in enumerate(pieces):
        text = value
        if encoded and i == 0 and value.count("'") >= 2:
            charset, _, text = value.split("'", 2)
        raw = text.encode("latin-1", "replace")
        data += unquote_to_bytes(raw) if encoded else raw
    return decode(data, charset)


def _file_name(value: str, decoded: bool) -> str:
    text = value if decoded else decode_words(value[: 8 * MAX_NAME])
    return text[:MAX_NAME].strip()
