"""The body of a form that somebody sent: its fields and files, in memory and bounded; nothing is written to a disk.

Nothing here looks into a file, and no name that a sender gave is more than a text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from impound.services.tips._limits import Refused

PARTS = 24
"""Parts of a body; the form has three fields, and a part for each file."""
FILES = 8
"""Files that one tip may have; a form with a few more is read, so that its words need not be written again."""
WORDS = 200_000
"""Bytes of what somebody writes: a hundred pages."""
LINE = 1_000
"""Bytes of any other field, and of the name of a file."""
BOUNDARY = (8, 70)
"""Bytes of the line that parts a body; at most 70 by RFC 2046, 5.1.1, and browsers use some thirty."""


@dataclass(frozen=True)
class Attached:
    """A file that somebody sent: its bytes, and what they called it."""

    data: memoryview
    name: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Form:
    """What somebody filled in; ``words`` as the bytes that came."""

    words: bytes = b""
    contact: str = ""
    receipt: str = ""
    attached: tuple[Attached, ...] = ()


@dataclass
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    start: int = -1
    end: int = -1


class _Parts:
    """Collects the parts of a body as places in it."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.whole = False
        self._name = self._value = b""

    def begin(self) -> None:
        if len(self.parts) >= PARTS:
            raise Refused(413, "too_many_files")
        self.parts.append(_Part())

    def name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header(self) -> None:
        self.parts[-1].headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        part = self.parts[-1]
        if part.end not in (-1, start):
            raise Refused(400, "malformed")
        part.start, part.end = (start if part.end == -1 else part.start), end

    def done(self) -> None:
        self.whole = True


def parse(content_type: str, body: bytes) -> Form:
    """The fields of a body, at most ``PARTS``. Raises Refused where it is no form, or holds more than that."""
    parts, view = _cut(content_type, body), memoryview(body)
    said: dict[str, bytes] = {}
    attached: list[Attached] = []
    for part in parts:
        kind, options = parse_options_header(part.headers.get(b"content-disposition", b""))
        if kind != b"form-data":
            raise Refused(400, "malformed")
        name, data = options.get(b"name", b"").decode("utf-8", "replace"), view[max(part.start, 0) : max(part.end, 0)]
        if b"filename" in options:
            if data or options[b"filename"]:  # a browser sends an empty part where no file was chosen
                attached.append(Attached(data, _line(options[b"filename"]), _line(part.headers.get(b"content-type"))))
        elif name in ("words", "contact", "receipt") and name not in said:
            said[name] = _bounded(data, WORDS if name == "words" else LINE)
    return Form(said.get("words", b""), _line(said.get("contact")), _line(said.get("receipt")), tuple(attached))


def _cut(content_type: str, body: bytes) -> list[_Part]:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not BOUNDARY[0] <= len(boundary) <= BOUNDARY[1]:
        raise Refused(415, "malformed")
    if body.count(b"\r\n--" + boundary) > PARTS:  # counted here at once, for the parser goes from one to the next
        raise Refused(413, "too_many_files")
    found = _Parts()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": found.begin,
            "on_header_field": found.name,
            "on_header_value": found.value,
            "on_header_end": found.header,
            "on_part_data": found.data,
            "on_end": found.done,
        },
    )
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise Refused(400, "malformed") from error
    if not found.whole:
        raise Refused(400, "malformed")
    return found.parts


def _bounded(data: memoryview, most: int) -> bytes:
    if len(data) > most:
        raise Refused(413, "too_long")
    return bytes(data)


def _line(data: bytes | None) -> str:
    return (data or b"")[:LINE].decode("utf-8", "replace").strip()
