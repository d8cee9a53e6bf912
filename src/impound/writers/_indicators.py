"""What may be published of a case, for the report: counts by kind and state, reasons, and some of what is released."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from impound.plugin import Engine
from impound.writers._rows import rows

STATES = ("released", "proposed", "withheld", "withdrawn")
KINDS = {
    "domain": "Landing domains",
    "address": "Addresses of infected hosts",
    "contact": "Reply contacts",
    "file": "Files",
    "image": "Pictures",
    "template": "Templates",
    "url-pattern": "URL patterns",
}
REASONS = 4
"""Reasons that are shown of each state: the most frequent ones."""
SHOWN = 2
"""Things that are shown of each kind that is released: those met last."""


@dataclass(frozen=True)
class Kind:
    """A kind of indicator: what it is called, and how many are in each of ``STATES``."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Indicators:
    """What the report says. ``reasons``: rows of ``state``, ``n``, ``reason`` (of one of them) and its ``value``."""

    counts: dict[str, int] = field(default_factory=dict)
    kinds: list[Kind] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    released: list[dict[str, Any]] = field(default_factory=list)


def indicators(engine: Engine) -> Indicators:
    """The indicators of a case; nothing where there are none."""
    counted: dict[str, dict[str, int]] = {}
    for r in rows(engine, _COUNTS):
        counted.setdefault(r["type"], {})[r["state"]] = r["n"]
    if not counted:
        return Indicators()
    order = [*KINDS, *sorted(counted.keys() - KINDS.keys())]
    kinds = [
        Kind(KINDS.get(kind, kind), tuple(counted[kind].get(state, 0) for state in STATES))
        for kind in order
        if kind in counted
    ]
    return Indicators(
        dict(zip(STATES, map(sum, zip(*(kind.counts for kind in kinds), strict=True)), strict=True)),
        kinds,
        sorted(map(_told, rows(engine, _REASONS)), key=lambda r: (STATES.index(r["state"]), -r["n"], r["reason"])),
        sorted(map(_told, rows(engine, _RELEASED)), key=lambda r: (order.index(r["type"]), r["place"])),
    )


def _told(found: dict[str, Any]) -> dict[str, Any]:
    """A row with the lines of an expression that ask for something, and without what they all begin with."""
    asked = [line for line in found["value"].split("\n") if line != ".*"] or [""]
    return found | {"value": asked[-1].removeprefix(".*")}


_COUNTS = "SELECT type, state, count(*) AS n FROM indicators GROUP BY type, state ORDER BY type, state"
_REASONS = f"""SELECT state, reason, value, n FROM (
    SELECT state, shape, min_by(reason, value) AS reason, min(value) AS value, count(*) AS n,
      row_number() OVER (PARTITION BY state ORDER BY count(*) DESC, shape) AS place
    FROM (SELECT state, reason, value, regexp_replace(reason, '[0-9][0-9.,]*', '#', 'g') AS shape FROM indicators
          WHERE state IN ('proposed', 'withheld', 'withdrawn')) AS shaped
    GROUP BY state, shape) AS counted
  WHERE place <= {REASONS}"""
_RELEASED = f"""SELECT type, value, reason, last_at, expires_at, place FROM (
    SELECT type, value, reason, last_at, expires_at,
      row_number() OVER (PARTITION BY type ORDER BY last_at DESC NULLS LAST, value) AS place
    FROM indicators WHERE state = 'released') AS ranked
  WHERE place <= {SHOWN}"""
