"""Rows of ``sources``: each batch adds increments (bytes read of a source, a path it met), merged at the end.

Increments keep reading restartable: after a crash their sum says how far each source came.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from impound.tables import SOURCES


def merge(rows: pa.Table) -> pa.Table:
    """One row for each source, in the order in which they were first met, from increments and merged rows mixed."""
    counts = rows.group_by("id", use_threads=False).aggregate([([], "count_all")])
    repeated = counts.filter(pc.greater(counts["count_all"], 1))["id"]
    if len(repeated) == 0:
        return rows
    again = pc.is_in(rows["id"], value_set=repeated.combine_chunks())
    indices = pc.indices_nonzero(again).to_pylist()
    groups: dict[int, tuple[int, list[dict[str, Any]]]] = {}
    for index, row in zip(indices, rows.filter(again).to_pylist(), strict=True):
        groups.setdefault(row["id"], (index, []))[1].append(row)
    merged = [_sum(group) for _, group in groups.values()]
    single = pc.indices_nonzero(pc.invert(again)).cast(pa.int64())
    both = pa.concat_tables([rows.take(single), pa.Table.from_pylist(merged, schema=SOURCES.schema)])
    first_met = pa.concat_arrays([single, pa.array([index for index, _ in groups.values()], pa.int64())])
    return both.take(pc.sort_indices(first_met))


def _sum(group: list[dict[str, Any]]) -> dict[str, Any]:
    row = dict(group[0])
    for column in ("reader", "reader_version"):  # a copy met before its source was read has none
        row[column] = next((r[column] for r in group if r[column] is not None), None)
    row["paths"] = list(dict.fromkeys(path for r in group for path in r["paths"]))
    row["copies"] = len(row["paths"]) - 1
    for column in ("read_bytes", "records", "rejects"):
        row[column] = sum(r[column] or 0 for r in group)
    row["drill"] = any(r["drill"] for r in group)
    for column, better in (("first_at", min), ("last_at", max)):
        times = [r[column] for r in group if r[column] is not None]
        row[column] = better(times) if times else None
    return row
