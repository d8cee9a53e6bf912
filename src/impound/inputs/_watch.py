"""Which files under some paths have come or changed since they were last taken; by looking again and again.

Looking works on every file system, also over a network and into a container, where no kernel tells of what another
machine writes. Of a Maildir, where most files are, a look costs next to nothing while nothing is delivered.
"""
# ruff: noqa: PTH116, PTH118, PTH119, PTH120  # names as the system gives them, which pathlib would take apart for each file

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DEPTH = 40
"""Folders inside folders; deeper ones are not looked into."""
GRAIN = 2_000_000_000
"""Nanoseconds that a folder's time must be old before it proves that nothing came since: the coarsest file system in
use (FAT) counts in two seconds."""

Shape = tuple[int, int, int, int]
"""Device, inode, length and time of change: other bytes nearly always give another one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was not taken as it is now. ``quiet``: its writer has finished, as far as one can tell.

    ``shape`` is None for what was delivered into a Maildir: it never changes, and was whole when it came.
    """

    path: str
    shape: Shape | None
    quiet: bool


class Watch:
    """The files under ``paths`` that are new or changed. ``settle``: seconds without a change that make a file quiet.

    A file delivered into a Maildir (D. J. Bernstein, "Using maildir format") is whole at once and never changes;
    whatever flags its name gets and wherever it is moved to, it is the same; what lies in ``tmp`` is not delivered yet.
    Of a Maildir nothing is looked at but ``new``, ``cur`` and the Maildirs below; elsewhere names that begin with a dot
    or end in ``.lock`` are passed over, for programs work with them. Holds about 150 bytes for each file.
    """

    def __init__(self, paths: Sequence[str], settle: float) -> None:
        self.paths, self.settle = list(paths), settle
        self._taken: dict[int, int] = {}
        self._waiting: dict[str, tuple[Shape, float]] = {}
        self._whole: dict[str, int] = {}

    def know(self, path: str) -> None:
        """A path that was read before this watch began; what was delivered into a Maildir is not looked at again."""
        if os.path.basename(os.path.dirname(path)) in ("new", "cur"):
            self.taken(Found(path, None, True))

    def waiting(self) -> bool:
        """Whether the last look found something that is not quiet yet."""
        return bool(self._waiting)

    def look(self, now: float) -> Iterator[Found]:
        """What is new or changed; ``now`` is in seconds of a clock that never jumps. An unreadable folder is empty."""
        before, self._waiting = self._waiting, {}
        for path in self.paths:
            for place, status in _places(path, 0):
                if stat.S_ISDIR(status.st_mode):
                    yield from self._delivered(place, status.st_mtime_ns)
                    continue
                shape = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
                if self._taken.get(_number(place)) != hash(shape):
                    held, since = before.get(place, (shape, now))
                    since = since if held == shape else now
                    self._waiting[place] = (shape, since)
                    yield Found(place, shape, now - since >= self.settle)

    def taken(self, found: Found) -> None:
        """It need not be looked at again, as long as it stays as it was found."""
        self._waiting.pop(found.path, None)
        if found.shape is None:
            self._taken[_delivery(*os.path.split(found.path))] = 0
        else:
            self._taken[_number(found.path)] = hash(found.shape)

    def _delivered(self, folder: str, changed: int) -> Iterator[Found]:
        """What lies in ``new`` or ``cur`` and was not taken; a folder is listed only after it has changed."""
        if self._whole.get(folder) == changed:
            return
        settled, whole = time.time_ns() - changed > GRAIN, True
        for entry in _entries(folder):
            if _delivery(folder, entry.name) not in self._taken:
                whole = False
                yield Found(entry.path, None, True)
        if whole and settled:
            self._whole[folder] = changed


def _places(path: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    """The files at and below a path in the order of their names, and of each Maildir ``new`` and ``cur``."""
    try:
        status = os.stat(path)
    except OSError:
        return  # it may come, or come back
    if not stat.S_ISDIR(status.st_mode):
        yield path, status
        return
    entries = _entries(path) if depth < DEPTH else []
    maildir = {"new", "cur", "tmp"} <= {entry.name for entry in entries}
    for entry in entries:
        if maildir and entry.name in ("new", "cur"):
            yield from ((entry.path, status) for status in _status(entry))
        elif entry.is_dir(follow_symlinks=False):
            if entry.name != "tmp" if maildir else not entry.name.startswith("."):
                yield from _places(entry.path, depth + 1)
        elif not maildir and not entry.name.startswith(".") and not entry.name.endswith(".lock"):
            yield from ((entry.path, status) for status in _status(entry) if not stat.S_ISDIR(status.st_mode))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _status(entry: os.DirEntry[str]) -> Iterator[os.stat_result]:
    """What the system says of an entry; nothing of one that has gone."""
    try:
        yield entry.stat()
    except OSError:
        return


def _number(path: str) -> int:
    return int.from_bytes(hashlib.blake2b(os.fsencode(path), digest_size=8).digest(), "big")


def _delivery(folder: str, name: str) -> int:
    """The number of a message in a Maildir, whichever of its folders it lies in and whatever flags it has."""
    return _number(os.path.join(os.path.dirname(folder), "new", name.partition(":2,")[0]))
