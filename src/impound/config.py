"""``CASE/impound.toml`` as frozen dataclasses. An unknown key is refused, with the nearest one that exists."""

from __future__ import annotations

import difflib
import ipaddress
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from impound.errors import ConfigError

VANTAGES = ("trap", "user-report", "inbound", "outbound", "inside-traffic", "sinkhole", "feed", "reply")
TLP = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")


@dataclass(frozen=True)
class Organisation:
    """``[organisation]``: whose mail this is. ``own_networks``: the CIDRs inside; empty = inferred from the case."""

    name: str = ""
    own_networks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """``[reading]``: what is said of sources unless the command line says otherwise."""

    vantage: str = "inbound"
    sensor: str = ""
    tlp: str = "TLP:AMBER"


@dataclass(frozen=True)
class Databases:
    """``[databases]``: paths of MaxMind-format files that name the country and the network (ASN) of an address."""

    country: str = ""
    asn: str = ""


@dataclass(frozen=True)
class Config:
    """The settings of one case."""

    organisation: Organisation = field(default_factory=Organisation)
    reading: Reading = field(default_factory=Reading)
    databases: Databases = field(default_factory=Databases)


def network(text: str, where: str = "--own-network") -> str:
    """A CIDR in its one spelling, such as ``192.0.2.0/24``; raises ConfigError for anything else."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise ConfigError(f"{where}: {text!r} is not a network", "write it as 192.0.2.0/24 or 2001:db8::/32") from None


def load(path: Path) -> Config:
    """The settings in a file; the defaults where there is none. Raises ConfigError that names file, key and cure."""
    if not path.exists():
        return Config()
    try:
        return parse(path.read_text("utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: {error}", "it must be UTF-8") from error


def parse(text: str, where: str) -> Config:
    """The settings in a text; ``where`` is what errors call it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}", "see docs/how-to/configure.md for the keys it may hold") from error
    sections: dict[str, Any] = {"organisation": Organisation, "reading": Reading, "databases": Databases}
    _known(data, sections, where)
    return Config(**{name: _section(sections[name], values, f"{where} [{name}]") for name, values in data.items()})


def _known(given: dict[str, Any], known: Any, where: str) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            raise ConfigError(f"{where}: unknown key {key!r}", hint)


def _section(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: a section was expected, such as [organisation]")
    _known(values, [f.name for f in fields(kind)], where)
    clean: dict[str, Any] = {}
    for name, value in values.items():
        clean[name] = _value(kind, name, value, where)
    return kind(**clean)


def _value(kind: Any, name: str, value: Any, where: str) -> Any:
    if name == "own_networks":
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise ConfigError(f"{where}: own_networks must be a list of strings", 'own_networks = ["192.0.2.0/24"]')
        return tuple(network(v, f"{where} own_networks") for v in value)
    if not isinstance(value, str):
        raise ConfigError(f"{where}: {name} must be a string")
    allowed = {"vantage": VANTAGES, "tlp": TLP}.get(name)
    if allowed and value not in allowed:
        raise ConfigError(f"{where}: {name} = {value!r} is not known", f"one of: {', '.join(allowed)}")
    return value


def dump(config: Config) -> str:
    """The settings as TOML, with every key and its value: what a new case starts with."""
    lines = ["# Settings of this case. Delete a line to get its default back.\n"]
    for section in fields(config):
        lines.append(f"[{section.name}]")
        values = getattr(config, section.name)
        for f in fields(values):
            value = getattr(values, f.name)
            lines.append(f"{f.name} = {list(value) if isinstance(value, tuple) else _quote(value)}".replace("'", '"'))
        lines.append("")
    return "\n".join(lines)


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
