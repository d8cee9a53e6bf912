"""Sources to record tables: cut in one process, read in many, sealed and committed batch by batch.

The order of inputs decides the batches, so the same inputs give the same parts, whatever was interrupted in between:
a batch counts when it is committed, and what is committed already is passed over when the same inputs are read again.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from impound import inputs
from impound.canonical import record_id
from impound.errors import InputError, StoreError
from impound.intake._known import Known
from impound.intake._references import changed
from impound.intake._work import PIECES, bury_batch, read_batch
from impound.plugin import CONTINUED, Cut, Piece, Reader, Rows
from impound.store import CaseStore, Part, write_table
from impound.tables import SOURCES, TABLES

__all__ = ["Intake", "MapsBatches", "Progress", "Tally", "Terms", "changed", "increment"]

BATCH_BYTES = 8 << 20
"""Bytes in a batch: large enough to hide the cost of its files, small enough that all cores have one."""
BATCH_PIECES = 4096
TOLD_EVERY = 500
"""Sources that are passed over between two words about progress."""
UNKNOWN = "no format that impound reads"

_NOTHING: dict[str, Any] = {c.name: None for c in SOURCES.columns} | {
    "copies": 0, "drill": False, "read_bytes": 0, "records": 0, "rejects": 0,
}  # fmt: skip

Item = inputs.Input | inputs.Trouble
Progress = Callable[[int, int, int], None]
"""Called with bytes, records and rejects so far."""


class MapsBatches(Protocol):
    """The part of an engine that reading needs."""

    def map_batches(
        self,
        fn: Callable[[pa.RecordBatch], Iterable[pa.RecordBatch]],
        batches: Iterable[pa.RecordBatch],
        on_crash: Callable[[pa.RecordBatch], Iterable[pa.RecordBatch]] | None = None,
    ) -> Iterator[list[pa.RecordBatch]]:
        """Apply ``fn`` to each batch in parallel; one list of results for each, in order."""


@dataclass(frozen=True)
class Terms:
    """What is said of every source of one ``read``."""

    vantage: str
    sensor: str
    tlp: str
    read_at: datetime
    readers: dict[str, Reader]
    seal: bool = True


def increment(terms: Terms, **values: Any) -> dict[str, Any]:
    """A row of ``sources`` to be added up with the source's other rows; what is not given is null, or nothing yet."""
    said = {"vantage": terms.vantage, "sensor": terms.sensor, "tlp": terms.tlp, "read_at": terms.read_at}
    return _NOTHING | said | values


