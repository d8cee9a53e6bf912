"""The texts of letters and notices, a TOML file for each language: whoever adds a file adds a language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from impound.errors import UsageError

FALLBACK = "en"


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language."""

    language: str
    texts: dict[str, Any]

    def say(self, *path: str, **facts: object) -> str:
        """A text with facts in place of the names in braces."""
        found: Any = self.texts
        for key in path:
            found = found[key]
        return str(found).format_map({name: str(value) for name, value in facts.items()})

    def number(self, value: int) -> str:
        """A number as the language writes it: ``1,234``, ``1.234``."""
        return f"{value:,}".replace(",", self.texts["thousands"])

    def count(self, what: str, value: int) -> str:
        """A number with its noun: ``1 message``, ``2 messages``."""
        one, many = self.texts["counted"][what]
        return str(one if value == 1 else many).format(n=self.number(value))

    def day(self, at: datetime, zone: str) -> str:
        """A day as the language writes it: ``4 April 2011``."""
        local = at.astimezone(_zone(zone))
        month = self.texts["months"][local.month - 1]
        return str(self.texts["date"]).format(day=local.day, month=month, year=local.year)

    def time(self, at: datetime, zone: str) -> str:
        """A time to the second by the clock of a time zone, with what it differs from UTC."""
        local = at.astimezone(_zone(zone))
        offset = f"{local:%z}"
        return str(self.texts["at"]).format(
            day=self.day(at, zone), time=f"{local:%H:%M:%S}", offset=f"{offset[:3]}:{offset[3:5]}"
        )


@cache
def languages() -> tuple[str, ...]:
    """The languages there are texts in."""
    names = [file.name for file in (files("impound.notices") / "texts").iterdir()]
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def catalogue(language: str) -> Catalogue:
    """The texts in a language. Raises UsageError where there are none."""
    if language not in languages():
        raise UsageError(f"no letters in {language!r}", f"there are: {', '.join(languages())}")
    text = (files("impound.notices") / "texts" / f"{language}.toml").read_text("utf-8")
    return Catalogue(language, tomllib.loads(text))


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether a time zone is called so (IANA)."""
    try:
        _zone(name)
    except UsageError:
        return False
    return True


def check(language: str, zone: str) -> None:
    """Raises UsageError where there are no texts in a language, or no time zone is called so."""
    catalogue(language)
    _zone(zone)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError, KeyError):
        raise UsageError(f"no time zone is called {name!r}", "write it as Europe/Berlin, or UTC") from None
