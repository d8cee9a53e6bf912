"""Machines put aside on disk, to be had again in another order: a case may have more of them than memory holds."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from impound.notices._facts import Infection, Sighting

ASKED = 500
"""Addresses in one question; SQLite takes 999 in its oldest builds."""


class Spool:
    """Machines by address, in a file that goes when the context ends."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="impound-notices-")
        self._held = sqlite3.connect(Path(self._folder.name) / "machines.sqlite", isolation_level=None)
        for words in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF",
                      "CREATE TABLE machines (ip TEXT PRIMARY KEY, said TEXT NOT NULL)", "BEGIN"):  # fmt: skip
            self._held.execute(words)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._held.close()
        self._folder.cleanup()

    def put(self, infection: Infection) -> None:
        """Keep a machine; of two with the same address the later one."""
        said = json.dumps(asdict(infection), default=datetime.isoformat)
        self._held.execute("INSERT OR REPLACE INTO machines VALUES (?, ?)", (infection.ip, said))

    def fill(self, found: Iterable[Infection]) -> None:
        """Keep each of them."""
        for infection in found:
            self.put(infection)

    def of(self, ips: Sequence[str]) -> Iterator[Infection]:
        """The machines at these addresses, in the order given; one that was never put here is left out."""
        for start in range(0, len(ips), ASKED):
            part = ips[start : start + ASKED]
            marks = ",".join("?" * len(part))
            rows = dict(self._held.execute(f"SELECT ip, said FROM machines WHERE ip IN ({marks})", part))
            yield from (_infection(json.loads(rows[ip])) for ip in part if ip in rows)


def _infection(said: dict[str, Any]) -> Infection:
    sightings = tuple(Sighting(**one | {"at": datetime.fromisoformat(one["at"])}) for one in said["sightings"])
    times = {name: datetime.fromisoformat(said[name]) for name in ("first_at", "last_at")}
    return Infection(**said | times | {"kinds": tuple(said["kinds"]), "sightings": sightings})
