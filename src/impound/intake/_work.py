"""What a worker does with a batch of pieces: read, seal, write; the parent only moves files and counts."""

from __future__ import annotations

import gc
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from impound.canonical import record_id
from impound.errors import StoreError
from impound.plugin import CONTINUED, Piece, Reader, Rows
from impound.store import write_frame, write_table
from impound.tables import TABLES

PIECES = pa.schema(
    [
        ("reader", pa.string()),
        ("source_sha256", pa.binary()),
        ("source_id", pa.int64()),
        ("offset", pa.int64()),
        ("data", pa.binary()),
        ("skipped", pa.string()),
    ]
)
"""A batch on its way to a worker: a row for each piece, its reader and the fields of :class:`Piece` in their order."""
RESULT = pa.schema([("kind", pa.string()), ("meta", pa.string()), ("data", pa.binary())])
"""What comes back: ``kind`` is frame, counts, bodies, error or a table's name; ``meta`` is JSON."""
DIED = "the reader died on this record or took too long: it is sealed, not read"


def read_batch(
    batch: pa.RecordBatch, *, readers: dict[str, Reader], key: bytes, tmp: str, seal: bool
) -> list[pa.RecordBatch]:
    """The rows and sealed bytes of a batch of pieces: files under ``tmp``, and a row of ``RESULT`` that names each."""
    collecting = gc.isenabled()
    gc.disable()  # rows are not garbage: looking through them again and again costs a tenth of the reading
    try:
        return _worked(batch, readers, key, Path(tmp), seal)
    finally:  # the rows are gone: enabled before, it would look through all of them at once
        if collecting:
            gc.enable()


def _worked(
    batch: pa.RecordBatch, readers: dict[str, Reader], key: bytes, tmp: Path, seal: bool
) -> list[pa.RecordBatch]:
    names, *values = (column.to_pylist() for column in batch.columns)  # by columns: by rows takes ten times as long
    pieces = [(name, Piece(*value)) for name, *value in zip(names, *values, strict=True)]
    read = _read(pieces, readers, key)
    try:
        return [_result(read, [p for _, p in pieces], [r.writes[0] for r in readers.values()], tmp, seal)]
    except StoreError as error:  # to be raised in the parent, where it can end the command
        return [_rows_of_result([("error", [error.message, error.hint], None)])]


@dataclass
class _Read:
    """The rows of some pieces, and the same as tables."""

    rows: Rows
    tables: dict[str, pa.Table]


def _read(pieces: list[tuple[str, Piece]], readers: dict[str, Reader], key: bytes) -> _Read:
    """The rows of all pieces. Where a reader raises, or gives what no table can hold, a reject for that one piece."""
    rows = Rows(key)
    try:
        for name, reader in readers.items():
            reader.read([p for r, p in pieces if r == name and not p.skipped], rows)
        _skipped(pieces, rows)
        return _Read(rows, rows.tables())
    except MemoryError:
        raise  # the worker dies of it, and the pool finds the record
    except Exception as error:  # noqa: BLE001 - anybody's reader meets hostile bytes here
        rows = Rows(key)
        if len(pieces) == 1:
            reader_name, piece = pieces[0]
            reason = f"the reader {reader_name} failed ({type(error).__name__}): please report it"
            rows.reject(piece, piece.offset, reason)
        else:
            for piece_read in (_read([piece], readers, key).rows for piece in pieces):
                rows.drills |= piece_read.drills
                for table, values in piece_read.rows.items():
                    rows.rows.setdefault(table, []).extend(values)
        return _Read(rows, rows.tables())


def _skipped(pieces: list[tuple[str, Piece]], rows: Rows) -> None:
    for _, piece in pieces:
        if piece.skipped and piece.skipped != CONTINUED:
            rows.reject(piece, piece.offset, piece.skipped, b"" if piece.offset else piece.data[:120])


def bury_batch(batch: pa.RecordBatch, *, key: bytes, tmp: str, seal: bool) -> list[pa.RecordBatch]:
    """What :func:`read_batch` gives for a record that killed its reader: sealed, with a reject that says so."""
    column = batch.schema.get_field_index("skipped")
    marked = batch.set_column(column, PIECES.field("skipped"), pa.array([DIED] * len(batch)))
    return read_batch(marked, readers={}, key=key, tmp=tmp, seal=seal)


def _result(read: _Read, pieces: list[Piece], primary: list[str], tmp: Path, seal: bool) -> pa.RecordBatch:
    found: list[tuple[str, Any, bytes | None]] = [("counts", _counts(read.rows, pieces, primary), None)]
    tables = read.tables
    if seal and any(p.data for p in pieces):
        spare, frame = write_frame((p.data for p in pieces), tmp)
        found.append(("frame", [str(spare), asdict(frame)], None))
        tables |= _seals(pieces, frame.file)
    bodies = tables.pop("bodies", None)
    if bodies is not None:
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, bodies.schema) as writer:
            writer.write_table(bodies)
        found.append(("bodies", [], sink.getvalue()))
    for table, data in tables.items():
        spare, part = write_table(table, TABLES[table].schema, data.to_batches(), tmp)
        found.append((table, [str(spare), asdict(part)], None))
    return _rows_of_result(found)


def _rows_of_result(found: list[tuple[str, Any, bytes | None]]) -> pa.RecordBatch:
    rows = [{"kind": kind, "meta": json.dumps(meta), "data": data} for kind, meta, data in found]
    return pa.RecordBatch.from_pylist(rows, schema=RESULT)


def _seals(pieces: list[Piece], frame: str) -> dict[str, pa.Table]:
    rows, at = Rows(b""), 0
    for piece in pieces:
        if piece.data:
            seal_id = record_id(piece.source_sha256, piece.offset, "seals")
            rows.row(
                "seals", id=seal_id, source_id=piece.source_id, offset=piece.offset, bytes=len(piece.data), frame=frame,
                frame_offset=at,
            )  # fmt: skip
            at += len(piece.data)
    return rows.tables()


def _counts(rows: Rows, pieces: list[Piece], primary: list[str]) -> list[list[Any]]:
    """For each source in the batch: its id, records, rejects, first and last time (ISO 8601), and if it is a drill."""
    counts: dict[int, list[Any]] = {p.source_id: [p.source_id, 0, 0, None, None, False] for p in pieces}
    for table in (*dict.fromkeys(primary), "rejects"):
        for row in rows.rows.get(table, ()):
            source_id, seen_at = row["source_id"], row.get("seen_at")
            count = counts[source_id]
            count[2 if table == "rejects" else 1] += 1
            if seen_at is not None:
                count[3] = seen_at if count[3] is None else min(seen_at, count[3])
                count[4] = seen_at if count[4] is None else max(seen_at, count[4])
    for count in counts.values():
        count[3:5] = [t and t.isoformat() for t in count[3:5]]
        count[5] = count[0] in rows.drills
    return list(counts.values())
