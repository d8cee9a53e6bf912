"""A synthetic botnet's mail with known truth, written to files and never sent.

Who writes to whom is all invented, from reserved names and addresses (RFC 2606, 6761, 5737, 2544, 1112, 3849). The mail
lies in ``OUT``, one mailbox a day; what is true of it in ``OUT.truth``, so that nobody reads it by accident.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from impound.drill import _clock
from impound.drill._chance import Chance
from impound.drill._mail import delivered
from impound.drill._settings import LEVELS, Difficulty, Settings
from impound.drill._truth import Truth
from impound.drill._world import World
from impound.errors import UsageError

__all__ = ["LEVELS", "Difficulty", "Settings", "Written", "rows", "truth_of", "write"]

Progress = Callable[[int, int], None]
_STEP = 1000
"""Messages between two calls of ``progress``."""
_BUFFER = 1 << 20


@dataclass(frozen=True)
class Written:
    """What a drill came to: where it lies, and its counts."""

    out: Path
    truth: Path
    messages: int
    bytes: int
    kinds: dict[str, int]
    verdicts: dict[str, int]


def truth_of(out: Path) -> Path:
    """The folder beside ``out`` that holds the truth."""
    named = out.resolve() if out.name in ("", "..") else out
    return named.with_name(named.name + ".truth")


def rows(out: Path, table: str) -> Iterator[dict[str, str]]:
    """The rows of a table of a drill's truth (messages, hosts, campaigns, botnets), for measuring against them."""
    with (truth_of(out) / f"{table}.tsv").open(encoding="ascii", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def write(out: Path, settings: Settings, progress: Progress = lambda messages, size: None) -> Written:
    """Write a drill into the new folder ``out`` and its truth beside it; the same settings give the same bytes.

    ``progress`` is told the messages and bytes so far. Raises UsageError where either folder holds something.
    """
    out = out.resolve()
    for folder in (out, truth_of(out)):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} exists already", "name a new folder")
    for folder in (out, truth_of(out)):
        folder.mkdir(parents=True, exist_ok=True)
    with closing(Truth(truth_of(out))) as truth:
        writer = _Writer(out, settings, truth, progress)
        for day, count in enumerate(_clock.shares(settings.messages, settings.days)):
            writer.day(day, count)
        return writer.end()


class _Writer:
    """Writes day after day, and counts."""

    def __init__(self, out: Path, settings: Settings, truth: Truth, progress: Progress) -> None:
        self._out, self._world, self._truth = out, World(settings), truth
        self._progress, self._messages, self._bytes = progress, 0, 0

    def day(self, day: int, count: int) -> None:
        """Write one day's mailbox."""
        name, offset, world = f"day-{day + 1:03d}.mbox", 0, self._world
        chance = Chance.of(world.settings.seed, "day", day)
        with (self._out / name).open("wb", buffering=_BUFFER) as file:
            for number, (at, mail) in enumerate(world.mails(day, count, chance), 1):
                self._truth.message(name, offset, at, mail)
                if mail.campaign:
                    world.known[mail.campaign].seen(at)
                offset += file.write(delivered(mail, world.receiver, at, chance))
                if not number % _STEP:
                    self._progress(self._messages + number, self._bytes + offset)
        self._messages += count
        self._bytes += offset
        self._progress(self._messages, self._bytes)

    def end(self) -> Written:
        """Write the rest of the truth."""
        verdicts, kinds = self._truth.end(self._world), dict(self._truth.kinds)
        return Written(self._out, truth_of(self._out), self._messages, self._bytes, kinds, verdicts)
