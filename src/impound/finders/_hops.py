"""``messages.received`` as rows: one for each line, with what it says about the line below it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from impound import canonical
from impound.tables import INT32, INT64, STRING

HOPS = pa.schema(
    [
        ("message_id", INT64),
        ("hop", INT32),
        ("ip", STRING),
        ("ip_key", STRING),
        ("net", STRING),
        ("block", STRING),
        ("port", INT32),
        ("scope", STRING),
        ("helo", STRING),
        ("name", STRING),
        ("verified", pa.bool_()),
        ("name_domain", STRING),
        ("helo_domain", STRING),
        ("by_name", STRING),
        ("by_domain", STRING),
        ("form", STRING),
        ("next_by", STRING),
        ("next_domain", STRING),
        ("continues", STRING),
        ("is_last", pa.bool_()),
    ]
)
"""``scope``: public, private, loopback or none (no address); ``ip_key``: sorts as the address does; ``continues``: how
the next line fits to this one's client (self, host, domain, or empty)."""

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
    first, second, third, fourth = map(int, address.split("."))
    return f"00000000000000000000ffff{first:02x}{second:02x}{third:02x}{fourth:02x}"


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


@dataclass(frozen=True, slots=True)
class _Line:
    """What one Received line says, as far as the walk needs it."""

    helo: str | None
    name: str | None
    verified: bool | None
    ip: str | None
    port: int | None
    by: str | None
    by_ip: str | None
    form: str | None


_FIELDS = ("helo", "name", "verified", "ip", "port", "by", "by_ip", "form")


def explode(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of ``HOPS`` for a batch with ``id`` and ``received``."""
    received = batch.column("received")
    flat = received.flatten()  # column by column: taking structs apart one by one costs ten times as much
    lines = [_Line(*values) for values in zip(*(flat.field(name).to_pylist() for name in _FIELDS), strict=True)]
    rows: list[tuple[Any, ...]] = []
    at = 0
    for message_id, count in zip(batch.column("id").to_pylist(), received.value_lengths().to_pylist(), strict=True):
        own = lines[at : at + (count or 0)]
        at += len(own)
        rows += [_row(message_id, n, line, own[n + 1] if n + 1 < len(own) else None) for n, line in enumerate(own)]
    columns = zip(*rows, strict=True) if rows else [[] for _ in HOPS.names]
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, HOPS, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=HOPS)


def _row(message_id: int, number: int, line: _Line, below: _Line | None) -> tuple[Any, ...]:
    """A row of ``HOPS``, its columns in order."""
    ip = line.ip
    by_name, by_domain = _host(line.by)
    next_by, next_domain = _host(below.by) if below else (None, None)
    return (
        message_id,
        number,
        ip,
        key(ip) if ip else None,
        canonical.network_of(ip) if ip else None,
        block(ip) if ip else None,
        line.port,
        scope(ip) if ip or line.helo or line.name else "local",
        line.helo,
        line.name,
        bool(line.verified),
        _host(line.name)[1],
        _host(line.helo)[1],
        by_name or line.by,
        by_domain,
        line.form,
        next_by,
        next_domain,
        _continues(line, below) if below else "",
        below is None,
    )


def _continues(line: _Line, below: _Line) -> str:
    """How the server that wrote the line below fits to the client of this one."""
    ip, by = line.ip, below.by
    if ip is not None and scope(ip) == "loopback" and (by is None or "." not in by or by == line.by):
        return "self"
    if ip is not None and ip in (below.by_ip, canonical.ip(by) if by else None):
        return "host"
    next_by, next_domain = _host(by)
    if next_by is None:
        return ""
    claims = [_host(line.name), _host(line.helo)]
    for name, domain in claims:
        same_label = name is not None and name.partition(".")[0] == next_by.partition(".")[0]
        if name == next_by or (same_label and domain == next_domain):
            return "host"
    return "domain" if any(domain == next_domain for _, domain in claims) else ""
