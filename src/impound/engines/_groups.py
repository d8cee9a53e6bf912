"""A table cut so that no group of rows with one key is divided.

DuckDB's own sort holds more than its memory limit when rows are wide (600 MB of texts fail with 512MB), so what is too
large for memory is dealt out into files by a hash of the key, and sorted file by file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from impound.engines._shape import BATCH_BYTES, conform

GroupWork = Callable[[Any, pa.Table], pa.Table]

IN_MEMORY_BYTES = 32 << 20
"""What is smaller needs no files."""
FILES = 64
"""Into how many files a larger table is dealt: each is in memory at a time, 160 MB of a table of 10 GB."""
FILE = "impound_file"
"""The column that says which file a row goes to, 0 to 63."""


def grouped(batches: Iterable[pa.RecordBatch], key: str, folder: Path) -> Iterator[pa.RecordBatch]:
    """Batches of whole groups, of about 4 MiB; a group that is larger has a batch of its own.

    ``batches`` have a column ``FILE`` that is the same for rows of one key; files are written to ``folder``.
    """
    held: list[pa.RecordBatch] = []
    source, size = iter(batches), 0
    for batch in source:
        held.append(batch)
        size += batch.nbytes
        if size > IN_MEMORY_BYTES:
            yield from _dealt(chain((held.pop(0) for _ in range(len(held))), source), key, folder)
            return
    if size:
        yield from _cut(pa.Table.from_batches(held), key)


def each_group(batch: pa.RecordBatch, *, fn: GroupWork, key: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """What ``fn(key, rows)`` gives for each group of a batch of whole groups, in the columns of a schema."""
    starts = _starts(batch[key])
    for start, end in zip(starts, [*starts[1:], batch.num_rows], strict=True):
        rows = pa.Table.from_batches([batch.slice(start, end - start)])
        for result in fn(batch[key][start].as_py(), rows).to_batches():
            yield conform(result, schema)


def _dealt(batches: Iterable[pa.RecordBatch], key: str, folder: Path) -> Iterator[pa.RecordBatch]:
    folder.mkdir()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    writers: dict[int, Any] = {}
    with ExitStack() as files:
        for number, rows in (part for batch in batches for part in _by_file(batch)):
            if number not in writers:
                sink = files.enter_context(pa.OSFile(str(folder / str(number)), "wb"))
                writers[number] = files.enter_context(pa.ipc.new_stream(sink, rows.schema, options=options))
            writers[number].write_batch(rows)
    for number in sorted(writers):
        with pa.OSFile(str(folder / str(number))) as file:
            table = pa.ipc.open_stream(file).read_all()
        (folder / str(number)).unlink()
        yield from _cut(table, key)
    folder.rmdir()


def _by_file(batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    batch = batch.take(pc.array_sort_indices(batch[FILE]))
    starts = _starts(batch[FILE])
    for start, end in zip(starts, [*starts[1:], batch.num_rows], strict=True):
        yield batch[FILE][start].as_py(), batch.slice(start, end - start)


def _cut(table: pa.Table, key: str) -> Iterator[pa.RecordBatch]:
    """The rows of a table in batches of whole groups."""
    table = table.drop_columns([FILE]).sort_by(key).combine_chunks()
    if table.num_rows == 0:
        return
    starts = [*_starts(table[key].combine_chunks()), table.num_rows]
    first = 0
    for start, end in pairwise(starts):
        if table.slice(first, end - first).nbytes > BATCH_BYTES and start > first:
            yield _batch(table.slice(first, start - first))
            first = start
    yield _batch(table.slice(first))


def _batch(rows: pa.Table) -> pa.RecordBatch:
    return pa.concat_batches(rows.to_batches())


def _starts(keys: pa.Array) -> list[int]:
    """Where in a sorted column the groups begin."""
    if not len(keys):
        return []
    return [0, *pc.run_end_encode(keys).run_ends.to_pylist()[:-1]]
