"""Whose a machine was when it was seen: a file that only the provider has who knows its customers.

A line is ``address_or_network,from,until,mailbox[,language[,time_zone[,reference]]]``. Times are ISO 8601 with their
offset from UTC, ``until`` is the first moment that is no longer meant; empty means without a beginning or an end.
Nothing is guessed: a letter that reaches the wrong person accuses one customer and lays another one open.
"""

from __future__ import annotations

import csv
import ipaddress
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from impound import canonical
from impound.notices._book import NAME, Network, Networks, mailbox
from impound.notices._catalogue import is_zone, languages
from impound.notices._refusing import Refusing

WIDEST = {4: 16, 6: 32}
"""The shortest prefix of one customer: more is given to providers only, and one line must not take all."""
LEASES = 4_096
"""Lines for one network: an address that changes hands every day has as many in eleven years."""
NOBODY = "no customer is known who had it"
SEVERAL = "more than one customer had it while it was seen"
PARTLY = "whose it was is not known for the whole time it was seen"
UNCERTAIN = "a line that was refused names it too"
ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_WANTED = "a CSV file: 192.0.2.7,2026-03-01T00:00Z,,owner@mail.example,en,Europe/Berlin,customer 17"
_HEAD = ("address", "network", "address_or_network")


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is written to, and what the letter calls him (``reference``); empty: as the settings say, or nothing."""

    mailbox: str
    language: str = ""
    time_zone: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who had a network from ``since`` to before ``until``; None: the line says somebody, but not who."""

    since: datetime
    until: datetime
    customer: Customer | None


@dataclass
class CustomerBook(Refusing):
    """The customers of some machines, by network and time. ``networks``: the provider's own; empty = not known."""

    networks: Sequence[Network] = ()
    leases: Networks[dict[Lease, int]] = field(default_factory=Networks)
    """By network its leases, each with the number of its line."""

    @classmethod
    def load(cls, path: Path, ips: Iterable[str], own: Iterable[str] = ()) -> CustomerBook:
        """The customers in a file who had one of these addresses; others' lines are looked at and not kept.

        ``own``: the provider's networks; what lies outside them is refused. Raises ConfigError for a file that cannot
        be read; a line that cannot be used is in ``refused``.
        """
        made, wanted = cls(networks=[ipaddress.ip_network(net) for net in own]), _Wanted(ips)
        for number, line in made.lines(path, _WANTED):
            made._take(number, line, wanted)
        return made

    def customer_of(self, ip: str, first_at: datetime, last_at: datetime) -> Customer | str:
        """The one customer who had the address from the first time to the last, or why there is no such one."""
        found: set[Customer | None] = set()
        spans = []
        for leases in self.leases.all_of(ipaddress.ip_address(ip)):
            for lease in leases:
                if lease.since <= last_at and lease.until > first_at:
                    found.add(lease.customer)
                    spans.append((lease.since, lease.until))
                    if len(found) > 1:
                        return UNCERTAIN if None in found else SEVERAL
        if not found:
            return NOBODY
        (customer,) = found
        return UNCERTAIN if customer is None else customer if _covered(spans, first_at, last_at) else PARTLY

    def _take(self, number: int, line: str, wanted: _Wanted) -> None:
        found = _parsed(line)
        if isinstance(found, str):
            self.refuse(f"line {number:,}", found)
        if found is None or isinstance(found, str):
            return
        net, lease, wrong = found
        if self.networks and not any(_inside(net, own) for own in self.networks):
            self.refuse(f"line {number:,}", "not in one of your networks (customer_networks, own_networks)")
        elif wrong:
            self.refuse(f"line {number:,}", wrong)
            self._keep(net, replace(lease, customer=None), number, wanted)
        else:
            self._keep(net, lease, number, wanted)

    def _keep(self, net: Network, lease: Lease, number: int, wanted: _Wanted) -> None:
        if not wanted.any_in(net):
            return
        leases = self.leases.first(net, {})
        if lease in leases and lease.customer:
            self.refuse(f"line {number:,}", f"it says what line {leases[lease]:,} says")
        elif len(leases) < LEASES:
            leases[lease] = number
        else:
            self.refuse(f"line {number:,}", f"more than {LEASES:,} lines for one network: no letter for it")
            leases.setdefault(Lease(*ALWAYS, None), number)


