"""Bars on standard error while work goes on; nothing where standard error is no terminal or ``-q`` was given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

FILES_COUNTED = 200_000
"""Beyond so many files nobody waits for their sizes to be added up before work begins."""


PACKED = (".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".zip")
"""What holds more bytes than it has: a bar would be full long before the end."""


def size_of(paths: Sequence[str]) -> int | None:
    """The bytes below some paths, for a bar; None where that is unknown or takes too long to find out."""
    total = seen = 0
    for path in paths:
        if path == "-" or not Path(path).exists():
            return None
        for folder, _, files in (
            os.walk(path) if Path(path).is_dir() else [(str(Path(path).parent), [], [Path(path).name])]
        ):
            for name in files:
                seen += 1
                if seen > FILES_COUNTED or name.lower().endswith(PACKED):
                    return None
                try:
                    total += (Path(folder) / name).stat().st_size
                except OSError:
                    continue
    return total


class Bars:
    """One bar for each stage. Without a terminal every call does nothing."""

    def __init__(self, quiet: bool) -> None:
        console = Console(stderr=True)
        self.shown = not quiet and console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[what]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not self.shown,
        )
        self._task = self._progress.add_task("", total=None, what="", visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._progress.stop()

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage, such as Read or Find."""
        self._task = self._progress.add_task(name, total=total, what="")

    def at(self, done: int, what: str) -> None:
        """How far the stage is, and what to say beside the bar."""
        self._progress.update(self._task, completed=done, what=what)

    def done(self) -> None:
        """The stage is finished: a bar without an end is full now."""
        task = self._progress.tasks[-1]
        self._progress.update(
            self._task, total=task.total or task.completed or 1, completed=task.total or task.completed or 1
        )
