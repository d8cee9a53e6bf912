"""What the mail of a host says about it, as one row for each address and stretch of time: SQL, and a look at one line.

A row of ``host_facts`` has what :class:`impound.finders.hosts._verdicts.Facts` names, and the messages that prove it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa

from impound import canonical
from impound.config import Databases
from impound.finders import _hops
from impound.finders._naming import naming
from impound.finders.hosts._places import places
from impound.finders.hosts._verdicts import Params
from impound.plugin import Engine
from impound.tables import INT64, STRING, TABLES

NAMED = pa.schema(
    [
        *(("ip", STRING), ("stretch", INT64), ("naming", STRING), ("naming_why", STRING), ("strong", pa.bool_())),
        *(("net", STRING), ("helo_domain", STRING), ("home", STRING)),
    ]
)
"""What the names of a host say (:mod:`impound.finders._naming`); ``helo_domain``: the registered part of its HELO.
``home``: whether its mail is in its own name: that of its reverse ``name``, of its ``helo``, or null."""
LINES = TABLES["client_lines"].schema
PROOFS = 5
"""Rows that prove a kind of evidence, at most."""
_FIELDS = ("helo", "name", "ip", "by", "form", "verified")
_IP = _FIELDS.index("ip")
_Line = tuple[Any, ...]


def lines(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of ``LINES`` for a batch with ``id`` and ``received``: what each line that names an address would say of it.

    Which of them is the client's is told by all the mail (``origins``), and may change when more of it comes.
    """
    received = batch.column("received")
    flat = received.flatten()
    every = list(zip(*(flat.field(field).to_pylist() for field in _FIELDS), strict=True))
    rows: list[tuple[Any, ...]] = []
    start = 0
    for count, message in zip(received.value_lengths().to_pylist(), batch.column("id").to_pylist(), strict=True):
        end = start + (count or 0)
        named = [at for at in range(start, end) if every[at][_IP]]
        for at in named:
            under = every[at + 1] if at + 1 < end else None
            rows.append((message, at - start, *_line(every[at], under, named[-1] >= at + 2)))
        start = end
    columns_out = zip(*rows, strict=True) if rows else [[] for _ in LINES.names]
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns_out, LINES, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=LINES)


def _line(line: _Line, under: _Line | None, further: bool) -> tuple[str | None, str, bool | None]:
    """Who wrote a line, what stands under it, and whether the name in it leads back.

    ``further``: whether a line below the one under it names an address.
    """
    helo, name, ip, taken_by, form, verified = line
    said = below(ip or "", None if verified is False else name, helo, under[:-1] if under else None)
    if under is not None and said == "false" and forged(taken_by, under[3]) and under[4] != form:
        said = "forged"
    return taken_by, "seen" if said == "own" and further else said, verified


def below(ip: str, name: str | None, helo: str | None, line: tuple[str | None, ...] | None) -> str:
    """What the line under the client's says: ``nothing``, ``own`` (written by a program on it), ``passed``, ``false``.

    ``line``: its helo, name, ip, by and form. The client may have invented it. So it counts as *passed* only where a
    server of the client's own name says it took the message from somebody else, and as *false* where no server writes
    like that: in the name of an address, or of a line at somebody's home. Lists' programs write a line of their own
    above those of others: the caller takes *own* with further addresses below it for *seen*.
    """
    if line is None:
        return "nothing"
    from_helo, from_name, from_ip, by, form = line
    writer = canonical.host(by) if by else None
    if writer is None or canonical.ip(writer) or not _same_server(writer, name, helo):
        return "own" if form == "qmail" and from_ip is None else "false"
    if _at_home(ip, writer):
        return "false"
    if from_ip is None or from_ip == ip or _hops.scope(from_ip) != "public":
        return "own"
    return "seen" if naming(from_ip, from_name, from_helo).strong else "passed"


@lru_cache(maxsize=65536)
def forged(taken_by: str | None, writer: str | None) -> bool:
    """Whether a line under an outside client's claims to be written by the organisation that wrote the client's.

    With another program's form (asked by the caller) it is no loop of the organisation's own mail, but invented.
    """
    ours, theirs = (canonical.host(name) if name else None for name in (taken_by, writer))
    return bool(ours and theirs and not canonical.ip(theirs)) and _domain(ours or "") == _domain(theirs or "")


