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

LURES = (
    "pharmacy", "replica", "software", "lottery", "advance-fee", "job", "phishing", "stock", "casino", "adult",
    "finance", "diploma", "malware", "extortion", "marketing", "other-spam", "ham",
)  # fmt: skip
"""What a message may sell or pretend, most particular first; there are no other names."""
OWN_KEYS = {"lures": 'pharmacy = ["wonder cure"]', "brands": '"Example Bank" = ["bank.example"]'}


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


Lists = dict[str, tuple[str, ...]]
"""A section whose keys the user names: ``[lures]`` words that speak for a lure, ``[brands]`` domains of a holder."""


@dataclass(frozen=True)
class Config:
    """The settings of one case."""

    organisation: Organisation = field(default_factory=Organisation)
    reading: Reading = field(default_factory=Reading)
    databases: Databases = field(default_factory=Databases)
    lures: Lists = field(default_factory=dict)
    brands: Lists = field(default_factory=dict)


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
    _known(data, [*sections, *OWN_KEYS], where)
    made: dict[str, Any] = {
        name: _lists(name, data.pop(name), f"{where} [{name}]") for name in OWN_KEYS if name in data
    }
    made |= {name: _section(sections[name], values, f"{where} [{name}]") for name, values in data.items()}
    return Config(**made)


def _lists(name: str, values: Any, where: str) -> Lists:
    """A section of lists of strings; every key is the user's, but lures have names of their own."""
    example = OWN_KEYS[name]
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: a section was expected", f"[{name}]\n{example}")
    if name == "lures":
        _known(values, LURES, where)
    for key, value in values.items():
        if not key.strip() or not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise ConfigError(f"{where}: {key!r} must be a list of strings", example)
    return {key: tuple(value) for key, value in values.items()}


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
        if isinstance(values, dict):
            lines.append(f"# {OWN_KEYS[section.name]}")
            lines += [f"{_quote(k)} = [{', '.join(map(_quote, v))}]" for k, v in values.items()]
            lines.append("")
            continue
        for f in fields(values):
            value = getattr(values, f.name)
            lines.append(f"{f.name} = {list(value) if isinstance(value, tuple) else _quote(value)}".replace("'", '"'))
        lines.append("")
    return "\n".join(lines)


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
