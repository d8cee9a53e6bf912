"""The abuse contact that a registry names for an address: RDAP (RFC 9082, RFC 9083), asked only when told to.

A registry's server is believed as little as anybody: its answer is bounded in bytes, time and redirects, must be about
the address that was asked, and goes to no server but one that is reached by HTTPS at a public address.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from impound import asking, canonical
from impound.asking import NoAnswer
from impound.errors import ConfigError
from impound.notices._book import NAME, WIDEST, Contact, Network, mailbox
from impound.notices.contacts import ContactBook

IANA = {4: "https://data.iana.org/rdap/ipv4.json", 6: "https://data.iana.org/rdap/ipv6.json"}
"""Which server knows which addresses (RFC 9224)."""


@dataclass(frozen=True)
class Limits(asking.Limits):
    """What one question may cost, and ``pause`` seconds between two, for registries count."""

    pause: float = 1.0
    depth: int = 4
    """Entities inside of entities that are looked at."""


def bootstrap(paths: Iterable[Path], limits: Limits | None = None) -> list[tuple[Network, str]]:
    """Networks and the base URLs of their registries, from IANA's files; fetched where no file is named."""
    given = [*paths]
    texts = [path.read_bytes() for path in given] if given else [_get(u, limits or Limits()) for u in IANA.values()]
    found: list[tuple[Network, str]] = []
    for text in texts:
        try:
            for nets, urls in ((service[-2], service[-1]) for service in _json(text)["services"]):
                url = next(u for u in sorted(urls, reverse=True) if isinstance(u, str))  # https before http
                found += [(ipaddress.ip_network(net), url if url.endswith("/") else f"{url}/") for net in nets]
        except (NoAnswer, KeyError, TypeError, ValueError, IndexError, StopIteration) as error:
            raise ConfigError("no list of registries (RFC 9224)", f"take {IANA[4]}") from error
    return sorted(found, key=lambda pair: (pair[0].version, -pair[0].prefixlen, int(pair[0].network_address)))


def look_up(
    book: ContactBook,
    asked: Iterable[tuple[str, int | None]],
    registries: list[tuple[Network, str]],
    today: date,
    *,
    limits: Limits | None = None,
    ask: Callable[[str, Limits], bytes] | None = None,
) -> Iterator[tuple[dict[str, str], str]]:
    """Ask about each address of which the book knows nothing fresh, and teach the book.

    Gives for each question a line for the cache (empty when there was no answer) and what went wrong, if anything.
    """
    limits, ask = limits or Limits(), ask or _get
    for ip, asn in asked:
        if not book.to_ask(ip, asn, today):
            continue
        try:
            base = _base(ip, registries)
            net, contact = answer(_json(ask(urljoin(base, f"ip/{ip}"), limits)), ip, limits)
        except NoAnswer as error:
            yield {}, f"{ip}: {error}"
        else:
            server = urlsplit(base).hostname or ""
            known = Contact(contact.mailbox, contact.name, f"RDAP, {server}", today.isoformat())
            book.learn(net, known)
            yield {"network": str(net), "mailbox": known.mailbox, "name": known.name, "as_of": known.as_of,
                   "server": server}, ""  # fmt: skip
        time.sleep(limits.pause)


def answer(said: Any, ip: str, limits: Limits) -> tuple[Network, Contact]:
    """The network and its abuse contact in an answer (an empty mailbox where it names none). Raises NoAnswer."""
    if not isinstance(said, dict):
        raise NoAnswer("not an answer about a network")
    address = ipaddress.ip_address(ip)
    try:
        first, last = (ipaddress.ip_address(str(said[name])) for name in ("startAddress", "endAddress"))
        inside = first.version == last.version == address.version and int(first) <= int(address) <= int(last)
        nets: Iterable[Any] = ipaddress.summarize_address_range(first, last) if inside else ()
        net: Network | None = next((one for one in nets if address in one), None)
    except (KeyError, ValueError, TypeError):
        raise NoAnswer("an answer without a range of addresses") from None
    if net is None:
        raise NoAnswer("an answer about other addresses")
    if net.prefixlen < WIDEST[net.version]:
        raise NoAnswer(f"an answer about a network wider than /{WIDEST[net.version]}")
    name = said.get("name")
    return net, Contact(_abuse(said.get("entities"), limits.depth), canonical.clean(str(name or ""), NAME))


def _abuse(entities: Any, depth: int) -> str:
    """The mailbox of the first entity whose role is abuse (RFC 9083, 10.2.4), the outer ones first."""
    if not isinstance(entities, list) or depth == 0:
        return ""
    shown = [one for one in entities[:100] if isinstance(one, dict)]
    for one in shown:
        roles = one.get("roles")
        if isinstance(roles, list) and "abuse" in roles and (found := _vcard(one.get("vcardArray"))):
            return found
    return next((found for one in shown if (found := _abuse(one.get("entities"), depth - 1))), "")


def _vcard(card: Any) -> str:
    """The first mailbox in a jCard (RFC 7095)."""
    fields = card[1] if isinstance(card, list) and len(card) > 1 and isinstance(card[1], list) else []
    for one in fields[:100]:
        if isinstance(one, list) and len(one) > 3 and one[0] == "email" and isinstance(one[3], str):
            found = mailbox(one[3])
            if found:
                return found
    return ""


def _base(ip: str, registries: list[tuple[Network, str]]) -> str:
    address = ipaddress.ip_address(ip)
    for net, url in registries:
        if net.version == address.version and address in net:
            return url
    raise NoAnswer("no registry answers for this address")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise NoAnswer("not JSON") from None


def _get(url: str, limits: Limits) -> bytes:
    return asking.fetch(url, limits, {"Accept": "application/rdap+json, application/json"})
