"""A file that grows by whole records, such as a mailbox into which mail is delivered: what is added is taken.

Each record becomes a source of its own. So whatever is done to the file, a record is taken once: when it was cut, was
replaced or has lost what stood in its middle, it is read again from its beginning, and what the case holds is known.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import BinaryIO, cast

from impound.inputs import Found, Input
from impound.plugin import Cut, Reader

TAIL = 4096
"""Bytes before the place where reading goes on that must still be what they were."""
ENOUGH = 512
"""Bytes that show whether a record begins: the longest line between messages that is believed (see ``_mbox``)."""

Note = Callable[[str], None]
"""Told what happened to a file that one might want to look into."""


class Box:
    """How far a growing file has been taken.

    The last record is held back until another follows it or the file is quiet. Where a record that was taken as the
    last goes on after all, it is taken once more, whole. With ``keep`` the file stays open: when another takes its
    place, what was added to it until then is still taken.
    """

    def __init__(self, path: str, reader: Reader, keep: bool, note: Note) -> None:
        self.path, self._reader, self._keep, self._note = path, reader, keep, note
        self.held = False
        """Whether the last :meth:`take` held a record back."""
        self._file: FileIO | None = None
        self._identity = (0, 0)
        self._at = 0
        self._tail = b""
        self._last: int | None = None
        """Where the last record begins, when it was taken only because the file was quiet."""

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def take(self, found: Found) -> Iterator[Input]:
        """The records that were added since. Raises OSError when the file cannot be opened or read."""
        if found.shape is None:
            return
        if self._file is not None and found.shape[:2] != self._identity:
            yield from self._added(True)  # to the one before, up to its end
            self.close()
        if self._file is None:
            self._file = Path(self.path).open("rb", buffering=0)  # noqa: SIM115 - open until it is replaced
        status = os.fstat(self._file.fileno())
        identity = (status.st_dev, status.st_ino)
        if self._identity not in ((0, 0), identity):
            self._again("another file is in its place")
        self._identity = identity
        yield from self._added(found.quiet and status.st_size == found.shape[2])
        if not self._keep:
            self.close()

    def _added(self, quiet: bool) -> Iterator[Input]:
        """What follows the place up to which all was taken; the last record only when nothing is to come."""
        end = os.fstat(self._handle()).st_size
        if end < self._at or self._bytes(self._at - len(self._tail), len(self._tail)) != self._tail:
            self._again("it was cut or written anew")
        self.held = end > self._at
        if not self.held or (self._last is not None and not self._goes_on(end, quiet)):
            return
        start, held = self._at, None
        for cut in self._reader.cut(cast(BinaryIO, _Rest(self._handle(), start, end)), end - start):
            if held is not None:
                yield self._taken(held)
            held, self._last = cut, None
        if held is not None and quiet:
            at = self._at
            item = self._taken(held)
            self._last, self.held = at, False
            yield item

    def _goes_on(self, end: int, quiet: bool) -> bool:
        """Whether one can tell how the file goes on; where the record taken last does, taking goes back to it."""
        added = self._bytes(self._at, ENOUGH)
        if not self._reader.grows(added):
            if end - self._at < ENOUGH and not quiet:
                return False
            self._note(f"{self.path}: a record was taken before it was whole; now it is taken once more")
            self._at = self._last or 0
            self._tail = self._bytes(max(self._at - TAIL, 0), min(TAIL, self._at))
        self._last = None
        return True

    def _again(self, reason: str) -> None:
        self._note(f"{self.path}: {reason}; it is read from its beginning, what is known is passed over")
        self._at, self._tail, self._last = 0, b"", None

    def _taken(self, cut: Cut) -> Input:
        self._at += len(cut.data)
        self._tail = (self._tail + cut.data[-TAIL:])[-TAIL:]
        digest = hashlib.sha256(cut.data).digest()
        path = os.fsencode(self.path).decode("utf-8", "backslashreplace")
        return Input(path, None, None, len(cut.data), digest, cut.data, unread=cut.skipped)

    def _handle(self) -> int:
        assert self._file is not None
        return self._file.fileno()

    def _bytes(self, at: int, count: int) -> bytes:
        return os.pread(self._handle(), count, at) if count else b""


class _Rest:
    """The bytes of an open file from ``at`` to ``end``, in order."""

    def __init__(self, handle: int, at: int, end: int) -> None:
        self._handle, self._at, self._end = handle, at, end

    def read(self, count: int = -1) -> bytes:
        left = self._end - self._at
        data = os.pread(self._handle, left if count < 0 else min(count, left), self._at) if left else b""
        self._at += len(data)
        return data
