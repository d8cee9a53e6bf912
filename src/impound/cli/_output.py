"""Tables as text for people and programs. What comes from mail is hostile to terminals and spreadsheets: made harmless.

Control characters and marks that turn the direction of text are shown as escapes; a CSV cell that a spreadsheet would
run as a formula gets an apostrophe in front (OWASP, CSV Injection).
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq
from click import unstyle

from impound.canonical import as_cell, defang

_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
CELL = 60
"""Characters of a value in a table for a terminal; the other formats give all of it."""


class Safe(str):
    """A text that is harmless already, and may carry our own styles; they are kept on a terminal only."""

    __slots__ = ()


_LINK = re.compile(r"(?i)(?:https?|ftp)://[^\s\"<>]+|mailto:[^\s\"<>]+")


def unlinked(text: str) -> str:
    """A text whose links a terminal offers to nobody to click."""
    return _LINK.sub(lambda m: defang(m[0]), text) if ":" in text else text


def harmless(text: str) -> str:
    """A text that cannot steer a terminal: control and direction characters as escapes."""
    return _HARMFUL.sub(lambda m: "\\n" if m[0] == "\n" else f"\\u{ord(m[0]):04x}", text)


def plain(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601 with Z, bytes in hex."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def to_json(value: Any) -> str:
    """A value as JSON on one line, harmless to a terminal and still the same JSON value."""
    text = json.dumps(plain(value), ensure_ascii=False)
    return _HARMFUL.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def write(batches: Iterable[pa.RecordBatch], form: str, out: BinaryIO, title: str = "") -> int:
    """Write rows in a format (table, json, csv, parquet); gives their number."""
    if form == "parquet":
        return _parquet(batches, out)
    text = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", write_through=True, newline="")
    try:
        return {"json": _json, "csv": _csv, "table": _table}[form](batches, text)
    finally:
        text.flush()
        text.detach()


def _parquet(batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
    writer, rows = None, 0
    for batch in batches:
        writer = writer or pq.ParquetWriter(out, batch.schema, compression="zstd")
        writer.write_batch(batch)
        rows += len(batch)
    if writer is not None:
        writer.close()
    return rows


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        for start in range(0, len(batch), 1024):
            yield from batch.slice(start, 1024).to_pylist()


def _json(batches: Iterable[pa.RecordBatch], out: TextIO) -> int:
    rows = -1
    out.write("[")
    for rows, row in enumerate(_rows(batches)):
        out.write((",\n " if rows else "\n ") + to_json(row))
    out.write("\n]\n" if rows >= 0 else "]\n")
    return rows + 1


def _csv(batches: Iterable[pa.RecordBatch], out: TextIO) -> int:
    writer, rows = csv.writer(out, lineterminator="\r\n"), 0
    for batch in batches:
        if not rows and not len(batch):
            writer.writerow(batch.schema.names)
            rows = -1
            continue
        if rows == 0:
            writer.writerow(batch.schema.names)
        rows = max(rows, 0)
        for row in _rows([batch]):
            writer.writerow([_cell(v) for v in row.values()])
            rows += 1
    return max(rows, 0)


def _cell(value: Any) -> Any:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return to_json(value)
    if isinstance(value, str):
        return as_cell(harmless(value))
    return value


def _table(batches: Iterable[pa.RecordBatch], out: TextIO) -> int:
    """Columns side by side in blocks of 200 rows; a value is cut at ``CELL`` characters."""
    rows = 0
    names: list[str] = []
    for batch in batches:
        for start in range(0, max(len(batch), 1), 200):
            block = [[_short(v) for v in r.values()] for r in batch.slice(start, 200).to_pylist()]
            if not block and rows == 0 and not names:
                names = batch.schema.names
                continue
            names = batch.schema.names
            _block(names, block, out, head=rows == 0)
            rows += len(block)
    if rows == 0:
        out.write("  ".join(names) + "\n(no rows)\n" if names else "(no rows)\n")
    return rows


def _short(value: Any) -> str:
    value = plain(value)
    if value is None:
        return "·"
    text = (
        harmless(value) if isinstance(value, str) else to_json(value) if isinstance(value, (list, dict)) else str(value)
    )
    text = unlinked(text)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def _block(names: list[str], block: list[list[str]], out: TextIO, head: bool) -> None:
    lines = [names, *block] if head else block
    widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
    for line in lines:
        out.write("  ".join(v.ljust(w) for v, w in zip(line, widths, strict=True)).rstrip() + "\n")


def record(facts: list[tuple[str, Any]], form: str) -> None:
    """Print one thing with its facts: a name a line and links defanged, or one JSON object."""
    text = to_json(dict(facts)) + "\n" if form == "json" else "".join(_lines(facts))
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))  # whatever the terminal's own encoding is


def _lines(facts: list[tuple[str, Any]]) -> Iterator[str]:
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        lines = (
            value.splitlines()
            if isinstance(value, str)
            else [to_json(value)]
            if isinstance(value, (dict, list))
            else [str(plain(value))]
        )
        for number, line in enumerate(lines or [""]):
            shown = _styled(line) if isinstance(value, Safe) else harmless(unlinked(line))
            yield f"{name if number == 0 else '':<{width}}  {shown}\n"


def _styled(line: str) -> str:
    return line if sys.stdout.isatty() else unstyle(line)
