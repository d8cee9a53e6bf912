"""How mail comes in: the ways through the organisation's servers, and the hops of one message to where trust ends.

Looked at in a sample, because hop lines are the heaviest column of a case: the messages with the lowest ids. An id is a
hash of where a message was read, so the lowest ones are a random draw that comes out the same every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from impound.plugin import Engine
from impound.writers._text import clean, minute, name

SAMPLE = 2_000
"""Messages drawn: shares are then right to about two percentage points (95 %)."""
TOP_WAYS = 8
LONG_CHAIN = 7
"""Lines that fit one screen; a longer chain is a worse example and has its middle left out."""
MOST_CLAIMS = 3
NAMELESS = "a server without a name"

_SQL = f"""WITH few AS (SELECT id FROM messages ORDER BY id LIMIT {SAMPLE})
  SELECT m.id AS id, m.received AS received, o.client_ip AS client_ip, o.client_name AS client_name, o.helo AS helo,
    o.hop AS hop, o.boundary_reason AS reason
  FROM few JOIN messages m ON m.id = few.id JOIN origins o ON o.message_id = m.id ORDER BY m.id"""


@dataclass(frozen=True)
class Node:
    """One place a message passed: ``kind`` is own, client or claim; ``title`` who, ``lines`` what is known of it."""

    kind: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chain:
    """One message's way, from the organisation's last server down to what the sender's side claims."""

    message_id: int
    nodes: tuple[Node, ...]
    reason: str
    omitted: int = 0

    def of(self, kind: str) -> list[Node]:
        """The nodes of one kind, in order."""
        return [n for n in self.nodes if n.kind == kind]


@dataclass
class Ways:
    """The ways in a sample of ``sampled`` messages: the servers of each, from the border inwards, and its messages."""

    sampled: int = 0
    placed: int = 0
    used: Counter[tuple[str, ...]] = field(default_factory=Counter)
    example: Chain | None = None

    def top(self) -> list[tuple[tuple[str, ...], int]]:
        """The ways used most; ties by name."""
        return sorted(self.used.items(), key=lambda item: (-item[1], item[0]))[:TOP_WAYS]


def ways(engine: Engine) -> Ways:
    """The ways by which the mail of a sample came in, and the message that shows best how the answer was reached."""
    found = Ways()
    best: tuple[int, int] | None = None
    shown: pa.RecordBatch | None = None
    for batch in engine.stream(_SQL):
        for place, (r, by) in enumerate(_lines(batch)):
            found.sampled += 1
            if r["client_ip"] is None or r["hop"] is None or not 0 <= r["hop"] < len(by):
                continue
            found.placed += 1
            found.used[tuple(reversed(by[: r["hop"] + 1]))] += 1
            rank = (-_worth(r, len(by)), r["id"])
            if best is None or rank < best:
                best, shown = rank, batch.slice(place, 1)
    raw, found.used = found.used, Counter()
    for way, n in raw.items():
        found.used[tuple(map(_named, way))] += n
    if shown is not None:
        r = shown.to_pylist()[0]
        found.example = chain(r, r["received"])
    return found


def _lines(batch: pa.RecordBatch) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each message without its hop lines, and who wrote those: a struct for every line would cost half the report."""
    received = batch.column("received")
    hops = received.flatten()
    by = pc.coalesce(pc.struct_field(hops, "by"), pc.struct_field(hops, "by_ip"), pa.scalar("")).to_pylist()
    lengths = pc.fill_null(pc.list_value_length(received), 0).to_pylist()
    start = 0
    for r, length in zip(batch.drop_columns(["received"]).to_pylist(), lengths, strict=True):
        yield r, by[start : start + length]
        start += length


def _worth(r: dict[str, Any], lines: int) -> int:
    """How much a message teaches: an inside hop, a claim below the border, a HELO and a name, and a short chain."""
    border = int(r["hop"])
    inside, below = border > 0, lines > border + 1
    named = bool(r["helo"]) + bool(r["client_name"] and r["client_name"] != r["helo"])
    return 8 * (inside and below) + 4 * below + 2 * inside + 2 * (lines <= LONG_CHAIN) + named


def _named(server: str) -> str:
    return name(server) or NAMELESS


def server(hop: dict[str, Any]) -> str:
    """Who wrote a hop line, in words."""
    return _named(hop["by"] or hop["by_ip"] or "")


def chain(r: dict[str, Any], hops: list[dict[str, Any]]) -> Chain:
    """The hops of a message as nodes: own servers from the top, the client, and what its side claims below."""
    border = r["hop"]
    own = [Node("own", server(hop), (_taken(hop, i == border),)) for i, hop in enumerate(hops[: border + 1])]
    spare = max(0, len(own) - LONG_CHAIN)
    own = own[: LONG_CHAIN - 1] + own[LONG_CHAIN - 1 + spare :]
    claims = [Node("claim", _claim(hop), (_claimed(hop["at"]),)) for hop in hops[border + 1 :][:MOST_CLAIMS]]
    omitted = spare + max(0, len(hops) - border - 1 - len(claims))
    return Chain(r["id"], (*own, _client(r), *claims), r["reason"] or "", omitted)


def _client(r: dict[str, Any]) -> Node:
    reverse = name(r["client_name"])
    helo = name(r["helo"])
    known = f"reverse name {reverse}" if reverse else "no reverse name"
    return Node("client", r["client_ip"], (known, f"called itself {helo}" if helo else "gave no name of its own"))


def _taken(hop: dict[str, Any], border: bool) -> str:
    whence = "took it from outside" if border else "took it from the next server below"
    return whence + (f" at {minute(hop['at'])} UTC" if hop["at"] else "; the line gives no time")


def _claim(hop: dict[str, Any]) -> str:
    whence = clean(hop["ip"]) or name(hop["name"]) or name(hop["helo"]) or "nobody named"
    return f"“from {whence} by {server(hop)}”"


def _claimed(at: datetime | None) -> str:
    return f"claims {minute(at)} UTC" if at else "claims no time"
