"""What telling does, as people are shown it: on which hosts it rests, how many still send after how long, doubts."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from impound.canonical import plural
from impound.portrait._facts import Ask

EFFECT_READS = ("effects", "effect_steps")
SIDES = {"told": "told of", "held-out": "held out"}
DAYS = (0, 3, 7, 14, 21, 30, 60, 90, 120, 180, 365)
"""Days after the beginning for which shares are told."""
DOUBTS = (
    "An address is not a machine, and silence is not proof that one was cleaned.",
    "A network that hears of one machine may clean its neighbours too, held out or not: then the effect looks smaller.",
    "What holds for these networks and this botnet need not hold for others.",
)


@dataclass(frozen=True)
class Still:
    """Hosts of a hundred that still send after some days, with the 95 % band where there is one, and those watched."""

    share: float
    low: float | None
    high: float | None
    watched: int

    @property
    def words(self) -> str:
        """``20 (10–32)``."""
        band = "" if self.low is None or self.high is None else f" ({self.low:.0f}–{self.high:.0f})"
        return f"{self.share:.0f}{band}"


@dataclass(frozen=True)
class Side:
    """One side: its row of ``effects``, its steps, and what is told of it."""

    name: str
    row: dict[str, Any]
    steps: list[dict[str, Any]]

    @property
    def half(self) -> str:
        """When half had stopped."""
        row = self.row
        if row["median_days"] is None:
            return "not reached"
        low, high = ("?" if row[end] is None else f"{row[end]:.1f}" for end in ("median_low", "median_high"))
        return f"{row['median_days']:.1f} days (95 %: {low} to {high})"

    @property
    def before(self) -> str:
        """How long its hosts were infected before."""
        days = self.row["days_before"]
        return "not known" if days is None else f"{days:.1f} days (median)"

    @property
    def left_out(self) -> str:
        """Who is not compared, and why; empty where all are."""
        whys = {"silent": "silent for long before", "recent": "not watched for long enough",
                "apart": "told of when nobody was held out", "unjudged": "no longer suspected"}  # fmt: skip
        return ", ".join(f"{self.row[name]:,} {why}" for name, why in whys.items() if self.row[name])

    def still(self, day: float) -> Still | None:
        """Who still sends after so many days; None where nobody was watched for so long."""
        times = [step["after_days"] for step in self.steps]
        place = bisect_right(times, day)
        if not times or (day > times[-1] and self.steps[-1]["share"] > 0):
            return None
        if not place:
            return Still(100, 100, 100, self.row["hosts"])
        step = self.steps[place - 1]
        low, high = (None if step[end] is None else 100 * step[end] for end in ("share_low", "share_high"))
        watched = self.steps[place]["at_risk"] if place < len(times) else 0
        return Still(100 * step["share"], low, high, watched)


@dataclass(frozen=True)
class Effect:
    """What can be said of the effect, both sides, and the days on which they are compared."""

    why: str
    sides: list[Side]
    days: list[tuple[int, list[Still]]]
    alike: str
    """Whether the sides were alike before; empty where too little is known."""

    @property
    def known(self) -> bool:
        """Whether anything can be said of it."""
        return self.sides[0].row["p"] is not None


def effect(ask: Ask) -> Effect | None:
    """What telling does; None where nobody was told of a host and none was left untold, or where nobody looked."""
    rows = {row["side"]: row for row in ask("SELECT * FROM effects")}
    if not rows:
        return None
    steps: dict[str, list[dict[str, Any]]] = {}
    for step in ask("SELECT * FROM effect_steps ORDER BY side, after_days"):
        steps.setdefault(step["side"], []).append(step)
    sides = [Side(name, rows[side], steps.get(side, [])) for side, name in SIDES.items()]
    return Effect(rows["told"]["why"], sides, _days(sides), _alike(rows["told"]["balance_p"]))


def _days(sides: list[Side]) -> list[tuple[int, list[Still]]]:
    """Those days for which both sides are known, until nothing happens any more."""
    last = max((side.steps[-1]["after_days"] for side in sides if side.steps), default=-1)
    found = [(day, [side.still(day) for side in sides]) for day in DAYS if day <= last]
    return [(day, [s for s in shares if s]) for day, shares in found if all(shares)]


def _alike(p: float | None) -> str:
    if p is None:
        return ""
    return f"lots alone make the days before differ so {plural(round(100 * p), 'time')} in 100"
