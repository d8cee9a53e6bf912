"""Where the receiving organisation ends: its networks, from the addresses that its own servers were met at."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from impound.finders._hops import block, key


@dataclass(frozen=True)
class OwnNetwork:
    """A network inside the organisation, with the reason, and how many servers and messages were met in it."""

    cidr: str
    side: str
    reason: str
    servers: int
    messages: int

    @property
    def first_key(self) -> str:
        return key(str(ipaddress.ip_network(self.cidr).network_address))

    @property
    def last_key(self) -> str:
        return key(str(ipaddress.ip_network(self.cidr).broadcast_address))


def infer(servers: Iterable[dict[str, Any]], strangers: set[str], widen_subnets: int) -> list[OwnNetwork]:
    """The networks that cover the organisation's servers.

    ``servers``: rows of ip, messages, domain (the organisation's name that they bear). ``strangers``: blocks (/16, /32)
    in which clients with somebody else's name were met. Servers in ``widen_subnets`` or more networks (/24, /48) of one
    block without a stranger make the whole block the organisation's: large sites are given their addresses so, and
    nobody else was seen in it. Otherwise each server stands for itself.
    """
    blocks: dict[str, list[dict[str, Any]]] = {}
    for row in servers:
        blocks.setdefault(block(row["ip"]), []).append(row)
    found: list[OwnNetwork] = []
    for cidr, rows in sorted(blocks.items()):
        subnets = {r["net"] for r in rows}
        if len(subnets) >= widen_subnets and cidr not in strangers:
            names = ", ".join(sorted({r["domain"] for r in rows}))
            messages = sum(r["messages"] for r in rows)
            reason = f"{len(rows):,} servers of {names} in {len(subnets):,} of its subnets, and nobody else seen in it"
            found.append(OwnNetwork(cidr, "own", reason, len(rows), messages))
        else:
            found += [_alone(r) for r in rows]
    return found


def _alone(row: dict[str, Any]) -> OwnNetwork:
    address = ipaddress.ip_network(row["ip"])
    reason = f"a server of {row['domain']}: {row['how']}"
    return OwnNetwork(str(address), "own", reason, 1, row["messages"])


def given(cidrs: Iterable[str]) -> list[OwnNetwork]:
    """The networks that somebody named, by ``--own-network`` or in ``impound.toml``."""
    return [OwnNetwork(str(ipaddress.ip_network(c, strict=False)), "own", "named in impound.toml", 0, 0) for c in cidrs]
