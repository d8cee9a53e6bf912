"""Botnets as rows of ``botnets`` and ``botnet_members``: ids that last, names, and what to say of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from impound.finders import _machines
from impound.finders._machines import Estimate
from impound.finders._mail import Numbers
from impound.finders._strands import BURST, Sightings, Strands
from impound.finders._working_names import working_names
from impound.plugin import Engine


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


def botnets(seen: Sightings, strands: Strands, label: Numbers, held: dict[int, float]) -> Iterator[Botnet]:
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


def known(engine: Engine) -> dict[str, list[tuple[int, str]]]:
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


def rows(
    found: list[Botnet], sizes: list[Estimate], known: dict[str, list[tuple[int, str]]], others: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of ``botnets`` and of ``botnet_members``; no botnet gets a name of ``others``."""
    ids = _ids(found, known)
    old = {number: name for said in known.values() for number, name in said}
    names = working_names(ids, {n: old[n] for n in ids if n in old}, others)
    numbered = list(zip(found, ids, strict=True))
    made = [_row(b, n, names[n]) | _size(b, size) for (b, n), size in zip(numbered, sizes, strict=True)]
    return made, [m for botnet, number in numbered for m in _members(botnet, number)]


def _size(botnet: Botnet, size: Estimate) -> dict[str, Any]:
    return {
        "machines": size.machines,
        "machines_low": size.low,
        "machines_high": size.high,
        "machines_why": _machines.words(size, len(botnet.hosts)),
    }


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
