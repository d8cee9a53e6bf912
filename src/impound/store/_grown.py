"""What a case has grown by: the parts that came since a finder looked, and its rows of what was there before.

Record tables only ever get further parts, a batch of each at a time. What is said of a message by its own records alone
stays as it was said; so a finder that says such things looks at the batches that came since, and its rows are added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from impound.store._case import CaseStore, whole
from impound.store._manifest import Looked, Part, step_extend
from impound.store._parts import write_table
from impound.tables import TABLES

PARTS = 16
"""Parts that a finder's table may gather before they are written as one."""


def came_since(store: CaseStore, table: str, batch: int, shared: bool) -> list[Path]:
    """The parts of a table without those of record tables that were read before a batch (see ``Manifest.batches``).

    With ``shared`` also the rows of ``bodies`` that new messages share with old ones, in a part under ``tmp``.
    """
    if TABLES[table].kind != "record" or table == "sources":
        return store.parts(table)
    parts = _since(store, table, batch)
    paths = [store.path / part.file for part in parts]
    if table != "bodies" or not batch or not shared:
        return paths
    spare, part = write_table("bodies", TABLES["bodies"].schema, _older(store, batch, paths), store.tmp)
    return [*paths, spare] if part.rows else paths


def extend(store: CaseStore, tables: dict[str, Iterable[pa.RecordBatch]], finder: str, looked: Looked) -> None:
    """Add rows to a finder's tables, and write down how far it looked; where it began anew, they replace what was."""
    fresh: dict[str, list[Part]] = {}
    spares: list[tuple[Path, Part]] = []
    for table, batches in tables.items():
        kept = store.manifest.parts.get(table, []) if looked.after else []
        if len(kept) >= PARTS:
            before = (store.part(store.path / part.file, table).to_batches() for part in kept)
            batches, kept = chain(chain.from_iterable(before), batches), []  # noqa: PLW2901
        spare, part = write_table(table, TABLES[table].schema, batches, store.tmp)
        if part.rows and part.file not in {k.file for k in kept}:
            spares.append((spare, part))
            kept = [*kept, part]
        fresh[table] = kept
    old = [part.file for table in fresh for part in store.manifest.parts.get(table, [])]
    store.swap(step_extend(fresh, finder, looked), spares, old)


def _since(store: CaseStore, table: str, batch: int) -> list[Part]:
    return [p for p in store.manifest.parts.get(table, []) if store.manifest.batch_of.get(p.file, batch) >= batch]


def _older(store: CaseStore, batch: int, newer: list[Path]) -> Iterator[pa.RecordBatch]:
    """The rows of older parts of ``bodies`` that messages of newer batches name."""
    wanted = _texts(store, "messages", [store.path / part.file for part in _since(store, "messages", batch)])
    for path in store.parts("bodies"):
        if path not in newer:
            has = pc.is_in(_texts(store, "bodies", [path]), value_set=wanted)
            if pc.any(has).as_py():
                yield from store.part(path, "bodies").filter(has).to_batches()


def _texts(store: CaseStore, table: str, paths: list[Path]) -> pa.Array:
    """The column ``body_sha256`` of some parts."""
    pieces: list[pa.Array] = []
    for path in paths:
        with whole(path):
            column = pq.read_table(path, columns=["body_sha256"])["body_sha256"]
            pieces += column.cast(TABLES[table].schema.field("body_sha256").type).chunks
    return pa.concat_arrays(pieces) if pieces else pa.array([], TABLES[table].schema.field("body_sha256").type)
