"""What was handed in, by the folder or archive it came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from impound.plugin import Engine

TOP_FOLDERS = 15
KEPT_FOLDERS = 10_000
"""Folders that are counted one by one; a case with more of them has the rest counted as one line, to bound memory."""

REST = "…"
_SQL = "SELECT paths, archive, copies, bytes, records, rejects, first_at, last_at FROM sources ORDER BY id"


@dataclass
class Folder:
    """A folder or an archive, and what came of the sources in it."""

    name: str
    archive: bool = False
    sources: int = 0
    copies: int = 0
    bytes: int = 0
    records: int = 0
    rejects: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, rows: pa.Table) -> None:
        """Count sources of this place."""
        self.sources += len(rows)
        for figure in ("copies", "bytes", "records", "rejects"):
            setattr(self, figure, getattr(self, figure) + (pc.sum(rows.column(figure)).as_py() or 0))
        self.first = min(filter(None, (self.first, pc.min(rows.column("first_at")).as_py())), default=None)
        self.last = max(filter(None, (self.last, pc.max(rows.column("last_at")).as_py())), default=None)


def folders(engine: Engine) -> tuple[list[Folder], int]:
    """The folders and archives with most sources, and how many others there are."""
    found: dict[str, Folder] = {}
    for batch in engine.stream(_SQL):
        for (name, archive), chosen in _places(batch).items():
            kept = name if name in found or len(found) < KEPT_FOLDERS else REST
            found.setdefault(kept, Folder(kept, archive)).add(pa.Table.from_batches([batch.take(chosen)]))
    ordered = sorted(found.values(), key=lambda f: (-f.records, -f.sources, f.name))
    return ordered[:TOP_FOLDERS], max(0, len(ordered) - TOP_FOLDERS)


def _places(batch: pa.RecordBatch) -> dict[tuple[str, bool], list[int]]:
    """The rows of each folder or archive of a batch, in the order in which they are met."""
    found: dict[tuple[str, bool], list[int]] = {}
    columns = (batch.column(name).to_pylist() for name in ("archive", "paths", "records"))
    for row, (archive, paths, records) in enumerate(zip(*columns, strict=True)):
        found.setdefault((str(archive or _place(paths, records)), bool(archive)), []).append(row)
    return found


def _place(paths: list[str] | None, records: int | None) -> str:
    """The folder of the first path; a mailbox and a lone file stand for themselves."""
    path = str((paths or ["?"])[0])
    if (records or 0) > 1:
        return path
    head, slash, _ = path.rpartition("/")
    return head + slash if head else path