@dataclass
class Tally:
    """What one ``read`` did, in sources, records, rejects and bytes; ``known`` were in the case already."""

    sources: int = 0
    copies: int = 0
    known: int = 0
    records: int = 0
    rejects: int = 0
    bytes: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def counts(self) -> dict[str, int]:
        """The numbers by their names."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "digest"}

    def add(self, other: Tally) -> None:
        """Count in what another reading did."""
        for name, count in other.counts().items():
            setattr(self, name, getattr(self, name) + count)
        self.digest.update(other.digest.digest())


@dataclass
class _Plan:
    """A batch on its way: its pieces, the rows of ``sources`` it adds, and what could not even be opened."""

    pieces: list[tuple[str, Piece]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[tuple[Piece, str]] = field(default_factory=list)
    bytes: int = 0

    def add(self, reader: str, piece: Piece) -> None:
        self.pieces.append((reader, piece))
        self.bytes += len(piece.data)
        self.sources[-1]["read_bytes"] += len(piece.data)

    def full(self) -> bool:
        return self.bytes >= BATCH_BYTES or len(self.pieces) + len(self.sources) >= BATCH_PIECES

    def empty(self) -> bool:
        return not (self.pieces or self.sources)

    def batch(self) -> pa.RecordBatch:
        pieces = [piece for _, piece in self.pieces]
        columns: dict[str, Any] = {name: [getattr(p, name) for p in pieces] for name in PIECES.names[1:]}
        columns["reader"] = [reader for reader, _ in self.pieces]
        columns["data"] = _column(columns["data"])
        self.pieces.clear()  # until the batch is committed, its bytes are in memory once
        return pa.RecordBatch.from_pydict(columns, schema=PIECES)


def _column(stretches: list[bytes]) -> pa.Array:
    """The stretches as a column; Arrow would make room for twice as many bytes, and a long one needs no copy at all."""
    ends = pa.array(accumulate(map(len, stretches), initial=0), pa.int32())
    whole = stretches[0] if len(stretches) == 1 else b"".join(stretches)
    return pa.Array.from_buffers(pa.binary(), len(stretches), [None, ends.buffers()[1], pa.py_buffer(whole)])


class Intake:
    """Reads inputs into a case. The case must be locked."""

    def __init__(self, store: CaseStore, engine: MapsBatches, terms: Terms, before: Intake | None = None) -> None:
        """``before`` read into the same case last: what it knows of the case is kept where that still holds."""
        self.store, self.engine, self.terms = store, engine, terms
        self.tally = Tally()
        known = before.known if before else None
        self.known: Known = known if known and known.holds(store) else Known(store)
        self._plan, self._plans = _Plan(), deque[_Plan]()
        self._passed = 0
        self._progress: Progress = lambda size, records, rejects: None

    def read(self, paths: list[str], progress: Progress) -> Tally:
        """Read paths (see :func:`impound.inputs.walk`) and commit what they hold. Settle the store after it."""
        return self.take(inputs.walk(paths, self.store.tmp), progress)

    def take(self, items: Iterator[Item], progress: Progress) -> Tally:
        """The same for inputs that come from anywhere."""
        self._progress = progress
        key, tmp, seal = self.store.key(), str(self.store.tmp), self.terms.seal
        work = partial(read_batch, readers=self.terms.readers, key=key, tmp=tmp, seal=seal)
        died = partial(bury_batch, key=key, tmp=tmp, seal=seal)
        batches = (plan.batch() for plan in self._planned(items))
        for results in self.engine.map_batches(work, batches, died):
            self._commit(self._plans.popleft(), results)
            self._tell()
        self.known.now(self.store)
        return self.tally

    def _tell(self) -> None:
        self._progress(self.tally.bytes + self._passed, self.tally.records, self.tally.rejects)

    # -- cutting ------------------------------------------------------------------------------------------------

    def _planned(self, items: Iterator[Item]) -> Iterator[_Plan]:
        self._plan = _Plan()
        for item in items:
            if isinstance(item, inputs.Trouble):
                self._trouble(item)
            else:
                try:
                    yield from self._input(item)
                finally:
                    item.close()
            if self._plan.full():
                yield self._send()
        if not self._plan.empty():
            yield self._send()

    def _send(self) -> _Plan:
        plan, self._plan = self._plan, _Plan()
        self._plans.append(plan)
        return plan

    def _input(self, item: inputs.Input) -> Iterator[_Plan]:
        """Put one input's pieces into batches, those that are not in the case yet; gives every batch that fills up."""
        until = self.known.until.get(item.sha256)
        new_path = self.known.meet(item.sha256, item.path)
        self.tally.digest.update(item.sha256)
        if until is not None and until >= item.size:
            self.tally.copies += new_path
            self.tally.known += not new_path
            self._passed += item.size
            if (self.tally.copies + self.tally.known) % TOLD_EVERY == 0:
                self._tell()
            if new_path:
                self._plan.sources.append(self._row(item, record_id(item.sha256, 0, "sources"), None))
            return
        self.tally.sources += 1
        self.known.until[item.sha256] = item.size
        source_id = record_id(item.sha256, 0, "sources")
        reader, cuts = self._cuts(item)
        self._plan.sources.append(self._row(item, source_id, reader))
        try:
            for cut in cuts:
                if until is not None and cut.offset + len(cut.data) <= until:
                    continue  # committed before the last run was interrupted
                self._plan.add(reader or "", Piece(item.sha256, source_id, cut.offset, cut.data, cut.skipped))
                if self._plan.full():
                    yield self._send()
                    self._plan.sources.append(self._row(item, source_id, reader))
        except InputError as error:  # the file changed under our hands: what it was before cannot be had any more
            self._reject(Piece(item.sha256, source_id, error.offset, b""), error.reason)
        row = self._plan.sources[-1]
        if row["read_bytes"] == row["rejects"] == 0 and item.size:
            self._plan.sources.pop()  # its last piece went with the batch before

    def _row(self, item: inputs.Input, source_id: int, reader: str | None) -> dict[str, Any]:
        version = self.terms.readers[reader].version if reader else None
        return increment(
            self.terms,
            id=source_id,
            paths=[item.path],
            archive=item.archive,
            archive_sha256=item.archive_sha256,
            reader=reader,
            reader_version=version,
            sha256=item.sha256.hex(),
            bytes=item.size,
        )

    def _cuts(self, item: inputs.Input) -> tuple[str | None, Iterable[Cut]]:
        if item.size == 0:
            return None, [Cut(0, b"", "empty")]
        if item.unread:
            return None, _stretches(item, f"{item.unread} (byte {item.unread_at:,})")
        head = inputs.head(item)
        score, name = max(
            [(r.detect(item.path, head), name) for name, r in self.terms.readers.items()], default=(0, "")
        )
        if score <= 0:
            return None, _stretches(item, UNKNOWN)
        return name, self.terms.readers[name].cut(item.open(), item.size)

    def _trouble(self, trouble: inputs.Trouble) -> None:
        """A path without readable bytes: a source without a hash, and a reject that says why."""
        if not self.known.meet(b"", trouble.path):
            self.tally.known += 1
            return
        name = hashlib.sha256(b"unreadable\0" + trouble.path.encode("utf-8", "surrogateescape")).digest()
        piece = Piece(name, record_id(name, 0, "sources"), trouble.offset, b"")
        row = increment(self.terms, id=piece.source_id, paths=[trouble.path], archive=trouble.archive)
        self.tally.sources += 1
        self._plan.sources.append(row)
        self._reject(piece, trouble.reason)

    def _reject(self, piece: Piece, reason: str) -> None:
        """A reject of the source whose row was added last."""
        self._plan.sources[-1]["rejects"] += 1
        self._plan.troubles.append((piece, reason))

    # -- committing ---------------------------------------------------------------------------------------------

    def _commit(self, plan: _Plan, results: list[pa.RecordBatch]) -> None:
        parts: list[tuple[str, Path, Part]] = []
        frames: list[tuple[Path, Part]] = []
        counts: dict[int, list[Any]] = {}
        for kind, meta, data in (row.values() for batch in results for row in batch.to_pylist()):
            facts = json.loads(meta)
            match kind:
                case "error":
                    raise StoreError(*facts)
                case "bodies":
                    parts += self._fresh_bodies(pa.ipc.open_stream(data).read_all())
                case "counts":
                    for row in facts:  # a batch that killed its worker comes back in parts
                        counts[row[0]] = _added(counts[row[0]], row) if row[0] in counts else row
                case "frame":
                    frames.append((Path(facts[0]), Part(**facts[1])))
                case _:
                    parts.append((kind, Path(facts[0]), Part(**facts[1])))
        parts += self._troubles(plan) + self._sources(plan, counts)
        self.store.add(parts, frames)
        self.tally.bytes += plan.bytes

    def _fresh_bodies(self, bodies: pa.Table) -> list[tuple[str, Path, Part]]:
        fresh = []
        for body in bodies["id"].to_pylist():
            fresh.append(body not in self.known.bodies)
            self.known.bodies.add(body)
        bodies = bodies.filter(pa.array(fresh, pa.bool_()))
        return self._part("bodies", bodies) if bodies.num_rows else []

    def _troubles(self, plan: _Plan) -> list[tuple[str, Path, Part]]:
        out = Rows(b"")
        for piece, reason in plan.troubles:
            out.reject(piece, piece.offset, reason)
        self.tally.rejects += len(plan.troubles)
        return [p for table, rows in out.tables().items() for p in self._part(table, rows)]

    def _sources(self, plan: _Plan, counts: dict[int, list[Any]]) -> list[tuple[str, Path, Part]]:
        for row in plan.sources:
            count = counts.pop(row["id"], None)  # the first increment of a source in this batch carries its counts
            if count is not None:
                _, row["records"], rejects, first, last, row["drill"] = count
                row["rejects"] += rejects
                row["first_at"], row["last_at"] = (t and datetime.fromisoformat(t) for t in (first, last))
                self.tally.records += row["records"]
                self.tally.rejects += rejects
        return self._part("sources", pa.Table.from_pylist(plan.sources, schema=SOURCES.schema)) if plan.sources else []

    def _part(self, table: str, rows: pa.Table) -> list[tuple[str, Path, Part]]:
        return [(table, *write_table(table, TABLES[table].schema, rows.to_batches(), self.store.tmp))]


def _added(one: list[Any], other: list[Any]) -> list[Any]:
    """Two rows of counts of one source as one; see ``_work._counts``."""
    first, last = ([t for t in pair if t is not None] for pair in zip(one[3:5], other[3:5], strict=True))
    times = [min(first, default=None), max(last, default=None)]
    return [one[0], one[1] + other[1], one[2] + other[2], *times, one[5] or other[5]]


def _stretches(item: inputs.Input, reason: str) -> Iterator[Cut]:
    """Bytes that nobody reads, in stretches to be sealed; the first one carries the reason."""
    stream, offset = item.open(), 0
    while data := stream.read(BATCH_BYTES):
        yield Cut(offset, data, CONTINUED if offset else reason)
        offset += len(data)
