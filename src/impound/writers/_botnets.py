"""The botnets of a case for the report: each one's life on the case's axis, and who sends what as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from impound.plugin import Engine
from impound.writers import _strips
from impound.writers._campaigns import LABELS
from impound.writers._rows import row, rows
from impound.writers._text import clean, day, number, plural
from impound.writers._timeline import Timeline, at, fill, hour_of

READS = ("botnets", "botnet_members", "botnet_days", "botnet_hypotheses")
FEW_DAYS = 4
"""Fewer days say nothing of growth."""
DRAWN = 12
"""Botnets in the pictures: more cannot be told apart."""
CAMPAIGNS = 36
"""Campaigns in the picture of the network: those that several botnets send first, then the largest."""
ROW, LEFT, RIGHT, WIDTH = 22, 190, 470, 720
"""Height of a line of the picture, where links begin and end, and its width, in pixels."""
THIN, THICK = 1.0, 9.0


@dataclass(frozen=True)
class Drawn:
    """A botnet and its life: messages over time."""

    botnet: dict[str, Any]
    time: Markup
    peak: int
    machines: str
    """How many machines it is, in words; empty where nothing tells."""
    growth: str
    looks: list[str]
    """Families that its mail looks like, each with the age of what is known of it."""


@dataclass(frozen=True)
class Link:
    """That a botnet sends a campaign, and its share of it (0 to 1)."""

    botnet: int
    campaign: int
    share: float


@dataclass(frozen=True)
class Botnets:
    """What the report says of botnets; ``members`` of the ``infected`` addresses belong to one or more."""

    count: int = 0
    members: int = 0
    infected: int = 0
    drawn: list[Drawn] = field(default_factory=list)
    axis: list[tuple[float, str]] = field(default_factory=list)
    network: Markup = field(default_factory=Markup)
    campaigns: int = 0
    shared: int = 0


def botnets(engine: Engine, line: Timeline) -> Botnets:
    """The botnets, the one with most addresses first; ties by id."""
    largest = list(rows(engine, f"SELECT * FROM botnets ORDER BY hosts DESC, id LIMIT {DRAWN}"))
    if not largest:
        return Botnets()
    marks = _strips.axis(line, LABELS) if line.counts else []
    numbers = ", ".join(str(b["id"]) for b in largest)
    sends = list(rows(engine, _sends(numbers)))
    return Botnets(
        **row(engine, _COUNTED),
        drawn=_lives(engine, line, largest, [mark for mark, _ in marks]),
        axis=marks,
        network=_network(largest, sends),
        campaigns=len({r["campaign_id"] for r in sends}),
        shared=len({r["campaign_id"] for r in sends if r["senders"] > 1}),
    )


def _lives(engine: Engine, line: Timeline, largest: list[dict[str, Any]], marks: list[float]) -> list[Drawn]:
    times: dict[int, list[tuple[int, int]]] = {}
    for r in rows(engine, _over_time(largest, line)) if line.counts else ():
        times.setdefault(r["id"], []).append((hour_of(r["step_at"]), r["n"]))
    days: dict[int, list[dict[str, Any]]] = {}
    numbers = ", ".join(str(b["id"]) for b in largest)
    told = f"SELECT botnet_id, new_hosts FROM botnet_days WHERE botnet_id IN ({numbers}) ORDER BY botnet_id, day"
    for r in rows(engine, told):
        days.setdefault(r["botnet_id"], []).append(r)
    looks: dict[int, list[str]] = {}
    for r in rows(engine, f"SELECT * FROM botnet_hypotheses WHERE botnet_id IN ({numbers}) ORDER BY botnet_id, family"):
        looks.setdefault(r["botnet_id"], []).append(clean(f"{r['family']}, perhaps: {r['why']}"))
    growth = {b["id"]: _growth(days.get(b["id"], []), b["quiet_days"] or 0) for b in largest}
    return [
        Drawn(b, *_life(b, line, times.get(b["id"], []), marks), _machines(b), growth[b["id"]], looks.get(b["id"], []))
        for b in largest
    ]


def _life(
    botnet: dict[str, Any], line: Timeline, times: list[tuple[int, int]], marks: list[float]
) -> tuple[Markup, int]:
    """Its messages over time as a picture, and the most in one step."""
    counts = fill(line.starts, times) if line.counts else ()
    peak = max(counts, default=0)
    said = f"{clean(botnet['name'])}: {plural(botnet['messages'], 'message')} from {day(botnet['first_at'])}"
    said += f" to {day(botnet['last_at'])}"
    if peak:
        said += f", the most in one {line.unit}, {number(peak)}, from {day(at(line.starts[counts.index(peak)]))}"
    return _strips.over_time(counts, marks, said) if counts else Markup(""), peak


def _network(largest: list[dict[str, Any]], sends: list[dict[str, Any]]) -> Markup:
    """Botnets on the left, campaigns on the right, a link as thick as the botnet's share of the campaign."""
    places = {b["id"]: n for n, b in enumerate(largest)}
    chosen = _chosen(sends, places)
    if not chosen:
        return Markup("")
    names = {r["campaign_id"]: r["name"] for r in sends}
    links = [Link(r["botnet_id"], r["campaign_id"], r["share"]) for r in sends if r["campaign_id"] in chosen]
    height = ROW * max(len(largest), len(chosen))
    left = {b["id"]: _spread(n, len(largest), height) for n, b in enumerate(largest)}
    right = {c: _spread(n, len(chosen), height) for n, c in enumerate(chosen)}
    senders = {c: sum(link.campaign == c for link in links) for c in chosen}
    parts = [_curve(link, left, right, senders[link.campaign] > 1) for link in links]
    most = max(b["hosts"] for b in largest)
    parts += [_botnet(b, left[b["id"]], most) for b in largest]
    parts += [_campaign(names[c], right[c], senders[c]) for c in chosen]
    told = "; ".join(_told(b, links, names) for b in largest)
    return Markup(
        f'<svg class="network" role="img" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'aria-label="Which botnet sends which campaign"><title>Which botnet sends which campaign</title>'
        f"<desc>{escape(told)}.</desc>{''.join(parts)}</svg>"
    )


