"""What the public page tells of one botnet: figures and names that harm no victim, and no address of a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from impound import portrait
from impound.canonical import defang, ip, is_reserved
from impound.errors import UsageError
from impound.plugin import CaseFacts, Engine
from impound.writers._rows import is_drill, row, rows
from impound.writers._standing import standing
from impound.writers._text import clean
from impound.writers._timeline import edges, fill, hour_of, step

READS = (
    *("botnets", "botnet_members", "botnet_days", "campaigns", "campaign_labels"),
    *("indicators", "events", "sources"),
)
LURES = 6
"""Kinds of mail that are named: those with most messages; a leaflet lists no more."""
BRANDS = 8
SITES = 20
"""Sites that are named: those met last."""
NOTHING = ("ham",)
"""Lures that say nothing to the public."""
VAGUE = ("marketing", "other-spam")
"""Lures that are named last."""


@dataclass(frozen=True)
class Steps:
    """The botnet over time: ``starts`` are hours since 1970, one more than there are counts; ``unit``: their width."""

    unit: str = "day"
    starts: tuple[int, ...] = ()
    new_hosts: tuple[int, ...] = ()
    messages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Told:
    """Everything that the page says of the case, in no language yet."""

    botnet: dict[str, Any]
    name: str
    lures: list[str]
    brands: list[tuple[str, bool]]
    """Marks that are abused, and whether the mail pretends to come from their holder."""
    sites: list[str]
    state: str
    drill: bool
    steps: Steps = field(default_factory=Steps)


def told(engine: Engine, facts: CaseFacts, wanted: str) -> Told:
    """What may be told of the botnet of that name or id; of the one with most addresses where none is named.

    Raises UsageError where there is none.
    """
    botnet = _botnet(engine, wanted)
    drill = is_drill(engine)
    number = botnet["id"]
    lures = [r["lure"] for r in rows(engine, _LURES.format(number)) if r["lure"] not in NOTHING][:LURES]
    return Told(
        botnet=botnet,
        name=clean(botnet["name"]),
        lures=sorted(lures, key=VAGUE.__contains__),
        brands=[(clean(r["brand"], 60), r["pretends"]) for r in rows(engine, _BRANDS.format(number))],
        sites=_sites(engine, number, facts.made_at, drill),
        state=standing(engine).state,
        drill=drill,
        steps=_steps(engine, number),
    )


def _botnet(engine: Engine, wanted: str) -> dict[str, Any]:
    """The row of the botnet that the page is about."""

    def ask(sql: str) -> Any:
        return rows(engine, sql)

    if wanted:
        number = portrait.find_botnet(ask, wanted)
        if number is None:
            raise UsageError(f"no botnet is called {clean(wanted)}", "impound show CASE botnets lists them")
        return row(engine, f"SELECT * FROM botnets WHERE id = {number}")
    found = next(rows(engine, "SELECT * FROM botnets ORDER BY hosts DESC, id LIMIT 1"), None)
    if found is None:
        raise UsageError("no botnet was found in this case: there is nothing to tell the public", "impound find CASE")
    return found


def _sites(engine: Engine, number: int, now: datetime | None, drill: bool) -> list[str]:
    """Released landing domains of its campaigns that are not too old to act on, made harmless to click."""
    listed = []
    for r in rows(engine, _SITES.format(number)):
        fresh = now is None or r["expires_at"] is None or r["expires_at"] >= now
        name = str(r["value"]).lower().rstrip(".")
        if fresh and ip(name) is None and "@" not in name and (drill or not is_reserved(name)):
            listed.append(clean(defang(name)))
    return listed[:SITES]


def _steps(engine: Engine, number: int) -> Steps:
    """New addresses and messages by day, week, month or year, so that there are no more bars than can be told apart."""
    days = [r for r in rows(engine, _DAYS.format(number)) if r["day"] is not None]
    if not days:
        return Steps()
    first, last = hour_of(days[0]["day"]) // 24, hour_of(days[-1]["day"]) // 24
    unit = step(last - first + 1)
    unit = "day" if unit == "hour" else unit  # the table knows days
    starts = edges(unit, first, last)
    return Steps(unit, starts, _filled(starts, days, "new_hosts"), _filled(starts, days, "messages"))


def _filled(starts: tuple[int, ...], days: list[dict[str, Any]], column: str) -> tuple[int, ...]:
    return fill(starts, [(hour_of(r["day"]), r[column] or 0) for r in days])


def extent(botnet: Mapping[str, Any]) -> int:
    """How many days lie between its first and its last message, both counted."""
    first, last = botnet["first_at"], botnet["last_at"]
    return (last.date() - first.date()).days + 1 if first and last else 0


_MEMBERS = """botnet_members m JOIN campaigns c ON CAST(c.id AS STRING) = m.member AND m.member_type = 'campaign'
    AND m.botnet_id = {}"""
_LURES = f"""SELECT l.lure, sum(c.messages * m.strength) AS n FROM {_MEMBERS}
  JOIN campaign_labels l ON l.campaign_id = c.id WHERE l.lure IS NOT NULL GROUP BY l.lure ORDER BY n DESC, l.lure"""
_BRANDS = f"""SELECT l.brand, sum(c.messages * m.strength) AS n, bool_or(l.lure = 'phishing') AS pretends
  FROM {_MEMBERS}
  JOIN campaign_labels l ON l.campaign_id = c.id WHERE l.brand IS NOT NULL
  GROUP BY l.brand ORDER BY n DESC, l.brand LIMIT {BRANDS}"""
_SITES = f"""SELECT i.value, i.expires_at FROM indicators i
  WHERE i.type = 'domain' AND i.state = 'released' AND i.value IN (SELECT unnest(c.domains) FROM {_MEMBERS})
  ORDER BY i.last_at DESC NULLS LAST, i.value LIMIT 1000"""
_DAYS = "SELECT day, new_hosts, messages FROM botnet_days WHERE botnet_id = {} ORDER BY day"
