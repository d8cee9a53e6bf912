"""Where a mailbox is cut into messages, and whether bytes look like mail at all.

The four dialects (mboxo, mboxrd, mboxcl, mboxcl2) differ only in how a body line that begins with ``From `` is kept
from being taken for the next message (RFC 4155, Appendix A; D. J. Bernstein, "mbox", qmail manual; J. Zawinski,
"Content-Length considered harmful"). Here a line separates when its form *and* what stands around it say so; a
Content-Length is believed only where it lands exactly on a separator or on the end.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from impound.plugin import Cut

MAX_MESSAGE = 32 << 20
"""Bytes of one message that are read: what large providers send at most (Gmail 25 MB) with its Base64 third on top."""
REST = 8 << 20
"""Bytes in one stretch of what follows the first ``MAX_MESSAGE`` bytes of a longer message."""
BLOCK = 1 << 20
"""Bytes read from the source at once; more where a long message needs them."""
TOO_LONG = f"message is longer than {MAX_MESSAGE >> 20} MiB: this rest is sealed, not read"

_LINE_LIMIT = 500  # longest From_ line believed: RFC 5321 allows 256 characters of path, dates take 40
_CONTEXT = 1024  # bytes that settle whether a line separates: the line and the beginning of the next
_HEADER_LIMIT = 256 << 10  # how far the end of a header is looked for; Postfix takes 100 KiB (header_size_limit)

_BEGINNING = 8192  # bytes that settle whether it is a mailbox: blank lines and a From_ line

_PREAMBLE = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]{0,4096}")
_CANDIDATE = {eol: re.compile(eol + rb"From [^\r\n]{0,400}?[0-9]:[0-9]{2}") for eol in (b"\n", b"\r")}
_ANY_FROM = {eol: re.compile(eol + rb"From ") for eol in (b"\n", b"\r")}
_LINE = re.compile(rb"([^\r\n]{0,%d})(?:\r\n|\n|\r)" % _LINE_LIMIT)
_NAME = rb"[!-9;-~]{1,76}[ \t]{0,8}:"
_NEXT_HEADER = re.compile(_NAME)
_NEXT_LINE = re.compile(rb"%b|>{0,4}From |\r|\n" % _NAME)
_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_YEAR = rb"(?:19|20)[0-9]{2}"
_DATE = re.compile(
    rb"(?i:%b[,.]? {1,3}(?:%b {1,3}[0-9]{1,2}|[0-9]{1,2}[ -]{1,3}%b)),?[ -]{1,3}(?:%b {1,3})?"  # Mon Aug 26
    rb"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"  # 20:15:19
    rb"(?: {1,3}(?:%b|[+-][0-9]{4}|[A-Za-z]{1,5}(?:[+-][0-9:]{1,5})?|\([A-Za-z ]{1,40}\))){0,5}"  # zones and year
    rb"(?: {1,3}remote from [^ \r\n]{1,255})?[ \t]{0,8}\Z" % (_DAY, _MONTH, _MONTH, _YEAR, _YEAR)
)
_HAS_YEAR = re.compile(rb"[ -]%b(?![0-9])" % _YEAR)
_STRICT = re.compile(rb"From (?:[^ \r\n]*@[^ \r\n]*|-|(?i:mailer-daemon)) {1,3}%b" % _DAY)
_GIT = re.compile(rb"From (?:[0-9a-f]{40}|[0-9a-f]{64}) Mon Sep 17 00:00:00 2001[ \t]*\Z")
_LENGTH = re.compile(rb"\ncontent-length:[ \t]{0,8}([0-9]{1,12})[ \t]{0,8}\r?\n")
_BLANKS = re.compile(rb"(?:\r?\n){0,2}")


def cut(stream: BinaryIO, size: int) -> Iterator[Cut]:
    """The whole source in contiguous stretches that begin at messages; joined, their data is the source again.

    A source that does not begin with ``From `` (after a byte order mark and blank lines) is one message. A message
    longer than :data:`MAX_MESSAGE` is one cut with its first bytes, then cuts of at most :data:`REST` bytes that say
    why they are skipped. ``size`` is the length of the source in bytes. An empty source has no cuts. Memory is
    bounded by about three times :data:`MAX_MESSAGE`, whatever the source holds.
    """
    if size <= min(BLOCK, MAX_MESSAGE):
        data = stream.read(size)
        while len(data) < size and (more := stream.read(size - len(data))):
            data += more
        if data.find(b"From ", 2) < 0 or (data.find(b"\nFrom ", 1) < 0 and data.find(b"\rFrom ", 1) < 0):
            # nothing in it can separate
            if data:
                yield Cut(0, data)
            return
        stream = io.BytesIO(data)
    window = _Window(stream)
    window.need(_BEGINNING)
    separators = _Separators.of(window)
    while window.need(1):
        offset = window.offset
        length, scan, done = _search(window, separators, None, MAX_MESSAGE)
        if separators and done:
            length = _declared(window, separators, size, length) or length
        yield Cut(offset, window.take(length))
        while not done:
            offset = window.offset
            length, scan, done = _search(window, separators, scan, REST)
            yield Cut(offset, window.take(length), TOO_LONG)


class _Window:
    """A stretch of the stream in memory: ``data[pos:]`` is what has not been taken yet."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._ended, self._base = stream, False, 0
        self.data, self.pos = b"", 0

    @property
    def offset(self) -> int:
        return self._base + self.pos

    @property
    def available(self) -> int:
        return len(self.data) - self.pos

    def need(self, count: int) -> bool:
        """Read until ``count`` bytes are there; False when the source ends before."""
        while self.available < count and not self._ended:
            blocks = self._blocks()
            keep = max(self.pos - 4, 0)  # what stands before may be the blank line of a separator
            self._base, self.pos = self._base + keep, self.pos - keep
            self.data = b"".join((memoryview(self.data)[keep:], *blocks))
        return self.available >= count

    def _blocks(self) -> list[bytes]:
        blocks, missing = [], max(BLOCK, min(self.available, REST))
        while missing > 0:
            block = self._stream.read(missing)
            if not block:
                self._ended = True
                break
            blocks.append(block)
            missing -= len(block)
        return blocks

    def take(self, count: int) -> bytes:
        data = self.data[self.pos : self.pos + count]
        self.pos += count
        if count > REST:  # a second copy of a long message would stay in memory until the next one is read
            self._forget()
        return data

    def _forget(self) -> None:
        """Let go of what was taken, but for the bytes that may be the blank line of a separator."""
        keep = max(self.pos - 4, 0)
        self.data = self.data[keep:]
        self._base, self.pos = self._base + keep, self.pos - keep


