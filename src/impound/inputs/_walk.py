"""Paths, folders and links become files, in an order that is the same every time."""
# ruff: noqa: PTH114, PTH116, PTH118  # paths are bytes here, which pathlib does not take: a name need not be text

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from impound.errors import InputError
from impound.inputs._expand import expand
from impound.inputs._input import Broken, Input, Limits, Trouble, gather

STDIN = "-"
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # a FIFO put in a file's place must not block
_KINDS = {
    stat.S_IFIFO: "a named pipe: not opened",
    stat.S_IFSOCK: "a socket: not opened",
    stat.S_IFCHR: "a device: not opened",
    stat.S_IFBLK: "a device: not opened",
}

Identity = tuple[int, int]


def walk(paths: Sequence[str], tmp: Path, limits: Limits = Limits()) -> Iterator[Input | Trouble]:  # noqa: B008
    """Everything under the paths, in their order; inside a folder by the bytes of the names, folders in their place.

    ``-`` is standard input. Links are followed, but never back to a folder above and never twice to one folder. Pipes,
    sockets and devices are never opened. ``tmp`` is a folder for what is too long for memory; nothing stays there.
    The caller closes each input. Raises InputError at once for a path that does not exist, StoreError when ``tmp``
    is full.
    """
    for path in paths:
        if path != STDIN and not os.path.lexists(path):
            raise InputError(path, 0, "no such file or folder", "check the spelling; - is standard input")
    return _everything(paths, _Walk(tmp, limits))


def _everything(paths: Sequence[str], walking: _Walk) -> Iterator[Input | Trouble]:
    for path in paths:
        yield from walking.standard_input() if path == STDIN else walking.path(os.fsencode(path))


@dataclass(slots=True)
class _Folder:
    path: bytes
    identity: Identity
    names: Iterator[bytes]
    odd: set[bytes]
    """The names that are no plain files: folders, links and the rest."""


@dataclass(slots=True)
class _Walk:
    tmp: Path
    limits: Limits
    linked: dict[Identity, bytes] = field(default_factory=dict)
    """The folders reached through a link, and where."""

    def standard_input(self) -> Iterator[Input | Trouble]:
        item, broken = gather(STDIN, _Pipe(sys.stdin.buffer), self.tmp, self.limits)
        yield from expand(item, self.tmp, self.limits)
        if broken is not None:
            yield Trouble(STDIN, None, broken.offset, broken.reason)

    def path(self, top: bytes) -> Iterator[Input | Trouble]:
        """What a path leads to, depth first, with a stack of the open folders instead of recursion."""
        above: list[_Folder] = []
        found = self._meet(top, above)
        while True:
            if isinstance(found, _Folder):
                above.append(found)
            else:
                yield from found
            name = None
            while above and (name := next(above[-1].names, None)) is None:
                above.pop()
            if name is None:
                return
            path = os.path.join(above[-1].path, name)
            found = self._meet(path, above) if name in above[-1].odd else self._file(path)

    def _meet(self, path: bytes, above: list[_Folder]) -> _Folder | Iterator[Input | Trouble]:
        """A path of any kind: a folder to go into, or what comes of it."""
        try:
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode):
                return self._file(path)
            if not stat.S_ISDIR(status.st_mode):
                return _trouble(path, _KINDS.get(stat.S_IFMT(status.st_mode), "not a file"))
            identity = (status.st_dev, status.st_ino)
            if any(folder.identity == identity for folder in above):
                return _trouble(path, "a link that leads back to a folder above it")
            if os.path.islink(path):
                met = self.linked.setdefault(identity, path)
                if met is not path:
                    return _trouble(path, f"a link to a folder that was read through another, {_text(met)}")
            return _list(path, identity)
        except OSError as error:
            return _trouble(path, _reason(path, error))

    def _file(self, path: bytes) -> Iterator[Input | Trouble]:
        try:
            item = _opened(path, self.tmp, self.limits)
        except OSError as error:
            return _trouble(path, _reason(path, error))
        except Broken as broken:
            return _trouble(path, broken.reason, broken.offset)
        return expand(item, self.tmp, self.limits)


def _list(path: bytes, identity: Identity) -> _Folder:
    names, odd = [], set()
    with os.scandir(path) as entries:
        for entry in entries:
            names.append(entry.name)
            if not entry.is_file(follow_symlinks=False):
                odd.add(entry.name)
    names.sort()
    return _Folder(path, identity, iter(names), odd)


def _opened(path: bytes, tmp: Path, limits: Limits) -> Input:
    """A plain file as an input: read into memory when short, else hashed and left where it is."""
    handle = os.open(path, _FLAGS)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Broken(0, "not a file any more: not read")
        data = _short(handle, status.st_size, limits.memory)
    except BaseException:
        os.close(handle)
        raise
    if data is not None:
        os.close(handle)
        return Input(_text(path), None, None, len(data), hashlib.sha256(data).digest(), data)
    file = io.FileIO(handle)
    try:
        return _long(path, file, status, tmp, limits)
    except BaseException:
        file.close()
        raise


def _short(handle: int, told: int, limit: int) -> bytes | None:
    """All bytes of a file; None when there are more than ``limit``. One call when it is as long as it says."""
    if told > limit:
        return None
    data = os.read(handle, told + 1)
    while len(data) != told and len(data) <= limit and (more := os.read(handle, limit + 1 - len(data))):
        data += more
    return data if len(data) <= limit else None


def _long(path: bytes, file: io.FileIO, before: os.stat_result, tmp: Path, limits: Limits) -> Input:
    """A long file, hashed. When it changes meanwhile, a copy of it as it was read."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")
    size, after = file.tell(), os.fstat(file.fileno())
    if (before.st_mtime_ns, before.st_ctime_ns, before.st_size) == (after.st_mtime_ns, after.st_ctime_ns, size):
        return Input(_text(path), None, None, size, digest.digest(), None, file, watched=True)
    file.seek(0)
    copy, broken = gather(_text(path), _Pipe(file), tmp, limits)
    file.close()
    if broken is not None:
        copy.close()
        raise broken
    return copy


class _Pipe:
    """A stream read in order, whose errors are Broken."""

    def __init__(self, stream: BinaryIO | io.FileIO) -> None:
        self._stream, self._count = stream, 0

    def read(self, count: int, /) -> bytes:
        try:
            data = self._stream.read(count) or b""
        except OSError as error:
            raise Broken(self._count, _reason(b"", error)) from error
        self._count += len(data)
        return data


def _trouble(path: bytes, reason: str, offset: int = 0) -> Iterator[Trouble]:
    return iter((Trouble(_text(path), None, offset, reason),))


def _reason(path: bytes, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and path and os.path.islink(path):
        return "a link that leads nowhere"
    if isinstance(error, FileNotFoundError):
        return "gone before it could be read"
    return (error.strerror or str(error)).lower()


def _text(path: bytes) -> str:
    """A path that every table and terminal can hold: what is not UTF-8 as ``\\xff``."""
    return path.decode("utf-8", "backslashreplace")
