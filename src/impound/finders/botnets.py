"""Botnets: which bots and campaigns are one operation that outlasts each campaign, and how sure that is.

What it finds: groups of strands (what one program sent of one campaign) that the same infected hosts send, as
``botnets`` and ``botnet_members``. A campaign that two botnets send belongs to both, and so does a host with two
infections.

Why that is evidence: a bot is told what to send by its controller. Hosts that send one campaign of a botnet go on to
send the botnet's other campaigns, and no one else's; the program that writes the headers comes with the bot.

Known innocent causes: one address may be many machines (NAT) and one machine many addresses (DHCP), so hosts are
addresses in a stretch of time and no count of machines; a host counts with fifty steps at most. Two botnets that use
one program for one campaign are taken for one. An installer that puts two bots on every machine makes two botnets look
like one. What is tied by little stays unassigned.

Reference: Zhao et al., "BotGraph: large scale spamming botnet detection" (NSDI 2009), for the graph of what senders
share; the method is in :mod:`impound.finders._communities`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from impound import config
from impound.finders import _communities
from impound.finders._communities import Communities, Programs
from impound.finders._mail import Flags, Numbers
from impound.finders._strands import BURST, Sightings, Strands, genuine, steps
from impound.finders._working_names import working_names
from impound.plugin import Engine
from impound.tables import BOTNET_MEMBERS, BOTNETS

FOLDS = 10
"""A tenth of the hosts is left out ten times, to see what stays together."""
_Params = _communities.Params


class Botnets:
    """Finds ``botnets`` and ``botnet_members``. Reads its own tables too: a botnet keeps its id and name."""

    name = "botnets"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (
        *("messages", "origins", "message_software", "campaigns", "campaign_members", "hosts"),
        *("botnets", "botnet_members"),
    )
    writes: ClassVar[tuple[str, ...]] = ("botnets", "botnet_members")
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Botnets:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the views ``botnets`` and ``botnet_members``."""
        known = _known(engine)
        seen = Sightings.of(engine)
        strands = Strands.among(seen, self.params.strand_hosts)
        programs = Programs(strands, genuine(engine), self.params)
        label = gathered(seen, strands, programs, self.params)
        held = stability(seen, strands, programs, label, self.params)
        found = [b for b in _botnets(seen, strands, label, held) if self._enough(b)]
        others = [
            name for b in engine.stream("SELECT c.name FROM campaigns c") for name in b.column("name").to_pylist()
        ]
        rows, members = _rows(found, known, others)
        engine.view("botnets", pa.Table.from_pylist(rows, schema=BOTNETS.schema))
        engine.view("botnet_members", pa.Table.from_pylist(members, schema=BOTNET_MEMBERS.schema))

    def _enough(self, botnet: Botnet) -> bool:
        p = self.params
        large = len(botnet.hosts) >= p.botnet_hosts and botnet.networks >= p.botnet_networks
        return large and (len(botnet.campaigns) > 1 or botnet.returned >= p.returning)


def gathered(
    seen: Sightings, strands: Strands, programs: Programs, params: _Params, among: Flags | None = None
) -> Numbers:
    """For each strand the number of the group it belongs to."""
    return Communities(strands, steps(seen, strands, among), programs, params).labels()


def stability(
    seen: Sightings, strands: Strands, programs: Programs, label: Numbers, params: _Params
) -> dict[int, float]:
    """For each group how much of it stays together when a tenth of the hosts is left out: the mean of ten times.

    The measure is the Jaccard index with the most alike group (Hennig, "Cluster-wise assessment of cluster stability",
    Computational Statistics & Data Analysis 52, 2007), strands weighted by their hosts.
    """
    found: dict[int, float] = {}
    for fold in range(FOLDS):
        other = gathered(seen, strands, programs, params, seen.host % FOLDS != fold)
        for group, alike in _alike(label, other, strands.hosts):
            found[group] = found.get(group, 0.0) + alike / FOLDS
    return found


def _alike(label: Numbers, other: Numbers, weight: Numbers) -> Iterator[tuple[int, float]]:
    size, theirs = _sums(label, weight), _sums(other, weight)
    both: dict[tuple[int, int], int] = {}
    for mine, their, hosts in zip(label.tolist(), other.tolist(), weight.tolist(), strict=True):
        both[mine, their] = both.get((mine, their), 0) + hosts
    best: dict[int, float] = {}
    for (mine, their), hosts in both.items():
        best[mine] = max(best.get(mine, 0.0), hosts / (size[mine] + theirs[their] - hosts))
    yield from best.items()


def _sums(label: Numbers, weight: Numbers) -> dict[int, int]:
    return {n: int(weight[label == n].sum()) for n in np.unique(label).tolist()}


@dataclass(frozen=True)
class Botnet:
    """A group of strands with the hosts that sent them."""

    ids: Numbers
    """Its messages, the earliest first."""
    first_at: int
    last_at: int
    networks: int
    returned: int
    """Its hosts that came back with another order."""
    hosts: dict[str, int]
    """Its messages by address."""
    campaigns: dict[int, float]
    """The share of each campaign's messages from infected hosts that it sent."""
    software: dict[str, int]
    """Its messages by program: fingerprint and constant."""
    held: float
    """What stayed together when a tenth of the hosts was left out."""