@lru_cache(maxsize=65536)
def _same_server(writer: str, name: str | None, helo: str | None) -> bool:
    """Whether the client wrote it, by its reverse name, or by what it calls itself when that is a full name."""
    for claim in (name, helo):
        host = canonical.host(claim) if claim and "." in claim else None
        if host and (host == writer or _domain(host) == _domain(writer)):
            return True
    return False


@lru_cache(maxsize=65536)
def _domain(host: str) -> str:
    return canonical.registrable_domain(host) or ".".join(host.split(".")[-2:])


@lru_cache(maxsize=65536)
def _at_home(ip: str, writer: str) -> bool:
    return naming(ip, writer, writer).kind == "dynamic"


def named(batch: pa.RecordBatch, own_domains: tuple[str, ...]) -> Iterable[pa.RecordBatch]:
    """Rows of ``NAMED`` for a batch of ``host_names``."""
    rows = []
    names = ("ip", "stretch", "name", "refuted", "helo", "looked_up", "net", "from_domain")
    columns = (batch.column(c).to_pylist() for c in names)
    for ip, stretch, name, refuted, helo, looked_up, net, sender in zip(*columns, strict=True):
        said = naming(ip, name or refuted, helo, own_domains, looked_up > 0, leads_back=bool(name))
        host = canonical.host(helo) if helo and "." in helo and not canonical.ip(helo) else None
        called, own, home = (_domain(h) if h else None for h in (host, canonical.host(name or ""), sender))
        whose = "name" if home and home == own else "helo" if home and home == called else None
        rows.append((ip, stretch, said.kind, said.reason, said.strong, net, called, whose))
    columns_out = zip(*rows, strict=True) if rows else [[] for _ in NAMED.names]
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns_out, NAMED, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=NAMED)


def own_domains(engine: Engine, share: float) -> tuple[str, ...]:
    """Registered domains of the organisation's servers that took in that share of the mail or more."""
    sql = """SELECT r.taken_by FROM receivers r CROSS JOIN (SELECT SUM(messages) AS messages FROM receivers) every
             WHERE r.taken_by IS NOT NULL AND r.messages >= :share * every.messages ORDER BY r.taken_by"""
    names = [name for batch in engine.stream(sql, {"share": share}) for name in batch.column("taken_by").to_pylist()]
    return tuple(sorted({_domain(host) for host in map(canonical.host, names) if host}))


def facts(engine: Engine, params: Params, databases: Databases) -> None:
    """Leave the view ``host_facts``, from the views of the contract and ``message_software``."""
    limits = {
        name: getattr(params, name)
        for name in ("owners", "systems", "letter_owners", "bulk_messages", "busiest_share", "server_share")
    }
    engine.run("host_lines", HOST_LINES)
    engine.run("receivers", RECEIVERS, keep=True)
    engine.run("host_mail", MAIL, {"unnamed": params.unnamed_share}, keep=True)
    places(engine, databases, "host_mail")
    engine.run("host_names", NAMES, keep=True)
    engine.map("host_naming", partial(named, own_domains=own_domains(engine, params.own_share)), "host_names", NAMED)
    engine.run("helo_users", HELO_USERS, keep=True)
    engine.run("campaign_hosts", CAMPAIGN_HOSTS, {"helo_networks": params.helo_networks}, keep=True)
    engine.run("campaign_facts", CAMPAIGN_FACTS, limits, keep=True)
    engine.run("host_campaigns", HOST_CAMPAIGNS, keep=True)
    engine.run("host_facts", FACTS, keep=True)


HOST_LINES = """
SELECT o.message_id, l.taken_by, COALESCE(l.below, 'nothing') AS below, l.verified
FROM origins o LEFT JOIN client_lines l ON l.message_id = o.message_id AND l.hop = o.hop
WHERE o.client_ip IS NOT NULL
"""
"""What the client's line says of each message that has a client."""

RECEIVERS = """
SELECT l.taken_by, COUNT(*) AS messages, SUM(CASE WHEN o.client_name IS NULL THEN 1 ELSE 0 END) AS nameless
FROM host_lines l JOIN origins o ON o.message_id = l.message_id
GROUP BY l.taken_by
"""
"""The organisation's servers, and how often each wrote no reverse name down."""

