"""What a finder sees of a case: its tables, and of the mail only what others sent; what answers our notices is apart.

A reply to a notice comes from an abuse desk, a bounce from its mail server. Whoever takes it for mail that came by
itself makes hosts, campaigns and in the end accusations of those who were asked for help. So the rows of sources of
vantage ``reply`` are left out of every view, but for a finder that says it wants them (``replies = True``).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from impound.plugin import Engine, Finder
from impound.store import CaseStore
from impound.tables import TABLES

REPLY = "reply"
"""The vantage of what answers the notices of a case."""
OTHERS = """SELECT {columns} FROM {whole} t LEFT JOIN reply_sources r ON r.source_id = t.source_id
            WHERE r.source_id IS NULL"""


class Views:
    """Makes the views of one finder; which sources are replies is looked up once."""

    def __init__(self, held: CaseStore, engine: Engine, finder: Finder) -> None:
        self._engine = engine
        wanted = getattr(finder, "replies", False)
        self._replies = pa.array([], pa.int64()) if wanted else replies(held)
        if len(self._replies):
            engine.view("reply_sources", pa.table({"source_id": self._replies}))

    def make(self, table: str, parts: list[Path], name: str = "") -> None:
        """A table of the case, from these parts of it, as a view (with another ``name`` than its own, if given)."""
        name = name or table
        shared = table == "sources" or "source_id" not in TABLES[table].schema.names
        if shared or not parts or not len(self._replies):
            self._engine.view(name, parts, table)
            return
        whole = f"whole_{name}"
        self._engine.view(whole, parts, table)
        columns = ", ".join(f"t.{c.name}" for c in TABLES[table].columns)
        self._engine.run(name, OTHERS.format(columns=columns, whole=whole))

    def all(self, tables: Iterable[tuple[str, list[Path]]]) -> None:
        """Several tables."""
        for table, parts in tables:
            self.make(table, parts)


def replies(held: CaseStore) -> pa.Array:
    """The ids of the sources that answer notices."""
    found = held.table("sources", ["id", "vantage"])
    ids = found.filter(pc.equal(found["vantage"], REPLY))["id"].combine_chunks()
    return pa.concat_arrays(ids.chunks) if isinstance(ids, pa.ChunkedArray) else ids
