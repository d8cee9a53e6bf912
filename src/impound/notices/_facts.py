"""What a notice tells of an infected machine: rows of a case's tables as values, by network and address.

Only the latest stretch of time of an address is told of: before seven quiet days it may have been another machine's.
Shown are only messages of a campaign, and none of a campaign that nothing speaks against: a machine that sends spam
may send its owner's letters too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from impound import canonical

READS = ("hosts", "campaigns", "campaign_labels", "campaign_members", "origins", "messages", "bodies")
"""The tables that :func:`infections` asks for."""
SIGHTINGS = 3
"""Messages that are shown of each machine, the latest first: behind one address there may be many customers, and each
message with its second and port is another chance to find the right one."""
EXCERPT = 1_200
"""Characters of a message's text that are kept."""

Ask = Callable[[str], Iterable[dict[str, Any]]]
"""Gives the rows of a statement over a case's tables."""


@dataclass(frozen=True)
class Sighting:
    """A message that the machine handed in. Every string in it was chosen by a stranger; recipients are tokens."""

    at: datetime
    port: int | None = None
    campaign: str = ""
    lure: str = ""
    rfc_message_id: str = ""
    subject: str = ""
    from_name: str = ""
    from_domain: str = ""
    mailer: str = ""
    helo: str = ""
    by: str = ""
    """The receiving server, as it calls itself."""
    protocol: str = ""
    queue_id: str = ""
    text: str = ""
    """The beginning of its text; empty but for the latest message."""


@dataclass(frozen=True)
class Infection:
    """An infected machine as the network or its owner is told of it. Times are aware; ``score`` is 0 to 1."""

    ip: str
    net: str
    first_at: datetime
    last_at: datetime
    messages: int
    name: str = ""
    asn: int | None = None
    country: str = ""
    campaign: str = ""
    kinds: tuple[str, ...] = ()
    why: str = ""
    score: float = 0.0
    sightings: tuple[Sighting, ...] = ()

    @property
    def port(self) -> int | None:
        """The port of the latest message, where the receiver wrote it down."""
        return self.sightings[0].port if self.sightings else None


def ahead(now: datetime | None) -> str:
    """SQL that is 1 for a stretch that begins later than it is, so that no forged date stands before what was seen."""
    return f"CASE WHEN first_at > TIMESTAMP '{now.astimezone(UTC):%Y-%m-%d %H:%M:%S}' THEN 1 ELSE 0 END" if now else "1"


def infections(ask: Ask, ips: Sequence[str] = (), now: datetime | None = None) -> Iterator[Infection]:
    """The infected machines (of these addresses, or all) by network and address, as the rows of one statement come.

    What begins later than ``now`` is told of only where there is nothing else.

    Bounded: it holds one machine at a time with at most ``SIGHTINGS`` messages.
    """
    wanted = sorted({known for ip in ips if (known := canonical.ip(ip))})
    chosen = f"AND ip IN ({', '.join(repr(ip) for ip in wanted)})" if wanted else ""
    rows = (
        ask(_SQL.format(chosen=chosen, ahead=ahead(now), sightings=SIGHTINGS, excerpt=EXCERPT))
        if wanted or not ips
        else ()
    )
    for _, group in groupby(rows, key=lambda row: (row["net"], row["ip"])):
        yield _infection(list(group))


def _infection(rows: list[dict[str, Any]]) -> Infection:
    """A machine from its rows, one a message; a text that several sources hold gives a row for each of them."""
    first = rows[0]
    shown = {row["place"]: _sighting(row) for row in reversed(rows) if row["place"] is not None}
    return Infection(
        first["ip"], first["net"], first["first_at"], first["last_at"], first["messages"], first["name"] or "",
        first["asn"], first["country"] or "", first["campaign"] or "", tuple(first["kinds"] or ()), first["why"] or "",
        first["score"] or 0.0, tuple(shown[place] for place in sorted(shown)),
    )  # fmt: skip


def _sighting(row: dict[str, Any]) -> Sighting:
    hops = row["received"] or []
    hop = hops[row["hop"]] if row["hop"] is not None and row["hop"] < len(hops) else {}
    said = ("lure", "rfc_message_id", "subject", "from_name", "from_domain", "mailer", "helo", "text")
    return Sighting(
        row["at"], row["port"], row["sighted"] or "", by=hop.get("by") or "", protocol=hop.get("protocol") or "",
        queue_id=hop.get("queue_id") or "", **{name: row[name] or "" for name in said},
    )  # fmt: skip


_SQL = """
WITH stretches AS (
  SELECT ip, net, name, first_at, last_at, messages, campaign_id, score, kinds, asn, country, why,
    ROW_NUMBER() OVER (PARTITION BY ip ORDER BY {ahead}, last_at DESC, first_at DESC) AS newest
  FROM hosts WHERE verdict = 'infected' AND first_at IS NOT NULL AND last_at IS NOT NULL {chosen}),
bots AS (SELECT * FROM stretches WHERE newest = 1),
guilty AS (
  SELECT cm.message_id, MIN(cm.campaign_id) AS campaign_id FROM campaign_members cm
  LEFT JOIN campaign_labels cl ON cl.campaign_id = cm.campaign_id
  WHERE COALESCE(cl.lure, '') <> 'ham' GROUP BY cm.message_id),
sent AS (
  SELECT o.client_ip AS ip, o.message_id, o.client_port AS port, o.hop, o.helo, g.campaign_id,
    ROW_NUMBER() OVER (PARTITION BY o.client_ip ORDER BY m.seen_at DESC, m.id) AS place
  FROM origins o JOIN bots b ON b.ip = o.client_ip
  JOIN messages m ON m.id = o.message_id AND m.seen_at >= b.first_at AND m.seen_at <= b.last_at
  JOIN guilty g ON g.message_id = o.message_id),
shown AS (SELECT * FROM sent WHERE place <= {sightings})
SELECT b.ip AS ip, COALESCE(b.net, '') AS net, b.name AS name, b.first_at AS first_at, b.last_at AS last_at,
  b.messages AS messages, b.score AS score, b.kinds AS kinds, b.asn AS asn, b.country AS country, b.why AS why,
  c.name AS campaign, s.place AS place, s.port AS port, s.hop AS hop, s.helo AS helo, m.seen_at AS at,
  m.received AS received, m.rfc_message_id AS rfc_message_id, m.subject AS subject, m.from_name AS from_name,
  m.from_domain AS from_domain, m.mailer AS mailer, d.name AS sighted, l.lure AS lure,
  substr(COALESCE(NULLIF(t.text, ''), t.html_text), 1, {excerpt}) AS text
FROM bots b LEFT JOIN campaigns c ON c.id = b.campaign_id
LEFT JOIN shown s ON s.ip = b.ip LEFT JOIN messages m ON m.id = s.message_id
LEFT JOIN campaigns d ON d.id = s.campaign_id LEFT JOIN campaign_labels l ON l.campaign_id = s.campaign_id
LEFT JOIN bodies t ON t.body_sha256 = m.body_sha256 AND s.place = 1
ORDER BY net, ip, place
"""