def _chosen(sends: list[dict[str, Any]], places: Mapping[int, int]) -> list[int]:
    """The campaigns of the picture: shared ones, then the largest, in an order that crosses few links."""
    ranked = sorted({(-(r["senders"] > 1), -r["messages"], r["campaign_id"]) for r in sends})[:CAMPAIGNS]
    centre: dict[int, tuple[float, float]] = {}
    for r in sends:
        weighed, weight = centre.get(r["campaign_id"], (0.0, 0.0))
        centre[r["campaign_id"]] = weighed + r["share"] * places[r["botnet_id"]], weight + r["share"]
    order = [(centre[c][0] / (centre[c][1] or 1), -messages, c) for _, messages, c in ranked]
    return [campaign for _, _, campaign in sorted(order)]


def _spread(place: int, of: int, height: int) -> float:
    return round((place + 0.5) * height / of, 1)


def _curve(link: Link, left: Mapping[int, float], right: Mapping[int, float], shared: bool) -> str:
    a, b, middle = left[link.botnet], right[link.campaign], (LEFT + RIGHT) // 2
    width = round(THIN + (THICK - THIN) * link.share, 1)
    kind = "shared" if shared else "own"
    return f'<path class="{kind}" stroke-width="{width}" d="M{LEFT} {a}C{middle} {a} {middle} {b} {RIGHT} {b}"/>'


def _botnet(botnet: dict[str, Any], height: float, most: int) -> str:
    radius = round(3 + 7 * (botnet["hosts"] / most) ** 0.5, 1)
    name, hosts = escape(clean(botnet["name"])), number(botnet["hosts"])
    return (
        f'<circle class="bars" cx="{LEFT}" cy="{height}" r="{radius}"/>'
        f'<text x="{LEFT - 16}" y="{height + 4}" text-anchor="end">{name} <tspan class="soft">{hosts}</tspan></text>'
    )