class _Wanted:
    """The addresses that are asked about."""

    def __init__(self, ips: Iterable[str]) -> None:
        addresses = [ipaddress.ip_address(ip) for ip in ips]
        self._sorted = {v: sorted(int(a) for a in addresses if a.version == v) for v in (4, 6)}

    def any_in(self, net: Network) -> bool:
        """Whether one of them lies in the network."""
        known, last = self._sorted[net.version], int(net.broadcast_address)
        at = bisect_left(known, int(net.network_address))
        return at < len(known) and known[at] <= last


def _inside(net: Network, own: Network) -> bool:
    return net.version == own.version and net.subnet_of(own)  # type: ignore[arg-type]  # both of one version


def _covered(spans: list[tuple[datetime, datetime]], first_at: datetime, last_at: datetime) -> bool:
    at = first_at
    for since, until in sorted(spans):
        if since > at:
            return False
        at = max(at, until)
    return at > last_at


def _parsed(line: str) -> tuple[Network, Lease, str] | str | None:
    """A network, who had it when, and what is wrong with that; why the network cannot be told; None for no line."""
    try:
        row = [cell.strip(" \t") for cell in next(csv.reader([line], strict=True), [])]
    except csv.Error:
        place, said = _network(line.partition(",")[0].strip(' \t"')), "not a row of a CSV file"
        return said if isinstance(place, str) else (place, Lease(*ALWAYS, None), said)
    if not row or not row[0] or row[0].startswith("#") or row[0].lower() in _HEAD:
        return None if not any(row[1:]) or row[0] else "no address"
    net = _network(row[0])
    if isinstance(net, str):
        return net
    cells = (row + [""] * 6)[1:7]
    span, customer = _span(cells[0], cells[1]), _customer(cells[2:])
    wrong = [said for said in (span, customer, "more than seven cells" if row[7:] else 0) if isinstance(said, str)]
    since, until = ALWAYS if isinstance(span, str) else span
    return net, Lease(since, until, None if isinstance(customer, str) else customer), ", ".join(wrong)


def _network(text: str) -> Network | str:
    """A network that one customer may have, or why it cannot be used."""
    try:
        net = ipaddress.ip_network(text)
    except ValueError:
        return "no address, and no network in its one spelling"
    if net.prefixlen < WIDEST[net.version]:
        return f"a network wider than /{WIDEST[net.version]}"
    mapped = isinstance(net, ipaddress.IPv6Network) and net.network_address.ipv4_mapped
    return "an IPv4 address written as IPv6" if mapped else net


def _span(since: str, until: str) -> tuple[datetime, datetime] | str:
    times = []
    for text, empty in zip((since, until), ALWAYS, strict=True):
        try:
            at = datetime.fromisoformat(text) if text else empty
            if at.tzinfo is None:
                return "a time without its offset from UTC"
            times.append(at.astimezone(UTC))
        except (ValueError, OverflowError):
            return "no time; write it as 2026-03-01T12:00:00Z"
    return (times[0], times[1]) if times[0] < times[1] else "it ends before it begins"


def _customer(cells: list[str]) -> Customer | str:
    """The customer in the cells mailbox, language, time zone and reference, or why there is none."""
    box, language, zone, reference = mailbox(cells[0]), cells[1], cells[2], cells[3]
    if box is None:
        return "no mailbox"
    if language and language not in languages():
        return f"no texts in that language; there are {', '.join(languages())}"
    if zone and not is_zone(zone):
        return "no time zone"
    wrong = next(_unfit(reference), "")
    return f"a reference {wrong}" if wrong else Customer(box, language, zone, reference)


def _unfit(reference: str) -> Iterator[str]:
    """Why a reference cannot stand in a letter that promises to hold no link."""
    if len(reference) > NAME:
        yield f"of more than {NAME} characters"
    if not reference.isprintable():
        yield "with signs that cannot be printed"
    if canonical.as_cell(reference) != reference:
        yield "that a spreadsheet takes for a formula"
    if any(canonical.harmless(word) != word for word in reference.split()):
        yield "with a link, a mailbox or an endless word"