MAIL = """
WITH members AS (SELECT message_id, MIN(campaign_id) AS campaign_id FROM campaign_members GROUP BY message_id),
mail AS (
  SELECT o.message_id, o.client_ip AS ip, o.client_net AS net, o.helo, m.seen_at, l.verified,
         CASE WHEN COALESCE(l.verified, TRUE) THEN o.client_name END AS name,
         CASE WHEN NOT COALESCE(l.verified, TRUE) THEN o.client_name END AS refuted,
         m.from_addr, m.from_domain, l.below, c.campaign_id,
         m.list_id IS NOT NULL AS listed,
         COALESCE(r.nameless <= :unnamed * r.messages, FALSE) AS looked_up,
         (s.contradictions IS NOT NULL OR s.constant IS NOT NULL OR l.below = 'forged') AND m.list_id IS NULL
           AND l.below <> 'passed' AND l.below <> 'seen' AS software,
         CASE WHEN l.below = 'forged'
              THEN 'a line below claims to be written by one of the receiving servers, in a form that is not theirs'
              WHEN s.contradictions IS NOT NULL THEN s.contradictions
              WHEN s.constant IS NOT NULL THEN 'its Message-ID carries ' || s.constant
                || ', a part that the program named varies and many networks share here' END AS against,
         s.constant IS NOT NULL AS constant
  FROM origins o
  JOIN messages m ON m.id = o.message_id
  JOIN host_lines l ON l.message_id = o.message_id
  LEFT JOIN receivers r ON r.taken_by = l.taken_by
  LEFT JOIN message_software s ON s.message_id = o.message_id
  LEFT JOIN members c ON c.message_id = o.message_id
),
gaps AS (
  SELECT mail.*,
         CASE WHEN LAG(seen_at) OVER (PARTITION BY ip ORDER BY seen_at, message_id) <= seen_at - INTERVAL '7' DAY
                      THEN 1 ELSE 0 END AS new_stretch
  FROM mail
)
SELECT gaps.*, SUM(new_stretch) OVER (PARTITION BY ip ORDER BY seen_at, message_id
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
FROM gaps
"""
"""Every message with a client: what it says of the client, and in which stretch of the client's time it falls."""

HELO_USERS = """
SELECT helo_domain, COUNT(DISTINCT net) AS networks FROM host_naming WHERE helo_domain IS NOT NULL GROUP BY helo_domain
"""
"""How many networks' hosts call themselves by a domain: what many do is nobody's own name."""

CAMPAIGN_HOSTS = """
SELECT m.campaign_id, m.ip, m.net, MIN(p.asn) AS asn, COUNT(*) AS messages,
       ROW_NUMBER() OVER (PARTITION BY m.campaign_id ORDER BY COUNT(*) DESC, m.ip) AS place,
       MAX(CASE WHEN n.strong THEN 1 ELSE 0 END) AS lines,
       MAX(CASE WHEN n.home = 'name' OR (n.home = 'helo' AND u.networks < :helo_networks) THEN 1 ELSE 0 END) AS home,
       MAX(CASE WHEN m.looked_up OR m.name IS NOT NULL THEN 1 ELSE 0 END) AS known
FROM host_mail m JOIN host_naming n ON n.ip = m.ip AND n.stretch = m.stretch
LEFT JOIN helo_users u ON u.helo_domain = n.helo_domain
LEFT JOIN places p ON p.ip = m.ip
WHERE m.campaign_id IS NOT NULL GROUP BY m.campaign_id, m.ip, m.net
"""
"""The addresses of a campaign; ``lines``: whether the name is none, or one of a line; ``known``: if one can say;
``home``: whether the mail is in the host's own name, as a small firm's is."""

