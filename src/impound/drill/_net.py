"""The address space of a drill: who has which reserved networks, and what the reverse names look like there."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from impound.drill._chance import Chance

BLOCK = 4096
"""Addresses of one /20: what a provider is given at once."""
DYNAMIC = 3584
"""Of these so many are handed out anew to whoever dials in; those above belong to business lines."""
ACCESS = int(ipaddress.IPv4Address("240.0.0.0"))
"""Access providers' blocks, from here up (RFC 1112, section 4: never assigned)."""
HOSTING = int(ipaddress.IPv4Address("248.0.0.0"))
"""Blocks of hosting companies, from here up."""
MAX_PROVIDERS = 8000
"""Access providers: their blocks (four at most) end below those of the hosting companies."""
BUSINESS = BLOCK - DYNAMIC - 16
HOSTED = 4000
_UNNAMED = 0.2
"""Share of the access providers that give their customers no reverse names."""


class Client(NamedTuple):
    """Who connects to a mail server: address, reverse name (empty: none), HELO, and the truth about it."""

    ip: str
    name: str
    helo: str
    machine: str
    verdict: str
    botnets: str = ""


def dotted(number: int) -> str:
    """An IPv4 address from its number."""
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def ipv6(group: int, host: int) -> str:
    """An address of the documentation prefix (RFC 3849), each ``group`` a /48 of its own."""
    return str(ipaddress.IPv6Address((0x20010DB8 << 96) | (group & 0xFFFF) << 80 | host))


_NAMES: tuple[Callable[[list[str], str], str], ...] = (
    lambda o, d: f"dyn-{'-'.join(o)}.{d}",
    lambda o, d: f"host{o[3]}.pool{o[1]}-{o[2]}.{d}",
    lambda o, d: f"{'-'.join(o)}.dsl.{d}",
    lambda o, d: "".join(f"{int(x):02x}" for x in o) + f".cable.{d}",
    lambda o, d: f"c-{'-'.join(o)}.hsd1.{d}",
    lambda o, d: "p" + "".join(f"{int(x):03d}" for x in o) + f".dip.{d}",
    lambda o, d: f"{'.'.join(reversed(o))}.adsl.{d}",
    lambda o, d: f"ppp-{o[2]}-{o[3]}.{'city' + str(int(o[1]) % 7)}.{d}",
)


@dataclass(frozen=True, slots=True)
class Provider:
    """An access provider: its blocks, its clock, and how it names its customers."""

    number: int
    first_block: int
    blocks: int
    zone: int
    naming: int
    """Which of the forms of reverse names; -1: none."""

    @property
    def domain(self) -> str:
        return f"provider{self.number}.example"

    def dynamic(self, chance: Chance) -> int:
        """One of the addresses that are handed out anew."""
        block, place = chance.below(self.blocks), chance.below(DYNAMIC)
        return ACCESS + (self.first_block + block) * BLOCK + place

    def business(self, place: int) -> int:
        """The fixed address of the ``place``-th customer with a business line."""
        block, place = place % self.blocks, place // self.blocks
        return ACCESS + (self.first_block + block) * BLOCK + DYNAMIC + place * 29 % BUSINESS

    def server(self, place: int) -> int:
        """An address of the provider's own."""
        return ACCESS + self.first_block * BLOCK + BLOCK - 14 + place

    def name(self, address: int) -> str:
        """The reverse name of a customer's address; empty where there is none."""
        return "" if self.naming < 0 else _NAMES[self.naming](dotted(address).split("."), self.domain)


class Internet:
    """The access providers of a drill: enough of them for its hosts, each with one to four /20."""

    def __init__(self, seed: int, bots: int, innocents: int) -> None:
        count = min(MAX_PROVIDERS, max(24, bots // 50, innocents // 1000))
        self.providers: list[Provider] = []
        block = 1
        for number in range(1, count + 1):
            chance = Chance.of(seed, "provider", number)
            blocks = chance.between(1, 4)
            zone = chance.pick((-480, -360, -300, -180, 0, 60, 60, 120, 180, 330, 480, 540))
            naming = -1 if chance.random() < _UNNAMED else chance.below(len(_NAMES))
            self.providers.append(Provider(number, block, blocks, zone, naming))
            block += blocks
        self._hosting = max(8, innocents // 100)

    def of(self, chance: Chance) -> Provider:
        """A provider; the first ones have more customers."""
        return self.providers[int(chance.random() ** 1.5 * len(self.providers))]

    def business(self, number: int) -> tuple[Provider, int]:
        """Provider and address of the ``number``-th customer with a business line: no two get the same."""
        provider = self.providers[number % len(self.providers)]
        return provider, provider.business(number // len(self.providers))

    def hosted(self, number: int) -> int:
        """The address of the ``number``-th company in a hosting company's network: no two get the same."""
        company, place = number % self._hosting, number // self._hosting
        block = company + place // HOSTED * self._hosting
        return HOSTING + block * BLOCK + 10 + place * 37 % HOSTED
