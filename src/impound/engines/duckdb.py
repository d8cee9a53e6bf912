"""The engine for one machine: DuckDB in memory with a limit, which spills to a folder, and worker processes for Python.

Threads do not change a result, but for sums and averages of doubles, whose last digits depend on the order of adding:
compare them rounded. Rows have an order only where a statement says ``ORDER BY``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from impound.engines import _sql
from impound.engines._base import UNCOUNTED, EngineBase, never_none, schema_of, write_parquet
from impound.engines._flow import WorkError
from impound.engines._groups import FILE, FILES, GroupWork, each_group, grouped
from impound.engines._pool import SMALL_BYTES, Pool, cores
from impound.engines._shape import contract_schema, packed
from impound.engines._worker import Work
from impound.errors import EngineError
from impound.tables import TABLES

MEMORY = "512MB"
"""DuckDB's share of the 1 GiB that a command may use; what does not fit is spilled."""
STREAM_ROWS = 2048
"""Rows that DuckDB gives at a time: one of its vectors, the least it can; a wide text column needs it."""

_SETTINGS = {
    "TimeZone": "UTC",
    "default_null_order": "nulls_first_on_asc_last_on_desc",  # as Spark has it
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,  # reading http:// or s3:// needs one, so nothing leaves this machine
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,  # a misspelt table must not become some variable of the caller
    "lock_configuration": True,
}
_TO_CONTRACT = [
    (re.compile(r"\b(?:U?HUGEINT|UBIGINT|UINTEGER)\b"), "BIGINT"),  # sum() of BIGINT is HUGEINT here, BIGINT in Spark
    (re.compile(r"\bU?(?:TINYINT|SMALLINT)\b"), "INTEGER"),
    (re.compile(r"\b(?:DECIMAL\(\d+,\d+\)|FLOAT)"), "DOUBLE"),
]


