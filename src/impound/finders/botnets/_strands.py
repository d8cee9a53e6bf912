"""Strands: what one program sent of one campaign; and how infected hosts pass from strand to strand.

A campaign may be rented to several botnets and a botnet sends many campaigns, but what *one* sending program wrote of
*one* campaign is one botnet's work, unless two botnets use one program for one campaign. So strands are what botnets
are made of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from impound.finders._mail import Flags, Numbers, keys
from impound.plugin import Engine

Counts = dict[int, int]

BIN = 6 * 3600
"""Seconds in which activity is counted together, at least: a bot sends for hours, a lease lasts a day."""
MOST_BINS = 512
"""Bins over a whole case, at most: in a longer one they grow."""
BURST = 600
"""Seconds within which a host's messages are one order carried out, the same text to several recipients: no step."""
MOST_STRANDS = 2000
"""Strands that are looked at, those with most hosts: the rest stays unassigned. A month of one university has 294."""
MOST_STEPS = 50
"""Steps of one host that count: an address shared by a whole company must not outweigh a hundred homes."""


@dataclass(frozen=True)
class Sightings:
    """Messages of campaigns that infected hosts sent, by host and then in time; one value a message in each column."""

    message: Numbers
    at: Numbers
    host: Numbers
    """The host: its place in ``ips``; an address after seven quiet days is another host."""
    net: Numbers
    campaign: Numbers
    software: Numbers
    """The sending program's fingerprint and constant as a key; 0 where nothing is known of it."""
    constant: Numbers
    """The constant as a key, or 0."""
    ips: pa.Array
    programs: dict[int, str]
    """What a key of ``software`` stands for: the fingerprint, and the constant where there is one."""

    def __len__(self) -> int:
        return len(self.message)

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """From the views ``messages``, ``origins``, ``hosts``, ``campaign_members`` and ``message_software``."""
        rows = pa.Table.from_batches(list(engine.stream(_SIGHTINGS)))
        hosts = rows["host"].combine_chunks().dictionary_encode()
        return cls(
            message=rows["message_id"].to_numpy(),
            at=rows["seen_at"].cast(pa.int64()).to_numpy() // 1_000_000,
            host=hosts.indices.to_numpy(zero_copy_only=False).astype(np.int64),
            net=keys(rows["client_net"]),
            campaign=rows["campaign_id"].to_numpy(),
            software=keys(rows["software"]),
            constant=keys(rows["constant"]),
            ips=hosts.dictionary,
            programs=_programs(rows["software"]),
        )

    def where(self, kept: Flags) -> Self:
        """Some of them."""
        columns = ("message", "at", "host", "net", "campaign", "software", "constant")
        return replace(self, **{name: getattr(self, name)[kept] for name in columns})


@dataclass(frozen=True)
class Strands:
    """The strands that several hosts sent. ``of`` is the strand of each sighting, or -1."""

    of: Numbers
    campaign: Numbers
    software: Numbers
    constant: Numbers
    hosts: Numbers
    """How many hosts sent each."""

    @classmethod
    def among(cls, seen: Sightings, fewest: int) -> Self:
        """The strands with ``fewest`` hosts or more, in the order of their campaigns and programs."""
        columns = np.stack([seen.campaign, seen.software, seen.constant])
        pairs, strand = np.unique(columns, axis=1, return_inverse=True)
        strand = strand.reshape(-1)
        hosts = np.bincount(np.unique(np.stack([strand, seen.host]), axis=1)[0], minlength=pairs.shape[1])
        kept = np.sort(np.argsort(-hosts, kind="stable")[: np.count_nonzero(hosts >= fewest)][:MOST_STRANDS])
        place = np.full(pairs.shape[1], -1)
        place[kept] = np.arange(len(kept))
        return cls(place[strand], pairs[0, kept], pairs[1, kept], pairs[2, kept], hosts[kept])


