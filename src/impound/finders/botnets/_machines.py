"""How many machines stand behind the addresses of a botnet: by what bots call themselves, and by capture and recapture.

An address is no machine. A provider gives a line another address every day (DHCP), so addresses count too many; a
router hides several machines behind one address (NAT), so they count too few. Some programs write something of the
machine into its mail that stays when the address changes: the name it gives itself (HELO), or the computer's name in
the Message-ID. Such a **mark** counts where

* it is met with the customers of one provider only, and leaves an address for good: a word that all bots say names
  nobody;
* it does not spell the address, and is not its reverse name;
* messages of one address, ten minutes apart or more, bear the same mark nine times in ten: programs that invent a
  name for every message fall out.

Marked machines are counted. They also show how many addresses a machine of this case had: the addresses without a mark
are divided by that (a ratio estimator; Cochran, "Sampling techniques", 1977, chapter 6). And they show how many
machines were met on a single day only, from which follows how many were not met at all: the first-order jackknife
(Burnham & Overton, "Robust estimation of population size when capture probabilities vary among animals", Ecology 60,
1979), with days as occasions; where fewer than half of them were met again, it would say too little, and nothing is
said. Chao's lower bound (Biometrics 43, 1987) asks for the machines met on two days as well; with the few that one
botnet shows it swings by a factor of two (docs/explanation/botnets.md).

Limits: marked machines may have other leases than those without a mark; what never writes to the organisation at all
is counted nowhere.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import pyarrow as pa

from impound.finders._mail import Flags, Numbers, keys, owners
from impound.finders._naming import spells_address
from impound.finders.botnets._strands import BIN, BURST
from impound.plugin import Engine

STAYS = 0.9
"""Share of the sightings of one address that must bear the same mark."""
ASKED = 10
"""Pairs of sightings from which that can be told."""
MARKED = 25
"""Marked machines from which the ratio of machines to addresses can be told."""
AGAIN = 0.5
"""Share of the machines that must have been met on a second day for the jackknife to tell how many were not met."""
APART = 0.1
"""How far that ratio differs from botnet to botnet (standard deviation of its logarithm; drills: 0.06 to 0.12)."""
NAMES = 0.05
"""How far the number of marked machines is off: some change their name, some belong to another botnet as well."""
WIDTH = 1.15
"""Standard errors on either side (three in four); the interval is wider, as only its upper end has those not met."""
DAY = 86_400


@dataclass(frozen=True)
class Estimate:
    """The machines of a botnet. Without marks only how many addresses sent at once is known, as ``low``."""

    low: int
    machines: int | None = None
    high: int | None = None
    """None, too, where so few were met again that nothing bounds how many were not met."""
    marked: int = 0
    shared: int = 0
    """Addresses that showed two marks in turn: several machines behind one address."""
    own: bool = False
    """Whether the botnet's own machines say how many addresses a machine has, or those of the whole case."""


@dataclass(frozen=True)
class Sights:
    """Messages of infected hosts: who was seen when, by address and then in time; one value a message."""

    message: Numbers
    at: Numbers
    ip: Numbers
    marks: tuple[Numbers, ...]
    """By kind of mark (computer's name in the Message-ID, HELO), 0 for none."""

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """From the views ``messages``, ``origins``, ``hosts`` and ``campaign_members``; no text is held."""
        parts = [_part(pa.Table.from_batches([batch])) for batch in engine.stream(_SIGHTS)]
        rows = np.concatenate(parts, axis=1)
        message, at, ip, owner, *marks = rows[:, np.lexsort((rows[0], rows[1], rows[2]))]
        return cls(message, at, ip, tuple(_one_machine(_one_owner(mark, owner), at, ip) for mark in marks))

    def split(self, botnets: list[Numbers]) -> list[Self]:
        """Those of each botnet's messages; no message is in two."""
        ids = np.concatenate(botnets)
        of = np.repeat(np.arange(len(botnets)), [len(messages) for messages in botnets])
        order = np.argsort(ids)
        place = np.searchsorted(ids, self.message, sorter=order).clip(max=len(ids) - 1)
        botnet = np.where(ids[order[place]] == self.message, of[order[place]], len(botnets))
        rows = np.argsort(botnet, kind="stable")
        ends = np.searchsorted(botnet[rows], np.arange(1, len(botnets) + 1))
        return [self._where(kept) for kept in np.split(rows, ends)[:-1]]

    def _where(self, kept: Numbers) -> Self:
        return type(self)(self.message[kept], self.at[kept], self.ip[kept], tuple(m[kept] for m in self.marks))

    def marked(self) -> Numbers:
        """The machine of each sighting by its mark, 0 where there is none that can be relied on."""
        found = np.zeros(len(self.ip), np.int64)
        for mark in self.marks:
            if self._stays(mark):
                found = np.where(found == 0, mark, found)
        return found

    def _stays(self, mark: Numbers) -> bool:
        again = (self.ip[1:] == self.ip[:-1]) & (self.at[1:] - self.at[:-1] >= BURST)
        again &= (mark[1:] != 0) | (mark[:-1] != 0)
        same = int((mark[1:] == mark[:-1])[again].sum())
        return bool(again.sum() >= ASKED and same >= STAYS * again.sum())


