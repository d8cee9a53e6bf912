"""``impound read --follow``: goes on until it is told to end, and says what it has read."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from impound.errors import UsageError

if TYPE_CHECKING:
    from impound.case import Case
    from impound.intake import Tally


def follow(
    case: Case, paths: tuple[str, ...], every: float | None, settle: float | None, options: dict[str, Any]
) -> Tally:
    """Read what comes under the paths until a signal says to end; gives all that was read."""
    from impound.cli import _note, _said
    from impound.intake.following import Pace

    if "-" in paths:
        raise UsageError("standard input cannot be followed", "read it: impound read CASE -")
    pace = Pace()
    pace = replace(pace, every=every or pace.every, settle=settle or pace.settle)
    _note(f"Following {', '.join(paths)}; end with Ctrl-C")
    with ended_by_signals() as stop:
        return case.follow(paths, stop=stop, pace=pace, each=lambda tally: _note(_said(tally)), note=_note, **options)


@contextmanager
def ended_by_signals() -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set; a second SIGINT interrupts at once, as it does elsewhere."""
    stop = Event()
    before: dict[signal.Signals, Any] = {}

    def ending(number: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, ending)
    try:
        yield stop
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
