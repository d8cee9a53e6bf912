"""The figures of the report, counted by the engine: what comes back is a few hundred rows, however large the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from impound.plugin import Engine
from impound.writers._rows import row, rows

TOP_HOSTS = 25
"""Hosts in the table: what fits on two screens; the rest is one command away."""
TOP_NETWORKS = 15
TOP_REASONS = 12
"""Rows of the small tables of reasons: more are variations of a few, and are counted in a last line."""
TOP_OWN = 40
"""Networks of the organisation that are shown: a university has two or three, a provider some dozens."""

_TOP = f"""WITH top AS (
  SELECT client_ip, min(client_net) AS client_net, count(*) AS n FROM origins
  WHERE client_ip IS NOT NULL GROUP BY client_ip ORDER BY n DESC, client_ip LIMIT {TOP_HOSTS})"""

_TOP_NETS = f"""WITH top AS (
  SELECT client_net, count(*) AS n, count(DISTINCT client_ip) AS addresses FROM origins
  WHERE client_ip IS NOT NULL AND client_net IS NOT NULL
  GROUP BY client_net ORDER BY n DESC, client_net LIMIT {TOP_NETWORKS})"""


@dataclass(frozen=True)
class Totals:
    """What the whole case holds. ``placed``: messages whose outside host is known; ``bytes`` of all sources."""

    sources: int
    copies: int
    bytes: int
    silent: int
    unknown: int
    unreadable: int
    drills: int
    messages: int
    rejects: int
    placed: int
    hosts: int
    networks: int
    single: int

    @property
    def unplaced(self) -> int:
        """Messages whose outside host is not known."""
        return self.messages - self.placed


@dataclass
class Host:
    """An outside address with its most frequent names, and how many other names it had."""

    ip: str
    net: str
    messages: int
    first_at: datetime | None
    last_at: datetime | None
    helos: int
    names: int
    helo: str = ""
    name: str = ""


@dataclass
class Network:
    """An outside network; ``places``: messages by last octet, empty for IPv6."""

    cidr: str
    messages: int
    addresses: int
    places: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """How many messages share something: a clock, a reason."""

    what: str
    messages: int
    placed: bool = True


@dataclass(frozen=True)
class Reject:
    """A reason for rejects, how many there are, and one example of where."""

    reason: str
    count: int
    path: str
    offset: int | None
    excerpt: str


def totals(engine: Engine, messages: int) -> Totals:
    """The sums of the case, whose messages were counted already."""
    found = row(
        engine,
        """SELECT count(*) AS sources, CAST(coalesce(sum(copies), 0) AS BIGINT) AS copies,
             CAST(coalesce(sum(bytes), 0) AS BIGINT) AS bytes,
             count(CASE WHEN coalesce(records, 0) = 0 AND coalesce(rejects, 0) = 0 THEN 1 END) AS silent,
             count(CASE WHEN reader IS NULL AND sha256 IS NOT NULL THEN 1 END) AS unknown,
             count(CASE WHEN sha256 IS NULL THEN 1 END) AS unreadable,
             count(CASE WHEN drill THEN 1 END) AS drills FROM sources""",
    )
    found |= row(engine, "SELECT count(*) AS rejects FROM rejects")
    found |= row(
        engine,
        """SELECT count(client_ip) AS placed, count(DISTINCT client_ip) AS hosts,
             count(DISTINCT client_net) AS networks FROM origins""",
    )
    found |= row(
        engine,
        """SELECT count(*) AS single FROM (SELECT client_ip FROM origins WHERE client_ip IS NOT NULL
             GROUP BY client_ip HAVING count(*) = 1) AS once""",
    )
    return Totals(messages=messages, **found)


def hosts(engine: Engine) -> list[Host]:
    """The addresses that handed in most messages, the most first; ties by address."""
    found = {
        r["ip"]: Host(**r)
        for r in rows(
            engine,
            f"""{_TOP} SELECT top.client_ip AS ip, top.client_net AS net, top.n AS messages,
              min(m.seen_at) AS first_at, max(m.seen_at) AS last_at,
              count(DISTINCT o.helo) AS helos, count(DISTINCT o.client_name) AS names
            FROM top JOIN origins o ON o.client_ip = top.client_ip LEFT JOIN messages m ON m.id = o.message_id
            GROUP BY top.client_ip, top.client_net, top.n ORDER BY top.n DESC, top.client_ip""",
        )
    }
    for column, attribute in (("helo", "helo"), ("client_name", "name")):
        for r in rows(engine, _most_frequent(column)):
            setattr(found[r["ip"]], attribute, r["value"])
    return list(found.values())


def _most_frequent(column: str) -> str:
    return f"""{_TOP}, counted AS (
      SELECT o.client_ip AS ip, o.{column} AS value, count(*) AS n
      FROM top JOIN origins o ON o.client_ip = top.client_ip
      WHERE o.{column} IS NOT NULL GROUP BY o.client_ip, o.{column}),
    ranked AS (SELECT ip, value, row_number() OVER (PARTITION BY ip ORDER BY n DESC, value) AS place FROM counted)
    SELECT ip, value FROM ranked WHERE place = 1"""


def host_times(engine: Engine, unit: str) -> dict[str, list[tuple[datetime, int]]]:
    """When each of the top hosts sent: messages by ``unit`` (hour or day)."""
    found: dict[str, list[tuple[datetime, int]]] = {}
    sql = f"""{_TOP} SELECT top.client_ip AS ip, date_trunc('{unit}', m.seen_at) AS step_at, count(*) AS n
      FROM top JOIN origins o ON o.client_ip = top.client_ip JOIN messages m ON m.id = o.message_id
      WHERE m.seen_at IS NOT NULL GROUP BY top.client_ip, date_trunc('{unit}', m.seen_at)"""
    for r in rows(engine, sql):
        found.setdefault(r["ip"], []).append((r["step_at"], r["n"]))
    return found


def networks(engine: Engine) -> list[Network]:
    """The networks that handed in most messages, the most first, with the places of their addresses."""
    listed = f"{_TOP_NETS} SELECT client_net AS cidr, n AS messages, addresses FROM top ORDER BY n DESC, client_net"
    found = {r["cidr"]: Network(**r) for r in rows(engine, listed)}
    places = f"""{_TOP_NETS} SELECT o.client_net AS cidr, o.client_ip AS ip, count(*) AS n
      FROM top JOIN origins o ON o.client_net = top.client_net
      WHERE o.client_ip NOT LIKE '%:%' GROUP BY o.client_net, o.client_ip"""
    for r in rows(engine, places):
        octet = r["ip"].rpartition(".")[2]
        if octet.isdigit():
            found[r["cidr"]].places[int(octet)] = r["n"]
    return list(found.values())


def own_side(engine: Engine) -> list[dict[str, Any]]:
    """The networks that are not outside, the organisation's own first, those with most messages first."""
    return list(
        rows(
            engine,
            f"""SELECT cidr, side, reason, servers, messages FROM networks
            ORDER BY CASE side WHEN 'own' THEN 0 WHEN 'partner' THEN 1 ELSE 2 END, messages DESC, cidr
            LIMIT {TOP_OWN}""",
        )
    )


