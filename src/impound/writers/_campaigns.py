"""The campaigns of a case for the report: counted by the engine, the largest drawn, the ten largest with an example."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from impound import portrait
from impound.plugin import Engine
from impound.portrait import Portrait
from impound.writers import _strips
from impound.writers._rows import row, rows
from impound.writers._text import clean, day, number, plural
from impound.writers._timeline import Timeline, at, fill, hour_of

LARGE = 10
"""Messages from which a campaign is counted among the large ones."""
DRAWN = 20
"""Campaigns in the picture: what fits on two screens and can still be compared."""
SHOWN = 10
"""Campaigns with an example; the others are one command away."""
LISTED = 100
LABELS = 5
"""Labels that the shared axis of time has room for."""


@dataclass(frozen=True)
class Drawn:
    """A campaign in the picture: when it came, and from where in the address space."""

    campaign: dict[str, Any]
    time: Markup
    space: Markup
    peak: int
    six: int


@dataclass(frozen=True)
class Campaigns:
    """What the report says of campaigns. ``count`` of all, ``large`` of ten messages or more."""

    count: int = 0
    large: int = 0
    messages: int = 0
    large_messages: int = 0
    drawn: list[Drawn] = field(default_factory=list)
    shown: list[Portrait] = field(default_factory=list)
    listed: list[dict[str, Any]] = field(default_factory=list)
    axis: list[tuple[float, str]] = field(default_factory=list)


def campaigns(engine: Engine, line: Timeline) -> Campaigns:
    """The campaigns, the largest first; ties by id."""
    found = row(
        engine,
        f"""SELECT count(*) AS count, CAST(coalesce(sum(messages), 0) AS BIGINT) AS messages,
          count(CASE WHEN messages >= {LARGE} THEN 1 END) AS large,
          CAST(coalesce(sum(CASE WHEN messages >= {LARGE} THEN messages END), 0) AS BIGINT) AS large_messages
        FROM campaigns""",
    )
    if not found["count"]:
        return Campaigns()
    listed = list(rows(engine, f"SELECT * FROM campaigns ORDER BY messages DESC, id LIMIT {LISTED}"))
    marks = _strips.axis(line, LABELS) if line.counts else []
    return Campaigns(
        **found,
        listed=listed,
        axis=marks,
        drawn=_drawn(engine, line, listed[:DRAWN], [mark for mark, _ in marks]),
        shown=portrait.portraits(lambda sql: rows(engine, sql), [c["id"] for c in listed[:SHOWN]]),
    )


def _drawn(engine: Engine, line: Timeline, largest: list[dict[str, Any]], marks: list[float]) -> list[Drawn]:
    numbers = ", ".join(str(c["id"]) for c in largest)
    times: dict[int, list[tuple[int, int]]] = {}
    for r in rows(engine, _over_time(numbers, line)) if line.counts else ():
        times.setdefault(r["id"], []).append((hour_of(r["step_at"]), r["n"]))
    space: dict[int, dict[int, int]] = {}
    for r in rows(engine, _over_space(numbers)):
        space.setdefault(r["id"], {})[int(r["octet"]) if (r["octet"] or "").isdigit() else -1] = r["n"]
    return [_one(c, line, times.get(c["id"], []), space.get(c["id"], {}), marks) for c in largest]


def _one(
    c: dict[str, Any], line: Timeline, times: list[tuple[int, int]], space: dict[int, int], marks: list[float]
) -> Drawn:
    counts = fill(line.starts, times) if line.counts else ()
    peak, name = max(counts, default=0), clean(c["name"])
    when = f"{name}: {plural(c['messages'], 'message')} from {day(c['first_at'])} to {day(c['last_at'])}"
    if peak:
        when += f", the most in one {line.unit}, {number(peak)}, from {day(at(line.starts[counts.index(peak)]))}"
    six = space.pop(-1, 0)
    where = f"{name}: {plural(c['hosts'], 'address', 'addresses')}, beginning with {plural(len(space), 'number')}"
    return Drawn(
        c,
        _strips.over_time(counts, marks, when) if counts else Markup(""),
        _strips.over_space(space, f"{where} of the 256 that are possible"),
        peak,
        six,
    )


def _over_time(numbers: str, line: Timeline) -> str:
    unit = "hour" if line.unit == "hour" else "day"
    return f"""SELECT c.campaign_id AS id, date_trunc('{unit}', m.seen_at) AS step_at, count(*) AS n
      FROM campaign_members c JOIN messages m ON m.id = c.message_id
      WHERE c.campaign_id IN ({numbers}) AND m.seen_at >= TIMESTAMP '{day(at(line.starts[0]))} 00:00:00'
        AND m.seen_at < TIMESTAMP '{day(at(line.starts[-1] - 1))} 23:59:59.999999'
      GROUP BY c.campaign_id, date_trunc('{unit}', m.seen_at)"""


def _over_space(numbers: str) -> str:
    first = "CASE WHEN o.client_ip LIKE '%:%' THEN NULL ELSE split_part(o.client_ip, '.', 1) END"
    return f"""SELECT c.campaign_id AS id, {first} AS octet, count(DISTINCT o.client_ip) AS n
      FROM campaign_members c JOIN origins o ON o.message_id = c.message_id
      WHERE c.campaign_id IN ({numbers}) AND o.client_ip IS NOT NULL GROUP BY c.campaign_id, {first}"""


def spread(c: dict[str, Any]) -> str:
    """How a campaign is spread, in words that begin a sentence."""
    hosts, networks, owners = c["hosts"] or 0, c["networks"] or 0, c["owners"] or 0
    if not hosts:
        return "Nobody knows from where"
    if hosts == 1:
        return "One address sent all of it"
    if networks == 1:
        return f"{number(hosts)} addresses of one network sent it"
    where = f"{number(hosts)} addresses in {plural(networks, 'network')}"
    return f"{where}, {number(owners)} owners of networks in one week" if owners > 1 else f"{where} of one owner"
