"""A case: read what you have, find what is in it, show and write it, verify that nothing was changed.

>>> from impound import Case
>>> with Case.open_or_create("acme", write=True) as case:   # doctest: +SKIP
...     case.read(["mail/"])
...     case.find()
...     case.write("report", "acme/report.html")
"""

from __future__ import annotations

import difflib
import hmac
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from impound import config, plugin, sending, store
from impound.case import _finding as finding
from impound.case import _notify, _pruning
from impound.case._engine import empty, running
from impound.case._settings import set_own_networks
from impound.errors import StoreError, UsageError
from impound.intake import Intake, Tally, Terms, changed
from impound.intake import Progress as ReadProgress
from impound.intake.following import Following, Pace
from impound.store import CaseStore, clock
from impound.tables import TABLES
from impound.version import __version__

FINDERS = (
    *("senders", "software", "reply_contacts", "campaigns", "lures", "hosts", "botnets"),
    *("templates", "url_patterns", "indicators", "lives", "effects", "replies", "returns"),
)
"""The built-in finders in the order in which they build on each other; others follow by name."""


class Case:
    """One investigation of one organisation, in a folder. Use :meth:`open` or :meth:`open_or_create`."""

    def __init__(self, held: CaseStore) -> None:
        self._store = held
        self.path = held.path
        self.config = config.load(held.path / "impound.toml")
        self._looking: Any = None
        self._viewed: set[str] = set()

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
        given = [config.network(n) for n in own_networks]
        if not CaseStore.exists(place):
            if str(place).encode("utf-8", "replace").decode() != str(place):
                raise UsageError(f"{path} is not UTF-8", "the engines need a path that is text: choose another name")
            if place.exists() and (not place.is_dir() or _holds_anything_else(place)):
                raise UsageError(f"{path} exists and is not a case", "name a folder that does not exist yet")
            CaseStore.create(place, key, config.dump(config.Config()), bool(reference)).close()
        case = cls.open(place, write)
        try:
            if key is not None and not case._store.is_key(key):
                raise UsageError(f"{path} was made with another key", "leave --case-key out: the case keeps its own")
            if reference and not case._store.reference:
                raise UsageError(f"{path} keeps its sources' bytes", "--reference is decided when a case is made")
            if given:
                set_own_networks(case.path / "impound.toml", given)
                case.config = config.load(case.path / "impound.toml")
        except BaseException:
            case.close()
            raise
        return case

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let others write to the case."""
        self._store.close()

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
        terms = self._terms(reader, vantage, sensor)
        self._store.note("read begins", paths=list(paths), vantage=terms.vantage, sensor=terms.sensor,
                         readers=list(terms.readers))  # fmt: skip
        try:
            with running(self._store, "duckdb", tmp=self._store.tmp) as engine:
                tally = Intake(self._store, engine, terms).read(list(paths), progress)
            self._store.settle()  # when the workers have let go of their memory
        except BaseException as error:
            with suppress(StoreError):  # on a full disk the first failure is the one to tell
                self._store.note("read ended early", error=type(error).__name__)
            raise
        self._store.note("read", inputs_sha256=tally.digest.hexdigest(), **tally.counts())
        return tally

    def follow(
        self,
        paths: Sequence[str],
        *,
        stop: Event,
        pace: Pace = Pace(),  # noqa: B008
        reader: str | None = None,
        vantage: str | None = None,
        sensor: str | None = None,
        each: Callable[[Tally], None] = lambda tally: None,
        note: Callable[[str], None] = lambda text: None,
    ) -> Tally:
        """Read what comes under some paths until ``stop`` is set; between two passes others may write to the case.

        ``each`` is told what a pass has read, ``note`` what one might want to look into. The case must not be open for
        writing; in one that keeps references the bytes of a growing mailbox could not be found again.
        """
        if self._store.reference:
            raise UsageError(f"{self.path} keeps references", "what is followed changes: use a case that keeps bytes")
        terms = self._terms(reader, vantage, sensor)
        with running(self._store, "duckdb", sheltered=True) as engine:
            return Following(self._store, engine, terms, each, note).run(paths, pace, stop)

    def _terms(self, reader: str | None, vantage: str | None, sensor: str | None) -> Terms:
        if vantage and vantage not in config.VANTAGES:
            raise UsageError(f"no vantage is called {vantage}", f"there are: {', '.join(config.VANTAGES)}")
        said, names = self.config.reading, [reader] if reader else list(plugin.available("readers"))
        return Terms(
            vantage=vantage or said.vantage,
            sensor=sensor or said.sensor,
            tlp=said.tlp,
            read_at=clock(),
            readers={name: plugin.load("readers", name)() for name in names},
            seal=not self._store.reference,
        )

    # -- prune ------------------------------------------------------------------------------------------------------

    def prune(
        self,
        before: datetime | None = None,
        *,
        dry_run: bool = False,
        progress: Callable[[store.Pruned], None] = lambda so_far: None,
    ) -> store.Pruned:
        """Remove the sealed bytes of what is older than a time; hashes, tables and findings stay, and so do texts.

        Without a time it is the day so many days ago as ``[retention] days`` says, from its beginning (UTC).
        A message is as old as its receiver says; where only its sender says, and for all else, reading it counts:
        nobody gets evidence removed by writing an old date. With ``dry_run`` nothing is removed.
        """
        return _pruning.prune(self, before, dry_run, progress)

    # -- find -------------------------------------------------------------------------------------------------------

    def find(
        self,
        finders: Sequence[str] = (),
        *,
        engine: str = "duckdb",
        connect: str | None = None,
        explain: bool = False,
        full: bool = False,
        progress: Callable[[str, int, int], None] = lambda name, done, total: None,
    ) -> dict[str, list[plugin.Statement]]:
        """Run finders (all of them unless named) and keep what they find. Gives the statements each one ran.

        What was said of a message that was there before, and rests on this message alone, is not looked for again,
        unless ``full``.
        """
        self._store.settle()
        found = plugin.available("finders")
        names = list(finders) or sorted(found, key=lambda n: (FINDERS.index(n) if n in FINDERS else len(FINDERS), n))
        statements: dict[str, list[plugin.Statement]] = {}
        options = {"connect": connect} if connect else {}
        with running(self._store, engine, tmp=self._store.tmp, explain=explain, **options) as held:
            for done, name in enumerate(names):
                progress(name, done, len(names))
                before = len(held.log())
                finding.run(self._store, plugin.load("finders", name).from_config(self.config), held, full)
                statements[name] = held.log()[before:]
        progress("", len(names), len(names))
        return statements

    # -- show and write ---------------------------------------------------------------------------------------------

    def query(self, sql: str, params: Mapping[str, Any] | None = None, tables: Sequence[str] = ()) -> pa.Table:
        """The rows of a statement over the case's tables (all of them unless some are named)."""
        with self._viewing(tables or tuple(TABLES)) as engine:
            batches = list(engine.stream(sql, params))
            return pa.Table.from_batches(batches) if batches else pa.table({})

    def rows(self, table: str, limit: int | None = None) -> Iterator[pa.RecordBatch]:
        """A table in the order of its parts, in batches; an empty batch with its schema when it has no rows."""
        if table not in TABLES:
            near = difflib.get_close_matches(table, TABLES, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(TABLES)}"
            raise UsageError(f"no table is called {table}", hint)
        left = limit
        schema = TABLES[table].schema
        yield schema.empty_table().to_batches()[0] if schema.empty_table().to_batches() else empty(schema)
        for batch in self._batches(table):
            if left is not None and left <= 0:
                return
            yield batch if left is None else batch.slice(0, left)
            left = None if left is None else left - len(batch)

    def _batches(self, table: str) -> Iterator[pa.RecordBatch]:
        if table == "sources":
            yield from self._store.sources().to_batches()
            return
        for path in self._store.parts(table):
            yield from self._store.part(path, table).to_batches()

    def count(self, table: str) -> int:
        """How many rows a table has."""
        settled = table != "sources" or self._store.manifest.settled
        return self._store.rows(table) if settled else self._store.sources().num_rows

    def found(self, table: str) -> bool:
        """Whether the finder that writes a table has run."""
        return table in self._store.manifest.parts

    def files(self) -> list[str]:
        """Every file the case is made of, below its folder."""
        return list(self._store.manifest.files)

    def original(self, source_id: int, offset: int) -> bytes:
        """The sealed bytes of the record that begins there, at most 1 MiB of them."""
        return self._store.original(source_id, offset)

    def write(
        self,
        writer: str,
        to: str | Path,
        options: Mapping[str, str] | None = None,
        note: Callable[[str], None] = lambda text: None,
    ) -> Path:
        """Write the case for people: ``writer`` names how (``report``), ``to`` where; ``note`` is told what to read."""
        made, said = plugin.load("writers", writer)(), self.config.databases
        plugin.check_options(made, options or {})
        settings = {"country_db": said.country, "asn_db": said.asn}
        chosen = {name: value for name, value in settings.items() if name in made.options} | dict(options or {})
        name = self.config.organisation.name or self.path.resolve().name
        facts = plugin.CaseFacts(name, __version__, clock(), self.config, self.path, note)
        place = Path(to)
        with self._viewing(made.reads) as engine, store.told(str(place)):
            made.write(engine, place, facts, {k: v for k, v in chosen.items() if v})
        self.touched("write", writer=writer, to=place.name, sha256=store.sha256_below(place))
        return place

    def touched(self, what: str, **facts: Any) -> str:
        """Write into the custody log that the case was touched (``facts``: JSON values); gives the chain's new head."""
        return self._store.custody.append(what, **facts)

    def key_for(self, purpose: str) -> bytes:
        """A key for one purpose, made from the case key (HMAC-SHA-256): it tells nothing of that key or of another."""
        return hmac.digest(self._store.key(), purpose.encode(), "sha256")

    def custody(self) -> list[dict[str, Any]]:
        """Every entry of the custody log, its chain checked."""
        return self._store.custody.entries()

    def happened(self, actor: str, events: Sequence[Mapping[str, Any]]) -> None:
        """Add rows to ``events`` (without ``actor``), in the order given. The case must be open for writing."""
        if not events:
            return
        rows = pa.Table.from_pylist(
            [dict(event) | {"actor": actor} for event in events], schema=TABLES["events"].schema
        )
        self._store.replace({"events": [*self._batches("events"), *rows.to_batches()]})
        self._store.note("events", actor=actor, rows=len(rows))

    def keep(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write a finding table that a command makes, in place of what it held. The case must be open for writing."""
        whole = pa.Table.from_pylist([dict(row) for row in rows], schema=TABLES[table].schema)
        self._store.replace({table: whole.to_batches()})
        self._store.note("keep", table=table, rows=len(whole))

    def notify(
        self,
        *,
        send: bool = False,
        letters: Path | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> tuple[sending.Plan, sending.Sent | None]:
        """What is to be told to whom, and with ``send`` telling it; the case must not be open for writing.

        ``letters``: a file of the user's own customers, who are then written to as owners. The custody log is the
        journal: a run that was cut short goes on from there. Table ``notices`` is made from it.
        """
        return _notify.notify(self, send, letters, progress)

    def written(self, writer: str, options: Mapping[str, str] | None = None) -> bytes:
        """What :meth:`write` writes, for a writer that makes one file."""
        with tempfile.TemporaryDirectory() as folder:
            return self.write(writer, Path(folder) / "written", options).read_bytes()

    @contextmanager
    def looking(self) -> Iterator[Self]:
        """Answer every query inside with one engine (it takes 0.1 s to start). What is written later is not seen."""
        with running(self._store, "duckdb") as engine:
            self._looking = engine
            try:
                yield self
            finally:
                self._looking, self._viewed = None, set()

    @contextmanager
    def _viewing(self, tables: Sequence[str]) -> Iterator[Any]:
        """An engine that looks at the case's tables; it writes nothing, so an interrupted case stays as it is."""
        if self._looking is not None:
            self._view(self._looking, [t for t in tables if t not in self._viewed])
            self._viewed |= set(tables)
            yield self._looking
            return
        with running(self._store, "duckdb") as engine:
            self._view(engine, tables)
            yield engine

    def _view(self, engine: Any, tables: Sequence[str]) -> None:
        for table in tables:
            whole = table != "sources" or self._store.manifest.settled
            engine.view(table, self._store.parts(table) if whole else self._store.sources())

    def verify(
        self,
        progress: Callable[[int, int], None] = lambda done, total: None,
        note: Callable[[str], None] = lambda text: None,
    ) -> list[str]:
        """What was changed since it was read, in words; an empty list when nothing was.

        ``note`` is told what is no change and yet worth knowing: a command that was interrupted, and of a case that
        keeps references the sources that are not there any more.
        """
        if self._store.interrupted():
            note("the last command was interrupted: run it again, it goes on from there")
        found = store.verify(self._store, progress, note)
        return found + list(changed(self._store, note)) if self._store.reference else found


def _holds_anything_else(place: Path) -> bool:
    """Whether a folder holds more than what a creation that was cut short leaves behind."""
    ours = {"evidence", "tables", "tmp", "lock", "case.key", "impound.toml", "custody.jsonl", "manifest.jsonl"}
    ours |= {f".{name}.new" for name in ("case.key", "impound.toml")}
    return any(entry.name not in ours for entry in place.iterdir())