@dataclass(frozen=True)
class Steps:
    """From one order to a host's next one: from which strand to which, and in which bin the second one fell."""

    source: Numbers
    target: Numbers
    bin: Numbers
    activity: NDArray[np.float64]
    """For each strand and bin the share of the bin's messages that were the strand's."""

    def arrivals(self) -> NDArray[np.float64]:
        """For each strand and bin how many steps that began in the strand ended in the bin."""
        found = np.zeros_like(self.activity)
        np.add.at(found, (self.source, self.bin), 1.0)
        return found


def steps(seen: Sightings, strands: Strands, among: Flags | None = None) -> Steps:
    """The steps of all hosts, or of those sightings that are ``among`` some."""
    kept = strands.of >= 0 if among is None else (strands.of >= 0) & among
    host, strand, at = seen.host[kept], strands.of[kept], seen.at[kept]
    bins = _bins(at)
    together = np.flatnonzero((host[1:] == host[:-1]) & (at[1:] - at[:-1] >= BURST))
    together = together[_ordinal(host[together]) < MOST_STEPS]
    return Steps(
        strand[together], strand[together + 1], bins[together + 1], _activity(strand, bins, len(strands.hosts))
    )


def _programs(software: pa.ChunkedArray) -> dict[int, str]:
    names = software.unique().drop_null()
    return dict(zip(keys(pa.chunked_array([names])).tolist(), (n.strip() for n in names.to_pylist()), strict=True))


def _bins(at: Numbers) -> Numbers:
    if not len(at):
        return at
    width = max(BIN, (int(at.max()) - int(at.min())) // MOST_BINS + 1)
    found: Numbers = (at - at.min()) // width
    return found


def _ordinal(sorted_values: Numbers) -> Numbers:
    """For each value how many equal ones stand before it."""
    places = np.arange(len(sorted_values))
    begins = np.flatnonzero(np.diff(sorted_values, prepend=-1))
    runs = np.diff(np.append(begins, len(sorted_values)))
    found: Numbers = places - np.repeat(begins, runs)
    return found


def _activity(strand: Numbers, bins: Numbers, strands: int) -> NDArray[np.float64]:
    found = np.zeros((strands, int(bins.max(initial=0)) + 1))
    np.add.at(found, (strand, bins), 1.0)
    found /= np.maximum(1.0, found.sum(axis=0))
    return found


_SIGHTINGS = """
SELECT m.id AS message_id, m.seen_at, h.ip || ' ' || CAST(h.first_at AS STRING) AS host, o.client_net,
       c.campaign_id, s.fingerprint || ' ' || COALESCE(s.constant, '') AS software, s.constant
FROM messages m
JOIN campaign_members c ON c.message_id = m.id
JOIN origins o ON o.message_id = m.id
JOIN hosts h ON h.ip = o.client_ip AND m.seen_at >= h.first_at AND m.seen_at <= h.last_at
LEFT JOIN message_software s ON s.message_id = m.id
WHERE h.verdict = 'infected'
ORDER BY host, m.seen_at, m.id
"""


def genuine(engine: Engine) -> Counts:
    """For each program, as a key, the hosts of ordinary people and mailing services that write with it."""
    rows = pa.Table.from_batches(list(engine.stream(_GENUINE)))
    return dict(zip(keys(rows["software"]).tolist(), rows["hosts"].to_pylist(), strict=True))


_GENUINE = """
SELECT s.fingerprint || ' ' || COALESCE(s.constant, '') AS software, COUNT(DISTINCT h.ip) AS hosts
FROM messages m
JOIN message_software s ON s.message_id = m.id
JOIN origins o ON o.message_id = m.id
JOIN hosts h ON h.ip = o.client_ip AND m.seen_at >= h.first_at AND m.seen_at <= h.last_at
WHERE h.verdict IN ('ordinary', 'webmail-or-esp') AND s.fingerprint IS NOT NULL
GROUP BY 1 ORDER BY 1
"""
