"""The members of a tar archive, read as a stream (POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format").

The standard library's reader is not used: it takes a pax header of any length into memory, and its regular
expression for one could be made to backtrack without end (CVE-2024-6232).
"""

from __future__ import annotations

from collections.abc import Iterator

from impound.inputs._input import Broken
from impound.inputs._streams import Pull

BLOCK = 512
_EXTENSION = 1 << 20  # longest pax header or long name taken; real ones have some hundred bytes
_SKIP = 1 << 20
_FILES, _FOLDERS = b"\x000 7", b"5D"
_KINDS = {
    b"1": "a hard link to another member: not followed",
    b"2": "a symbolic link: not followed",
    b"3": "a device",
    b"4": "a device",
    b"6": "a named pipe",
}
_IGNORED = b"VNI"  # volume label and what old GNU versions wrote besides members


def is_header(block: bytes) -> bool:
    """Whether a block of 512 bytes is a tar header: its checksum fits."""
    if len(block) < BLOCK or not block[0]:
        return False
    told = _number(block[148:156])
    return told is not None and told == sum(block[:148]) + sum(block[156:512]) + 8 * 32


class Part:
    """One member's bytes: reads no further than its end."""

    def __init__(self, pull: Pull, size: int) -> None:
        self._pull, self.left = pull, size

    def read(self, count: int, /) -> bytes:
        """At most ``count`` bytes; raises Broken when the archive ends inside the member."""
        data = self._pull.read(min(count, self.left)) if self.left else b""
        if not data and self.left:
            raise Broken(self._pull.position, "the archive ends inside a member")
        self.left -= len(data)
        return data


def members(pull: Pull) -> Iterator[tuple[bytes, Part | None, str, bool]]:
    """Each member: its name, its bytes (or None), why it has none, and whether bytes of it stay unread.

    Raises Broken, with the offset in the unpacked archive, where that is no longer one. Archives that follow each
    other (``tar -A``, ``cat``) are read through.
    """
    told: dict[str, bytes] = {}
    ended = False
    while block := pull.read(BLOCK):
        if not block.strip(b"\0"):
            ended = True
            continue
        if not is_header(block):
            raise Broken(pull.position - len(block), "not a tar header: the archive is damaged or cut short")
        kind, ended = block[156:157], False
        size = _size(block, told, pull)
        if kind in b"xgLKX":
            _extend(told, kind, _whole(pull, size))
            continue
        name = told.get("GNU.sparse.name") or told.get("path") or _name(block)
        part = Part(pull, 0 if kind in _KINDS else size)
        if kind == b"S" or any(key.startswith("GNU.sparse.") for key in told):
            _skip_sparse_map(pull, block, kind)
            yield name, None, "a sparse file: its holes are not filled in", True
        elif kind in _KINDS:
            yield name, None, _KINDS[kind], False
        elif kind not in _FOLDERS and kind not in _IGNORED and not (kind in _FILES and name.endswith(b"/")):
            yield name, part, "", False
        _skip(part, -size % BLOCK if kind not in _KINDS else 0, pull)
        told = {}
    if not ended:
        raise Broken(pull.position, "the archive ends without its end mark: it may be cut short")


def _number(field: bytes) -> int | None:
    if field[:1] in (b"\x80", b"\xff"):
        return int.from_bytes(field[1:], "big") if field[0] == 0x80 else None
    text = field.split(b"\0", 1)[0].strip()
    return None if text.strip(b"01234567") else int(text or b"0", 8)


def _size(block: bytes, told: dict[str, bytes], pull: Pull) -> int:
    value = told.get("size", b"")
    size = int(value) if value.isdigit() and len(value) < 20 else _number(block[124:136])
    if size is None:
        raise Broken(pull.position - BLOCK, "a tar header without a length")
    return size


def _name(block: bytes) -> bytes:
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _whole(pull: Pull, size: int) -> bytes:
    if size > _EXTENSION:
        raise Broken(pull.position, "a tar extension header longer than 1 MiB")
    part = Part(pull, size)
    data = b"".join(iter(lambda: part.read(_SKIP), b""))
    _skip(part, -size % BLOCK, pull)
    return data


def _extend(told: dict[str, bytes], kind: bytes, data: bytes) -> None:
    """Note what an extension header says about the next member. Global ones say nothing that matters here."""
    if kind == b"L":
        told["path"] = data.split(b"\0", 1)[0]
    if kind not in b"xX":
        return
    at = 0
    while at < len(data):  # records: "length key=value\n"
        digits = data[at : at + 20].split(b" ", 1)[0]
        length = int(digits) if digits.isdigit() else 0
        if length <= len(digits):
            return
        key, _, value = data[at + len(digits) + 1 : at + length - 1].partition(b"=")
        if key in (b"path", b"size") or key.startswith(b"GNU.sparse."):
            told[key.decode("ascii", "replace")] = value
        at += length


def _skip_sparse_map(pull: Pull, block: bytes, kind: bytes) -> None:
    """Go over the further blocks of an old GNU sparse header."""
    more = kind == b"S" and block[482:483] not in (b"\0", b"0")
    while more:
        extension = pull.read(BLOCK)
        more = extension[504:505] not in (b"\0", b"0", b"")


def _skip(part: Part, padding: int, pull: Pull) -> None:
    while part.read(_SKIP):
        pass
    if padding:
        pull.read(padding)
