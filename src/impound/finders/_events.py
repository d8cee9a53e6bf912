"""What became of campaigns or botnets from one find to the next: found, merged, split off, gone.

A cluster keeps its id while most of what it is made of does. What happened to the others is told here, as rows of
``events``, which are only ever added. A first find has nothing before it and tells nothing.

Reference: Spiliopoulou et al., "MONIC: modeling and monitoring cluster transitions" (KDD 2006): a cluster survives,
is absorbed, is split or disappears, by what the old and the new one share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from impound.plugin import Engine
from impound.tables import EVENTS

PART = 0.1
"""Share of an old cluster that must lie in a new one for that to be called a part split off."""
HALF = 0.5
"""Share of an old cluster that must lie in another one for it to be called merged into that."""
Shared = Mapping[tuple[int, int], int]
"""By old and new cluster how many members are in both."""


@dataclass(frozen=True)
class Change:
    """What became of a cluster, and why that is said."""

    number: int | str
    before: str | None
    after: str
    reason: str


def changes(shared: Shared, before: Mapping[int, tuple[str, int]], after: Mapping[int, str]) -> Iterator[Change]:
    """What became of clusters. ``before``: name and size of each old one by id; ``after``: names of the new ones."""
    into: dict[int, Counter[int]] = {}
    out_of: dict[int, Counter[int]] = {}
    for (old, new), members in shared.items():
        into.setdefault(old, Counter())[new] += members
        out_of.setdefault(new, Counter())[old] += members
    for old in sorted(before.keys() - after.keys()):
        yield _ended(old, before[old], into.get(old, Counter()), after)
    for new in sorted(after.keys() - before.keys()):
        yield _begun(new, out_of.get(new, Counter()), before)


def _ended(old: int, was: tuple[str, int], into: Counter[int], after: Mapping[int, str]) -> Change:
    name, size = was
    new, members = _most(into)
    if members >= HALF * size and members:
        return Change(old, "found", "merged", f"{name}: {members:,} of {size:,} now belong to {after[new]} ({new})")
    rest = f"; {members:,} of {size:,} belong to {after[new]} ({new})" if members else ""
    return Change(old, "found", "gone", f"{name}: what tied it together ties it no more{rest}")


def _begun(new: int, out_of: Counter[int], before: Mapping[int, tuple[str, int]]) -> Change:
    old, members = _most(out_of)
    if members and members >= PART * before[old][1]:
        name, size = before[old]
        return Change(new, None, "split", f"{members:,} of {size:,} belonged to {name} ({old})")
    return Change(new, None, "found", "of what no earlier find had put together")


def _most(counts: Counter[int]) -> tuple[int, int]:
    """The cluster with most members in common, the one with the lowest id of several."""
    return min(counts.items(), key=lambda item: (-item[1], item[0]), default=(0, 0))


def add(engine: Engine, finder: str, kind: str, found: list[Change], at: int) -> None:
    """Leave the view ``events``: those of before, and what is new. ``at`` is the case's newest time, in seconds."""
    columns = ", ".join(f"e.{name}" for name in EVENTS.schema.names)
    before = [batch.cast(EVENTS.schema) for batch in engine.stream(f"SELECT {columns} FROM events e")]
    rows = pa.Table.from_pylist([_row(finder, kind, change, at) for change in found], schema=EVENTS.schema)
    engine.view("events", pa.Table.from_batches([*before, *rows.to_batches()], schema=EVENTS.schema))


def _row(finder: str, kind: str, change: Change, at: int) -> dict[str, Any]:
    return {
        "subject_type": kind,
        "subject": str(change.number),
        "from_state": change.before,
        "to_state": change.after,
        "actor": finder,
        "reason": change.reason,
        "at": datetime.fromtimestamp(at, UTC) if at > 0 else None,
    }