def _campaign(name: str, height: float, senders: int) -> str:
    more = f' <tspan class="soft">{senders} botnets</tspan>' if senders > 1 else ""
    return f'<text x="{RIGHT + 8}" y="{height + 4}">{escape(clean(name))}{more}</text>'


def _told(botnet: dict[str, Any], links: Sequence[Link], names: Mapping[int, str]) -> str:
    mine = [clean(names[link.campaign]) for link in links if link.botnet == botnet["id"]]
    return f"{clean(botnet['name'])} sends {', '.join(mine) or 'campaigns that are not drawn'}"


def _sends(numbers: str) -> str:
    return f"""SELECT b.botnet_id, c.id AS campaign_id, c.name, c.messages, b.strength AS share, s.senders
      FROM botnet_members b
      JOIN campaigns c ON CAST(c.id AS STRING) = b.member
      JOIN (SELECT member, COUNT(*) AS senders FROM botnet_members WHERE member_type = 'campaign' GROUP BY member) s
        ON s.member = b.member
      WHERE b.member_type = 'campaign' AND b.botnet_id IN ({numbers}) ORDER BY b.botnet_id, c.id"""


_COUNTED = """
SELECT (SELECT COUNT(*) FROM botnets) AS count,
       (SELECT COUNT(DISTINCT member) FROM botnet_members WHERE member_type = 'host') AS members,
       (SELECT COUNT(DISTINCT ip) FROM hosts WHERE verdict = 'infected') AS infected
"""


def _over_time(largest: list[dict[str, Any]], line: Timeline) -> str:
    """Messages of each botnet by day, or by hour where the case is short."""
    numbers = ", ".join(str(b["id"]) for b in largest)
    first, last = day(at(line.starts[0])), day(at(line.starts[-1] - 1))
    if line.unit != "hour":
        return f"""SELECT botnet_id AS id, day AS step_at, messages AS n FROM botnet_days
          WHERE botnet_id IN ({numbers})
            AND day >= TIMESTAMP '{first} 00:00:00' AND day <= TIMESTAMP '{last} 00:00:00'"""
    return f"""SELECT b.botnet_id AS id, sent.step_at, SUM(sent.n) AS n
      FROM (SELECT CAST(c.campaign_id AS STRING) AS campaign, o.client_ip, date_trunc('hour', m.seen_at) AS step_at,
              COUNT(*) AS n
            FROM campaign_members c JOIN messages m ON m.id = c.message_id JOIN origins o ON o.message_id = m.id
            WHERE m.seen_at >= TIMESTAMP '{first} 00:00:00' AND m.seen_at < TIMESTAMP '{last} 23:59:59.999999'
            GROUP BY c.campaign_id, o.client_ip, date_trunc('hour', m.seen_at)) sent
      JOIN botnet_members b ON b.member_type = 'campaign' AND b.member = sent.campaign
      JOIN botnet_members h ON h.member_type = 'host' AND h.member = sent.client_ip AND h.botnet_id = b.botnet_id
      WHERE b.botnet_id IN ({numbers})
      GROUP BY b.botnet_id, sent.step_at"""


def _growth(days: list[dict[str, Any]], quiet: int) -> str:
    """In words how a botnet grows: addresses it gains in the first and the second half of its days."""
    if len(days) < FEW_DAYS:
        return ""
    half = len(days) // 2
    early, late = (sum(d["new_hosts"] for d in part) / len(part) for part in (days[:half], days[half:]))
    said = f"{number(round(early))} new addresses a day at first, {number(round(late))} in the second half of its time"
    return said + (f"; {plural(quiet, 'quiet day')}" if quiet else "")


def _machines(botnet: dict[str, Any]) -> str:
    if botnet["machines"] is None:
        return ""
    low, most = number(botnet["machines_low"]), botnet["machines_high"]
    high = "many more" if most is None else number(most)
    return f"about {plural(botnet['machines'], 'machine')} ({low} to {high})"
