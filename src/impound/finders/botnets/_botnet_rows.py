"""Botnets as rows of ``botnets`` and ``botnet_members``: ids that last, names, and what to say of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from impound.canonical import plural
from impound.finders._events import Change, changes
from impound.finders._mail import Numbers
from impound.finders._working_names import working_names
from impound.finders.botnets import _machines
from impound.finders.botnets._history import DAY, Day, history, quiet
from impound.finders.botnets._machines import Estimate
from impound.finders.botnets._strands import BURST, Sightings, Strands
from impound.plugin import Engine


class Host(NamedTuple):
    """What an address sent of a botnet."""

    messages: int
    campaigns: int
    days: int


class Sent(NamedTuple):
    """What a botnet sent of a campaign: its share of the messages from infected hosts, and from how many addresses."""

    share: float
    messages: int
    hosts: int


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
    hosts: dict[str, Host]
    campaigns: dict[int, Sent]
    software: dict[str, int]
    """Its messages by program: fingerprint and constant."""
    held: float | None
    """What stayed together when a tenth of the hosts was left out; None for a single strand."""
    days: list[Day]


def botnets(seen: Sightings, strands: Strands, label: Numbers, held: dict[int, float]) -> Iterator[Botnet]:
    """Each group of strands with what it consists of."""
    if not len(label):
        return
    of = np.where(strands.of >= 0, label[strands.of], -1)
    whole, size = Counter(seen.campaign.tolist()), np.bincount(label)
    order = np.argsort(of, kind="stable")
    edges = np.flatnonzero(np.diff(of[order], prepend=-2))
    for unsorted in np.split(order, edges[1:]):
        group = int(of[unsorted[0]])
        if group < 0:
            continue
        rows = unsorted[np.lexsort((seen.message[unsorted], seen.at[unsorted]))]
        address, hosts = _addresses(seen, rows)
        yield Botnet(
            seen.message[rows], int(seen.at[rows[0]]), int(seen.at[rows[-1]]),
            len(np.unique(seen.net[rows])), _returned(seen, rows), hosts,
            _by_campaign(seen.campaign[rows], address, whole), _by_program(seen, rows),
            held.get(group, 0.0) if size[group] > 1 else None,
            history(seen.at[rows], address, seen.campaign[rows], seen.software[rows]),
        )  # fmt: skip


def _by_program(seen: Sightings, rows: Numbers) -> dict[str, int]:
    counts = Counter(seen.software[rows].tolist())
    return {seen.programs[key]: messages for key, messages in counts.items() if key}


def _returned(seen: Sightings, rows: Numbers) -> int:
    """Hosts with two of these messages that are no burst."""
    rows = np.sort(rows)  # as sightings are: by host, then in time
    again = (seen.host[rows[1:]] == seen.host[rows[:-1]]) & (seen.at[rows[1:]] - seen.at[rows[:-1]] >= BURST)
    return len(np.unique(seen.host[rows[1:]][again]))


def _by_campaign(campaign: Numbers, address: Numbers, whole: Counter[int]) -> dict[int, Sent]:
    numbers, messages = np.unique(campaign, return_counts=True)
    rows = zip(numbers.tolist(), messages.tolist(), _different(campaign, address).tolist(), strict=True)
    return {number: Sent(count / whole[number], count, hosts) for number, count, hosts in rows}


def _different(key: Numbers, value: Numbers) -> Numbers:
    """How many different values each key has, the keys in order."""
    found: Numbers = np.unique(np.unique(np.stack([key, value]), axis=1)[0], return_counts=True)[1]
    return found


def _addresses(seen: Sightings, rows: Numbers) -> tuple[Numbers, dict[str, Host]]:
    """The address of each message, as a number, and what each address sent.

    A host is an address and the beginning of its stretch; here the address counts.
    """
    hosts, place = np.unique(seen.host[rows], return_inverse=True)
    names = [host.partition(" ")[0] for host in seen.ips.take(pa.array(hosts)).to_pylist()]
    addresses, number = np.unique(np.array(names, dtype=object), return_inverse=True)
    address: Numbers = number[place]
    sent = (np.bincount(address), _different(address, seen.campaign[rows]), _different(address, seen.at[rows] // DAY))
    each = zip(addresses.tolist(), *(column.tolist() for column in sent), strict=True)
    return address, {ip: Host(*counts) for ip, *counts in each}


@dataclass(frozen=True)
class Known:
    """What an earlier find had: the botnets of each address, and name and number of addresses of each botnet."""

    of: dict[str, list[int]]
    botnets: dict[int, tuple[str, int]]


def known(engine: Engine) -> Known:
    """What an earlier find had, from the views ``botnets`` and ``botnet_members``."""
    sql = (
        "SELECT m.member, m.botnet_id, b.name, b.hosts FROM botnet_members m JOIN botnets b ON b.id = m.botnet_id"
        " WHERE m.member_type = 'host' ORDER BY m.member, m.botnet_id"
    )
    of: dict[str, list[int]] = {}
    before: dict[int, tuple[str, int]] = {}
    for batch in engine.stream(sql):
        for row in batch.to_pylist():
            of.setdefault(row["member"], []).append(row["botnet_id"])
            before[row["botnet_id"]] = row["name"], row["hosts"]
    return Known(of, before)


def ids(found: list[Botnet], known: Known) -> list[int]:
    """Each botnet's id: of the old one that gives it most of its addresses, or else of its earliest message."""
    claims = []
    for place, botnet in enumerate(found):
        old = Counter(number for ip in botnet.hosts for number in known.of.get(ip, ()))
        claims += [(-count, number, place) for number, count in old.items()]
    made: dict[int, int] = {}
    for _, number, place in sorted(claims):
        if place not in made and number not in made.values():
            made[place] = number
    taken = set(made.values())
    for place, botnet in enumerate(found):
        if place not in made:
            made[place] = next(int(i) for i in botnet.ids if int(i) not in taken)
            taken.add(made[place])
    return [made[place] for place in range(len(found))]


