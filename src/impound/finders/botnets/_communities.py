"""Which strands belong together: the two that evidence ties most are joined, again and again, until none is enough.

The main evidence is what infected hosts do next. When a host that sent strand A sends another message, one botnet's
host sends strand B as often as B's share in that botnet says, and another botnet's host only where it carries two
infections. How often it *would*, were all bots one crowd, is known from the activity of the moment, so a strand that
ended before another began says nothing against their kinship; and how much more often than the crowd it is *inside* a
strand gives the measure. Two Poisson rates are compared: three fifths of that measure, or less than a sixth. That hosts
do *not* pass from one group to another speaks against kinship only where even one crowd would: parts of a botnet may be
given work of their own.

A program counts by who else writes with it. A constant that a real program would vary joins two groups unless their
hosts speak against it. Headers that no innocent host writes need a step of one host beside them, for a program is sold
to many; those of a real program add little, by their rarity among the infected, and so does a shared campaign.

Greedy joining of communities: Newman, "Fast algorithm for detecting community structure in networks" (Physical Review E
69, 2004); a null model of who could have been drawn: the configuration model there, here moment by moment.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from impound.finders._mail import Numbers
from impound.finders.botnets._strands import Counts, Steps, Strands

MOST_ALIKE = 100
"""Groups with one constant or program that are compared with each other, at most."""
MOST_NEAR = 200
"""Groups that hosts step to from one group and that it is compared with, those with most steps."""
RARE = 50
"""One host in so many: a program that rare among the infected adds as much as a real program can."""


@dataclass(frozen=True)
class Params:
    """What it takes to tie strands, hosts and botnets."""

    same: float = 0.6
    """Steps between two strands of one botnet, as a share of what their inside lets expect."""
    other: float = 0.15
    """The same for two botnets, whose hosts meet only in double infections."""
    needed: float = 3.0
    """Natural logarithm of the likelihood ratio from which two groups are one (3: twenty to one)."""
    constant: float = 8.0
    """What a shared constant adds that a real program would vary: two programs do not have it by accident."""
    own: float = 2.5
    """What a shared program adds that next to no innocent host writes with: it may be sold to several."""
    genuine: float = 0.01
    """The share of innocent hosts among those that write with a program, from which it is a real one."""
    program: float = 2.0
    """What a real program adds, at most: less than ``needed``, so that it never decides alone."""
    campaign: float = 0.8
    """What a shared campaign adds: four in five are sent by one botnet (docs/explanation/drills.md)."""
    strand_hosts: int = 5
    """Hosts from which a strand is one."""
    botnet_hosts: int = 20
    """Hosts from which a community is a botnet; smaller ones stay unassigned."""
    botnet_networks: int = 10
    """Networks (/24, /48) from which it is one."""
    returning: int = 3
    """Hosts that must have come back with another order, where there is one campaign only."""


@dataclass
class Group:
    """Strands that were joined. ``steps`` counts steps to other groups and, under its own number, inside."""

    strands: list[int]
    software: set[int]
    constants: set[int]
    campaigns: set[int]
    arrivals: NDArray[np.float64]
    """Steps that began here, by the bin in which they ended."""
    activity: NDArray[np.float64]
    """Its share of the messages of each bin."""
    steps: Counter[int] = field(default_factory=Counter)
    version: int = 0
    lift: float = 0.0
    """How much more often than the crowd a host stays here; 0 until it is asked for."""


class Communities:
    """The groups that strands fall into; :attr:`groups` by the number of one of their strands."""

    def __init__(self, strands: Strands, steps: Steps, programs: Programs, params: Params) -> None:
        self.params, self.programs = params, programs
        self.groups = _single(strands, steps)
        self._alike = _alike(self.groups, programs)
        inside = sum(g.steps[n] for n, g in self.groups.items())
        expected = sum(self._expected(g, g) / 2 for g in self.groups.values())
        self._usual = max(1.0, inside / expected) if expected else 1.0
        """How much more often than the crowd a host stays with its strand, over all strands."""
        self._join()

    def labels(self) -> Numbers:
        """For each strand the number of its group."""
        found = np.zeros(sum(len(g.strands) for g in self.groups.values()), np.int64)
        for number, group in self.groups.items():
            found[group.strands] = number
        return found

    def _join(self) -> None:
        waiting: list[tuple[float, int, int, int, int]] = []
        for here in sorted(self.groups):
            self._offer(waiting, here, (there for there in self._near(here) if there > here))
        while waiting:
            _, here, there, *versions = heapq.heappop(waiting)
            pair = self.groups.get(here), self.groups.get(there)
            if pair[0] is None or pair[1] is None or versions != [pair[0].version, pair[1].version]:
                continue
            self._merge(here, there)
            self._offer(waiting, here, self._near(here))

    def _near(self, number: int) -> Iterator[int]:
        """The groups that share hosts, a constant or a program of their own with one; each once, in order."""
        group = self.groups[number]
        stepped = (n for n, _ in group.steps.most_common(MOST_NEAR + 1))
        near = set(stepped).union(*(self._alike.get(k, ()) for k in group.software | group.constants))
        yield from sorted(n for n in near - {number} if n in self.groups)

    def _offer(self, waiting: list[tuple[float, int, int, int, int]], here: int, others: Iterator[int]) -> None:
        """Put the pairs that are tied enough into the queue."""
        for other in others:
            low, high = min(here, other), max(here, other)
            tie = self.tie(low, high)
            if tie >= self.params.needed:
                entry = (-tie, low, high, self.groups[low].version, self.groups[high].version)
                heapq.heappush(waiting, entry)

    def tie(self, here: int, there: int) -> float:
        """The logarithm of how much likelier the evidence is if two groups are one botnet than if they are not."""
        p, one, other = self.params, self.groups[here], self.groups[there]
        measure = math.sqrt(self._lift(here) * self._lift(there))
        found = _odds(one.steps[there], self._expected(one, other), p.same * measure, p.other * measure)
        found += self.programs.weight(one, other)
        return found + (p.campaign if one.campaigns & other.campaigns else 0.0)

    def _lift(self, number: int) -> float:
        """How much more often than the crowd a host stays in the group; near the usual where little is known.

        Never less than the crowd: bots that take turns with the campaigns they send stay with none.
        """
        group = self.groups[number]
        if not group.lift:
            group.lift = max(1.0, (group.steps[number] + self._usual) / (self._expected(group, group) / 2 + 1))
        return group.lift

    def _expected(self, one: Group, other: Group) -> float:
        """Steps between two groups, either way, if all bots were one crowd; twice those inside for one group."""
        return float(one.arrivals @ other.activity + other.arrivals @ one.activity)

    def _merge(self, here: int, there: int) -> None:
        into, gone = self.groups[here], self.groups.pop(there)
        into.strands += gone.strands
        into.software |= gone.software
        into.constants |= gone.constants
        into.campaigns |= gone.campaigns
        into.arrivals += gone.arrivals
        into.activity += gone.activity
        into.version += 1
        into.lift = 0.0
        for key in gone.software | gone.constants:
            if there in (alike := self._alike.get(key, set())):
                alike.remove(there)
                alike.add(here)
        into.steps[here] += gone.steps.pop(there, 0) + into.steps.pop(there, 0)
        gone.steps.pop(here, None)
        for other, count in gone.steps.items():
            into.steps[other] += count
            theirs = self.groups[other].steps
            theirs[here] += theirs.pop(there, 0)


def _odds(steps: int, expected: float, same: float, other: float) -> float:
    """The logarithm of how much likelier so many steps are in one botnet than between two.

    ``expected`` is what one crowd would do; the rates are multiples of it: in one botnet from 1 to ``same``, between
    two from 0 to ``other``. Of each the likeliest is taken (a generalised likelihood ratio of two Poisson rates).
    """
    if not expected:
        return 0.0
    met = steps / expected
    one, two = min(max(met, 1.0), max(same, 1.0)), min(met, other)
    return (steps * math.log(one / two) if steps else 0.0) - (one - two) * expected


def _single(strands: Strands, steps: Steps) -> dict[int, Group]:
    """Each strand a group of its own."""
    columns = (strands.software, strands.constant, strands.campaign)
    arrivals, activity = steps.arrivals(), steps.activity.copy()
    groups = {
        n: Group([n], {s} - {0}, {k} - {0}, {c}, arrivals[n], activity[n])
        for n, (s, k, c) in enumerate(zip(*(column.tolist() for column in columns), strict=True))
    }
    for source, target in zip(steps.source.tolist(), steps.target.tolist(), strict=True):
        groups[source].steps[target] += 1
        if source != target:
            groups[target].steps[source] += 1
    return groups


def _alike(groups: dict[int, Group], programs: Programs) -> dict[int, set[int]]:
    """For each constant, and each program of its own, the groups that bear it: the first ones, where they are many."""
    found: dict[int, set[int]] = {}
    for number, group in groups.items():
        for key in group.constants | (group.software & programs.own):
            held = found.setdefault(key, set())
            if len(held) < MOST_ALIKE:
                held.add(number)
    return found


class Programs:
    """What a shared program is worth: by the innocent hosts that write with it, by its rarity among the infected."""

    def __init__(self, strands: Strands, genuine: Counts, params: Params) -> None:
        self.params = params
        whole = int(strands.hosts.sum())
        self.rarity: dict[int, float] = {}
        self.own: set[int] = set()
        names, place = np.unique(strands.software, return_inverse=True)
        sizes = np.bincount(place, strands.hosts, len(names)).astype(int)
        for software, hosts in zip(names.tolist(), sizes.tolist(), strict=True):
            if software == 0:
                continue
            self.rarity[software] = min(1.0, -math.log(hosts / whole) / math.log(RARE))
            if genuine.get(software, 0) <= params.genuine * hosts:
                self.own.add(software)

    def weight(self, one: Group, other: Group) -> float:
        """What the programs and constants that two groups share add to their tie."""
        p, shared = self.params, one.software & other.software
        if one.constants & other.constants:
            return p.constant
        if shared & self.own:
            return p.own
        return p.program * max((self.rarity[s] for s in shared), default=0.0)
