"""What the engines have in common: who is at work, the log, a folder of their own, errors that say where."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from impound.engines._flow import WorkError
from impound.engines._shape import conform
from impound.engines._worker import without_pandas
from impound.errors import EngineError
from impound.plugin import Statement
from impound.tables import TABLES

UNCOUNTED = -1
"""``Statement.rows`` of a view: its rows are counted only for ``explain``, because counting runs it."""


class EngineBase:
    """Keeps the log and the files of an engine. Set ``finder`` to the name of whoever runs statements next."""

    failures: tuple[type[Exception], ...] = ()
    """What the engine's own library raises."""

    def __init__(self, tmp: Path | None, explain: bool) -> None:
        without_pandas()
        self.finder = "(none)"
        self.explain = explain
        self.folder = Path(tempfile.mkdtemp(prefix="engine-", dir=tmp)).resolve()
        self._log: list[Statement] = []
        self._files = 0

    def log(self) -> list[Statement]:
        """Every named statement so far with its rows (-1: not counted) and seconds."""
        return list(self._log)

    def close(self) -> None:
        """Remove the files of kept statements; every view ends with them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _fresh(self, name: str) -> Path:
        """A path that was not used before."""
        self._files += 1
        return self.folder / f"{self._files:04d}-{name}.parquet"

    def _note(self, name: str, sql: str, rows: int, began: float) -> None:
        self._log.append(Statement(name, sql, rows, time.monotonic() - began))

    @contextmanager
    def _failing(self, statement: str, sql: str) -> Iterator[None]:
        try:
            yield
        except (*self.failures, WorkError, ValueError, OSError, pa.ArrowException) as error:
            raise EngineError(self.finder, statement, sql, str(error)) from error


def schema_of(name: str, parts: list[Path] | pa.Table) -> pa.Schema:
    """The columns that a view of stored parts of a table must have. Raises ValueError when nothing says so."""
    if name in TABLES:
        return TABLES[name].schema
    if isinstance(parts, pa.Table):
        return parts.schema
    if not parts:
        raise ValueError(f"{name} is no table of the contract, so without parts nobody knows its columns")
    return pq.read_schema(parts[0])


def write_parquet(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
    """Write batches, brought into a schema, to a file; gives the number of rows."""
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(conform(batch, schema))
            rows += batch.num_rows
    return rows


def never_none(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Batches brought into a schema; a single empty one when there are none."""
    some = False
    for batch in batches:
        some = True
        yield conform(batch, schema)
    if not some:
        yield pa.RecordBatch.from_pylist([], schema=schema)