class _Separators:
    """Which lines separate the messages of one mailbox, as its own first line shows."""

    def __init__(self, first: bytes, eol: bytes) -> None:
        self.git = bool(_GIT.match(first))
        self.form = b"" if _dated(first) else _form(first)
        self.candidate = (_ANY_FROM if self.form else _CANDIDATE)[eol]

    @staticmethod
    def of(window: _Window) -> _Separators | None:
        """None when the source is not a mailbox but one message."""
        start = _preamble(window.data)
        line = _LINE.match(window.data, start)
        if line is None or not line[1].startswith(b"From "):
            return None
        return _Separators(line[1], b"\r" if line[0].endswith(b"\r") else b"\n")

    def here(self, data: bytes, start: int, after_blank: bool) -> bool:
        """Whether the line at ``start``, which begins with ``From ``, separates."""
        line = _LINE.match(data, start)
        if line is None or not _NEXT_LINE.match(data, line.end()):
            return False
        header_follows = _NEXT_HEADER.match(data, line.end()) is not None
        if _GIT.match(line[1]):
            return self.git and after_blank and header_follows
        if _dated(line[1]):
            return after_blank or (header_follows and _STRICT.match(line[1]) is not None)
        return bool(self.form) and after_blank and header_follows and _form(line[1]) == self.form


def _dated(line: bytes) -> bool:
    date = _DATE.search(line, 5)
    return date is not None and _HAS_YEAR.search(line, date.start()) is not None


def _form(line: bytes) -> bytes:
    """The form of an unusual From_ line: what follows the sender, with letters and digits alike."""
    rest = re.sub(rb"[A-Za-z]+", b"a", b" ".join(line.split()[2:]))
    return re.sub(rb"[0-9]+", b"9", rest) or b"bare"


def _preamble(data: bytes) -> int:
    found = _PREAMBLE.match(data)
    return found.end() if found else 0


def _first_line_end(window: _Window) -> int:
    """How many bytes the message's own From_ line takes, without its line end (and what stands before it)."""
    start = window.pos + (_preamble(window.data) if window.offset == 0 else 0)
    line = _LINE.match(window.data, start)
    return (line.end() if line else start) - window.pos


def _search(window: _Window, separators: _Separators | None, scan: int | None, limit: int) -> tuple[int, int, bool]:
    """The length of the next stretch (at most ``limit``), where to look on after it, and whether it ends a message."""
    window.need(_CONTEXT)
    scan = _first_line_end(window) if scan is None else scan
    while separators:
        found = separators.candidate.search(window.data, window.pos + scan)
        at = found.start() + 1 - window.pos if found else limit + 1
        if at > limit:
            scan = max(scan, min(at - 1, window.available - _LINE_LIMIT))
            if window.available >= limit + _CONTEXT or not window.need(window.available + 1):
                break
        elif at + _CONTEXT > window.available and window.need(window.available + 1):
            scan = at - 1
        elif separators.here(window.data, window.pos + at, _after_blank(window.data, window.pos + at)):
            return at, 0, True
        else:
            scan = at
    window.need(limit + 1)
    length = min(limit, window.available)
    return length, max(scan - length, 0), length == window.available


