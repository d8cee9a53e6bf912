"""Who answers for an address: a CSV file of networks and their abuse mailboxes, the longest prefix first."""

from __future__ import annotations

import csv
import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from impound.errors import ConfigError

LINES = 1_000_000
"""Lines that are read of a file; the whole routing table of the internet has about as many networks."""
WIDEST = {4: 8, 6: 16}
"""The shortest prefix that a line may name: nobody answers for more, and one line must not take all."""

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass
class Contacts:
    """Mailboxes by network, and the lines that could not be used, with the reason."""

    mailboxes: dict[tuple[int, int, int], str] = field(default_factory=dict)
    """By version, prefix length and network number."""
    lengths: dict[int, list[int]] = field(default_factory=lambda: {4: [], 6: []})
    refused: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> Contacts:
        """The contacts in a file with ``network,mailbox`` in each line; further columns are not read."""
        made = cls()
        try:
            with path.open(encoding="utf-8", errors="replace", newline="") as file:
                for number, row in enumerate(csv.reader(file), 1):
                    if number > LINES:
                        made.refused.append(f"line {number:,} and after: more than {LINES:,} lines")
                        break
                    if reason := made._take(row):
                        made.refused.append(f"line {number:,}: {reason}")
        except (OSError, csv.Error) as error:
            raise ConfigError(f"{path}: {error}", "a CSV file with network,mailbox in each line is wanted") from error
        made.lengths = {v: sorted({p for w, p, _ in made.mailboxes if w == v}, reverse=True) for v in (4, 6)}
        return made

    def _take(self, row: list[str]) -> str:
        """Why a line cannot be used; nothing where it can, is empty or a comment."""
        if not row or not row[0].strip() or row[0].startswith("#") or row[0].strip().lower() == "network":
            return ""
        mailbox = row[1].strip() if len(row) > 1 else ""
        if not _MAILBOX.fullmatch(mailbox):
            return "no mailbox"
        try:
            net: Network = ipaddress.ip_network(row[0].strip(), strict=False)
        except ValueError:
            return "no network"
        if net.prefixlen < WIDEST[net.version]:
            return f"a network wider than /{WIDEST[net.version]}"
        self.mailboxes[net.version, net.prefixlen, _number(net.network_address, net.prefixlen)] = mailbox
        return ""

    def of(self, ip: str) -> str | None:
        """The mailbox for an address; None where no line speaks of it."""
        address = ipaddress.ip_address(ip)
        for length in self.lengths[address.version]:
            if found := self.mailboxes.get((address.version, length, _number(address, length))):
                return found
        return None


def _number(address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int) -> int:
    return int(address) >> (address.max_prefixlen - length)
