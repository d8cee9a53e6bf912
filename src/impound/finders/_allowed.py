"""What people have allowed: values that are never listed, whatever the mail says of them, each with the reason.

``impound allow`` adds an event for each; the last one of a value says whether it is allowed now. A network allows every
address in it, a domain every name below it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from impound.plugin import Engine

ACTOR, ALLOWED = "allow", "allowed"
"""Who adds such events, and the state of what is allowed."""
VOUCHED = "Allowed: "
"""How the reason of a verdict begins that somebody overruled."""
SQL = "SELECT e.subject, e.to_state, e.reason FROM events e WHERE e.actor = '{}' ORDER BY e.at, e.to_state"


@dataclass(frozen=True)
class Allowed:
    """The reasons by type and value; ``lengths``: the prefix lengths of the networks among them, by version of IP."""

    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)
    lengths: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.reasons)

    def address(self, ip: str) -> str | None:
        """Why an address is allowed, itself or its network; None where it is not."""
        if (reason := self.reasons.get(("address", ip))) is not None or not self.lengths:
            return reason
        address = ipaddress.ip_address(ip)
        for length in self.lengths.get(address.version, ()):
            net = str(ipaddress.ip_network((address, length), strict=False))
            if (reason := self.reasons.get(("network", net))) is not None:
                return reason
        return None

    def thing(self, kind: str, value: str) -> str | None:
        """Why an indicator of that type is allowed; None where it is not."""
        if kind == "address":
            return self.address(value)
        if kind != "domain":
            return self.reasons.get((kind, value))
        labels = value.split(".")
        names = (".".join(labels[n:]) for n in range(len(labels) - 1))
        return next((r for name in names if (r := self.reasons.get(("domain", name))) is not None), None)


def allowed(engine: Engine) -> Allowed:
    """What is allowed now, from the view ``events``."""
    now: dict[tuple[str, str], str] = {}
    for batch in engine.stream(SQL.format(ACTOR)):
        for row in batch.to_pylist():
            kind, _, value = (row["subject"] or "").partition(" ")
            now.pop((kind, value), None)
            if row["to_state"] == ALLOWED:
                now[kind, value] = row["reason"] or ""
    lengths: dict[int, set[int]] = {}
    for kind, value in now:
        if kind == "network":
            net = ipaddress.ip_network(value)
            lengths.setdefault(net.version, set()).add(net.prefixlen)
    return Allowed(now, {version: tuple(sorted(found)) for version, found in lengths.items()})
