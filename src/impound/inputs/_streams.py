"""Compressed bytes as streams that say where they break, and that stop a bomb before it has gone off."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import zstandard

from impound.errors import InputError
from impound.inputs._input import Broken, Limits

FEED = 16 << 10
"""Compressed bytes handed to a decompressor at once: small, because each stream of many short ones copies its rest."""
PIECE = 256 << 10
"""Most bytes taken out of a decompressor at once."""
XZ_MEMORY = 100 << 20
"""Most memory an xz stream may ask for: enough for ``xz -9`` (65 MiB), not for a 4 GiB dictionary."""
ZSTD_FEED = 512
"""Compressed bytes handed to Zstandard at once. It has no limit on what comes out; four bytes make at most 128 KiB
(RFC 8878, 3.1.1.2), so 512 make at most 16 MiB."""
ZSTD_WINDOW = 1 << 27
"""Largest window of a Zstandard frame: what ``zstd --ultra -22`` uses and the program accepts without ``--long=31``."""


class Budget:
    """What an archive with all its layers may expand to; shared by everything that is read out of it."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._limits, self._spent = limits, 0
        self._total = max(limits.free, limits.ratio * size)
        self.broken: Broken | None = None

    def spend(self, count: int, came: int, went: int) -> None:
        """Account for ``count`` bytes of a stream out of which ``came`` bytes for ``went``; raises Broken."""
        self._spent += count
        swollen = came > self._limits.free and came > self._limits.ratio * went
        if self.broken is None and (swollen or self._spent > self._total):
            reason = f"expands more than {self._limits.ratio} times (a bomb?): read up to here only"
            self.broken = Broken(went, reason)
        if self.broken is not None:
            raise self.broken


class Engine(Protocol):
    """What the standard library's incremental decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Zlib:
    """zlib with the manners of bz2 and lzma."""

    def __init__(self, wbits: int) -> None:
        self._inner, self._full = zlib.decompressobj(wbits), False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and not self._full  # what filled the last piece may have more behind it

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        piece = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(piece) == max_length
        return piece


class _Zstd:
    """Zstandard with the same manners; it is fed so little at once that what comes out is bounded."""

    def __init__(self, inner: zstandard.ZstdDecompressionObj) -> None:
        self._inner = inner
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._waiting

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        waiting = self._waiting + data
        self._waiting = waiting[ZSTD_FEED:]
        return self._inner.decompress(waiting[:ZSTD_FEED])


def _maker(kind: str) -> Callable[[], Engine]:
    """What makes a decompressor for each stream of a file."""
    if kind == "zstd":
        context = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)  # costs more than a short frame: made once
        return lambda: _Zstd(context.decompressobj())
    makers: dict[str, Callable[[], Engine]] = {
        "gzip": lambda: _Zlib(31),
        "deflate": lambda: _Zlib(-15),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
    }
    return makers[kind]


MAGIC_LENGTH = 16
"""Bytes at the beginning that tell every kind of compressed stream."""
_ERRORS = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError, InputError)


class Raw:
    """A stretch of a seekable stream that counts what was read of it."""

    def __init__(self, stream: BinaryIO, start: int = 0, length: int | None = None) -> None:
        self._stream, self._left, self.start, self.count = stream, length, start, 0
        stream.seek(start)

    def read(self, count: int, /) -> bytes:
        """At most ``count`` bytes; raises Broken where the file cannot be read."""
        wanted = count if self._left is None else max(min(count, self._left), 0)
        try:
            data = self._stream.read(wanted)
        except (OSError, InputError) as error:
            raise Broken(self.start + self.count, _words(error)) from error
        self.count += len(data)
        if self._left is not None:
            self._left -= len(data)
        return data


def expanded(raw: Raw, kind: str, budget: Budget, magic: re.Pattern[bytes] | None = None) -> Iterator[bytes]:
    """The bytes that come out, in pieces. Streams that follow each other (with ``magic``) are read through.

    Raises Broken where the data ends early, is damaged or swells too much.
    """
    make = _maker(kind)
    came, data = 0, raw.read(FEED)
    while data:
        engine = make()
        while not engine.eof:
            if not data and engine.needs_input and not (data := raw.read(FEED)):
                raise Broken(raw.start + raw.count, "the compressed data ends early")
            try:
                piece = engine.decompress(data, PIECE)
            except _ERRORS as error:
                at = raw.start + max(raw.count - len(data), 0)
                raise Broken(at, f"the compressed data is damaged ({_words(error)})") from error
            data = b""
            if piece:
                came += len(piece)
                yield piece
                budget.spend(len(piece), came, raw.count)
        data = _following(engine.unused_data, raw, magic)


def _following(data: bytes, raw: Raw, magic: re.Pattern[bytes] | None) -> bytes:
    """What comes after a compressed stream: the next one, or nothing. Zeros between are padding."""
    if magic is None:
        raw.count -= len(data)  # it belongs to what follows
        return b""
    data = data.lstrip(b"\0")
    while len(data) < MAGIC_LENGTH and (more := raw.read(FEED)):
        data = (data + more).lstrip(b"\0")
    if data and not magic.match(data):
        raise Broken(raw.start + raw.count - len(data), "something else follows the compressed data")
    return data


def _words(error: Exception) -> str:
    if isinstance(error, InputError):
        return error.reason
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


class Pull:
    """Pieces as a stream with ``read`` and ``peek``. Once broken it stays broken, after what came before was read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._data, self._at = pieces, b"", 0
        self._broken: Broken | None = None
        self.position = 0

    def _fill(self, count: int) -> None:
        have = len(self._data) - self._at
        if have >= count:
            return
        parts = [self._data[self._at :]]
        while have < count and self._broken is None:
            try:
                piece = next(self._pieces, b"")
            except Broken as broken:
                self._broken = broken
                break
            if not piece:
                break
            parts.append(piece)
            have += len(piece)
        self._data, self._at = b"".join(parts), 0

    def peek(self, count: int) -> bytes:
        """The next bytes, left where they are."""
        self._fill(count)
        return self._data[self._at : self._at + count]

    def read(self, count: int, /) -> bytes:
        """As many bytes as there are, at most ``count``; raises Broken when there are none and the end was not due."""
        data = self.peek(count)
        if not data and count and self._broken is not None:
            raise self._broken
        self._at += len(data)
        self.position += len(data)
        return data
