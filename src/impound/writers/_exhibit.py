"""One exhibit: a title, plain words, a table of which the page shows the beginning and a CSV file has all."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from impound.canonical import as_cell

Row = Sequence[object]
SHOWN = 60
"""Rows of a table that are printed: about two pages; the file has all of them."""


@dataclass(frozen=True)
class Exhibit:
    """What is to be filed. ``widths`` are shares of the page, one for each of ``columns``; ``file`` has no folder."""

    mark: str
    title: str
    file: str
    words: Sequence[str]
    columns: Sequence[str]
    widths: Sequence[float]
    rows: Iterable[Row]
    samples: Sequence[tuple[str, str]] = ()
    """Headings and example texts that stand under the table."""


@dataclass(frozen=True)
class Filed:
    """An exhibit whose CSV file is written: its first rows, how many there are, and the SHA-256 of the file."""

    exhibit: Exhibit
    shown: list[list[str]] = field(default_factory=list)
    total: int = 0
    sha256: str = ""


def file(exhibit: Exhibit, folder: Path) -> Filed:
    """Write the CSV file of an exhibit, row by row."""
    path, rows, shown, total = folder / exhibit.file, iter(exhibit.rows), [], 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
        writer.writerow(exhibit.columns)
        for row in islice(rows, SHOWN):
            shown.append([words(cell) for cell in row])
            writer.writerow([as_cell(cell) for cell in shown[-1]])
        total = len(shown)
        for row in rows:
            writer.writerow([as_cell(words(cell)) for cell in row])
            total += 1
    return Filed(exhibit, shown, total, hashlib.sha256(path.read_bytes()).hexdigest())


def words(cell: object) -> str:
    """A cell as text; what nobody knows is empty."""
    return "" if cell is None else str(cell)
