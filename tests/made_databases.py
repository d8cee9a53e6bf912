"""Writes small databases in MaxMind's format, version 2.0 (their public specification), for tests."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_EMPTY = -1
Node = list[Any]


def write(path: Path, rows: Mapping[str, Mapping[str, Any]], built: int = 1_300_000_000) -> Path:
    """A database with a row for each IPv4 network, built at a time in seconds since 1970; networks must not overlap."""
    root: Node = [_EMPTY, _EMPTY]
    data, places = b"", {}
    for cidr, row in rows.items():
        places[cidr] = len(data)
        data += _encode(dict(row))
        network = ipaddress.IPv4Network(cidr)
        _put(root, f"{int(network.network_address):032b}"[: network.prefixlen], places[cidr])
    nodes = _numbered(root)
    tree = b"".join(_record(side, nodes) for node in nodes for side in node)
    facts: dict[str, Any] = {"binary_format_major_version": _short(2), "binary_format_minor_version": _short(0)}
    facts |= {"build_epoch": bytes([8, 2]) + struct.pack(">Q", built), "database_type": "Made", "description": {}}
    facts |= {"ip_version": _short(4), "languages": [], "node_count": len(nodes), "record_size": _short(32)}
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _encode(facts))
    return path


def _put(node: Node, bits: str, value: int) -> None:
    for bit in map(int, bits[:-1]):
        if node[bit] == _EMPTY:
            node[bit] = [_EMPTY, _EMPTY]
        node = node[bit]
    node[int(bits[-1])] = value


def _numbered(root: Node) -> list[Node]:
    nodes = [root]
    for node in nodes:
        nodes += [side for side in node if isinstance(side, list)]
    return nodes


def _record(side: Any, nodes: list[Node]) -> bytes:
    if isinstance(side, list):
        number = next(n for n, node in enumerate(nodes) if node is side)
    else:
        number = len(nodes) if side == _EMPTY else len(nodes) + 16 + side
    return struct.pack(">I", number)


def _short(value: int) -> bytes:
    return bytes([5 << 5 | 2]) + struct.pack(">H", value)


def _encode(value: Any) -> bytes:
    """A value with its control byte (map 7, string 2, unsigned 32 bits 6, array 11); bytes are encoded already."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(_encode(k) + _encode(v) for k, v in value.items())
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(_encode, value))
    if isinstance(value, int):
        return bytes([6 << 5 | 4]) + struct.pack(">I", value)
    text = value.encode()
    assert len(text) < 29 + 256, "longer strings need a longer control"
    size = bytes([2 << 5 | len(text)]) if len(text) < 29 else bytes([2 << 5 | 29, len(text) - 29])
    return size + text