def _part(rows: pa.Table) -> Numbers:
    """A batch as rows of keys: message, time, address, owner of the network, mark in the Message-ID, HELO."""
    ips, names = rows["client_ip"].to_pylist(), rows["client_name"].to_pylist()
    hosts, helos = rows["id_host"].to_pylist(), rows["helo"].to_pylist()
    return np.stack([
        rows["message_id"].to_numpy(),
        rows["seen_at"].cast(pa.int64()).fill_null(0).to_numpy() // 1_000_000,
        keys(rows["client_ip"]),
        owners(rows),
        keys(pa.chunked_array([[_mark(*r) for r in zip(hosts, ips, names, strict=True)]], pa.string())),
        keys(pa.chunked_array([[_mark(*r) for r in zip(helos, ips, names, strict=True)]], pa.string())),
    ])  # fmt: skip


@lru_cache(maxsize=65_536)
def _mark(text: str | None, ip: str, name: str | None) -> str | None:
    """What a text says of the machine: None where it says the address or its reverse name."""
    said = (text or "").strip(" <>").lower()[:255]
    if said == (name or "").lower() or ip in said:
        return None
    return None if _DIGITS.search(said) and spells_address(ip, said) else said or None


def _one_owner(mark: Numbers, owner: Numbers) -> Numbers:
    """The marks that one provider's customers bear; 0 instead of those met with several."""
    names, owners = np.unique(np.unique(np.stack([mark, owner]), axis=1)[0], return_counts=True)
    found: Numbers = np.where(np.isin(mark, names[owners > 1]), 0, mark)
    return found


def _one_machine(mark: Numbers, at: Numbers, ip: Numbers) -> Numbers:
    """The marks that leave an address for good; 0 instead of those whose addresses take turns."""
    order = np.lexsort((ip, at, mark))
    turns = _turns(mark[order], ip[order])
    found: Numbers = np.where(np.isin(mark, np.unique(mark)[turns]), 0, mark)
    return found