def boundaries(engine: Engine) -> tuple[list[Share], list[Share]]:
    """Why the trust ended where it did: for the messages with a known outside host, and for those without."""
    sql = """SELECT coalesce(o.boundary_reason, 'nobody has looked yet: run find') AS what,
        o.client_ip IS NOT NULL AS placed, count(*) AS messages
      FROM messages m LEFT JOIN origins o ON o.message_id = m.id
      GROUP BY coalesce(o.boundary_reason, 'nobody has looked yet: run find'), o.client_ip IS NOT NULL"""
    ranked = f"""WITH counted AS ({sql}), ranked AS (
        SELECT what, placed, messages, row_number() OVER (PARTITION BY placed ORDER BY messages DESC, what) AS place
        FROM counted)
      SELECT what, placed, messages FROM ranked WHERE place <= {TOP_REASONS} ORDER BY messages DESC, what"""
    found = [Share(**r) for r in rows(engine, ranked)]
    return [s for s in found if s.placed], [s for s in found if not s.placed]


def clocks(engine: Engine) -> dict[str, int]:
    """How many messages carry the time of which clock; ``none`` where nobody says."""
    sql = """SELECT CASE WHEN seen_at IS NULL THEN 'none' ELSE coalesce(clock, 'none') END AS clock, count(*) AS n
      FROM messages GROUP BY CASE WHEN seen_at IS NULL THEN 'none' ELSE coalesce(clock, 'none') END"""
    return {r["clock"]: r["n"] for r in rows(engine, sql)}


def rejects(engine: Engine) -> list[Reject]:
    """The reasons for rejects, the most frequent first, each with its first example."""
    sql = f"""WITH reasons AS (
      SELECT reason, count(*) AS n, min(id) AS example FROM rejects GROUP BY reason
      ORDER BY n DESC, reason LIMIT {TOP_REASONS})
    SELECT reasons.reason AS reason, reasons.n AS n, r.offset AS place, r.excerpt AS excerpt, s.paths AS paths
    FROM reasons JOIN rejects r ON r.id = reasons.example LEFT JOIN sources s ON s.id = r.source_id
    ORDER BY reasons.n DESC, reasons.reason"""
    return [
        Reject(r["reason"] or "", r["n"], (r["paths"] or [""])[0], r["place"], r["excerpt"] or "")
        for r in rows(engine, sql)
    ]
