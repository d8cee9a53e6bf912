"""The manifest: which files make up a case, one JSON line for each step, appended and put on the disk before it counts.

What is on the disk but not in the manifest was never finished: it is removed when the case is next opened for writing.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from impound.errors import StoreError, VerifyError
from impound.store._files import told
from impound.tables import SCHEMA_VERSION


@dataclass(frozen=True)
class Part:
    """A file of a case: its path below the case, its rows (0 for a sealed frame), length in bytes and SHA-256."""

    file: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Looked:
    """How far a finder looked: ``by`` says what it was then, ``after`` where it began, ``until`` where it ended.

    Both count batches: a batch is a line of the manifest that added what was read.
    """

    by: str
    after: int
    until: int


@dataclass(frozen=True)
class Swap:
    """A file in whose place another comes, or none: a part of ``table``, or a frame where ``table`` is empty."""

    table: str
    old: str
    new: Part | None


@dataclass
class Manifest:
    """The live parts of each table and the sealed frames, in the order in which they came."""

    path: Path
    parts: dict[str, list[Part]] = field(default_factory=dict)
    frames: list[Part] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    """What the first line says of the case: schema, version, key_id, reference."""
    files: dict[str, Part] = field(default_factory=dict)
    """Every live file by its path below the case."""
    batches: int = 0
    """How many batches were read."""
    batch_of: dict[str, int] = field(default_factory=dict)
    """For each part of a record table, in which batch it came (counted from 0)."""
    looked: dict[str, Looked] = field(default_factory=dict)
    """For finders whose rows of a message depend on that message alone: how far they looked."""
    settled: bool = True
    """Whether ``sources`` holds one row a source (and not increments still to be merged)."""

    @classmethod
    def load(cls, path: Path) -> Manifest:
        """Read the manifest. Raises StoreError for one written by a newer impound, VerifyError for a broken line."""
        manifest = cls(path)
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break  # cut by a crash, so it never counted
                try:
                    manifest._apply(json.loads(line))
                except (ValueError, KeyError, TypeError) as error:
                    raise VerifyError(f"{path}, line {number} cannot be read: {error}") from error
        if manifest.facts.get("schema", 0) > SCHEMA_VERSION:
            raise StoreError(
                f"{path.parent} was written by a newer impound (schema {manifest.facts['schema']})",
                "update impound: pip install --upgrade impound",
            )
        return manifest

    def append(self, step: dict[str, Any]) -> None:
        """Make a step count: first on the disk, then here."""
        with told(str(self.path)), self.path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            if size and file.read(1) != b"\n":
                file.truncate(self._whole_bytes())
            file.write(json.dumps(step, sort_keys=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._apply(step)

    def _whole_bytes(self) -> int:
        data = self.path.read_bytes()
        return data.rfind(b"\n") + 1

    def _apply(self, step: dict[str, Any]) -> None:
        match step["op"]:
            case "case":
                self.facts = step
            case "add":
                for table, part in step["parts"]:
                    self._live(Part(**part), self.parts.setdefault(table, []))
                    self.batch_of[part["file"]] = self.batches
                    self.settled = self.settled and table != "sources"
                for frame in step["frames"]:
                    self._live(Part(**frame), self.frames)
                self.batches += 1
            case "replace":
                for table, parts in step["tables"].items():
                    for old in self.parts.get(table, []):
                        self.files.pop(old.file, None)
                    self.parts[table] = []
                    for part in parts:
                        self._live(Part(**part), self.parts[table])
                    self.settled = self.settled or table == "sources"
                if "looked" in step:
                    self.looked[step["finder"]] = Looked(**step["looked"])
            case "prune":
                for table, old, part in step["swaps"]:
                    self._swap(Swap(table, old, Part(**part) if part else None))
            case other:
                raise ValueError(f"unknown step {other!r}")

    def _swap(self, swap: Swap) -> None:
        among = self.parts[swap.table] if swap.table else self.frames
        among[:] = [new for part in among for new in ((swap.new,) if part.file == swap.old else (part,)) if new]
        del self.files[swap.old]
        if swap.new:
            self.files[swap.new.file] = swap.new

    def _live(self, part: Part, among: list[Part]) -> None:
        among.append(part)
        self.files[part.file] = part

    def seal(self) -> dict[str, Any]:
        """The length and SHA-256 of the manifest's whole lines as they stand, for the custody log."""
        data = self.path.read_bytes()
        data = data[: data.rfind(b"\n") + 1]  # a line cut by a crash goes with the next one that is written
        return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def step_add(parts: list[tuple[str, Part]], frames: list[Part]) -> dict[str, Any]:
    """The manifest line of one batch that was read."""
    return {"op": "add", "parts": [[t, asdict(p)] for t, p in parts], "frames": [asdict(f) for f in frames]}


def step_replace(tables: dict[str, list[Part]]) -> dict[str, Any]:
    """The manifest line of tables written anew."""
    return {"op": "replace", "tables": {t: [asdict(p) for p in parts] for t, parts in tables.items()}}


def step_extend(tables: dict[str, list[Part]], finder: str, looked: Looked) -> dict[str, Any]:
    """The manifest line of what a finder found and will be shown again: rows added, or tables of its own."""
    return step_replace(tables) | {"finder": finder, "looked": asdict(looked)}


def step_prune(swaps: list[Swap]) -> dict[str, Any]:
    """The manifest line of sealed bytes that were removed."""
    return {"op": "prune", "swaps": [[s.table, s.old, asdict(s.new) if s.new else None] for s in swaps]}
