"""A case: read what you have, find what is in it, show and write it, verify that nothing was changed.

>>> from impound import Case
>>> with Case.open_or_create("acme", write=True) as case:   # doctest: +SKIP
...     case.read(["mail/"])
...     case.find()
...     case.write("report", "acme/report.html")
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from impound import config, plugin, store
from impound.errors import UsageError
from impound.intake import Intake, Tally, Terms
from impound.intake import Progress as ReadProgress
from impound.store import CaseStore, clock
from impound.tables import TABLES
from impound.version import __version__

FINDERS = ("senders",)
"""The built-in finders in the order in which they build on each other; others follow by name."""


class Case:
    """One investigation of one organisation, in a folder. Use :meth:`open` or :meth:`open_or_create`."""

    def __init__(self, held: CaseStore) -> None:
        self._store = held
        self.path = held.path
        self.config = config.load(held.path / "impound.toml")

    @classmethod
    def open(cls, path: str | Path, write: bool = False) -> Case:
        """The case at a path; with ``write`` nobody else may write to it until it is closed."""
        held = CaseStore.open(Path(path).absolute())  # a Spark server has a folder of its own
        return cls(held.lock() if write else held)

    @classmethod
    def open_or_create(
        cls,
        path: str | Path,
        *,
        write: bool = False,
        key: bytes | None = None,
        own_networks: Sequence[str] = (),
        reference: bool | None = None,
    ) -> Case:
        """The case at a path, made if there is none. ``key``, and ``reference`` must agree with a case that exists."""
        place = Path(path).absolute()
        if not CaseStore.exists(place):
            if place.exists() and (not place.is_dir() or _holds_anything_else(place)):
                raise UsageError(f"{path} exists and is not a case", "name a folder that does not exist yet")
            CaseStore.create(place, key, config.dump(config.Config()), bool(reference)).close()
        case = cls.open(place, write)
        if key is not None and not case._store.is_key(key):
            case.close()
            raise UsageError(f"{path} was made with another key", "leave --case-key out: the case keeps its own")
        if reference and not case._store.reference:
            case.close()
            raise UsageError(f"{path} keeps its sources' bytes", "--reference is decided when a case is made")
        if own_networks:
            case._set_own_networks(own_networks)
        return case

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let others write to the case."""
        self._store.close()

    def _set_own_networks(self, networks: Sequence[str]) -> None:
        given = [config.network(n) for n in networks]
        file = self.path / "impound.toml"
        text = file.read_text("utf-8") if file.exists() else config.dump(config.Config())
        line = f"own_networks = {given}".replace("'", '"')
        changed, times = re.subn(r"(?m)^own_networks[ \t]*=[ \t]*\[[^\]\n]*\][ \t]*$", line, text)
        if not times:
            changed = re.sub(r"(?m)^\[organisation\][ \t]*$", f"[organisation]\n{line}", text)
            changed = changed if changed != text else f"{text.rstrip()}\n\n[organisation]\n{line}\n"
        if changed != text:
            file.write_text(changed, "utf-8")
            self.config = config.load(file)

    # -- read -------------------------------------------------------------------------------------------------------

    def read(
        self,
        paths: Sequence[str],
        *,
        reader: str | None = None,
        vantage: str | None = None,
        sensor: str | None = None,
        progress: ReadProgress = lambda size, records, rejects: None,
    ) -> Tally:
        """Read mail (and whatever else a reader knows) into the case. What it holds already is passed over."""
        names = [reader] if reader else list(plugin.available("readers"))
        said = self.config.reading
        terms = Terms(
            vantage=vantage or said.vantage,
            sensor=sensor or said.sensor,
            tlp=said.tlp,
            read_at=clock(),
            readers={name: plugin.load("readers", name)() for name in names},
            seal=not self._store.reference,
        )
        self._store.note("read begins", paths=list(paths), vantage=terms.vantage, sensor=terms.sensor, readers=names)
        engine = plugin.load("engines", "duckdb")(tmp=self._store.tmp)
        try:
            intake = Intake(self._store, engine, terms)
            tally = intake.read(list(paths), progress)
        except BaseException as error:
            self._store.note("read ended early", error=type(error).__name__)
            raise
        finally:
            engine.close()
        counts = {k: getattr(tally, k) for k in ("sources", "copies", "known", "records", "rejects", "bytes")}
        self._store.note("read", inputs_sha256=tally.digest.hexdigest(), **counts)
        return tally

    # -- find -------------------------------------------------------------------------------------------------------

    def find(
        self,
        finders: Sequence[str] = (),
        *,
        engine: str = "duckdb",
        connect: str | None = None,
        explain: bool = False,
        progress: Callable[[str, int, int], None] = lambda name, done, total: None,
    ) -> dict[str, list[plugin.Statement]]:
        """Run finders (all of them unless named) and keep what they find. Gives the statements each one ran."""
        self._store.settle()
        found = plugin.available("finders")
        names = list(finders) or sorted(found, key=lambda n: (FINDERS.index(n) if n in FINDERS else len(FINDERS), n))
        statements: dict[str, list[plugin.Statement]] = {}
        for done, name in enumerate(names):
            progress(name, done, len(names))
            statements[name] = self._find(name, engine, connect, explain)
        progress("", len(names), len(names))
        return statements

    def _find(self, name: str, engine_name: str, connect: str | None, explain: bool) -> list[plugin.Statement]:
        finder = plugin.load("finders", name).from_config(self.config)
        engine = self._engine(engine_name, connect, explain)
        engine.finder = name
        try:
            for table in finder.reads:
                engine.view(table, self._store.parts(table))
            finder.find(engine)
            self._store.replace({t: engine.stream(_ordered(t)) for t in finder.writes})
            rows = {t: self._store.rows(t) for t in finder.writes}
            self._store.note("find", finder=name, version=finder.version, params=repr(finder.params), rows=rows)
            log: list[plugin.Statement] = engine.log()
            return log
        finally:
            engine.close()

    def _engine(self, name: str, connect: str | None, explain: bool) -> Any:
        made = plugin.load("engines", name)
        options = {"connect": connect} if connect else {}
        return made(tmp=self._store.tmp, explain=explain, **options)

    # -- show and write ---------------------------------------------------------------------------------------------

    def query(self, sql: str, params: Mapping[str, Any] | None = None, tables: Sequence[str] = ()) -> pa.Table:
        """The rows of a statement over the case's tables (all of them unless some are named)."""
        with self._viewing(tables or tuple(TABLES)) as engine:
            batches = list(engine.stream(sql, params))
            return pa.Table.from_batches(batches) if batches else pa.table({})

    def rows(self, table: str, limit: int | None = None) -> Iterator[pa.RecordBatch]:
        """A table in the order of its parts, in batches; an empty batch with its schema when it has no rows."""
        if table not in TABLES:
            raise UsageError(f"no table is called {table}", f"there are: {', '.join(TABLES)}")
        left = limit
        schema = TABLES[table].schema
        yield schema.empty_table().to_batches()[0] if schema.empty_table().to_batches() else _empty(schema)
        for path in self._store.parts(table):
            for batch in self._store.part(path, table).to_batches():
                if left is not None and left <= 0:
                    return
                yield batch if left is None else batch.slice(0, left)
                left = None if left is None else left - len(batch)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return self._store.rows(table)

    def found(self, table: str) -> bool:
        """Whether the finder that writes a table has run."""
        return table in self._store.manifest.parts

    def files(self) -> list[str]:
        """Every file the case is made of, below its folder."""
        return list(self._store.manifest.files)

    def original(self, source_id: int, offset: int) -> bytes:
        """The sealed bytes of the record that begins there, at most 1 MiB of them."""
        return self._store.original(source_id, offset)

    def write(self, writer: str, to: str | Path, options: Mapping[str, str] | None = None) -> Path:
        """Write the case for people: ``writer`` names how (``report``), ``to`` where."""
        made = plugin.load("writers", writer)()
        chosen = {"country_db": self.config.databases.country, "asn_db": self.config.databases.asn}
        chosen |= dict(options or {})
        settings = {"own_networks": list(self.config.organisation.own_networks), "name": self.config.organisation.name}
        facts = plugin.CaseFacts(
            self.config.organisation.name or self.path.resolve().name, __version__, clock(), settings
        )
        place = Path(to)
        with self._viewing(made.reads) as engine:
            made.write(engine, place, facts, {k: v for k, v in chosen.items() if v})
        return place

    def written(self, writer: str, options: Mapping[str, str] | None = None) -> bytes:
        """What :meth:`write` writes, for a writer that makes one file."""
        with tempfile.TemporaryDirectory() as folder:
            return self.write(writer, Path(folder) / "written", options).read_bytes()

    def _viewing(self, tables: Sequence[str]) -> _Viewing:
        if not self._store.manifest.settled:
            with CaseStore.open(self.path).lock() as held:
                held.settle()
            self._store = CaseStore.open(self.path)
        return _Viewing({t: self._store.parts(t) for t in tables})

    def verify(self, progress: Callable[[int, int], None] = lambda done, total: None) -> list[str]:
        """What was changed since it was sealed, in words; an empty list when nothing was."""
        return store.verify(self._store, progress)


class _Viewing:
    """An engine that looks at a case's tables and writes nothing."""

    def __init__(self, tables: dict[str, list[Path]]) -> None:
        self._tables = tables

    def __enter__(self) -> Any:
        self._engine = plugin.load("engines", "duckdb")()
        for name, parts in self._tables.items():
            self._engine.view(name, parts)
        return self._engine

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._engine.close()


def _holds_anything_else(place: Path) -> bool:
    """Whether a folder holds more than what a creation that was cut short leaves behind."""
    ours = {"evidence", "tables", "tmp", "case.key", "impound.toml", "manifest.jsonl", ".case.key.new", "lock"}
    return any(entry.name not in ours for entry in place.iterdir())


def _ordered(table: str) -> str:
    columns = ", ".join(f"t.{c.name}" for c in TABLES[table].columns)
    return f"SELECT {columns} FROM {table} t ORDER BY {', '.join(f't.{k}' for k in TABLES[table].key)}"


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)