@dataclass(frozen=True)
class Known:
    """What marked machines show: of each how many addresses it had, and whether it was met on one day only."""

    addresses: Numbers
    once: Flags

    def __len__(self) -> int:
        return len(self.addresses)

    @classmethod
    def of(cls, sights: Sights, machine: Numbers) -> Self:
        """From the machine of each sighting."""
        seen = machine != 0
        return cls(_each(machine[seen], sights.ip[seen]), _each(machine[seen], sights.at[seen] // DAY) == 1)

    @property
    def ratio(self) -> float:
        """Machines for each address."""
        return len(self) / int(self.addresses.sum())

    @property
    def spread(self) -> float:
        """How much the addresses of a machine vary: standard deviation by mean."""
        return float(self.addresses.std() / self.addresses.mean())

    def unseen(self, days: int) -> float:
        """Machines that were not met, as a share of those that were: the first-order jackknife."""
        return float(self.once.mean()) * (days - 1) / days


def machines(engine: Engine, botnets: list[Numbers]) -> list[Estimate]:
    """The machines of each botnet, by its messages."""
    if not botnets:
        return []
    sights = Sights.of(engine).split(botnets)
    marks = [s.marked() for s in sights]
    known = [Known.of(s, mark) for s, mark in zip(sights, marks, strict=True)]
    case = Known(np.concatenate([k.addresses for k in known]), np.concatenate([k.once for k in known]))
    return [_estimate(s, mark, k, case) for s, mark, k in zip(sights, marks, known, strict=True)]


def _estimate(sights: Sights, machine: Numbers, known: Known, case: Known) -> Estimate:
    own = len(known) >= MARKED
    source = known if own else case
    shared = _shared(sights.ip, machine)
    if len(source) < MARKED:
        return Estimate(_at_once(sights), marked=len(known), shared=shared)
    rest = source.ratio * len(np.unique(sights.ip[machine == 0]))
    met = len(known) + rest
    ratio = math.sqrt(APART**2 + source.spread**2 * (1 / len(source) + 1 / max(1.0, rest)))
    error = math.hypot(NAMES, ratio * rest / met)
    met_all = met * (1 + source.unseen(len(np.unique(sights.at // DAY))))
    low, high = round(met * math.exp(-WIDTH * error)), round(met_all * math.exp(WIDTH * error))
    bounded = source.once.mean() <= 1 - AGAIN
    return Estimate(low, round(met), high if bounded else None, len(known), shared, own)


def _each(machine: Numbers, value: Numbers) -> Numbers:
    """How many different values each machine has."""
    found: Numbers = np.unique(np.unique(np.stack([machine, value]), axis=1)[0], return_counts=True)[1]
    return found


def _shared(ip: Numbers, machine: Numbers) -> int:
    """Addresses whose marks take turns."""
    seen = machine != 0
    return int(_turns(ip[seen], machine[seen]).sum())


def _turns(key: Numbers, value: Numbers) -> Flags:
    """For each key, of keys in order, whether its values take turns: A, B, and A again."""
    begins = np.ones(len(key), bool)
    begins[1:] = (key[1:] != key[:-1]) | (value[1:] != value[:-1])
    found: Flags = _each(key, value) < np.unique(key[begins], return_counts=True)[1]
    return found


def _at_once(sights: Sights) -> int:
    """The most addresses that sent within one bin of six hours."""
    bins = np.unique(np.stack([sights.at // BIN, sights.ip]), axis=1)[0]
    return int(np.unique(bins, return_counts=True)[1].max(initial=0))


_DIGITS = re.compile(r"[0-9a-f]{2}")
"""Without them no address is spelt."""
_SIGHTS = """
SELECT m.id AS message_id, m.seen_at, o.client_ip, o.client_name, o.helo,
       CASE WHEN m.rfc_message_id LIKE '%@%' THEN split_part(m.rfc_message_id, '@', 2) END AS id_host
FROM messages m
JOIN campaign_members c ON c.message_id = m.id
JOIN origins o ON o.message_id = m.id
JOIN hosts h ON h.ip = o.client_ip AND m.seen_at >= h.first_at AND m.seen_at <= h.last_at
WHERE h.verdict = 'infected'
"""


def words(estimate: Estimate, addresses: int) -> str:
    """How the number of machines was come by, and what it leaves out."""
    if estimate.machines is None:
        return (
            f"its mail tells machines from addresses too seldom: at least {estimate.low:,} of its {addresses:,}"
            " addresses sent within six hours"
        )
    said = f"{estimate.marked:,} machines show by a name of their own" if estimate.marked else "no machine names itself"
    said += f", the rest by {'those' if estimate.own else 'what other machines of the case show'} (addresses for each)"
    if estimate.high is None:
        said += "; so few were met on a second day that nothing bounds how many were not met"
    if estimate.shared:
        return f"{said}; behind {estimate.shared:,} addresses several machines take turns"
    return f"{said}; changing addresses (DHCP) are allowed for, machines that share one (NAT) only where a name shows"
