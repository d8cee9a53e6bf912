"""Mail as columns of numbers: what the campaigns finder holds in memory, some hundred bytes a message.

Texts, names and addresses become keys, 63 bits of a hash: equal where they are equal. Nothing of a message's words is
kept but its sketch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from impound import canonical
from impound.finders import _hops, _sketch
from impound.finders._quiet import quiet
from impound.plugin import Engine

TOGETHER = 16_384
"""Rows that are made columns of at a time."""
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Mail:
    """The messages of a case in the order of their ids; ``text`` is a row of ``sketches``."""

    ids: Numbers
    at: Numbers
    """Seconds since 1970; 0 where nobody says."""
    text: Numbers
    text_key: Numbers
    words: Numbers
    software: Numbers
    subject: Numbers
    subject_words: Numbers
    mime: Numbers
    net: Numbers
    host: Numbers
    owner: Numbers
    quiet: Flags
    """Written to a list, or a reply: people who quote and link to the same things, and are no campaign for it."""
    bounce: Flags
    """A report of a mail server: its words are the server's."""
    sketches: NDArray[np.uint16]
    heads: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.ids)

    def without_sketches(self) -> Mail:
        """The same once texts were compared: sketches are most of what is held, and nothing else asks for them."""
        return replace(self, sketches=self.sketches[:0].copy(), heads=self.heads[:0].copy())


@dataclass(frozen=True)
class Links:
    """The links to the web, a row for each message and link; ``message`` is a row of :class:`Mail`."""

    message: Numbers
    domain: Numbers
    path: Numbers
    runs: Numbers
    """Runs of letters and digits in the path that vary: how much there is to recognise."""
    popular: Flags


@dataclass(frozen=True)
class Files:
    """The attachments; ``picture`` is the perceptual hash, where ``pictured``."""

    message: Numbers
    file: Numbers
    size: Numbers
    picture: NDArray[np.uint64]
    pictured: Flags
    pixels: Numbers


@dataclass(frozen=True)
class Contacts:
    """Mailboxes and telephones where an answer is asked for."""

    message: Numbers
    contact: Numbers


def keys(column: pa.ChunkedArray) -> Numbers:
    """A key for each text; 0 for none."""
    whole = column.combine_chunks()
    coded = (whole if isinstance(whole, pa.Array) else whole.chunk(0)).dictionary_encode()
    hashed = np.array([key(value) for value in coded.dictionary.to_pylist()] + [0], dtype=np.int64)
    found: Numbers = hashed[coded.indices.fill_null(len(hashed) - 1).to_numpy(zero_copy_only=False)]
    return found


def key(value: str | None) -> int:
    """63 bits that stand for a text, never 0; 0 for none."""
    if not value:
        return 0
    digest = hashlib.blake2b(value.encode("utf-8", "replace"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 1) or 1


def mail(engine: Engine) -> Mail:
    """The messages, from the views ``messages``, ``origins``, ``message_software`` and ``sketches``."""
    texts = _columns(engine, TEXTS, {
        "name": lambda rows: keys(rows["body_sha256"]),
        "text_key": lambda rows: _numbers(rows["text_key"]),
        "words": lambda rows: _numbers(rows["words"]),
        "sketch": lambda rows: _matrix(rows["sketch"], _sketch.PLACES),
        "head": lambda rows: _matrix(rows["head"], _sketch.HEAD_PLACES),
    })  # fmt: skip
    made = _columns(engine, MAIL, {
        "ids": lambda rows: _numbers(rows["id"]),
        "at": lambda rows: _numbers(pc.divide(rows["seen_at"].cast(pa.int64()), 1_000_000)),
        "text": lambda rows: keys(rows["body_sha256"]),
        "software": lambda rows: keys(rows["fingerprint"]),
        "subject": lambda rows: keys(rows["subject_shape"]),
        "subject_words": lambda rows: _numbers(pc.count_substring_regex(rows["subject_shape"], r"\w\w")),
        "mime": lambda rows: keys(rows["mime_shape"]),
        "net": lambda rows: keys(rows["client_net"]),
        "host": lambda rows: keys(rows["client_ip"]),
        "owner": owners,
        "quiet": lambda rows: _flags(quiet(rows["list_id"], rows["header_order"])),
        "bounce": lambda rows: _flags(pc.starts_with(rows["mime_shape"], "multipart/report")),
    })  # fmt: skip
    order = np.argsort(made["ids"])  # an engine's sort would hold the texts
    made = {name: column[order] for name, column in made.items()}
    text = _places(texts["name"], made.pop("text"))
    return Mail(
        **made,
        text=text,
        text_key=texts["text_key"][text],
        words=texts["words"][text],
        sketches=texts["sketch"],
        heads=texts["head"],
    )


def _places(names: Numbers, wanted: Numbers) -> Numbers:
    """Where each of the wanted stands among names, 0 for one that does not."""
    order = np.argsort(names)
    at = np.searchsorted(names, wanted, sorter=order).clip(max=len(names) - 1)
    found: Numbers = np.where(names[order[at]] == wanted, order[at], 0) if len(names) else np.zeros_like(wanted)
    return found


def _columns(engine: Engine, sql: str, made: Mapping[str, Callable[[pa.Table], NDArray[Any]]]) -> dict[str, Any]:
    """The columns that are made of a statement's rows, batch by batch, so that no text is held."""
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in made}
    for rows in _stretches(engine.stream(sql)):
        for name, column in made.items():
            parts[name].append(column(rows))
    return {name: np.concatenate(parts.pop(name)) for name in made}