def _botnets(seen: Sightings, strands: Strands, label: Numbers, held: dict[int, float]) -> Iterator[Botnet]:
    if not len(label):
        return
    of = np.where(strands.of >= 0, label[strands.of], -1)
    whole = Counter(seen.campaign.tolist())
    order = np.argsort(of, kind="stable")
    edges = np.flatnonzero(np.diff(of[order], prepend=-2))
    for unsorted in np.split(order, edges[1:]):
        group = int(of[unsorted[0]])
        if group < 0:
            continue
        rows = unsorted[np.lexsort((seen.message[unsorted], seen.at[unsorted]))]
        hosts = Counter(seen.ips.take(pa.array(seen.host[rows])).to_pylist())
        campaigns = Counter(seen.campaign[rows].tolist())
        yield Botnet(
            seen.message[rows], int(seen.at[rows[0]]), int(seen.at[rows[-1]]),
            len(np.unique(seen.net[rows])), _returned(seen, rows), _by_address(hosts),
            {c: n / whole[c] for c, n in campaigns.items()}, _by_program(seen, rows),
            held.get(group, 0.0),
        )  # fmt: skip


def _by_program(seen: Sightings, rows: Numbers) -> dict[str, int]:
    counts = Counter(seen.software[rows].tolist())
    return {seen.programs[key]: messages for key, messages in counts.items() if key}


def _returned(seen: Sightings, rows: Numbers) -> int:
    """Hosts with two of these messages that are no burst."""
    rows = np.sort(rows)  # as sightings are: by host, then in time
    again = (seen.host[rows[1:]] == seen.host[rows[:-1]]) & (seen.at[rows[1:]] - seen.at[rows[:-1]] >= BURST)
    return len(np.unique(seen.host[rows[1:]][again]))


def _by_address(hosts: Counter[str]) -> dict[str, int]:
    """A host is an address and the beginning of its stretch; here the address counts."""
    found: Counter[str] = Counter()
    for host, messages in hosts.items():
        found[host.partition(" ")[0]] += messages
    return found


def _known(engine: Engine) -> dict[str, list[tuple[int, str]]]:
    """The ids and names of the botnets that an earlier run found for each address."""
    sql = (
        "SELECT m.member, m.botnet_id, b.name FROM botnet_members m JOIN botnets b ON b.id = m.botnet_id"
        " WHERE m.member_type = 'host' ORDER BY m.member, m.botnet_id"
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for batch in engine.stream(sql):
        for row in batch.to_pylist():
            found.setdefault(row["member"], []).append((row["botnet_id"], row["name"]))
    return found


def _ids(found: list[Botnet], known: dict[str, list[tuple[int, str]]]) -> list[int]:
    """Each botnet's id: of the old one that gives it most of its addresses, or else of its earliest message."""
    claims = []
    for place, botnet in enumerate(found):
        old = Counter(number for ip in botnet.hosts for number, _ in known.get(ip, ()))
        claims += [(-count, number, place) for number, count in old.items()]
    ids: dict[int, int] = {}
    for _, number, place in sorted(claims):
        if place not in ids and number not in ids.values():
            ids[place] = number
    taken = set(ids.values())
    for place, botnet in enumerate(found):
        if place not in ids:
            ids[place] = next(int(i) for i in botnet.ids if int(i) not in taken)
            taken.add(ids[place])
    return [ids[place] for place in range(len(found))]


def _rows(
    found: list[Botnet], known: dict[str, list[tuple[int, str]]], others: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of ``botnets`` and of ``botnet_members``, the botnet with most addresses first."""
    found = sorted(found, key=lambda b: (-len(b.hosts), int(b.ids[0])))
    ids = _ids(found, known)
    old = {number: name for said in known.values() for number, name in said}
    names = working_names(ids, {n: old[n] for n in ids if n in old}, filter(None, others))
    rows = [_row(botnet, number, names[number]) for botnet, number in zip(found, ids, strict=True)]
    members = [m for botnet, number in zip(found, ids, strict=True) for m in _members(botnet, number)]
    return rows, members


def _row(botnet: Botnet, number: int, name: str) -> dict[str, Any]:
    shared = sum(share < 1 for share in botnet.campaigns.values())
    return {
        "id": number,
        "name": name,
        "first_at": datetime.fromtimestamp(botnet.first_at, UTC),
        "last_at": datetime.fromtimestamp(botnet.last_at, UTC),
        "messages": len(botnet.ids),
        "hosts": len(botnet.hosts),
        "networks": botnet.networks,
        "campaigns": len(botnet.campaigns),
        "programs": len(botnet.software),
        "confidence": round(botnet.held, 6),
        "why": _why(botnet, shared),
    }


def _why(botnet: Botnet, shared: int) -> str:
    said = (
        f"{botnet.returned:,} of its {len(botnet.hosts):,} addresses came back ten minutes later or more, with mail of"
        f" the same {len(botnet.campaigns):,} campaign{'s' if len(botnet.campaigns) > 1 else ''}"
    )
    if shared:
        said += f", {shared:,} of which others send too"
    return f"{said}; with a tenth of the addresses left out {botnet.held:.0%} of it stays together"


def _members(botnet: Botnet, number: int) -> Iterator[dict[str, Any]]:
    """Addresses, campaigns and programs; the strength is the share of what is known of each that lies here."""
    for ip, messages in sorted(botnet.hosts.items()):
        yield _member(number, "host", ip, "sent its campaigns", messages / len(botnet.ids))
    for campaign, share in sorted(botnet.campaigns.items()):
        yield _member(number, "campaign", str(campaign), "sent by its hosts", share)
    for software, messages in sorted(botnet.software.items()):
        yield _member(number, "software", software, "wrote its messages", messages / len(botnet.ids))


def _member(number: int, kind: str, member: str, link: str, strength: float) -> dict[str, Any]:
    return {"botnet_id": number, "member_type": kind, "member": member, "link": link, "strength": round(strength, 6)}