CAMPAIGN_FACTS = """
WITH summed AS (
  SELECT campaign_id, SUM(CASE WHEN place <= 2 THEN messages ELSE 0 END) AS busiest, SUM(messages) AS messages,
         COUNT(*) AS hosts, COUNT(DISTINCT net) AS networks, COUNT(asn) AS placed, COUNT(DISTINCT asn) AS systems,
         SUM(known) AS known, SUM(known * lines) AS lines,
         SUM(known * lines * (1 - home)) AS strange, SUM(home) AS homes
  FROM campaign_hosts GROUP BY campaign_id
),
held AS (
  SELECT campaign_id, SUM(CASE WHEN link LIKE 'a text alike%' THEN 1 ELSE 0 END) AS alike, COUNT(*) AS messages
  FROM campaign_members GROUP BY campaign_id
)
SELECT c.id AS campaign_id, c.name, c.owners, d.domains, s.messages, s.hosts, s.networks, s.systems, s.busiest, s.known,
       s.lines, s.homes,
       c.owners >= :owners AND NOT (2 * s.placed >= s.hosts AND s.systems < :systems)
         AND NOT (s.messages >= :bulk_messages AND s.busiest >= :busiest_share * s.messages)
         AND NOT (s.known >= :owners AND s.lines < (1.0 - :server_share) * s.known)
         AND NOT (s.known >= :owners AND c.owners < :letter_owners AND 2 * h.alike > h.messages
                  AND s.strange < (1.0 - :server_share) * s.known) AS spread
FROM campaigns c
JOIN summed s ON s.campaign_id = c.id
JOIN held h ON h.campaign_id = c.id
JOIN (SELECT campaign_id, COUNT(DISTINCT from_domain) AS domains FROM host_mail GROUP BY campaign_id) d
  ON d.campaign_id = c.id
"""
"""A campaign that two hosts send most of, or servers do, is not one that many people's machines were made to send. Nor
are letters in a similar tone: texts that are only alike, most of them from servers or in their senders' own names."""

HOST_CAMPAIGNS = """
WITH mine AS (
  SELECT ip, stretch, net, campaign_id, COUNT(*) AS messages FROM host_mail
  WHERE campaign_id IS NOT NULL GROUP BY ip, stretch, net, campaign_id
),
near AS (SELECT campaign_id, net, COUNT(*) AS hosts FROM campaign_hosts GROUP BY campaign_id, net)
SELECT m.ip, m.stretch, m.campaign_id, m.messages AS mine, f.name, f.owners, f.messages, f.hosts, f.networks, f.systems,
       f.busiest, f.domains, f.known, f.lines, f.homes, f.spread, n.hosts AS neighbours,
       ROW_NUMBER() OVER (PARTITION BY m.ip, m.stretch
                          ORDER BY m.messages DESC, f.owners DESC, m.campaign_id) AS place,
       ROW_NUMBER() OVER (PARTITION BY m.ip, m.stretch, f.spread
                          ORDER BY m.messages DESC, m.campaign_id) AS spread_place
FROM mine m
JOIN campaign_facts f ON f.campaign_id = m.campaign_id
JOIN near n ON n.campaign_id = m.campaign_id AND n.net = m.net
"""

NAMES = """
WITH named AS (
  SELECT ip, stretch, name, COALESCE(verified, FALSE) AS confirmed,
         ROW_NUMBER() OVER (PARTITION BY ip, stretch
                            ORDER BY COALESCE(verified, FALSE) DESC, seen_at DESC, message_id) AS place
  FROM host_mail WHERE name IS NOT NULL
),
helos AS (
  SELECT ip, stretch, helo, ROW_NUMBER() OVER (PARTITION BY ip, stretch ORDER BY COUNT(*) DESC, helo) AS place,
         COUNT(*) OVER (PARTITION BY ip, stretch) AS helos
  FROM host_mail WHERE helo IS NOT NULL GROUP BY ip, stretch, helo
),
senders AS (
  SELECT ip, stretch, from_domain, COUNT(*) AS messages,
         ROW_NUMBER() OVER (PARTITION BY ip, stretch ORDER BY COUNT(*) DESC, from_domain) AS place
  FROM host_mail WHERE from_domain IS NOT NULL GROUP BY ip, stretch, from_domain
)
SELECT h.ip, h.stretch, h.net, h.looked_up, n.name, n.confirmed, h.refuted, e.helo, e.helos, f.from_domain,
       f.messages AS from_messages
FROM (SELECT ip, stretch, MIN(net) AS net, SUM(CASE WHEN looked_up THEN 1 ELSE 0 END) AS looked_up,
             MIN(refuted) AS refuted
      FROM host_mail GROUP BY ip, stretch) h
LEFT JOIN named n ON n.ip = h.ip AND n.stretch = h.stretch AND n.place = 1
LEFT JOIN helos e ON e.ip = h.ip AND e.stretch = h.stretch AND e.place = 1
LEFT JOIN senders f ON f.ip = h.ip AND f.stretch = h.stretch AND f.place = 1
"""


