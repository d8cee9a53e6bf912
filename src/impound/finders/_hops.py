"""``messages.received`` as rows: one for each line, with what it says about the line below it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from impound import canonical
from impound.tables import TABLES

HOPS = TABLES["hops"].schema

_LOOPBACK = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128", "0.0.0.0/8")))
_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fe80::/10", "fc00::/7"),
    )
)
"""RFC 1918, 3927, 6598, 4291, 4193. Documentation networks are left out: drills use them as ordinary addresses."""
_SPECIAL = frozenset(n.network_address.packed[0] for n in _LOOPBACK + _PRIVATE if n.version == 4)
"""First octets of the IPv4 addresses that may not be public."""


@lru_cache(maxsize=65536)
def key(address: str) -> str:
    """An address as 32 hex digits, IPv4 mapped into IPv6, so that text sorts as addresses do."""
    if ":" in address:
        return f"{int(ipaddress.IPv6Address(address)):032x}"
    return f"{0xFFFF:024x}{bytes(map(int, address.split('.'))).hex()}"


@lru_cache(maxsize=65536)
def scope(address: str | None) -> str:
    """Whether an address is public, private (a site's own), loopback, or none."""
    if address is None:
        return "none"
    if ":" not in address and int(address.partition(".")[0]) not in _SPECIAL:
        return "public"
    number = ipaddress.ip_address(address)
    for name, networks in (("loopback", _LOOPBACK), ("private", _PRIVATE)):
        if any(number.version == n.version and number in n for n in networks):
            return name
    return "public"


@lru_cache(maxsize=65536)
def block(address: str) -> str:
    """The stretch that a large organisation is given at once: /16, or /32 for IPv6."""
    if ":" in address:
        return str(ipaddress.ip_network((address, 32), strict=False))
    first, second, _ = address.split(".", 2)
    return f"{first}.{second}.0.0/16"


@lru_cache(maxsize=65536)
def _host(text: str | None) -> tuple[str | None, str | None]:
    """A host name in its one spelling, and its registrable domain (the name itself below no public suffix)."""
    name = canonical.host(text) if text else None
    return name, (canonical.registrable_domain(name) or name) if name else None


_TAKEN = ("ip", "port", "helo", "name", "form")
"""Fields that are columns of ``HOPS`` as they stand."""


@lru_cache(maxsize=65536)
def _address(ip: str) -> tuple[str, str | None, str, str]:
    """Key, network, block and scope of an address."""
    return key(ip), canonical.network_of(ip), block(ip), scope(ip)


def explode(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of ``HOPS`` for a batch with ``id`` and ``received``, worked out column by column."""
    received = batch.column("received")
    lines = received.flatten()
    if not len(lines):
        yield pa.RecordBatch.from_pylist([], schema=HOPS)
        return
    owners = pc.list_parent_indices(received).to_numpy()
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    numbers = np.arange(len(owners)) - np.repeat(starts, np.diff(np.append(starts, len(owners))))
    last = np.diff(owners, append=-1) != 0
    made = _said(lines, last.tolist()) | {name: lines.field(name) for name in _TAKEN} | {
        "message_id": batch.column("id").take(pa.array(owners)),
        "hop": pa.array(numbers),
        "verified": pc.fill_null(lines.field("verified"), False),
        "is_last": pa.array(last),
    }  # fmt: skip
    arrays = [_array(made[field.name], field.type) for field in HOPS]
    yield pa.RecordBatch.from_arrays(arrays, schema=HOPS)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, kind)


def _said(lines: pa.StructArray, last: list[bool]) -> dict[str, list[Any]]:
    """What has to be worked out for each line: its addresses, its names, and how it fits to the line below."""
    ip, helo, name, by, by_ip = (lines.field(field).to_pylist() for field in ("ip", "helo", "name", "by", "by_ip"))
    writers, nothing = [_host(b) for b in by], (None, None, None, "none")
    places = [_address(i) if i else nothing for i in ip]
    below = [(None, None) if end else host for end, host in zip(last, [*writers[1:], (None, None)], strict=True)]
    unnamed = [not (i or h or n) for i, h, n in zip(ip, helo, name, strict=True)]
    under = zip(by[1:], by_ip[1:], strict=True)
    fits = [
        "" if end else _continues(line, lower)
        for end, line, lower in zip(last, zip(ip, name, helo, by, strict=True), [*under, (None, None)], strict=True)
    ]
    return {
        "ip_key": [p[0] for p in places],
        "net": [p[1] for p in places],
        "block": [p[2] for p in places],
        "scope": ["local" if alone else p[3] for alone, p in zip(unnamed, places, strict=True)],
        "name_domain": [_host(n)[1] for n in name],
        "helo_domain": [_host(h)[1] for h in helo],
        "by_name": [host[0] or b for host, b in zip(writers, by, strict=True)],
        "by_domain": [host[1] for host in writers],
        "next_by": [host[0] for host in below],
        "next_domain": [host[1] for host in below],
        "continues": fits,
    }


def _continues(line: tuple[str | None, ...], below: tuple[str | None, str | None]) -> str:
    """How the server that wrote the line below fits to the client of this one.

    ``line``: its ip, name, helo and writer; ``below``: the writer of the next one, and his address.
    """
    ip, name, helo, own = line
    by, by_ip = below
    if ip is not None:
        if scope(ip) == "loopback" and (by is None or "." not in by or by == own):
            return "self"
        if ip == by_ip or (by and ip == _literal(by)):
            return "host"
    next_by, next_domain = _host(by)
    if next_by is None:
        return ""
    claims = (_host(name), _host(helo))
    label = next_by.partition(".")[0]
    for claim, domain in claims:
        if claim == next_by or (claim is not None and domain == next_domain and claim.partition(".")[0] == label):
            return "host"
    return "domain" if next_domain in (claims[0][1], claims[1][1]) else ""


@lru_cache(maxsize=65536)
def _literal(by: str) -> str | None:
    """The address that a server gives for its name, if it is one."""
    return canonical.ip(by)
