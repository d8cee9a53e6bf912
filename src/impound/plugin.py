"""The contracts of readers, finders, writers and engines, and how they are found: lazily, by entry point.

Built-ins register in ``pyproject.toml`` through the same doors as anybody else's; nothing is imported until used.
"""

from __future__ import annotations

import difflib
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from impound.canonical import printable, record_id
from impound.config import Config
from impound.errors import MissingExtra, UsageError
from impound.tables import TABLES

CONTINUED = "continued"
"""``skipped`` of a stretch that goes on from the one before it: sealed, and no reject of its own."""
GROUPS = ("readers", "finders", "writers", "engines")


@dataclass(frozen=True)
class Piece:
    """A stretch of one source's bytes, cut where a record begins: what a reader is handed, and what is sealed.

    ``skipped`` says why its bytes are sealed but not read (too long, say): it becomes a reject and no reader sees it.
    """

    source_sha256: bytes
    source_id: int
    offset: int
    data: bytes
    skipped: str = ""


@dataclass(frozen=True)
class Cut:
    """Where a source may be cut: ``data`` begins at a record. Cuts follow each other without a gap or an overlap."""

    offset: int
    data: bytes
    skipped: str = ""


@dataclass
class Rows:
    """Collects the rows of one batch and gives them as Arrow tables in the contract's schema."""

    key: bytes
    """The case key, for pseudonyms."""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    drills: set[int] = field(default_factory=set)
    """The ids of sources that say of themselves that they are synthetic."""
    known: dict[str, set[int]] = field(default_factory=dict)
    """For a reader's own use: ids of rows that this batch has already, in tables that hold a thing once."""

    def row(self, table: str, **values: Any) -> None:
        """Add a row. Columns left out are null; an unknown one raises KeyError. A struct is a tuple of its fields."""
        if not values.keys() <= _columns(table):
            raise KeyError(f"{table}: {sorted(values.keys() - _columns(table))}")
        rows = self.rows.get(table)
        if rows is None:
            rows = self.rows[table] = []
        rows.append(values)

    def reject(self, piece: Piece, offset: int, reason: str, excerpt: bytes = b"") -> None:
        """Say what could not be read, and why. ``offset`` counts bytes from the beginning of the source."""
        ordinal = int.from_bytes(hashlib.blake2b(reason.encode(), digest_size=6).digest(), "big")
        self.row(
            "rejects",
            id=record_id(piece.source_sha256, offset, "rejects", ordinal),
            source_id=piece.source_id,
            offset=offset,
            reason=reason,
            excerpt=printable(excerpt),
        )

    def mark(self) -> dict[str, int]:
        """Where the rows stand now, for :meth:`undo`."""
        return {name: len(rows) for name, rows in self.rows.items()}

    def undo(self, mark: dict[str, int]) -> None:
        """Take back every row added since the mark."""
        for name, rows in self.rows.items():
            del rows[mark.get(name, 0) :]

    def tables(self) -> dict[str, pa.Table]:
        """The rows as Arrow tables; only tables that have rows."""
        return {name: _table(name, rows) for name, rows in self.rows.items() if rows}


@lru_cache
def _columns(table: str) -> frozenset[str]:
    return frozenset(TABLES[table].schema.names)


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema, first = TABLES[name].schema, rows[0]
    given = [c for c in schema.names if c in first]
    if len(given) > 1 and all(row.keys() == first.keys() for row in rows):  # as one reader's rows are
        nothing = [None] * len(rows)
        columns = dict(zip(given, zip(*map(itemgetter(*given), rows), strict=True), strict=True))
        return pa.table({c: columns.get(c, nothing) for c in schema.names}, schema=schema)
    return pa.table({c: [row.get(c) for row in rows] for c in schema.names}, schema=schema)


class Reader(Protocol):
    """Turns bytes of one format into record tables. ``cut`` runs in one process, ``read`` in many.

    ``writes`` names its tables; the rows of the first one are what ``sources.records`` counts.
    """

    name: str
    version: str
    writes: tuple[str, ...]

    def detect(self, path: str, head: bytes) -> float:
        """How sure it is that this is its format, 0 to 1, from the first 64 KiB."""

    def cut(self, stream: BinaryIO, size: int) -> Iterator[Cut]:
        """The whole source in stretches that begin at records, in order, each bounded in size."""

    def grows(self, head: bytes) -> bool:
        """Whether a source that begins so is one to which records are added, and a record of it begins so."""

    def read(self, pieces: Iterable[Piece], out: Rows) -> None:
        """Rows for each piece; what cannot be read becomes a reject. Never raises for what the bytes say."""


