"""What was handed in, by the folder or archive it came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from impound.plugin import Engine
from impound.writers._rows import rows

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

    def add(self, source: dict[str, Any]) -> None:
        """Count one more source."""
        self.sources += 1
        for figure in ("copies", "bytes", "records", "rejects"):
            setattr(self, figure, getattr(self, figure) + (source[figure] or 0))
        self.first = min(filter(None, (self.first, source["first_at"])), default=None)
        self.last = max(filter(None, (self.last, source["last_at"])), default=None)


def folders(engine: Engine) -> tuple[list[Folder], int]:
    """The folders and archives with most sources, and how many others there are."""
    found: dict[str, Folder] = {}
    for source in rows(engine, _SQL):
        name = _place(source)
        if name not in found and len(found) >= KEPT_FOLDERS:
            name = REST
        if name not in found:
            found[name] = Folder(name, bool(source["archive"]))
        found[name].add(source)
    ordered = sorted(found.values(), key=lambda f: (-f.records, -f.sources, f.name))
    return ordered[:TOP_FOLDERS], max(0, len(ordered) - TOP_FOLDERS)


def _place(source: dict[str, Any]) -> str:
    """The archive, or the folder of the first path; a lone file stands for itself."""
    if source["archive"]:
        return str(source["archive"])
    path = str((source["paths"] or ["?"])[0])
    if (source["records"] or 0) > 1:
        return path
    head, slash, _ = path.rpartition("/")
    return head + slash if head else path
