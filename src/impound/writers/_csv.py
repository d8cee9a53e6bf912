"""A table as CSV for people's spreadsheets: batch by batch, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from impound.canonical import as_cell


def write_csv(to: Path, columns: list[str], batches: Iterable[pa.RecordBatch]) -> None:
    """Write the batches under a line of column names. Lists and structs are JSON, null is empty."""
    with to.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        for batch in batches:
            out.writerows(zip(*([_cell(v) for v in column.to_pylist()] for column in batch.columns), strict=True))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return as_cell(value.encode("utf-8", "replace").decode().replace("\0", ""))
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, default=str, ensure_ascii=True) if isinstance(value, list | dict) else str(value)