class DuckDBEngine(EngineBase):
    """DuckDB with ``memory`` (such as 512MB) and ``threads``; ``workers`` processes (default: both one a core).

    ``tmp`` holds what is spilled and kept, until ``close``. ``explain`` counts the rows of every view in the log. When
    ``sheltered``, not even the smallest input is worked on in this process, which is to outlive every one of them.
    """

    name = "duckdb"
    failures = (duckdb.Error,)

    def __init__(
        self,
        memory: str = MEMORY,
        threads: int | None = None,
        tmp: Path | None = None,
        *,
        workers: int | None = None,
        explain: bool = False,
        sheltered: bool = False,
    ) -> None:
        super().__init__(tmp, explain)
        self._pool = Pool(workers, small=0 if sheltered else SMALL_BYTES)
        self._db = duckdb.connect(":memory:")
        limits = {"memory_limit": memory, "threads": threads or cores(), "temp_directory": str(self.folder / "spill")}
        with self._failing("settings", ""):
            for setting, value in (limits | _SETTINGS).items():
                self._db.execute(f"SET GLOBAL {setting} = {_literal(value)}")

    def view(self, name: str, parts: list[Path] | pa.Table, table: str = "") -> None:
        """Make Parquet parts, or a small Arrow table, known under a name.

        A table of the contract (``table``, where it has another name) has all its columns, null where older parts lack
        them; without parts it is empty.
        """
        with self._failing(name, "view"):
            schema = schema_of(table or _sql.name(name), parts)
            first = self._fresh(name)  # gives the view its columns, whatever the parts have
            write_parquet(first, [], schema)
            if isinstance(parts, pa.Table):
                rows, parts = parts, [self._fresh(name)]
                write_parquet(parts[0], rows.to_batches(), rows.schema)
            columns = ", ".join(map(_quoted, schema.names)) if (table or name) in TABLES else "*"
            self._view(name, f"SELECT {columns} FROM {_parquet([first, *parts])}")

    def run(self, name: str, sql: str, params: Mapping[str, Any] | None = None, keep: bool = False) -> None:
        """Run a named statement with parameters written ``:name``; its rows become a view of that name.

        A view is run again each time it is read, unless it is kept. It cannot read the view that it replaces.
        """
        began = time.monotonic()
        with self._failing(name, sql):
            select = self._select(_sql.common(sql), params or {})
            rows = UNCOUNTED
            if keep:  # not by COPY, which holds 122,880 rows a thread: too much for texts
                path, batches = self._fresh(name), self._rows(select)
                first = next(batches)
                rows = write_parquet(path, packed(chain((first,), batches)), first.schema)
                select = f"SELECT * FROM {_parquet([path])}"
            self._view(_sql.name(name), select)
            if self.explain and not keep:
                rows = self._number(f"SELECT count(*) FROM {name}")
        self._note(name, sql, rows, began)

    def map(self, name: str, fn: Work, table: str, schema: pa.Schema) -> None:
        """Apply ``fn`` (importable, without state) to a table, in parallel; its rows, in order, become a kept view.

        How the rows are cut into batches may differ from run to run.
        """
        with self._failing(name, f"map over {table}"):
            batches = packed(self._rows(f"SELECT * FROM {_sql.name(table)}"))
            self._keep(name, f"map over {table}", self._pool.map(fn, batches), schema)

    def map_groups(self, name: str, fn: GroupWork, table: str, key: str, schema: pa.Schema) -> None:
        """Apply ``fn(key, rows)`` to each group of a table; the rows become a kept view.

        A group is in memory as a whole, its rows in no particular order; null is a key too.
        """
        with self._failing(name, f"map over {table} by {key}"):
            deal = f"CAST(coalesce(hash({_sql.name(key)}), 0) % {FILES} AS INTEGER) AS {FILE}"
            rows = packed(self._rows(f"SELECT *, {deal} FROM {_sql.name(table)}"))
            batches = grouped(rows, key, self._fresh("groups"))
            work = partial(each_group, fn=fn, key=key, schema=schema)
            self._keep(name, f"map over {table} by {key}", self._pool.map(work, batches, whole=True), schema)

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a statement in batches of at most 2,048, an empty one when it has none."""
        with self._failing("stream", sql):
            yield from self._rows(self._select(sql, params or {}))

    def map_batches(
        self,
        fn: Work,
        batches: Iterable[pa.RecordBatch],
        on_crash: Callable[[pa.RecordBatch], Iterable[pa.RecordBatch]] | None = None,
    ) -> Iterator[list[pa.RecordBatch]]:
        """Apply ``fn`` to batches from anywhere, in parallel: the results of each, in order. See ``Pool.map``."""
        try:
            yield from self._pool.map(fn, batches, on_crash)
        except WorkError as error:
            raise EngineError(self.finder, "map_batches", "", str(error)) from error

    def close(self) -> None:
        """Let go of memory, files and processes."""
        self._pool.close()
        self._db.close()
        super().close()

    def _select(self, sql: str, params: Mapping[str, Any]) -> str:
        """A statement with its parameters in place (a view cannot have any), and the contract's types."""
        values = _sql.used(sql, params)
        text = _sql.replaced(sql.strip().rstrip(";"), lambda marker: _literal(values[marker]))
        casts = []
        for column, kind, *_ in self._db.execute(f"DESCRIBE {text}").fetchall():
            wanted = kind
            for pattern, replacement in _TO_CONTRACT:
                wanted = pattern.sub(replacement, wanted)
            if wanted != kind:
                casts.append(f"CAST({_quoted(column)} AS {wanted}) AS {_quoted(column)}")
        return f"SELECT * REPLACE ({', '.join(casts)}) FROM (\n{text}\n)" if casts else text

    def _view(self, name: str, select: str) -> None:
        self._db.execute(f"CREATE OR REPLACE VIEW {name} AS {select}")

    def _number(self, sql: str) -> int:
        row = self._db.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def _rows(self, select: str) -> Iterator[pa.RecordBatch]:
        cursor = self._db.cursor()  # an open result blocks its connection
        try:
            reader = cursor.sql(select).to_arrow_reader(STREAM_ROWS)
            yield from never_none(reader, contract_schema(reader.schema))
        finally:
            cursor.close()

    def _keep(self, name: str, what: str, results: Iterator[list[pa.RecordBatch]], schema: pa.Schema) -> None:
        began, path = time.monotonic(), self._fresh(_sql.name(name))
        rows = write_parquet(path, (batch for result in results for batch in result), schema)
        self._view(name, f"SELECT * FROM {_parquet([path])}")
        self._note(name, what, rows, began)


def _literal(value: Any) -> str:
    return str(duckdb.ConstantExpression(value))


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _parquet(paths: list[Path]) -> str:
    """A table of files; what would be a pattern in a path stands in brackets."""
    files = [re.sub(r"[*?\[]", r"[\g<0>]", str(path.absolute())) for path in paths]
    return f"read_parquet({_literal(files)}, union_by_name = true)"