def names(numbers: list[int], known: Known, others: list[str]) -> dict[int, str]:
    """The name of each botnet: its old one, or a new one that nothing else bears."""
    old = {number: known.botnets[number][0] for number in numbers if number in known.botnets}
    return working_names(numbers, old, others)


def rows(
    found: list[Botnet], numbers: list[int], named: dict[int, str], sizes: list[Estimate]
) -> dict[str, list[dict[str, Any]]]:
    """The rows of ``botnets``, ``botnet_members`` and ``botnet_days``."""
    each = list(zip(found, numbers, strict=True))
    return {
        "botnets": [_row(b, n, named[n]) | _size(b, size) for (b, n), size in zip(each, sizes, strict=True)],
        "botnet_members": [member for botnet, number in each for member in _members(botnet, number)],
        "botnet_days": [_day(number, day) for botnet, number in each for day in botnet.days],
    }


def became(found: list[Botnet], numbers: list[int], named: dict[int, str], known: Known) -> list[Change]:
    """What became of the botnets of an earlier find; nothing where there was none."""
    shared: Counter[tuple[int, int]] = Counter()
    for botnet, number in zip(found, numbers, strict=True):
        shared.update((old, number) for ip in botnet.hosts for old in known.of.get(ip, ()))
    return list(changes(shared, known.botnets, named)) if known.botnets else []


def _day(number: int, day: Day) -> dict[str, Any]:
    return {"botnet_id": number, **day._asdict(), "day": datetime.fromtimestamp(day.day * DAY, UTC)}


def _size(botnet: Botnet, size: Estimate) -> dict[str, Any]:
    return {
        "machines": size.machines,
        "machines_low": size.low,
        "machines_high": size.high,
        "machines_why": _machines.words(size, len(botnet.hosts)),
    }


def _row(botnet: Botnet, number: int, name: str) -> dict[str, Any]:
    shared = sum(sent.share < 1 for sent in botnet.campaigns.values())
    return {
        "id": number,
        "name": name,
        "first_at": datetime.fromtimestamp(botnet.first_at, UTC),
        "last_at": datetime.fromtimestamp(botnet.last_at, UTC),
        "messages": len(botnet.ids),
        "hosts": len(botnet.hosts),
        "networks": botnet.networks,
        "quiet_days": quiet(botnet.days),
        "campaigns": len(botnet.campaigns),
        "programs": len(botnet.software),
        "confidence": None if botnet.held is None else round(botnet.held, 6),
        "why": _why(botnet, shared),
    }


def _why(botnet: Botnet, shared: int) -> str:
    said = (
        f"{botnet.returned:,} of its {len(botnet.hosts):,} addresses came back ten minutes later or more, with mail of"
        f" the same {len(botnet.campaigns):,} campaign{'s' if len(botnet.campaigns) > 1 else ''}"
    )
    if shared:
        said += f", {shared:,} of which others send too"
    if botnet.held is None:
        return f"{said}; it is what one program sent of one campaign, nothing was joined to it"
    return f"{said}; with a tenth of the addresses left out {botnet.held:.0%} of it stays together"


def _members(botnet: Botnet, number: int) -> Iterator[dict[str, Any]]:
    """Addresses, campaigns and programs; the strength is the share of what is known of each that lies here."""
    whole = len(botnet.ids)
    for ip, host in sorted(botnet.hosts.items()):
        said = (
            f"{plural(host.messages, 'message')} of {plural(host.campaigns, 'campaign')} on {plural(host.days, 'day')}"
        )
        yield _member(number, "host", ip, said, host.messages / whole)
    for campaign, sent in sorted(botnet.campaigns.items()):
        said = f"{plural(sent.messages, 'message')} of it from {plural(sent.hosts, 'address')}"
        yield _member(number, "campaign", str(campaign), said, sent.share)
    for software, messages in sorted(botnet.software.items()):
        yield _member(number, "software", software, f"wrote {plural(messages, 'message')}", messages / whole)


def _member(number: int, kind: str, member: str, link: str, strength: float) -> dict[str, Any]:
    return {"botnet_id": number, "member_type": kind, "member": member, "link": link, "strength": round(strength, 6)}
