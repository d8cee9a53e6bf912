"""Messages put together again from their tables, one row each, for finders that map a check over them.

Links and attachments come as lists of texts, their columns joined by the unit separator: both engines gather texts the
same way, and a list of structs they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pyarrow as pa

from impound.check.mail import File, Link, Mail
from impound.plugin import Engine

BETWEEN = "\x1f"
"""U+001F, the unit separator of ASCII; a text that holds one loses its last columns, nothing more."""

READS = ("messages", "bodies", "urls", "attachments")
_LINK = ("url", "scheme", "host", "domain", "path_shape", "place", "form", "link_text")
_FILE = ("name", "media_type", "magic", "sha256", "image_hash", "bytes")


def whole(engine: Engine, name: str = "whole", most: int = 0) -> None:
    """Leave a view, a row for each message: ``id``, the texts of :class:`Mail`, ``links`` and ``files``.

    ``most``: the characters of each text of the body that are wanted, from its beginning; all of them where it is 0.
    """
    params = {"between": BETWEEN}
    engine.run(f"{name}_links", _gathered("urls", _LINK, "links"), params)
    engine.run(f"{name}_files", _gathered("attachments", _FILE, "files"), params)
    columns = ", ".join(_column(f.name, most) for f in fields(Mail) if f.name not in ("links", "files"))
    engine.run(name, _WHOLE.format(columns=columns, links=f"{name}_links", files=f"{name}_files"))


def mails(batch: pa.RecordBatch) -> Iterator[tuple[int, Mail]]:
    """The id and the message of each row of a batch of that view."""
    for row in batch.to_pylist():
        links, files = _rows(row["links"], _LINK), _rows(row["files"], _FILE)
        for file in files:
            file["bytes"] = _count(file.get("bytes"))
        yield row["id"], Mail.of(row, urls=links, attachments=files)


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def _rows(texts: list[str] | None, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """In the order of their texts: engines gather in any order."""
    return [dict(zip(columns, text.split(BETWEEN), strict=False)) for text in sorted(texts or ())]


def _gathered(table: str, columns: tuple[str, ...], name: str) -> str:
    joined = " || :between || ".join(f"COALESCE(CAST(t.{c} AS STRING), '')" for c in columns)
    return f"SELECT t.message_id, ARRAY_AGG({joined}) AS {name} FROM {table} t GROUP BY t.message_id"


_WHOLE = """
SELECT m.id, {columns}, l.links, f.files FROM messages m
LEFT JOIN bodies b ON b.body_sha256 = m.body_sha256
LEFT JOIN {links} l ON l.message_id = m.id
LEFT JOIN {files} f ON f.message_id = m.id
"""
_BODY = ("text", "html_text", "hidden_text")


def _column(name: str, most: int) -> str:
    if name not in _BODY:
        return f"m.{name}"
    return f"SUBSTR(b.{name}, 1, {int(most)}) AS {name}" if most else f"b.{name}"


assert set(_LINK) == set(Link.__slots__) and set(_FILE) == set(File.__slots__)
