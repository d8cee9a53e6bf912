"""The members of a zip archive (PKWARE, APPNOTE.TXT 6.3.10), of a damaged one as many as can be found.

The standard library's reader is not used: it takes the whole directory into memory, reads nothing of an archive
whose end is missing, and lets members overlap (until 3.11.8).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from impound.inputs._input import Broken
from impound.inputs._streams import PIECE, Budget, Pull, Raw, expanded

_METHODS = {0: "stored", 8: "deflate", 12: "bzip2", 93: "zstd"}
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ALL = 0xFFFFFFFF  # "see the zip64 extra field"
_LINK = 0o12


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int
    mode: int
    utf8: bool


def members(
    stream: BinaryIO, directory: BinaryIO, size: int, budget: Budget
) -> Iterator[tuple[str, Pull | None, str, bool]]:
    """Each member: its name, its bytes (or None), why it has none, and whether bytes of it stay unread.

    ``stream`` and ``directory`` are two independent streams of the archive. Raises Broken where it is damaged as a
    whole. Members that overlap are refused: their compressed bytes would be more than the archive has.
    """
    entries = _listed(directory, size)
    claimed = 0
    for entry in entries if entries is not None else _found(stream, size, budget):
        claimed += entry.packed + _LOCAL.size
        if claimed > size or entry.at >= size:
            raise Broken(entry.at, "members overlap or claim more than the archive holds (a bomb?)")
        if budget.broken is not None:
            raise budget.broken
        name = entry.name.decode("utf-8" if entry.utf8 or entry.name.isascii() else "cp437", "backslashreplace")
        if name.endswith("/") and not entry.size:
            continue
        reason, lost = _refusal(entry)
        yield name, None if reason else Pull(_content(stream, entry, budget)), reason, lost
    if entries is None:
        raise Broken(size, "the directory at the end of the archive is missing: it may be cut short")


def _refusal(entry: _Entry) -> tuple[str, bool]:
    if entry.flags & 1:
        return "encrypted", True
    if entry.method not in _METHODS:
        return f"compressed by method {entry.method}, which is not supported", True
    if entry.mode >> 12 == _LINK:
        return "a symbolic link: not followed", False
    return "", False


def _content(stream: BinaryIO, entry: _Entry, budget: Budget) -> Iterator[bytes]:
    stream.seek(entry.at)
    local = stream.read(_LOCAL.size)
    if len(local) < _LOCAL.size or local[:4] != b"PK\3\4":
        raise Broken(entry.at, "no member where the directory says")
    *_, name_length, extra_length = _LOCAL.unpack(local)
    raw = Raw(stream, entry.at + _LOCAL.size + name_length + extra_length, entry.packed)
    crc = 0
    pieces = _stored(raw, entry) if entry.method == 0 else expanded(raw, _METHODS[entry.method], budget)
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        yield piece
    if crc != entry.crc:
        raise Broken(entry.at, "the member's checksum does not fit")


def _stored(raw: Raw, entry: _Entry) -> Iterator[bytes]:
    while piece := raw.read(PIECE):
        yield piece
    if raw.count < entry.packed:
        raise Broken(raw.start + raw.count, "the archive ends inside a member")


def _listed(directory: BinaryIO, size: int) -> Iterator[_Entry] | None:
    """The entries of the directory, one at a time; None when the archive has lost it."""
    tail_at = max(size - _END.size - 0xFFFF, 0)
    directory.seek(tail_at)
    tail = directory.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        return None
    _, _, _, _, count, length, start, _ = _END.unpack_from(tail, at)
    end = tail_at + at
    locator = tail[max(at - _LOCATOR.size, 0) : at]
    end64 = _LOCATOR.unpack(locator)[2] if len(locator) == _LOCATOR.size and locator[:4] == b"PK\6\7" else size
    if end64 < size:
        directory.seek(end64)
        block = directory.read(_END64.size)
        if len(block) == _END64.size and block[:4] == b"PK\6\6":
            *_, count, length, start = _END64.unpack(block)
            end = end64
    prefix = end - length - start  # a self-extracting program or other bytes before the archive
    return _entries(directory, start + prefix, end, prefix, count) if prefix >= 0 else None


def _entries(directory: BinaryIO, at: int, end: int, prefix: int, count: int) -> Iterator[_Entry]:
    seen = 0
    while at < end:
        directory.seek(at)
        block = directory.read(_CENTRAL.size)
        if len(block) < _CENTRAL.size or block[:4] != b"PK\1\2":
            raise Broken(at, "the directory of the archive is damaged")
        f = _CENTRAL.unpack(block)
        name, extra = directory.read(f[10]), directory.read(f[11])
        size, packed, offset = _wide(extra, (f[9], f[8], f[16]))
        at += _CENTRAL.size + f[10] + f[11] + f[12]
        seen += 1
        yield _Entry(name, f[3], f[4], f[7], packed, size, offset + prefix, f[15] >> 16, bool(f[3] & 0x800))
    if seen & 0xFFFF != count & 0xFFFF:
        raise Broken(at, f"the directory lists {seen:,} members and says {count:,}")


def _wide(extra: bytes, fields: tuple[int, ...]) -> list[int]:
    """Sizes and offset, taken from the zip64 extra field (APPNOTE 4.5.3) where they did not fit."""
    at, wide = 0, b""
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            wide = extra[at + 4 : at + 4 + length]
        at += 4 + length
    values = []
    for value in fields:
        if value == _ALL and len(wide) >= 8:
            value, wide = int.from_bytes(wide[:8], "little"), wide[8:]  # noqa: PLW2901
        values.append(value)
    return values


def _found(stream: BinaryIO, size: int, budget: Budget) -> Iterator[_Entry]:
    """The members of an archive without a directory, one after the other by their own headers.

    Ends at the first whose length is not told before its bytes and cannot be found out (stored, or encrypted).
    """
    at = 0
    while at + _LOCAL.size <= size:
        stream.seek(at)
        block = stream.read(_LOCAL.size)
        if block[:4] != b"PK\3\4":
            return
        _, _, flags, method, _, _, crc, packed, unpacked, name_length, extra_length = _LOCAL.unpack(block)
        name, extra = stream.read(name_length), stream.read(extra_length)
        start = at + _LOCAL.size + name_length + extra_length
        unpacked, packed = _wide(extra, (unpacked, packed))
        after = start + packed
        if flags & 8 and not packed:
            told = _measured(stream, start, method, budget) if not flags & 1 else None
            if told is None:
                return
            crc, packed, unpacked, after = told
        yield _Entry(name, flags, method, crc, max(min(packed, size - start), 0), unpacked, at, 0, bool(flags & 0x800))
        at = after


def _measured(stream: BinaryIO, start: int, method: int, budget: Budget) -> tuple[int, int, int, int] | None:
    """Checksum, lengths and end of a member that says them only behind its bytes, by unpacking it once."""
    if method not in _METHODS or method == 0:
        return None
    raw, crc, size = Raw(stream, start), 0, 0
    try:
        for piece in expanded(raw, _METHODS[method], budget):
            crc, size = zlib.crc32(piece, crc), size + len(piece)
    except Broken:
        pass  # it is handed over up to there, with what is left of the archive
    return crc, raw.count, size, start + raw.count + _descriptor(stream, start + raw.count)


def _descriptor(stream: BinaryIO, at: int) -> int:
    """The length of a data descriptor (APPNOTE 4.3.9): with and without its mark, with lengths of 4 and 8 bytes."""
    stream.seek(at)
    data = stream.read(26)
    lengths = (16, 24) if data.startswith(b"PK\7\x08") else (12, 20)
    return next((n for n in lengths if data[n : n + 2] == b"PK"), lengths[0])