def _stretches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches as tables of ``TOGETHER`` rows, or a few more: a text that is frequent is hashed once in each."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(b.num_rows for b in held) >= TOGETHER:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _ordered(rows: dict[str, Any]) -> dict[str, Any]:
    """Columns in the order of ``message`` and then of ``id``, which is left out; an engine's sort would hold texts."""
    order = np.lexsort((rows.pop("id"), rows["message"]))
    return {name: column[order] for name, column in rows.items()}


def links(engine: Engine, ids: Numbers, popular: frozenset[str]) -> Links:
    """The links to the web, from the view ``urls``."""
    every = pa.array(sorted(popular))
    rows = _columns(engine, LINKS, {
        "message": lambda rows: _rows(ids, rows),
        "id": lambda rows: _numbers(rows["id"]),
        "domain": lambda rows: keys(rows["domain"]),
        "path": lambda rows: keys(rows["path_shape"]),
        "runs": lambda rows: _numbers(pc.count_substring(rows["path_shape"], "{")),
        "popular": lambda rows: _flags(pc.is_in(rows["domain"], value_set=every)),
    })  # fmt: skip
    return Links(**_ordered(rows))


def files(engine: Engine, ids: Numbers) -> Files:
    """The attachments, from the view ``attachments``."""
    rows = _columns(engine, FILES, {
        "message": lambda rows: _rows(ids, rows),
        "id": lambda rows: _numbers(rows["id"]),
        "file": lambda rows: keys(rows["sha256"]),
        "size": lambda rows: _numbers(rows["bytes"]),
        "picture": lambda rows: np.array([int(h, 16) if h else 0 for h in rows["image_hash"].to_pylist()], np.uint64),
        "pictured": lambda rows: _flags(pc.is_valid(rows["image_hash"])),
        "pixels": lambda rows: _numbers(rows["width"]) * _numbers(rows["height"]),
    })  # fmt: skip
    return Files(**_ordered(rows))


def _rows(ids: Numbers, rows: pa.Table) -> Numbers:
    """Which row of :class:`Mail` each message is."""
    return np.searchsorted(ids, _numbers(rows["message_id"]))


def contacts(engine: Engine, ids: Numbers) -> Contacts:
    """The reply contacts, from the view ``reply_contacts``."""
    rows = _table(engine, "SELECT message_id, value FROM reply_contacts ORDER BY message_id, kind, value")
    return Contacts(np.searchsorted(ids, _numbers(rows["message_id"])), keys(rows["value"]))


def _table(engine: Engine, sql: str) -> pa.Table:
    return pa.Table.from_batches(list(engine.stream(sql)))


def _numbers(column: pa.ChunkedArray) -> Numbers:
    found: Numbers = pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
    return found


def _flags(column: Any) -> Flags:
    found: Flags = pc.fill_null(column, False).to_numpy(zero_copy_only=False).astype(bool)
    return found


def _matrix(column: pa.ChunkedArray, places: int) -> NDArray[np.uint16]:
    found = np.empty((len(column), places), dtype=np.uint16)
    start = 0
    for chunk in column.chunks:
        values = np.frombuffer(chunk.buffers()[2] or b"", dtype=np.uint8)  # all of one length, one after the other
        begin = 2 * places * chunk.offset
        part = values[begin : begin + 2 * places * len(chunk)]
        found[start : start + len(chunk)] = part.view("<u2").reshape(-1, places)
        start += len(chunk)
    return found


def owners(rows: pa.Table) -> Numbers:
    """Who owns the client's network: the domain of its reverse name, or else its /16 (/32 for IPv6)."""
    domains = {name: owner(name) for name in pc.unique(rows["client_name"]).to_pylist() if name}
    ips, names = rows["client_ip"].to_pylist(), rows["client_name"].to_pylist()
    found = [domains.get(n) or (_hops.block(i) if i else None) for i, n in zip(ips, names, strict=True)]
    return keys(pa.chunked_array([pa.array(found, pa.string())]))


@lru_cache(maxsize=65_536)
def owner(name: str) -> str | None:
    """The domain that somebody registered of a reverse name."""
    host = canonical.host(name)
    return canonical.registrable_domain(host) if host else None


MAIL = """
SELECT m.id, m.seen_at, m.body_sha256, m.subject_shape, m.mime_shape, m.list_id, m.header_order,
       o.client_ip, o.client_net, o.client_name, s.fingerprint
FROM messages m
LEFT JOIN origins o ON o.message_id = m.id
LEFT JOIN message_software s ON s.message_id = m.id
"""
LINKS = """
SELECT u.id, u.message_id, COALESCE(u.domain, u.host) AS domain, u.path_shape FROM urls u WHERE u.scheme <> 'mailto'
"""
FILES = "SELECT a.id, a.message_id, a.sha256, a.bytes, a.image_hash, a.width, a.height FROM attachments a"
TEXTS = "SELECT body_sha256, text_key, word_count AS words, sketch, head FROM sketches"