class Engine(Protocol):
    """Where the analysis runs. Statements are plain SQL in the subset that DuckDB 2 and Spark 4 share."""

    name: str

    def view(self, name: str, parts: list[Path] | pa.Table, table: str = "") -> None:
        """Make a stored table (its Parquet parts) or a small Arrow table known under a name, its own unless given."""

    def run(self, name: str, sql: str, params: Mapping[str, Any] | None = None, keep: bool = False) -> None:
        """Run a named statement; its rows become a view of that name, written down as Parquet when ``keep``."""

    def map(
        self,
        name: str,
        fn: Callable[[pa.RecordBatch], Iterable[pa.RecordBatch]],
        table: str,
        schema: pa.Schema,
    ) -> None:
        """Apply ``fn`` (importable, without state) to a table in parallel; its rows become a view called ``name``."""

    def map_groups(
        self, name: str, fn: Callable[[Any, pa.Table], pa.Table], table: str, key: str, schema: pa.Schema
    ) -> None:
        """Apply ``fn(key, rows)`` to each group of a table; the rows become a view called ``name``."""

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a statement, in batches, to the driver."""

    def log(self) -> list[Statement]:
        """Every named statement so far with its rows and seconds, for ``--explain``."""

    def close(self) -> None:
        """Let go of memory, files and processes."""


@dataclass(frozen=True)
class Statement:
    """One statement an engine ran: its name, text, number of rows and seconds."""

    name: str
    sql: str
    rows: int
    seconds: float


class Finder(Protocol):
    """Turns tables into finding tables. It leaves a view named after each table it ``writes``."""

    name: str
    version: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    params: Any
    each: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    """What :meth:`look` reads, where that is not all of ``reads``."""
    kept: tuple[str, ...] = ()
    """Tables it writes for itself: :meth:`find` has views of what it wrote last, empty where another finder did."""
    newer: tuple[str, ...] = ()
    """Record tables of which :meth:`find` has a view ``new_…`` too: the rows that came since it wrote ``kept``."""
    replies: bool = False
    """Whether it is shown what answers our notices too (sources of vantage ``reply``); others never see that."""

    def look(self, engine: Engine) -> None:
        """Leave a view for each table in ``each``, with the rows of every message in ``messages`` (or body, or link).

        Only where there are such tables: what they say of a message rests on its own records alone (its row, texts,
        links and attachments). In a case that grows the engine has views of the new messages only, of record tables;
        when :meth:`find` is called, ``each`` are views of all rows, of old messages too.
        """

    def find(self, engine: Engine) -> None:
        """Find. Every table in ``writes`` must be a view of the engine afterwards, with the contract's columns."""


def identity(finder: Finder) -> str:
    """What a finder is: its name, version and parameters, and the files of the program, as a hash.

    Any change to any file of impound, or to the module of the finder, makes another one of it.
    """
    files = [path for path in sorted(Path(__file__).parent.rglob("*")) if path.suffix != ".pyc" and path.is_file()]
    own = getattr(sys.modules.get(type(finder).__module__), "__file__", None)
    states = [
        (str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in (*files, *([Path(own)] if own else []))
    ]
    said = repr((finder.name, finder.version, finder.params, states))
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True)
class CaseFacts:
    """What a writer may say of a case besides its tables: its name, version, clock, settings and folder.

    ``folder`` is for the writer that hands the case over whole, its sealed originals and its custody log. ``note`` is
    told what whoever writes should read.
    """

    name: str
    version: str
    made_at: datetime | None
    config: Config = field(default_factory=Config)
    folder: Path | None = None
    note: Callable[[str], None] = lambda text: None


class Writer(Protocol):
    """Turns tables into files for people, in an order that never changes.

    ``options`` names what :meth:`write` may be told; the paths ``country_db`` and ``asn_db`` come from the settings
    where nobody says another.
    """

    name: str
    reads: tuple[str, ...]
    options: tuple[str, ...]

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write to the path. The engine has a view for each table in ``reads`` (an empty one where nothing is)."""


def check_options(writer: Writer, options: Mapping[str, str]) -> None:
    """Raises UsageError for an option that the writer does not have."""
    for option in options:
        if option not in writer.options:
            said = f"there are: {', '.join(writer.options)}" if writer.options else "it has none"
            raise UsageError(f"{writer.name} has no option {option}", said)


def available(group: str) -> dict[str, EntryPoint]:
    """The plug-ins of a group by name, none of them imported."""
    return {e.name: e for e in sorted(entry_points(group=f"impound.{group}"), key=lambda e: e.name)}


def load(group: str, name: str) -> Any:
    """The plug-in class of that name. Raises UsageError with the nearest name, MissingExtra when it needs more."""
    found = available(group)
    if name not in found:
        near = difflib.get_close_matches(name, found, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(found)}"
        raise UsageError(f"no {group[:-1]} is called {name}", hint)
    try:
        return found[name].load()
    except ModuleNotFoundError as missing:
        raise MissingExtra(f"{missing.name}, which {group[:-1]} {name} needs,", name) from missing
