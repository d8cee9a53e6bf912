"""The languages of the public page: a TOML file each, and how numbers and dates are written in it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from impound.writers._timeline import at

FIRST = ("en", "de", "es")
"""The order of the languages that come with impound; whatever else lies in the folder follows by name."""


@dataclass(frozen=True)
class Words:
    """One language: its code and the texts of its file."""

    code: str
    texts: dict[str, Any]

    def number(self, value: int | None) -> str:
        """A count with its thousands separated as this language does."""
        return f"{value or 0:,}".replace(",", self.texts["thousands"])

    def date(self, value: datetime) -> str:
        """A day with its month in full: ``8 April 2007``."""
        month = self.texts["months"][value.month - 1]
        return str(self.texts["date"].format(day=value.day, month=month, year=value.year))

    def short_date(self, hour: int, with_year: bool) -> str:
        """A label of a time axis: a day, or a month with its year. ``hour`` counts from 1970."""
        when = at(hour)
        month = self.texts["short_months"][when.month - 1]
        return f"{month} {when.year}" if with_year else str(self.texts["day"].format(day=when.day, month=month))


def languages() -> list[Words]:
    """Every language there is a file for, English first."""
    folder = files("impound.writers") / "texts"
    codes = [f.name.split(".")[1] for f in folder.iterdir() if f.name.startswith("public.")]
    order = sorted(codes, key=lambda c: (FIRST.index(c) if c in FIRST else len(FIRST), c))
    return [Words(code, tomllib.loads((folder / f"public.{code}.toml").read_text("utf-8"))) for code in order]
