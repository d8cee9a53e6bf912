"""Botnets: which bots and campaigns are one operation that outlasts each campaign, and how sure that is.

What it finds: groups of strands (what one program sent of one campaign) that the same infected hosts send, as
``botnets`` and ``botnet_members``. A campaign that two botnets send belongs to both, and so does a host with two
infections.

Why that is evidence: a bot is told what to send by its controller. Hosts that send one campaign of a botnet go on to
send the botnet's other campaigns, and no one else's; the program that writes the headers comes with the bot.

Known innocent causes: one address may be many machines (NAT) and one machine many addresses (DHCP): hosts are addresses
in a stretch of time, and how many machines they are is estimated (:mod:`~impound.finders.botnets._machines`); a host
counts with fifty steps at most. Two botnets that use one program for one campaign are taken for one. An installer that
puts two bots on every machine makes two botnets look like one. What is tied by little stays unassigned.

Reference: Zhao et al., "BotGraph: large scale spamming botnet detection" (NSDI 2009), for the graph of what senders
share; the method is in :mod:`impound.finders.botnets._communities`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pyarrow as pa

from impound import config
from impound.finders import _events
from impound.finders._mail import Flags, Numbers
from impound.finders.botnets import _botnet_rows, _communities, _families, _machines
from impound.finders.botnets._botnet_rows import Botnet
from impound.finders.botnets._communities import Communities, Programs
from impound.finders.botnets._strands import Sightings, Strands, genuine, steps
from impound.plugin import Engine
from impound.tables import TABLES

FOLDS = 10
"""A tenth of the hosts is left out ten times, to see what stays together."""
_Params = _communities.Params


class Botnets:
    """Finds ``botnets``, their members and days, and ``events``. Reads its own tables: a botnet keeps id and name."""

    name = "botnets"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (
        *("messages", "origins", "message_software", "campaigns", "campaign_members", "hosts"),
        *("botnets", "botnet_members", "events"),
    )
    writes: ClassVar[tuple[str, ...]] = ("botnets", "botnet_members", "botnet_days", "botnet_hypotheses", "events")
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Botnets:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave a view of each table that it writes."""
        known = _botnet_rows.known(engine)
        seen = Sightings.of(engine)
        strands = Strands.among(seen, self.params.strand_hosts)
        programs = Programs(strands, genuine(engine), self.params)
        label = gathered(seen, strands, programs, self.params)
        held = stability(seen, strands, programs, label, self.params)
        found = [b for b in _botnet_rows.botnets(seen, strands, label, held) if self._enough(b)]
        found.sort(key=lambda b: (-len(b.hosts), int(b.ids[0])))
        numbers = _botnet_rows.ids(found, known)
        named = _botnet_rows.names(numbers, known, _campaign_names(engine))
        sizes = _machines.machines(engine, [b.ids for b in found])
        made = _botnet_rows.rows(found, numbers, named, sizes)
        made["botnet_hypotheses"] = _families.hypotheses(
            engine, dict(zip(numbers, (b.ids for b in found), strict=True))
        )
        for table, rows in made.items():
            engine.view(table, pa.Table.from_pylist(rows, schema=TABLES[table].schema))
        changed = _botnet_rows.became(found, numbers, named, known)
        _events.add(engine, self.name, "botnet", changed, int(seen.at.max(initial=0)))

    def _enough(self, botnet: Botnet) -> bool:
        p = self.params
        large = len(botnet.hosts) >= p.botnet_hosts and botnet.networks >= p.botnet_networks
        return large and (len(botnet.campaigns) > 1 or botnet.returned >= p.returning)


def _campaign_names(engine: Engine) -> list[str]:
    names = engine.stream("SELECT c.name FROM campaigns c WHERE c.name IS NOT NULL")
    return [name for batch in names for name in batch.column("name").to_pylist()]


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
        for group, alike in alikeness(label, other, strands.hosts):
            found[group] = found.get(group, 0.0) + alike / FOLDS
    return found


def alikeness(label: Numbers, other: Numbers, weight: Numbers) -> Iterator[tuple[int, float]]:
    """For each group how alike its most alike one of another grouping is (Jaccard, by weight)."""
    size, theirs = _sums(label, weight), _sums(other, weight)
    both: dict[tuple[int, int], int] = {}
    for mine, their, hosts in zip(label.tolist(), other.tolist(), weight.tolist(), strict=True):
        both[mine, their] = both.get((mine, their), 0) + hosts
    best: dict[int, float] = {}
    for (mine, their), hosts in both.items():
        best[mine] = max(best.get(mine, 0.0), hosts / (size[mine] + theirs[their] - hosts))
    yield from best.items()


def _sums(label: Numbers, weight: Numbers) -> dict[int, int]:
    names, place = np.unique(label, return_inverse=True)
    return dict(zip(names.tolist(), np.bincount(place, weight).astype(int).tolist(), strict=True))
