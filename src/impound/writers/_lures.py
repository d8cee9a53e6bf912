"""What a case's mail sells or pretends, for the report: a row for each lure, with its campaigns and marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from impound.check import advice
from impound.plugin import Engine
from impound.writers._rows import row, rows

BRANDS = 4
"""Marks that are named for a lure."""


@dataclass(frozen=True)
class Row:
    """A lure: messages, campaigns whose label it is, the marks it abuses most, and its messages as a bar."""

    lure: str
    messages: int
    campaigns: int
    brands: tuple[dict[str, Any], ...]
    bar: Markup


@dataclass(frozen=True)
class Lures:
    """What the report says: messages looked at, those that say something, those that abuse a mark, and the lures."""

    asked: int = 0
    said: int = 0
    marked: int = 0
    rows: list[Row] = field(default_factory=list)


def lures(engine: Engine) -> Lures:
    """The lures of a case, the most frequent first; ``ham`` and names that nobody knows are left out."""
    asked = row(engine, "SELECT count(*) AS n, count(brand) AS marked FROM message_labels")
    counted = [r for r in rows(engine, _COUNTS) if advice.parts(r["lure"])]
    if not counted:
        return Lures()
    campaigns = {r["lure"]: r["n"] for r in rows(engine, _CAMPAIGNS)}
    brands: dict[str, list[dict[str, Any]]] = {}
    for r in rows(engine, _BRANDS):
        brands.setdefault(r["lure"], []).append(r)
    most = max(r["n"] for r in counted)
    return Lures(
        asked["n"],
        sum(r["n"] for r in counted if r["lure"] != "other-spam"),
        asked["marked"],
        [
            Row(r["lure"], r["n"], campaigns.get(r["lure"], 0), tuple(brands.get(r["lure"], ())), _bar(r["n"] / most))
            for r in counted
        ],
    )


def _bar(share: float) -> Markup:
    width = max(0.5, 100 * share)
    return Markup(
        '<svg class="bar" focusable="false" viewBox="0 0 100 10" preserveAspectRatio="none">'
        f'<g class="bars"><rect width="{width:.1f}" height="10"/></g></svg>'
    )


_COUNTS = "SELECT lure, count(*) AS n FROM message_labels GROUP BY lure ORDER BY n DESC, lure"
_CAMPAIGNS = "SELECT lure, count(*) AS n FROM campaign_labels GROUP BY lure ORDER BY lure"
_BRANDS = f"""SELECT lure, brand, n FROM (
    SELECT lure, brand, n, row_number() OVER (PARTITION BY lure ORDER BY n DESC, brand) AS place FROM (
      SELECT lure, brand, count(*) AS n FROM message_labels WHERE brand IS NOT NULL GROUP BY lure, brand) AS counted
  ) AS ranked WHERE place <= {BRANDS} ORDER BY lure, place"""
