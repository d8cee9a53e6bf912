"""A botnet as people are shown it: what ties it, with whom it shares what, and what a sceptic would say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from impound.portrait._facts import Ask

BOTNET_READS = (
    *("botnets", "botnet_members", "botnet_days", "botnet_hypotheses"),
    *("campaigns", "campaign_labels", "events"),
)
"""The tables that :func:`botnet` asks for."""
ONE_PROGRAM = 0.8
"""Share of the messages from which one program's headers are nearly all there is."""
FEW_DAYS = 3
SURE = 0.9
"""Of ``confidence``: below, a tenth of the addresses more or less changes what it is."""
SINGLE = 0.5
"""Share of addresses with a single message from which that is said."""


@dataclass(frozen=True)
class Campaign:
    """A campaign that the botnet sends; ``others`` are the botnets that send it too, with their shares of it."""

    id: int
    name: str
    lure: str | None
    messages: int
    share: float
    link: str
    others: list[tuple[str, float]]


@dataclass(frozen=True)
class Neighbour:
    """Another botnet, and how many addresses, campaigns and programs both have."""

    name: str
    hosts: int = 0
    campaigns: int = 0
    programs: int = 0


@dataclass(frozen=True)
class BotnetPortrait:
    """What is known of a botnet; its campaigns, programs and addresses are those with most messages first."""

    botnet: dict[str, Any]
    campaigns: list[Campaign]
    programs: list[dict[str, Any]]
    hosts: list[dict[str, Any]]
    single: int
    """Addresses that sent one message."""
    days: list[dict[str, Any]]
    neighbours: list[Neighbour]
    hypotheses: list[dict[str, Any]]
    events: list[dict[str, Any]]
    doubts: list[str] = field(default_factory=list)


def find_botnet(ask: Ask, words: str) -> int | None:
    """The id of the botnet with that id or working name (in any case); None when there is none."""
    if words.isascii() and words.isdigit() and int(words) < 1 << 63:
        return next((r["id"] for r in ask(f"SELECT b.id FROM botnets b WHERE b.id = {int(words)}")), None)
    letters = " ".join(words.split())
    if not letters.replace(" ", "").isalnum() or not letters.isascii():
        return None
    sql = f"SELECT b.id FROM botnets b WHERE lower(b.name) = '{letters.lower()}' ORDER BY b.id LIMIT 1"
    return next((r["id"] for r in ask(sql)), None)


def botnet(ask: Ask, number: int) -> BotnetPortrait:
    """The portrait of a botnet that exists. Raises KeyError where it does not."""
    row = next(iter(ask(f"SELECT * FROM botnets WHERE id = {number}")), None)
    if row is None:
        raise KeyError(number)
    hosts = list(ask(_members(number, "host")))
    single = sum(round(h["strength"] * row["messages"]) == 1 for h in hosts)
    found = BotnetPortrait(
        botnet=row,
        campaigns=_campaigns(ask, number),
        programs=list(ask(_members(number, "software"))),
        hosts=hosts,
        single=single,
        days=list(ask(f"SELECT * FROM botnet_days WHERE botnet_id = {number} ORDER BY day")),
        neighbours=_neighbours(ask, number),
        hypotheses=list(ask(f"SELECT * FROM botnet_hypotheses WHERE botnet_id = {number} ORDER BY family")),
        events=list(ask(_events(number))),
    )
    found.doubts.extend(_doubts(found))
    return found


def senders(ask: Ask, campaign: int) -> list[tuple[str, float]]:
    """The botnets that send a campaign, each with its share of what infected addresses sent of it."""
    sql = f"""SELECT b.name, m.strength FROM botnet_members m JOIN botnets b ON b.id = m.botnet_id
      WHERE m.member_type = 'campaign' AND m.member = '{int(campaign)}' ORDER BY m.strength DESC, b.id"""
    return [(r["name"], r["strength"]) for r in ask(sql)]


def _campaigns(ask: Ask, number: int) -> list[Campaign]:
    others: dict[int, list[tuple[str, float]]] = {}
    for r in ask(_others(number)):
        others.setdefault(r["id"], []).append((r["botnet"], r["strength"]))
    return [
        Campaign(r["id"], r["name"], r["lure"], r["messages"], r["strength"], r["link"], others.get(r["id"], []))
        for r in ask(_sent(number))
    ]