def _first(kind: str, place: str, number: int = PROOFS) -> str:
    return ", ".join(
        f"MAX(CASE WHEN {kind} AND {place} = {n} THEN message_id END) AS {kind}_{n}" for n in range(1, number + 1)
    )


FACTS = f"""
WITH ranked AS (
  SELECT m.*, TRUE AS any_mail, c.campaign_id IS NOT NULL AS wide,
         ROW_NUMBER() OVER (PARTITION BY m.ip, m.stretch ORDER BY m.seen_at, m.message_id) AS place,
         ROW_NUMBER() OVER (PARTITION BY m.ip, m.stretch, m.software
                            ORDER BY m.seen_at, m.message_id) AS software_place,
         ROW_NUMBER() OVER (PARTITION BY m.ip, m.stretch, c.campaign_id IS NOT NULL
                            ORDER BY m.seen_at, m.message_id) AS wide_place
  FROM host_mail m LEFT JOIN campaign_facts c ON c.campaign_id = m.campaign_id AND c.spread
),
summed AS (
  SELECT ip, stretch, MIN(net) AS net, MIN(seen_at) AS first_at, MAX(seen_at) AS last_at, COUNT(*) AS messages,
         COUNT(DISTINCT campaign_id) AS campaigns, COUNT(campaign_id) AS in_campaigns,
         COUNT(DISTINCT from_domain) AS from_domains, COUNT(DISTINCT from_addr) AS from_addrs,
         COUNT(DISTINCT CAST(seen_at AS DATE)) AS days,
         SUM(CASE WHEN listed THEN 1 ELSE 0 END) AS listed,
         SUM(CASE WHEN below IN ('passed', 'seen') THEN 1 ELSE 0 END) AS passed,
         SUM(CASE WHEN below = 'seen' THEN 1 ELSE 0 END) AS seen,
         SUM(CASE WHEN below = 'own' THEN 1 ELSE 0 END) AS own,
         SUM(CASE WHEN below = 'nothing' THEN 1 ELSE 0 END) AS bare,
         SUM(CASE WHEN below = 'forged' THEN 1 ELSE 0 END) AS forged,
         SUM(CASE WHEN software THEN 1 ELSE 0 END) AS software,
         SUM(CASE WHEN software AND constant THEN 1 ELSE 0 END) AS constants,
         SUM(CASE WHEN wide THEN 1 ELSE 0 END) AS wide,
         MIN(CASE WHEN software AND software_place = 1 THEN against END) AS against,
         {_first("any_mail", "place")}, {_first("software", "software_place")},
         {_first("wide", "wide_place", PROOFS - 1)}
  FROM ranked GROUP BY ip, stretch
)
SELECT s.*, COALESCE(k.networks, 0) AS helo_networks, n.name,
       COALESCE(n.confirmed, FALSE) AS confirmed, n.helo, n.helos, n.looked_up, n.from_domain,
       n.from_messages, g.naming, g.naming_why, g.strong,
       c.campaign_id, c.name AS campaign_name, c.mine AS campaign_mine, c.owners AS campaign_owners,
       c.messages AS campaign_messages, c.hosts AS campaign_hosts, c.networks AS campaign_networks,
       c.busiest AS campaign_busiest, c.neighbours AS campaign_neighbours, c.domains AS campaign_domains,
       c.known AS campaign_known,
       c.lines AS campaign_lines,
       w.campaign_id AS spread_id, w.name AS spread_name, w.mine AS spread_mine, w.owners AS spread_owners,
       w.networks AS spread_networks, w.systems AS spread_systems,
       w.hosts AS spread_hosts, w.homes AS spread_homes, p.asn, p.country
FROM summed s
JOIN host_names n ON n.ip = s.ip AND n.stretch = s.stretch
JOIN host_naming g ON g.ip = s.ip AND g.stretch = s.stretch
LEFT JOIN helo_users k ON k.helo_domain = g.helo_domain
LEFT JOIN places p ON p.ip = s.ip
LEFT JOIN host_campaigns c ON c.ip = s.ip AND c.stretch = s.stretch AND c.place = 1
LEFT JOIN host_campaigns w ON w.ip = s.ip AND w.stretch = s.stretch AND w.spread AND w.spread_place = 1
"""
