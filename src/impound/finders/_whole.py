"""Messages put together again from their tables, one row each, for finders that map a check over them.

Links and attachments come as lists of texts, their columns joined by the unit separator: both engines gather texts the
same way, and a list of structs they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache

import pyarrow as pa

from impound.check.mail import MOST_FILES, MOST_LINKS, File, Link, Mail
from impound.plugin import Engine

BETWEEN = "\x1f"
"""U+001F, the unit separator of ASCII; a text that holds one loses its last columns, nothing more."""

MOST_KEPT = 4096
"""Links and attachments that are remembered, most of them some hundred bytes."""
READS = ("messages", "bodies", "urls", "attachments")
_LINK = ("url", "scheme", "host", "domain", "path_shape", "place", "form", "link_text")
_FILE = ("name", "media_type", "magic", "sha256", "image_hash", "bytes")


def whole(engine: Engine, name: str = "whole", most: int = 0, only: str = "") -> None:
    """Leave a view, a row for each message: ``id``, the texts of :class:`Mail`, ``links`` and ``files``.

    ``most``: the characters of each text of the body that are wanted, from its beginning; all of them where it is 0.
    ``only``: a view whose column ``message_id`` names the messages that are wanted; all of them where it is empty.
    """
    params = {"between": BETWEEN}
    engine.run(f"{name}_links", _gathered("urls", _LINK, "links", only), params)
    engine.run(f"{name}_files", _gathered("attachments", _FILE, "files", only), params)
    columns = ", ".join(_column(name, most) for name in _TEXTS)
    sql = _WHOLE.format(columns=columns, links=f"{name}_links", files=f"{name}_files")
    engine.run(name, f"{sql} WHERE m.id IN (SELECT w.message_id FROM {only} w)" if only else sql)


def mails(batch: pa.RecordBatch) -> Iterator[tuple[int, Mail]]:
    """The id and the message of each row of a batch of that view."""
    columns = {name: column.to_pylist() for name, column in zip(batch.schema.names, batch.columns, strict=True)}
    links, files = map(_links, columns["links"]), map(_files, columns["files"])
    texts = zip(*([text or "" for text in columns[name]] for name in _TEXTS if name in columns), strict=True)
    names = [name for name in _TEXTS if name in columns]
    for message, said, linked, enclosed in zip(columns["id"], texts, links, files, strict=True):
        yield message, Mail(**dict(zip(names, said, strict=True)), links=linked, files=enclosed)


def _links(texts: list[str] | None) -> tuple[Link, ...]:
    """In the order of their texts: engines gather in any order."""
    return tuple(map(_link, sorted(texts)[:MOST_LINKS])) if texts else ()


def _files(texts: list[str] | None) -> tuple[File, ...]:
    return tuple(map(_file, sorted(texts)[:MOST_FILES])) if texts else ()


@lru_cache(maxsize=MOST_KEPT)
def _link(text: str) -> Link:
    """Campaigns repeat their links."""
    return Link(*text.split(BETWEEN)[: len(_LINK)])


@lru_cache(maxsize=MOST_KEPT)
def _file(text: str) -> File:
    said = dict(zip(_FILE, text.split(BETWEEN), strict=False))
    size = said.pop("bytes", "")
    return File(**said, bytes=int(size) if size.isdecimal() and len(size) < 19 else 0)


def _gathered(table: str, columns: tuple[str, ...], name: str, only: str) -> str:
    joined = " || :between || ".join(f"COALESCE(CAST(t.{c} AS STRING), '')" for c in columns)
    wanted = f"WHERE t.message_id IN (SELECT w.message_id FROM {only} w) " if only else ""
    return f"SELECT t.message_id, ARRAY_AGG({joined}) AS {name} FROM {table} t {wanted}GROUP BY t.message_id"


_WHOLE = """
SELECT m.id, {columns}, l.links, f.files FROM messages m
LEFT JOIN bodies b ON b.body_sha256 = m.body_sha256
LEFT JOIN {links} l ON l.message_id = m.id
LEFT JOIN {files} f ON f.message_id = m.id
"""
_TEXTS = tuple(f.name for f in fields(Mail) if f.name not in ("links", "files"))
_BODY = ("text", "html_text", "hidden_text")


def _column(name: str, most: int) -> str:
    if name not in _BODY:
        return f"m.{name}"
    return f"SUBSTR(b.{name}, 1, {int(most)}) AS {name}" if most else f"b.{name}"


assert tuple(f.name for f in fields(Link)) == _LINK and tuple(f.name for f in fields(File)) == _FILE
