"""The case folder: opening, locking, adding batches, replacing findings, and what is where."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from impound.errors import InUse, StoreError, UsageError
from impound.store._custody import CustodyLog
from impound.store._files import sha256_of, sync_folder, told, write_whole
from impound.store._manifest import Looked, Manifest, Part, step_add, step_extend, step_replace
from impound.store._parts import frame_bytes, write_table
from impound.store._sources import merge
from impound.tables import SCHEMA_VERSION, TABLES
from impound.version import __version__

KEY_BYTES = 32
PRUNED = ""
"""``seals.frame`` of a stretch whose bytes were pruned."""
DAMAGED = "impound verify CASE names all that is damaged; go back to a copy of the case"
FOLDERS = ("evidence", "tables", "tmp")


class CaseStore:
    """A case on disk. Use :meth:`create` or :meth:`open`; as a context manager it lets go of the lock.

    Reading needs no lock: parts never change once they are in the manifest. Writing takes the case's one lock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = Manifest.load(path / "manifest.jsonl")
        self.custody = CustodyLog(path / "custody.jsonl")
        self._lock: int | None = None
        self._unfinished = False

    @classmethod
    def create(cls, path: Path, key: bytes | None, settings: str, reference: bool) -> CaseStore:
        """A new, empty case. ``key`` pseudonymises recipients (32 random bytes unless given)."""
        with told(str(path)):
            for folder in FOLDERS:
                (path / folder).mkdir(parents=True, exist_ok=True)
            lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two that begin the same case at once must not mix their keys
            if not cls.exists(path):
                cls._begin(path, key, settings, reference)
        finally:
            os.close(lock)
        return cls(path)

    @classmethod
    def _begin(cls, path: Path, key: bytes | None, settings: str, reference: bool) -> None:
        key = key or secrets.token_bytes(KEY_BYTES)
        write_whole(path / "case.key", key.hex().encode() + b"\n", 0o600)
        if not (path / "impound.toml").exists():
            write_whole(path / "impound.toml", settings.encode())
        facts = {"op": "case", "schema": SCHEMA_VERSION, "key_id": _key_id(key), "reference": reference}
        CustodyLog(path / "custody.jsonl").append("create", version=__version__, key_id=facts["key_id"])
        Manifest(path / "manifest.jsonl").append(facts)  # last: from here on it is a case
        sync_folder(path)

    @classmethod
    def exists(cls, path: Path) -> bool:
        """Whether a case lies at that path (one whose creation was cut short does not count)."""
        manifest = path / "manifest.jsonl"
        return manifest.exists() and manifest.read_bytes().count(b"\n", 0, 1 << 16) > 0

    @classmethod
    def open(cls, path: Path) -> CaseStore:
        """The case at that path. Raises UsageError when there is none."""
        if not cls.exists(path):
            raise UsageError(f"{path} is not a case", f"make one: impound investigate {path} YOUR-MAIL")
        return cls(path)

    # -- writing ------------------------------------------------------------------------------------------------

    def lock(self) -> Self:
        """Take the case for writing, and clear away what an interrupted run left unfinished."""
        with told(f"{self.path}/lock"):
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(handle, 32).decode("ascii", "replace").strip()
            os.close(handle)
            raise InUse(
                f"{self.path} is in use by another impound (process {holder or '?'})", "wait for it to end, or end it"
            ) from None
        self._lock = handle
        try:
            with told(f"{self.path}/lock"):
                os.ftruncate(handle, 0)
                os.pwrite(handle, b"%d\n" % os.getpid(), 0)
            self.manifest = Manifest.load(self.manifest.path)  # what the last holder added
            self._sweep()
            self.sound()
        except BaseException:
            self._unfinished = True
            self.close()
            raise
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the lock. An empty lock file says that nothing was left unfinished."""
        if self._lock is not None:
            shutil.rmtree(self.tmp, ignore_errors=True)
            if not self._unfinished:
                os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def _sweep(self) -> None:
        """Remove what no manifest line names: it was never finished."""
        shutil.rmtree(self.tmp, ignore_errors=True)
        with told(str(self.path)):
            for folder in FOLDERS:
                (self.path / folder).mkdir(exist_ok=True)
            live = self.manifest.files
            for file in (*self.path.glob("tables/*/*"), *self.path.glob("evidence/*")):
                if str(file.relative_to(self.path)) not in live:
                    file.unlink()

    def sound(self, deep: bool = False) -> None:
        """Raises StoreError when a file of the case is missing or has another length; ``deep``: or a table's bytes."""
        for part in self.manifest.files.values():
            try:
                damaged = (
                    "" if (self.path / part.file).stat().st_size == part.bytes else "has another length than it had"
                )
                if deep and not damaged and part.rows and sha256_of(self.path / part.file) != part.sha256:
                    damaged = "was changed"
            except OSError as error:
                damaged = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
            if damaged:
                raise StoreError(f"{part.file} {damaged}", DAMAGED)

    def add(self, parts: list[tuple[str, Path, Part]], frames: list[tuple[Path, Part]]) -> None:
        """Make one batch count: its parts and sealed frames are moved into place, then the manifest names them.

        A part that is in the case already (the same bytes) is not added again.
        """
        live = self.manifest.files
        parts = [p for p in parts if p[2].file not in live]
        frames = [f for f in frames if f[1].file not in live]
        self._unfinished = True
        for spare, part in ((s, p) for s, p in (*[(s, p) for _, s, p in parts], *frames)):
            self._move(spare, part)
        for folder in {(self.path / p.file).parent for p in (*[p for _, _, p in parts], *[f for _, f in frames])}:
            sync_folder(folder)
        if parts or frames:
            self.manifest.append(step_add([(t, p) for t, _, p in parts], [f for _, f in frames]))
        self._unfinished = False

    def replace(self, tables: dict[str, Iterable[pa.RecordBatch]], looked: tuple[str, Looked] | None = None) -> None:
        """Write tables anew; the old parts are removed once the manifest names the new ones. No change, no step.

        ``looked``: whose memory they are, and how far it reaches.
        """
        fresh: dict[str, list[Part]] = {}
        self._unfinished = True
        for table, batches in tables.items():
            spare, part = write_table(table, TABLES[table].schema, batches, self.tmp)
            if part.rows:
                self._move(spare, part)
                sync_folder((self.path / part.file).parent)
            fresh[table] = [part] if part.rows else []
        before = {table: self.manifest.parts.get(table, []) for table in fresh}
        remembered = looked is None or _as_far(self.manifest.looked.get(looked[0]), looked[1])
        if before != fresh or not self.manifest.settled or not remembered:
            self.manifest.append(step_extend(fresh, *looked) if looked else step_replace(fresh))
            live = self.manifest.files
            for part in (p for parts in before.values() for p in parts if p.file not in live):
                (self.path / part.file).unlink(missing_ok=True)
        self._unfinished = False

    def swap(self, line: dict[str, Any], spares: list[tuple[Path, Part]], old: list[str]) -> None:
        """Make a step count that puts new files in the place of old ones, which are removed after it."""
        self._unfinished = True
        for spare, part in spares:
            self._move(spare, part)
        for folder in {(self.path / part.file).parent for _, part in spares}:
            sync_folder(folder)
        self.manifest.append(line)
        for file in old:
            if file not in self.manifest.files:
                (self.path / file).unlink(missing_ok=True)
        self._unfinished = False

    def settle(self) -> None:
        """Merge the increments of ``sources`` into one row for each source, if there are any."""
        if not self.manifest.settled:
            self.replace({"sources": self.sources().combine_chunks().to_batches()})

    def _move(self, spare: Path, part: Part) -> None:
        place = self.path / part.file
        with told(part.file):
            place.parent.mkdir(parents=True, exist_ok=True)
            spare.replace(place)

    def note(self, what: str, **facts: Any) -> None:
        """Write into the custody log what was done, with the manifest as it stands now."""
        self.custody.append(what, manifest=self.manifest.seal(), **facts)

    # -- reading ------------------------------------------------------------------------------------------------

    @property
    def tmp(self) -> Path:
        """Where unfinished work lies; emptied whenever the case is locked or let go."""
        return self.path / "tmp"

    @property
    def reference(self) -> bool:
        """Whether the case keeps only references to its sources, not their bytes."""
        return bool(self.manifest.facts.get("reference"))

    def key(self) -> bytes:
        """The case key. Raises StoreError when it is missing or is not the one the case was made with."""
        file = self.path / "case.key"
        try:
            key = bytes.fromhex(file.read_text("ascii").strip())
        except (OSError, ValueError):
            raise StoreError(f"{file} is missing or damaged", "put back the key this case was made with") from None
        if _key_id(key) != self.manifest.facts.get("key_id"):
            raise StoreError(f"{file} is not the key this case was made with", "keys are never shared between cases")
        return key

    def in_use(self) -> bool:
        """Whether another process holds the case for writing."""
        if self._lock is not None or not (self.path / "lock").exists():
            return False
        handle = os.open(self.path / "lock", os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    def interrupted(self) -> bool:
        """Whether the last command that wrote to the case did not come to its end: what it left will be swept away."""
        lock = self.path / "lock"
        return lock.exists() and lock.stat().st_size > 0 and not self.in_use()

    def is_key(self, key: bytes) -> bool:
        """Whether the case was made with that key."""
        return hmac.compare_digest(_key_id(key), str(self.manifest.facts.get("key_id")))

    def parts(self, table: str) -> list[Path]:
        """The Parquet files of a table, in order."""
        return [self.path / p.file for p in self.manifest.parts.get(table, [])]

    def rows(self, table: str) -> int:
        """How many rows the parts of a table have."""
        return sum(p.rows for p in self.manifest.parts.get(table, []))

    def table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """A whole table in memory: for the small ones, and for single columns."""
        schema = TABLES[name].schema if columns is None else pa.schema([TABLES[name].schema.field(c) for c in columns])
        pieces = []
        for path in self.parts(name):
            with whole(path):
                pieces.append(pq.read_table(path, columns=columns).cast(schema))
        return pa.concat_tables(pieces) if pieces else schema.empty_table()

    def sources(self) -> pa.Table:
        """The table ``sources`` with one row for each source, also while its increments are not merged yet."""
        return self.table("sources") if self.manifest.settled else merge(self.table("sources"))

    def part(self, path: Path, name: str) -> pa.Table:
        """One part of a table."""
        with whole(path):
            return pq.read_table(path).cast(TABLES[name].schema)

    def original(self, source_id: int, offset: int, most: int = 1 << 20) -> bytes:
        """The sealed bytes of a source from a place where a record begins; at most ``most`` of them.

        Raises StoreError when the case keeps no bytes there, or not any more.
        """
        for path in self.parts("seals"):
            with whole(path):
                rows = pq.read_table(path, filters=[("source_id", "=", source_id), ("offset", "=", offset)]).to_pylist()
            for row in rows:
                if row["frame"] == PRUNED:
                    raise StoreError(
                        f"source {source_id}: bytes from {offset:,} were pruned", "custody.jsonl says when"
                    )
                with whole(self.path / row["frame"]):
                    return _slice(frame_bytes(self.path / row["frame"]), row["frame_offset"], min(row["bytes"], most))
        raise StoreError(
            f"no sealed bytes of source {source_id} begin at {offset}", "the case may hold references only"
        )

    def each(self, name: str, columns: list[str], fn: Callable[[pa.RecordBatch], None]) -> None:
        """Call ``fn`` with batch after batch of some columns of a table: for what need not be in memory at once."""
        for path in self.parts(name):
            with whole(path), pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=columns):
                    fn(batch)


@contextmanager
def whole(path: Path) -> Iterator[None]:
    """Turn what a missing or damaged file of the case raises into a StoreError that names it."""
    try:
        yield
    except (OSError, pa.ArrowException, zstandard.ZstdError) as error:
        file = "/".join(path.parts[-3:])
        raise StoreError(f"{file} is missing or damaged: {error}", DAMAGED) from error


def _slice(blocks: Iterator[bytes], start: int, length: int) -> bytes:
    out, at = bytearray(), 0
    for block in blocks:
        out += block[max(0, start - at) : max(0, start + length - at)]
        at += len(block)
        if len(out) >= length:
            break
    return bytes(out)


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"impound case key\0" + key).hexdigest()[:16]


def _as_far(before: Looked | None, now: Looked) -> bool:
    """Whether a memory reaches as far as now, and is the same finder's: where it began does not matter."""
    return before is not None and (before.by, before.until) == (now.by, now.until)
