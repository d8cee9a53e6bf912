"""A row of a contacts file as a contact, or the reason why it cannot be used; and networks that are found by address.

Whoever can write the file can send notices where he likes, so each row must stand on its own: a mailbox that is one
(nothing that could end a header line), a network that somebody may answer for, and never two answers for one network.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from impound import canonical
from impound.notices._catalogue import is_zone, languages

WIDEST = {4: 8, 6: 16}
"""The shortest prefix that a row may name: nobody answers for more, and one row must not take all."""
NAME = 100
_LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+=-]*(?:\.[A-Za-z0-9_+=-]+)*")
"""Of what RFC 5322 allows only what abuse mailboxes are called: no sign of a pipe, a route, a path or a formula."""
_ASN = re.compile(r"(?i)AS([0-9]{1,10})")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
T = TypeVar("T")


@dataclass(frozen=True)
class Contact:
    """Who answers for a network. ``source`` and ``as_of`` (a date, or nothing) say how that is known.

    ``language`` and ``time_zone`` are those of the network's customers, where the file says them.
    """

    mailbox: str
    name: str = ""
    source: str = "file"
    as_of: str = ""
    language: str = ""
    time_zone: str = ""


@dataclass
class Networks(Generic[T]):
    """Contacts, or whatever is said of networks; the longest prefix answers. An entry takes some 100 bytes."""

    by_length: dict[tuple[int, int], dict[int, T]] = field(default_factory=dict)
    lengths: dict[int, list[int]] = field(default_factory=lambda: {4: [], 6: []})

    def add(self, net: Network, said: T, again: bool = False) -> bool:
        """Whether this is what is now said of the network: what was said first stays, unless ``again``."""
        if again:
            self._place(net)[_number(net.network_address, net.prefixlen)] = said
        return self.first(net, said) == said

    def first(self, net: Network, said: T) -> T:
        """What was said first of exactly this network; this, where nothing was."""
        return self._place(net).setdefault(_number(net.network_address, net.prefixlen), said)

    def _place(self, net: Network) -> dict[int, T]:
        place = (net.version, net.prefixlen)
        if place not in self.by_length:
            self.by_length[place] = {}
            self.lengths[net.version] = sorted({*self.lengths[net.version], net.prefixlen}, reverse=True)
        return self.by_length[place]

    def of(self, address: Address) -> T | None:
        """What is said of the smallest network that holds the address."""
        return next(self.all_of(address), None)

    def all_of(self, address: Address) -> Iterator[T]:
        """What is said of each network that holds the address, the smallest first."""
        for length in self.lengths[address.version]:
            if (found := self.by_length[address.version, length].get(_number(address, length))) is not None:
                yield found


def mailbox(text: str) -> str | None:
    """A mailbox in its one spelling (the domain lower case, IDNA), or None for anything else."""
    local, at, domain = text.strip(" \t").rpartition("@")
    host = canonical.host(domain) if at and domain.isprintable() and " " not in domain else None
    if host is None or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    return f"{local}@{host}"


def network(text: str) -> Network | str:
    """A network, or why it cannot be used."""
    try:
        net: Network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return "no network"
    if net.prefixlen < WIDEST[net.version]:
        return f"a network wider than /{WIDEST[net.version]}"
    return net


def parsed(line: str) -> tuple[Network | int, Contact] | str | None:
    """A network or an AS number with its contact; the reason why a line cannot be used; None for what says nothing."""
    try:
        row = next(csv.reader([line], strict=True), [])
    except csv.Error:
        return "not a row of a CSV file"
    where = row[0].strip() if row else ""
    if not where or where.startswith("#") or where.lower() in ("network", "network_or_asn"):
        return None
    contact = _said([cell.strip(" \t") for cell in (row + [""] * 5)[1:5]])
    asn = _ASN.fullmatch(where)
    place = _number_of(asn[1]) if asn else network(where)
    if isinstance(contact, str) or isinstance(place, str):
        return contact if isinstance(contact, str) else str(place)
    return place, contact


def _said(cells: list[str]) -> Contact | str:
    """The contact in the cells mailbox, name, language and time zone, or why there is none."""
    box, language, zone = mailbox(cells[0]), cells[2], cells[3]
    if box is None:
        return "no mailbox"
    if language and language not in languages():
        return f"no texts in that language; there are {', '.join(languages())}"
    if zone and not is_zone(zone):
        return "no time zone"
    return _contact(box, canonical.clean(cells[1], NAME), language, zone)


def _number_of(asn: str) -> int | str:
    return int(asn) if 0 < int(asn) < 1 << 32 else "no AS number"


@lru_cache(maxsize=65536)
def _contact(box: str, name: str, language: str, zone: str) -> Contact:
    """One value for the many networks of one contact."""
    return Contact(box, name, language=language, time_zone=zone)


def _number(address: Address, length: int) -> int:
    return int(address) >> (address.max_prefixlen - length)
