"""The engine for a cluster: any Spark Connect server (Spark 4, or pysail without a JVM) reached over the network.

The server reads the parts and the engine's folder by path, so both must lie on a disk that it shares. Functions that
are mapped run on its workers, so impound must be installed there.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark_types
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from impound.engines import _sql
from impound.engines._base import UNCOUNTED, EngineBase, never_none, schema_of, write_parquet
from impound.engines._groups import GroupWork
from impound.engines._shape import conform, contract_schema
from impound.engines._worker import Work
from impound.errors import EngineError, MissingExtra, UsageError

REMOTE = "SPARK_REMOTE"
"""The environment variable that Spark's own tools read the server's address from."""
PORT = 15002
"""Where a Spark Connect server listens when its address names no port."""
REACH_SECONDS = 10.0
"""How long the server may take to answer the telephone; Spark's client would try for minutes."""

_TO_CONTRACT: dict[type[spark_types.DataType], str] = {
    spark_types.ByteType: "int",
    spark_types.ShortType: "int",
    spark_types.FloatType: "double",
    spark_types.DecimalType: "double",
}


class SparkEngine(EngineBase):
    """A session of its own on the server at ``connect`` (sc://host:port, or what ``SPARK_REMOTE`` says).

    ``tmp`` is a folder that the server reads and writes too; what is kept lies there until ``close``.
    """

    name = "spark"
    failures = (PySparkException,)

    def __init__(self, connect: str | None = None, tmp: Path | None = None, *, explain: bool = False) -> None:
        url = connect or os.environ.get(REMOTE)
        if not url:
            raise UsageError("the engine spark needs the address of a server", "give --connect sc://host:15002")
        _reach(url)
        super().__init__(tmp, explain)
        try:
            self._spark = SparkSession.builder.remote(url).create()
        except ImportError as missing:
            raise MissingExtra(f"a part of Spark's client ({missing})", "spark") from missing
        with self._failing("settings", ""):
            self._spark.conf.set("spark.sql.session.timeZone", "UTC")

    def view(self, name: str, parts: list[Path] | pa.Table, table: str = "") -> None:
        """Make Parquet parts, or a small Arrow table, known under a name.

        A table of the contract (``table``, where it has another name) has all its columns, null where older parts lack
        them; without parts it is empty.
        """
        with self._failing(name, "view"):
            schema = schema_of(table or _sql.name(name), parts)
            if isinstance(parts, pa.Table):
                rows, parts = parts, [self._fresh(name)]
                write_parquet(parts[0], rows.to_batches(), rows.schema)
            if not parts:
                parts = [self._fresh(name)]
                write_parquet(parts[0], [], schema)
            for part in parts:
                part.stat()  # pysail reads a file that is not there as an empty one
            self._parquet(parts, from_arrow_schema(schema)).createOrReplaceTempView(name)

    def run(self, name: str, sql: str, params: Mapping[str, Any] | None = None, keep: bool = False) -> None:
        """Run a named statement with parameters written ``:name``; its rows become a view of that name.

        A view is run again each time it is read, unless it is kept.
        """
        began = time.monotonic()
        with self._failing(name, sql):
            frame = self._select(_sql.common(sql), params or {})
            if keep:
                frame = self._kept(_sql.name(name), frame)
            frame.createOrReplaceTempView(_sql.name(name))
            rows = frame.count() if keep or self.explain else UNCOUNTED
        self._note(name, sql, rows, began)

    def map(self, name: str, fn: Work, table: str, schema: pa.Schema) -> None:
        """Apply ``fn`` (importable, without state) to a table on the workers; its rows become a kept view."""
        frame = self._spark.table(_sql.name(table)).mapInArrow(_batchwise(fn, schema), from_arrow_schema(schema))
        self._map(name, f"map over {table}", frame)

    def map_groups(self, name: str, fn: GroupWork, table: str, key: str, schema: pa.Schema) -> None:
        """Apply ``fn(key, rows)`` to each group of a table on the workers; the rows become a kept view."""
        groups = self._spark.table(_sql.name(table)).groupBy(_sql.name(key))
        frame = groups.applyInArrow(_groupwise(fn, schema), from_arrow_schema(schema))
        self._map(name, f"map over {table} by {key}", frame)

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a statement in the batches that the server sends, an empty one when it has none."""
        with self._failing("stream", sql):
            frame = self._select(sql, params or {})
            # toLocalIterator makes Python rows and toArrow holds everything: this is what both are built upon
            plan = frame._plan.to_proto(self._spark.client)  # type: ignore[operator]  # any name may be a column
            tables = (t for t in self._spark.client.to_table_as_iterator(plan, {}) if isinstance(t, pa.Table))
            schema = contract_schema(to_arrow_schema(frame.schema, timezone="UTC"))
            yield from never_none((batch for table in tables for batch in table.to_batches()), schema)

    def close(self) -> None:
        """End the session and remove the files of kept statements."""
        with self._failing("close", ""):
            self._spark.stop()
        super().close()

    def _select(self, sql: str, params: Mapping[str, Any]) -> DataFrame:
        """A statement with its parameters, in the contract's types."""
        values = _sql.used(sql, params)
        frame = self._spark.sql(sql.strip().rstrip(";"), args=values or None)
        casts = {f.name: _TO_CONTRACT.get(type(f.dataType)) for f in frame.schema}
        return (
            frame.withColumns({n: frame[n].cast(to) for n, to in casts.items() if to}) if any(casts.values()) else frame
        )

    def _kept(self, name: str, frame: DataFrame) -> DataFrame:
        path = self._fresh(name)  # a folder; pysail makes none when there are no rows, and reads it as empty
        frame.write.parquet(str(path))
        return self._parquet([path], frame.schema)

    def _map(self, name: str, what: str, frame: DataFrame) -> None:
        began = time.monotonic()
        with self._failing(name, what):
            kept = self._kept(_sql.name(name), frame)
            kept.createOrReplaceTempView(name)
            self._note(name, what, kept.count(), began)

    def _parquet(self, paths: list[Path], schema: spark_types.StructType) -> DataFrame:
        """The rows of files; what would be a pattern in a path stands in brackets."""
        files = [re.sub(r"[*?\[{]", r"[\g<0>]", str(path.absolute())) for path in paths]
        return self._spark.read.schema(schema).parquet(*files)


def _reach(url: str) -> None:
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "", place.port or PORT), REACH_SECONDS).close()
    except (OSError, ValueError) as error:
        hint = "is a Spark Connect server running there? The address is sc://host:port"
        raise EngineError("(none)", "connect", url, f"no server can be reached: {error}", hint) from error


def _batchwise(fn: Work, schema: pa.Schema) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for result in fn(conform(batch, contract_schema(batch.schema))):
                yield conform(result, schema)

    return work


def _groupwise(fn: GroupWork, schema: pa.Schema) -> Callable[[tuple[pa.Scalar, ...], pa.Table], pa.Table]:
    def work(key: tuple[pa.Scalar, ...], rows: pa.Table) -> pa.Table:
        plain = contract_schema(rows.schema)
        given = pa.Table.from_batches([conform(b, plain) for b in rows.to_batches()], schema=plain)
        results = fn(key[0].as_py(), given).to_batches()
        return pa.Table.from_batches([conform(b, schema) for b in results], schema=schema)

    return work