def _after_blank(data: bytes, start: int) -> bool:
    """Whether the line before ``start`` is empty."""
    before = data[max(start - 4, 0) : start]
    return before.endswith((b"\n\n", b"\n\r\n", b"\r\r")) or before == b"\r\n"


def _declared(window: _Window, separators: _Separators, size: int, found: int) -> int | None:
    """The message's length by its Content-Length, where that ends exactly at a separator or with the source.

    ``found`` is its length by the next line that separates; the header must end before.
    """
    crlf = window.data.find(b"\r\n", window.pos, window.pos + _LINE_LIMIT) >= 0
    blank = b"\n\r\n" if crlf else b"\n\n"
    header_end = window.data.find(blank, window.pos, window.pos + min(found, _HEADER_LIMIT))
    if header_end < 0:
        return None
    line = _LENGTH.search(window.data[window.pos : header_end + 2].lower())
    length = header_end - window.pos + len(blank) + int(line[1]) if line else 0
    if not length or length > MAX_MESSAGE:
        return None
    window.need(length + _CONTEXT)
    blanks = _BLANKS.match(window.data, window.pos + length)
    landing = blanks.end() if blanks and length <= window.available else -1
    if landing - window.pos == found or landing - window.pos + window.offset == size:
        return landing - window.pos
    if landing < 0 or window.data[landing - 1] not in b"\r\n" or not window.data.startswith(b"From ", landing):
        return None
    return landing - window.pos if separators.here(window.data, landing, True) else None


_BODY = re.compile(rb"\n\r?\n|\r\r")
_QUOTED = re.compile(rb"([\r\n])>(>{0,64}From )")


def unquote(data: bytes) -> bytes:
    """A message without one level of the ``>From `` quoting (mboxrd; mboxo too) in its body; the header stays."""
    if b">From " not in data:
        return data
    header = _BODY.search(data)
    if header is None:
        return data
    start = header.end() - 1
    return data[:start] + _QUOTED.sub(rb"\1\2", data[start:])


def is_mailbox(head: bytes) -> bool:
    """Whether bytes begin with a whole ``From `` line, as a mailbox and each message in it does."""
    line = _LINE.match(head, _preamble(head))
    return line is not None and line[1].startswith(b"From ")


_HEADER_LINE = re.compile(rb"([!-9;-~]{1,76})[ \t]{0,8}:")
_MAIL_NAMES = frozenset(
    b"from to cc bcc subject received message-id return-path delivered-to reply-to sender mime-version in-reply-to "
    b"references dkim-signature authentication-results arc-seal envelope-to x-original-to x-mailer x-envelope-from "
    b"received-spf list-id list-unsubscribe resent-from resent-to errors-to x-spam-status x-received "
    b"x-mozilla-status x-uidl apparently-to".split()
)
_SHARED_NAMES = frozenset(b"date content-type content-transfer-encoding content-length status priority".split())
_LINES_READ = 100
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_BINARY = 4  # control bytes in a first line that is no header: a packet capture, not mail


def looks_like_mail(head: bytes) -> float:
    """How sure it is, 0 to 1, that bytes that begin so are mail: a From_ line, or headers that mail has.

    At most the first 100 lines are looked at. Lines that are neither a header nor its continuation lower the score
    but do not end it, as spam has them; names that other formats share (``Date``, ``Content-Type``) count for little.
    """
    start = _preamble(head)
    first = _LINE.match(head, start)
    if first and first[1].startswith((b"From ", b">From ")) and (_dated(first[1]) or _GIT.match(first[1])):
        return 0.95
    lines = re.split(rb"\r\n|\n|\r", head[start : start + (64 << 10)], maxsplit=_LINES_READ)[:_LINES_READ]
    from_line = re.match(rb">?From ", lines[0]) is not None
    return _header_score(lines[1:] if from_line and lines[1:] else lines)


def _header_score(lines: list[bytes]) -> float:
    if not _HEADER_LINE.match(lines[0]) and len(_CONTROLS.findall(lines[0])) >= _BINARY:
        return 0.0
    names: set[bytes] = set()
    good = bad = 0
    for line in lines:
        if not line.strip():
            break
        name = _HEADER_LINE.match(line)
        if name is not None:
            names.add(name[1].lower())
        if name is not None or (good and line[0] in b" \t"):
            good += 1
        else:
            bad += 1
    telling = len(names & _MAIL_NAMES)
    if not telling:
        return 0.0
    weight = min(1.0, 0.3 + 0.25 * telling + 0.1 * len(names & _SHARED_NAMES))
    return round(0.9 * weight * good / (good + bad), 3)
