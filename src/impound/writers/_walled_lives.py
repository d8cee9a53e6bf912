"""The infected hosts in some networks with their lives: how each stands, since when, and who was told of it when."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from impound.plugin import Engine
from impound.tables import state_rank
from impound.writers._rows import rows

HOSTS = """
SELECT h.ip, h.name, h.dynamic, h.first_at, h.last_at FROM hosts h
WHERE h.verdict = 'infected' AND h.first_at IS NOT NULL AND h.last_at IS NOT NULL ORDER BY h.ip, h.first_at
"""
STATES = f"""
SELECT e.subject AS ip, e.at AS state_at, e.to_state AS state FROM events e
WHERE e.subject_type = 'host' AND e.actor = 'lives' AND e.at IS NOT NULL
ORDER BY e.subject, e.at, {state_rank("e.to_state")}
"""
TOLD = """
SELECT n.ip, n.at AS told_at, n.audience, n.state, n.ticket FROM notices n
WHERE n.state IN ('sent', 'held-out') AND n.at IS NOT NULL ORDER BY n.ip, n.at, n.audience
"""
_SAY_NOTHING = ("notified", "held-out")
"""States that say what people did, and nothing of the machine."""


@dataclass
class Life:
    """An infected host: its latest stretch of time, its state, and since when this infection lasts."""

    ip: str
    name: str
    dynamic: bool
    first_at: datetime
    last_at: datetime
    state: str = ""
    state_at: datetime | None = None
    since: datetime | None = None
    held_out: bool = False
    told: list[tuple[datetime, str, str]] = field(default_factory=list)
    """When, which audience and with which ticket it was told of, the earliest first."""

    def step(self, at: datetime, state: str) -> None:
        """Take the next state in. A new infection begins with *reinfected*, or when an accusation is taken back."""
        if state in _SAY_NOTHING:
            return
        self.state, self.state_at = state, at
        if state == "reinfected" or (state == "confirmed" and self.since is None):
            self.since = at
        elif state == "withdrawn":
            self.since = None

    def times(self, audiences: Iterable[str]) -> list[datetime]:
        """When one of these audiences was told of this infection."""
        wanted = set(audiences)
        return [at for at, audience, _ in self.told if self.since and at >= self.since and audience in wanted]


def lives(engine: Engine, networks: Iterable[str], now: datetime) -> dict[str, Life]:
    """The hosts by address. What is dated later than ``now`` is left out."""
    inside = _Inside(networks)
    found: dict[str, Life] = {}
    for row in rows(engine, HOSTS):
        if row["first_at"] <= now and row["ip"] in inside:
            found[row["ip"]] = _life(row)
    for row in _of(engine, STATES, found):
        if row["state_at"] <= now:
            found[row["ip"]].step(row["state_at"], row["state"])
    for row in _of(engine, TOLD, found):
        if row["state"] == "held-out":
            found[row["ip"]].held_out = True
        else:
            found[row["ip"]].told.append((row["told_at"], row["audience"], row["ticket"] or ""))
    return found


def _life(row: dict[str, Any]) -> Life:
    return Life(row["ip"], row["name"] or "", bool(row["dynamic"]), row["first_at"], row["last_at"])


def _of(engine: Engine, sql: str, found: dict[str, Life]) -> Iterator[dict[str, Any]]:
    return (row for row in rows(engine, sql) if row["ip"] in found)


class _Inside:
    """Whether an address lies in one of some networks."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(net) for net in networks]

    def __contains__(self, ip: str) -> bool:
        address = ipaddress.ip_address(ip)
        return any(address in net for net in self._networks)
