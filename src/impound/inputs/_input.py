"""An input: its bytes in memory or in an open file, its hash, and where it came from."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from impound.errors import InputError, StoreError

HEAD = 64 << 10
"""Bytes that a reader may look at to tell its format."""
BLOCK = 1 << 20
"""Bytes read at once from files and archives."""


class Broken(Exception):
    """An archive or stream cannot be read on: ``offset`` in its bytes, and why. Never leaves this package."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset, self.reason = offset, reason


@dataclass(frozen=True)
class Limits:
    """How far archives are followed before they are taken for a trap. What is refused is sealed, never dropped."""

    memory: int = 16 << 20
    """Bytes of one input that are held in memory; longer ones are read from the file or spooled to one. Almost all
    mail is shorter (the longest message in TREC 2007 has 0.5 MiB), mailboxes are longer."""
    free: int = 32 << 20
    """Bytes that an archive may always expand to: too little to hurt, and a bomb of any size is stopped there."""
    ratio: int = 250
    """Bytes that may come out for each byte that went in, beyond ``free``; of one stream and of an archive with all its
    layers together. Zip bombs reach 1,032 in Deflate and 10⁵ to 10⁷ in bzip2, xz and Zstandard; mail 2 to 20. A mailbox
    of copies that differ only in 100 bytes of Received, Date and Message-ID stays under 250 up to 25 KB a copy. One
    of *exactly* equal long copies in xz does not: its first ``free`` bytes are read, the rest stays in the sealed
    archive, and a reject says so. The price of reading it all would be any bomb below 7,000."""
    depth: int = 4
    """Archives inside archives. Mail exports use two (``export.zip!2007.mbox.gz``); 42.zip has six, a quine no end."""
    members: int = 1_000_000
    """Members of one archive."""
    name: int = 1_000
    """Characters of a member's name that are shown; a POSIX path has at most 4,096 bytes, a readable one far fewer."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that has no bytes to read, and why: ``offset`` counts bytes into it, or into its archive."""

    path: str
    archive: str | None
    offset: int
    reason: str


@dataclass(slots=True)
class Input:
    """A source's bytes. ``path`` is as given, with ``!member`` for what lies inside an archive.

    ``archive`` is the path of the outermost archive and ``archive_sha256`` the hash of its own bytes (hex); both None
    for a plain file. ``unread``, when not empty, says why the bytes are to be sealed but not read, and ``unread_at``
    after how many bytes of the archive reading ended. A context manager; :meth:`close` lets go of file and memory.
    """

    path: str
    archive: str | None
    archive_sha256: str | None
    size: int
    sha256: bytes
    data: bytes | None = None
    file: IO[bytes] | None = None
    watched: bool = False
    unread: str = ""
    unread_at: int = 0

    def open(self) -> BinaryIO:
        """A seekable stream of the bytes, at 0; each call gives an independent one.

        Of a file that stays where it was found, the stream hashes what is read in order from 0 on, and raises
        InputError before the last byte when this is no longer what ``sha256`` says. Bytes appended since are no
        change: the stream ends at ``size``.
        """
        if self.data is not None:
            return io.BytesIO(self.data)
        if self.file is None:
            raise InputError(self.path, 0, "the input is closed")
        expected = self.sha256 if self.watched else None
        return cast(BinaryIO, io.BufferedReader(_Stretch(self.path, self.file, self.size, expected), BLOCK))

    def close(self) -> None:
        """Let go of the bytes; a spooled file is gone with it."""
        if self.file is not None:
            self.file.close()
        self.file = self.data = None

    def __enter__(self) -> Input:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def head(item: Input, count: int = HEAD) -> bytes:
    """The first 64 KiB (or ``count`` bytes) of an input, for telling its format."""
    if item.data is not None:
        return item.data[:count]
    with item.open() as stream:
        return stream.read(count)


class _Stretch(io.RawIOBase):
    """The first ``size`` bytes of an open file with a position of its own; compares their hash when asked to."""

    def __init__(self, path: str, file: IO[bytes], size: int, expected: bytes | None) -> None:
        self._path, self._file, self._size, self._expected = path, file, size, expected
        self._pos = self._hashed = 0
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._pos = max(0, offset + (0, self._pos, self._size)[whence])
        return self._pos

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed: WriteableBuffer
        wanted = min(len(buffer), max(self._size - self._pos, 0))
        data = os.pread(self._file.fileno(), wanted, self._pos) if wanted else b""
        if self._expected is not None and wanted:
            self._compare(data)
        buffer[: len(data)] = data
        self._pos += len(data)
        return len(data)

    def _compare(self, data: bytes) -> None:
        if self._pos == self._hashed:
            self._hash.update(data)
            self._hashed += len(data)
        if not data or (self._hashed == self._size and self._hash.digest() != self._expected):
            raise InputError(self._path, self._pos, "the file changed while it was read", "read a copy of it")


class Reading(Protocol):
    """What bytes are gathered from."""

    def read(self, count: int, /) -> bytes:
        """At most ``count`` bytes, none at the end; raises Broken where it is damaged."""


def gather(path: str, source: Reading, tmp: Path, limits: Limits) -> tuple[Input, Broken | None]:
    """The bytes of a source as an input: in memory when short, else in a nameless file under ``tmp``.

    Where the source is broken, what came before it and how it broke. Raises StoreError when there is no room.
    """
    digest, size, spool = hashlib.sha256(), 0, None
    blocks: list[bytes] = []
    broken: Broken | None = None
    try:
        while block := source.read(BLOCK):
            digest.update(block)
            size += len(block)
            blocks.append(block)
            if size > limits.memory:
                spool = spool or _spool(tmp)
                _write(spool, blocks)
                blocks.clear()
    except Broken as end:
        broken = end
    except BaseException:
        if spool is not None:
            spool.close()
        raise
    data = None if spool else b"".join(blocks)
    return Input(path, None, None, size, digest.digest(), data, spool), broken


def _spool(tmp: Path) -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(dir=tmp, buffering=0)  # the input closes it
    except OSError as error:
        raise StoreError(f"cannot make a file under {tmp}: {error.strerror}", "make room, or choose another") from error


def _write(spool: IO[bytes], blocks: list[bytes]) -> None:
    try:
        for block in blocks:
            rest = memoryview(block)
            while rest:
                rest = rest[spool.write(rest) :]
    except OSError as error:
        raise StoreError(f"cannot write a spooled input: {error.strerror}", "make room for temporary files") from error
