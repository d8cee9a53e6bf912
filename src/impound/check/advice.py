"""Advice for people: for each lure what it is, what happens to those who answer, and what to do now."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Advice:
    """A few words for what it is about, and three short texts."""

    what: str
    is_: str
    happens: str
    do: str

    def __str__(self) -> str:
        return f"{self.is_} {self.happens} {self.do}"


def advice(lure: str) -> str:
    """The advice for a lure in one text; nothing for ``ham`` and for names that are no lure."""
    found = parts(lure)
    return str(found) if found else ""


def parts(lure: str) -> Advice | None:
    """The same in its three parts."""
    return _all().get(lure)


@lru_cache(maxsize=1)
def _all() -> dict[str, Advice]:
    data = tomllib.loads(resources.files("impound.check").joinpath("advice.toml").read_text("utf-8"))
    return {name: Advice(said["what"], said["is"], said["happens"], said["do"]) for name, said in data.items()}