def _neighbours(ask: Ask, number: int) -> list[Neighbour]:
    found: dict[str, dict[str, int]] = {}
    for r in ask(_shared(number)):
        found.setdefault(r["name"], {})[_SHARED[r["member_type"]]] = r["n"]
    return sorted((Neighbour(name, **counts) for name, counts in found.items()), key=lambda n: (-n.hosts, n.name))


def _doubts(found: BotnetPortrait) -> Iterator[str]:
    """What speaks against its being one thing, or as large as it looks; the weightiest first."""
    b = found.botnet
    if b["confidence"] is not None and b["confidence"] < SURE:
        gone = 1 - b["confidence"]
        yield f"With a tenth of the addresses left out {gone:.0%} of it falls off: where it ends is not sure."
    if len(found.campaigns) == 1:
        yield "It sends a single campaign: it may be that campaign and no more."
    top = found.programs[0]["strength"] if found.programs else 0.0
    if top >= ONE_PROGRAM:
        yield (
            f"{top:.0%} of its messages bear one program's headers: where that program was sold to several owners, they"
            " look like one botnet."
        )
    alike = sum(n.programs > 0 for n in found.neighbours)
    if alike:
        bear = "botnet bears" if alike == 1 else "botnets bear"
        yield (
            f"{alike:,} other {bear} the headers of one of its programs: they may be one with it, where too few hosts"
            " were seen going from one to the other."
        )
    if found.single >= SINGLE * len(found.hosts):
        yield (
            f"{found.single:,} of its {len(found.hosts):,} addresses sent a single message: only the campaign and the"
            " program of that message tie them to it."
        )
    shared = sum(c.share < 1 for c in found.campaigns)
    if shared:
        come = "comes" if shared == 1 else "come"
        yield (
            f"{shared:,} of its {len(found.campaigns):,} campaigns {come} from others too: rented, sold, or one"
            " campaign that should be two."
        )
    double = sum(n.hosts for n in found.neighbours)
    if double:
        are = "is" if double == 1 else "are"
        yield (
            f"{double:,} of its {len(found.hosts):,} addresses {are} in another botnet as well: two infections, or two"
            " machines behind one address."
        )
    if len(found.days) < FEW_DAYS:
        yield "It was seen on so few days that nothing is known of how it lasts."
    if b["machines"] is None:
        yield "Its mail does not tell machines from addresses."
    elif b["machines_high"] is None:
        yield "So few of its machines were met on a second day that many more may never have been met."


_SHARED = {"host": "hosts", "campaign": "campaigns", "software": "programs"}


def _members(number: int, kind: str) -> str:
    return f"""SELECT member, link, strength FROM botnet_members WHERE botnet_id = {number} AND member_type = '{kind}'
      ORDER BY strength DESC, member"""


def _sent(number: int) -> str:
    return f"""SELECT c.id, c.name, l.lure, c.messages, m.strength, m.link
      FROM botnet_members m JOIN campaigns c ON CAST(c.id AS STRING) = m.member
      LEFT JOIN campaign_labels l ON l.campaign_id = c.id
      WHERE m.botnet_id = {number} AND m.member_type = 'campaign' ORDER BY c.messages * m.strength DESC, c.id"""


def _others(number: int) -> str:
    return f"""SELECT c.id, b.name AS botnet, o.strength
      FROM botnet_members m
      JOIN botnet_members o ON o.member = m.member AND o.member_type = 'campaign' AND o.botnet_id <> m.botnet_id
      JOIN botnets b ON b.id = o.botnet_id
      JOIN campaigns c ON CAST(c.id AS STRING) = m.member
      WHERE m.botnet_id = {number} AND m.member_type = 'campaign' ORDER BY o.strength DESC, b.id"""


def _shared(number: int) -> str:
    return f"""SELECT b.name, m.member_type, COUNT(*) AS n
      FROM botnet_members m
      JOIN botnet_members o ON o.member = m.member AND o.member_type = m.member_type AND o.botnet_id <> m.botnet_id
      JOIN botnets b ON b.id = o.botnet_id
      WHERE m.botnet_id = {number} AND m.member_type IN ('host', 'campaign', 'software')
      GROUP BY b.id, b.name, m.member_type
      ORDER BY b.id, m.member_type"""


def _events(number: int) -> str:
    return f"""SELECT e.to_state, e.reason, e.at FROM events e
      WHERE e.subject_type = 'botnet' AND (e.subject = '{number}' OR e.reason LIKE '%({number})%')
      ORDER BY e.at, e.subject"""
