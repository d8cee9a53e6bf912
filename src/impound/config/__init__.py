"""``CASE/impound.toml`` as frozen dataclasses. An unknown key is refused, with the nearest one that exists."""

from __future__ import annotations

import difflib
import ipaddress
import tomllib
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from impound.config._sections import (
    LET_OUT,
    LURES,
    ROLES,
    TLP,
    VANTAGES,
    Authority,
    Config,
    Databases,
    Handover,
    Legal,
    Lists,
    Notices,
    Organisation,
    Reading,
    Retention,
)
from impound.errors import ConfigError

__all__ = [
    "LET_OUT", "LURES", "ROLES", "TLP", "VANTAGES", "Authority", "Config", "Databases", "Handover", "Legal", "Lists",
    "Notices", "Organisation", "Reading", "Retention", "dump", "load", "network", "parse",
]  # fmt: skip

OWN_KEYS = {
    "roles": 'law-enforcement = ["carol"]',
    "lures": 'pharmacy = ["wonder cure"]',
    "brands": '"Example Bank" = ["bank.example"]',
}
PATHS = {
    "databases": ("country", "asn"),
    "notices": ("dkim_key", "contacts", "rdap"),
    "handover": ("key", "certificate", "timestamp_ca"),
}
"""The keys that name files."""
CHOICES = {"vantage": VANTAGES, "tlp": TLP, "let_out": LET_OUT}
KEYS = {"lures": LURES, "roles": ROLES}
BOUNDS = {"port": (1, 65535), "hold_out": (0, 90), "per_minute": (1, 100_000), "repeat_days": (1, 365),
          "wall_notices": (1, 100), "wall_days": (0, 365), "days": (0, 36_500)}  # fmt: skip
ANY_NUMBER = (0, 1_000_000)


def network(text: str, where: str = "--own-network") -> str:
    """A CIDR in its one spelling, such as ``192.0.2.0/24``; raises ConfigError for anything else."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise ConfigError(f"{where}: {text!r} is not a network", "write it as 192.0.2.0/24 or 2001:db8::/32") from None


def load(path: Path) -> Config:
    """The settings in a file; the defaults where there is none. Raises ConfigError that names file, key and cure.

    A file that the settings name lies beside them, unless its path is absolute.
    """
    if not path.exists():
        return Config()
    try:
        return _placed(parse(path.read_text("utf-8"), str(path)), path.parent)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: {error}", "it must be UTF-8") from error


def _placed(config: Config, folder: Path) -> Config:
    """The settings with the files they name made absolute: a name that is not is one below the folder."""
    changed = {}
    for section, names in PATHS.items():
        values = getattr(config, section)
        placed = {name: str(folder / said) for name in names if (said := getattr(values, name))}
        changed[section] = replace(values, **placed)
    return replace(config, **changed)


def parse(text: str, where: str) -> Config:
    """The settings in a text; ``where`` is what errors call it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}", "see docs/how-to/configure.md for the keys it may hold") from error
    sections = {f.name: f.default_factory for f in fields(Config)}
    _known(data, sections, where)
    made: dict[str, Any] = {
        name: _lists(name, values, f"{where} [{name}]")
        if name in OWN_KEYS
        else _section(sections[name], values, f"{where} [{name}]")
        for name, values in data.items()
    }
    return Config(**made)


def _lists(name: str, values: Any, where: str) -> Lists:
    """A section of lists of strings; every key is the user's, but lures and roles have names of their own."""
    example = OWN_KEYS[name]
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: a section was expected", f"[{name}]\n{example}")
    if name in KEYS:
        _known(values, KEYS[name], where)
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
    defaults = kind()
    _known(values, [f.name for f in fields(defaults)], where)
    return kind(**{name: _value(getattr(defaults, name), name, value, where) for name, value in values.items()})


def _value(default: Any, name: str, value: Any, where: str) -> Any:
    """A value of the same type as the key's default. Raises ConfigError where it is another one, or out of bounds."""
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise ConfigError(f"{where}: {name} must be a list of strings", f'{name} = ["192.0.2.0/24"]')
        return tuple(network(v, f"{where} {name}") for v in value)
    if type(value) is not type(default):
        kind = {bool: "true or false", int: "a whole number"}.get(type(default), "a string")
        raise ConfigError(f"{where}: {name} must be {kind}")
    low, high = BOUNDS.get(name, ANY_NUMBER)
    if type(value) is int and not low <= value <= high:
        raise ConfigError(f"{where}: {name} = {value} is out of bounds", f"from {low} to {high}")
    allowed = CHOICES.get(name)
    if allowed and value not in allowed:
        raise ConfigError(f"{where}: {name} = {value!r} is not known", f"one of: {', '.join(allowed)}")
    return value


def dump(config: Config) -> str:
    """The settings as TOML, with every key and its value: what a new case starts with."""
    lines = ["# Settings of this case. Delete a line to get its default back.\n"]
    for section in fields(config):
        lines.append(f"[{section.name}]")
        values = getattr(config, section.name)
        if is_dataclass(values):
            lines += [f"{f.name} = {_written(getattr(values, f.name))}" for f in fields(values)]
        else:
            lines.append(f"# {OWN_KEYS[section.name]}")
            lines += [f"{_quote(key)} = {_written(value)}" for key, value in values.items()]
        lines.append("")
    return "\n".join(lines)


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quote, value))}]"
    return _quote(value) if isinstance(value, str) else str(value).lower()


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
