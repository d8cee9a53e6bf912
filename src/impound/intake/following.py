"""Following: what comes into a Maildir, a folder or a growing mailbox is read as it comes, pass after pass.

How far it came stands nowhere but in the case: what was delivered into a Maildir is known by its path, everything else
by its hash. So a restart, whatever the end was, goes on where the last batch was committed. Between two passes the case
is free for other commands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event

import pyarrow as pa

from impound.errors import InUse, StoreError
from impound.intake import Intake, MapsBatches, Tally, Terms
from impound.intake._arrivals import Arrivals
from impound.store import CaseStore, clock

SETTLE = 10.0
"""Seconds without a change after which a file, or the last message of a mailbox, is taken for whole. Delivery writes a
message at once; what pauses for longer is a transfer over a line that stands still."""
EVERY = 60.0
"""Seconds between two looks: what comes is in the case after that and ``SETTLE`` at most, and the time to read it."""
NOTED = 3600.0
"""Seconds between two entries of the custody log about what was read meanwhile."""


@dataclass(frozen=True)
class Pace:
    """How often to look, and how long a file must not have changed; both in seconds."""

    every: float = EVERY
    settle: float = SETTLE


class Following:
    """Reads what comes into a case, which must not be locked: it is locked for each pass, and free in between.

    ``each`` is told what a pass has read, ``note`` what one might want to look into.
    """

    def __init__(
        self,
        store: CaseStore,
        engine: MapsBatches,
        terms: Terms,
        each: Callable[[Tally], None],
        note: Callable[[str], None],
    ) -> None:
        self._store, self._engine, self._terms, self._each, self._note = store, engine, terms, each, note
        self._intake: Intake | None = None
        self._total, self._unnoted = Tally(), Tally()
        self._noted = time.monotonic()
        self._waiting = False

    def run(self, paths: Sequence[str], pace: Pace, stop: Event) -> Tally:
        """Read what comes until told to stop; what is being read then is finished. Gives all that was read."""
        arrivals = Arrivals(paths, self._terms.readers, pace.settle, self._tell)
        try:
            self._begin(paths, arrivals, pace, stop)
            while not stop.is_set():
                if self._locked():
                    self._pass(arrivals, stop)
                stop.wait(min(pace.every, pace.settle) if arrivals.watch.waiting() else pace.every)
        finally:
            arrivals.close()
            self._end()
        return self._total

    def _begin(self, paths: Sequence[str], arrivals: Arrivals, pace: Pace, stop: Event) -> None:
        """Write down that following begins, and what of it the case holds already."""
        while not self._locked():
            if stop.wait(pace.settle):
                return
        try:
            terms = self._terms
            said = {"vantage": terms.vantage, "sensor": terms.sensor, "readers": list(terms.readers)}
            self._store.note("follow begins", paths=list(paths), **said)

            def know(batch: pa.RecordBatch) -> None:
                for known in batch["paths"].to_pylist():
                    for path in known:
                        arrivals.watch.know(path)

            self._store.each("sources", ["paths"], know)
        finally:
            self._store.close()

    def _pass(self, arrivals: Arrivals, stop: Event) -> None:
        try:
            self._intake = Intake(self._store, self._engine, replace(self._terms, read_at=clock()), self._intake)
            tally = self._intake.take(arrivals.look(self._store, stop), lambda size, records, rejects: None)
            for sum_ in (self._total, self._unnoted):
                sum_.add(tally)
            if time.monotonic() - self._noted > NOTED:
                self._record()
        finally:
            self._store.close()
        if tally.sources or tally.copies:
            self._each(tally)

    def _end(self) -> None:
        """Write down what was not yet, and leave the case settled, unless somebody else has it."""
        with suppress(StoreError):  # whoever has the case settles it; a full disk was told of already
            self._store.lock()
            try:
                self._record()
                self._store.settle()
                self._store.note("follow ends")
            finally:
                self._store.close()

    def _record(self) -> None:
        """An entry about what was read since the last one."""
        if self._unnoted.sources or self._unnoted.copies:
            done = self._unnoted
            self._store.note("follow", inputs_sha256=done.digest.hexdigest(), **done.counts())
        self._unnoted, self._noted = Tally(), time.monotonic()

    def _locked(self) -> bool:
        """Whether the case is ours now; says so once when another command has it."""
        try:
            self._store.lock()
        except InUse as error:
            if not self._waiting:
                self._note(f"{error.message}: what comes is read when it is free")
            self._waiting = True
            return False
        self._waiting = False
        return True

    def _tell(self, text: str) -> None:
        """Something happened to a followed file: said now, and kept."""
        self._note(text)
        self._store.note("follow: file changed", why=text)
