"""What tables are made of: types that every engine shares exactly, columns, and the columns that all records have.

Types come from the set that DuckDB, Spark and Parquet share: string, bool, int32, int64, double, binary,
timestamp[us, UTC], list<string>, list<int64>, list<struct>.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

SCHEMA_VERSION = 1
"""Raised when a table changes; a store written by a higher one is refused."""

STRING, BOOL, INT32, INT64, DOUBLE = pa.string(), pa.bool_(), pa.int32(), pa.int64(), pa.float64()
TIME = pa.timestamp("us", tz="UTC")
BINARY = pa.binary()
STRINGS = pa.list_(pa.string())

HOP = pa.struct(
    [
        ("helo", STRING),
        ("name", STRING),
        ("verified", BOOL),
        ("ip", STRING),
        ("port", INT32),
        ("by", STRING),
        ("by_ip", STRING),
        ("protocol", STRING),
        ("queue_id", STRING),
        ("authenticated", BOOL),
        ("at", TIME),
        ("form", STRING),
    ]
)
"""One ``Received`` line: who handed over (``helo`` as claimed, ``name`` as looked up, ``verified`` where
that name resolves back to the address, ``ip``, ``port``), who took it (``by``, ``by_ip``), how (``protocol``,
``queue_id``, ``authenticated``), when, and in which program's way it is written (``form``)."""


@dataclass(frozen=True)
class Column:
    """A column: its name, Arrow type and what it means in one sentence (with the unit, where it has one)."""

    name: str
    type: pa.DataType
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table: its name, kind (``record`` or ``finding``), what a row is, its columns and the key it is ordered by."""

    name: str
    kind: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    schema: pa.Schema = field(init=False, compare=False)

    def __post_init__(self) -> None:
        fields = [pa.field(c.name, c.type) for c in self.columns]
        object.__setattr__(self, "schema", pa.schema(fields))


ID = Column("id", INT64, "a non-negative hash of source, offset, table and ordinal: the same on every machine")
SOURCE_ID = Column("source_id", INT64, "the source it was read from (`sources.id`)")
MESSAGE_ID = Column("message_id", INT64, "the message it stands in (`messages.id`)")
RECORD = (
    ID,
    SOURCE_ID,
    Column("offset", INT64, "where it begins in the source, in bytes after decompression"),
    Column("seen_at", TIME, "when it was observed; null where nobody says"),
    Column("clock", STRING, "who said the time: receiver, sender, log or file"),
)
CAMPAIGN_ID = Column("campaign_id", INT64, "the campaign (`campaigns.id`)")
PROOF = pa.list_(pa.struct([("table", STRING), ("id", INT64)]))
