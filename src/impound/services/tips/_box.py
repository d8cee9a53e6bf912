"""The folder of sealed tips in a case: ``tips/TAG-N.age``, the Nth that came with the receipt of that tag.

A tip is on the disk under its name, and in the custody log, before anybody is told that it was taken. What a crash
left between the two is put into the log when the box is opened next, so that nothing is lost. Times are whole hours:
the second in which somebody wrote, held against another log, could tell who it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from impound.errors import InUse, StoreError
from impound.store import clock, sha256_of, told, write_whole

if TYPE_CHECKING:
    from impound.case import Case

TIPS = "tips"
CAME, OPENED = "tip", "tip opened"
"""What the custody log says of a tip that came, and of one that was opened; ``kept`` names its file."""
ROOM = 500_000_000
"""Bytes that stay free on the disk of the case: reading, finding and the custody log need them."""
NUMBERS = 9_999
"""Tips of one receipt."""
_NAME = re.compile(r"([0-9a-f]{16})-(\d{4})\.age")


@dataclass(frozen=True)
class Tip:
    """A tip as the custody log has it. ``here``: its file is in the case and as long as it was."""

    file: str
    tag: str
    number: int
    hour: datetime
    bytes: int
    sha256: str
    here: bool


def folder_of(case: Case) -> Path:
    """The folder of the tips of a case, made if there is none."""
    folder = case.path / TIPS
    with told(str(folder)):
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def hour() -> datetime:
    """Now, to the hour."""
    return clock().replace(minute=0, second=0)


class Box:
    """The box of one case. Adding is for one process at a time: see :func:`alone`."""

    def __init__(self, case: Case) -> None:
        self._case, self._folder = case, folder_of(case)

    def settle(self) -> int:
        """Clear away what was never finished, and put into the custody log what is in no line of it; gives how many."""
        known = {tip.file for tip in self.tips()}
        for spare in self._folder.glob(".*.new"):
            spare.unlink()
        missed = [file for file in sorted(self._folder.iterdir()) if _NAME.fullmatch(file.name)]
        missed = [file for file in missed if file.name not in known]
        for file in missed:
            self._note(file.name, file.stat().st_size, sha256_of(file))
        return len(missed)

    def add(self, tag: str, sealed: bytes) -> str:
        """Keep a sealed tip and give its name; it is on the disk and in the custody log then. Raises StoreError."""
        with told(str(self._folder)):
            free = os.statvfs(self._folder)
            if free.f_bavail * free.f_frsize - len(sealed) < ROOM:
                raise StoreError("a tip was turned away: the disk is full", "make room on the disk of the case")
            last: dict[str, int] = {}
            for taken in filter(None, (_NAME.fullmatch(file.name) for file in self._folder.iterdir())):
                last[taken[1]] = max(last.get(taken[1], 0), int(taken[2]))  # of all tags: what is asked takes no longer
        number = 1 + last.get(tag, 0)
        if number > NUMBERS:
            raise StoreError(f"{tag}: a tip was turned away: {NUMBERS:,} came with its receipt")
        name = f"{tag}-{number:04}.age"
        write_whole(self._folder / name, sealed, 0o600)
        self._note(name, len(sealed), hashlib.sha256(sealed).hexdigest())
        return name

    def _note(self, name: str, size: int, sha256: str) -> None:
        at = hour()
        with told(name):
            os.utime(self._folder / name, (at.timestamp(), at.timestamp()))
        self._case.touched(CAME, kept=f"{TIPS}/{name}", bytes=size, sha256=sha256, at=at.isoformat())

    def tips(self) -> list[Tip]:
        """The tips that came, in the order in which they did."""
        return [self._tip(entry) for entry in self._case.custody() if entry["what"] == CAME]

    def _tip(self, entry: dict[str, object]) -> Tip:
        name, size = str(entry["kept"]).partition("/")[2], int(str(entry["bytes"]))
        tag, number = name.removesuffix(".age").split("-")
        file = self._folder / name
        here = file.exists() and file.stat().st_size == size
        return Tip(name, tag, int(number), datetime.fromisoformat(str(entry["at"])), size, str(entry["sha256"]), here)

    def opening(self, tip: Tip) -> None:
        """Say in the custody log that a tip is opened."""
        self._case.touched(OPENED, kept=f"{TIPS}/{tip.file}", sha256=tip.sha256)

    def sealed(self, tip: Tip) -> bytes:
        """The bytes of a tip. Raises StoreError where they are not those that came."""
        file = self._folder / tip.file
        if not tip.here or sha256_of(file) != tip.sha256:
            raise StoreError(f"{TIPS}/{tip.file} is missing or was changed", "impound verify CASE names all that was")
        return file.read_bytes()


@contextmanager
def alone(case: Case) -> Iterator[None]:
    """Keep a second server from the tips of a case. Raises InUse."""
    folder = folder_of(case)
    with (folder / "lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUse(f"{case.path}: another impound takes its tips", "wait for it to end, or end it") from None
        yield
