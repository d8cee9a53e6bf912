"""The lives of hosts for the report: how many are in which state, now and over time, and what telling does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from impound import portrait
from impound.plugin import Engine
from impound.tables import state_rank
from impound.writers import _effect_chart, _strips
from impound.writers._campaigns import LABELS
from impound.writers._rows import rows
from impound.writers._text import long_day, number
from impound.writers._timeline import Timeline, at, edges, hour_of, step, window

READS = (*portrait.LIFE_READS, *portrait.EFFECT_READS)


class Change(NamedTuple):
    """On a day so many hosts went from one state (None: they begin) to another."""

    day: int
    """Since 1970."""
    before: str | None
    after: str
    hosts: int


@dataclass(frozen=True)
class State:
    """A state, how many hosts are in it now, and their number over time."""

    name: str
    says: str
    now: int
    time: Markup
    peak: int
    peak_on: datetime | None


@dataclass(frozen=True)
class Lives:
    """What the report says of lives; empty where the case has none."""

    states: list[State] = field(default_factory=list)
    axis: list[tuple[float, str]] = field(default_factory=list)
    hosts: int = 0
    effect: portrait.Effect | None = None
    charts: list[Markup] = field(default_factory=list)


def lives(engine: Engine) -> Lives:
    """The lives of a case, and the effect of its notices."""
    now = portrait.states(lambda sql: rows(engine, sql))
    if not now:
        return Lives()
    found = portrait.effect(lambda sql: rows(engine, sql))
    charts = _effect_chart.charts(found) if found and found.known else []
    changes = list(_changes(engine))
    line = _line(changes)
    counts = counted(changes, line.starts)
    axis = _strips.axis(line, LABELS)
    states = [_state(name, now.get(name, 0), counts[name], line) for name in portrait.STATES if name in counts]
    return Lives(states, axis, sum(now.values()), found, charts)


_CHANGES = f"""SELECT CAST(date_trunc('day', state_at) AS TIMESTAMP) AS day_at, before, to_state, COUNT(*) AS n FROM (
    SELECT e.at AS state_at, e.to_state,
           LAG(e.to_state) OVER (PARTITION BY e.subject ORDER BY e.at, {state_rank("e.to_state")}) AS before
    FROM events e WHERE e.subject_type = 'host' AND e.actor = 'lives' AND e.at IS NOT NULL) AS each
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
"""By day and not by host: what comes back is as long as the case lasts."""


def _changes(engine: Engine) -> Iterable[Change]:
    for row in rows(engine, _CHANGES):
        when = row["day_at"]
        yield Change(hour_of(when.replace(tzinfo=at(0).tzinfo)) // 24, row["before"], row["to_state"], row["n"])


def _line(changes: Iterable[Change]) -> Timeline:
    """The axis: from the first change to the last, without the few that lie far off."""
    days: dict[int, int] = {}
    for change in changes:
        days[change.day] = days.get(change.day, 0) + change.hosts
    first, last = window(days)
    unit = step(last - first + 1)
    unit = "day" if unit == "hour" else unit
    return Timeline(unit, edges(unit, first, last))


def counted(changes: Iterable[Change], starts: tuple[int, ...]) -> Mapping[str, list[int]]:
    """How many hosts are in each state at the end of each bar; those that changed before the first bar are in it."""
    found: dict[str, list[int]] = {}
    for change in changes:
        place = max(0, bisect_right(starts, change.day * 24) - 1)
        if place < len(starts) - 1:
            for state, sign in ((change.after, 1), (change.before, -1)):
                if state is not None:
                    found.setdefault(state, [0] * (len(starts) - 1))[place] += sign * change.hosts
    for bars in found.values():
        for place in range(1, len(bars)):
            bars[place] += bars[place - 1]
    return found


def _state(name: str, now: int, counts: list[int], line: Timeline) -> State:
    peak = max(counts)
    when = at(line.starts[counts.index(peak) + 1] - 24) if peak else None
    said = f"{name}: {number(now)} now" + (f"; the most, {number(peak)}, on {long_day(when)}" if when else "")
    marks = [mark for mark, _ in _strips.axis(line, LABELS)]
    return State(name, portrait.STATES[name], now, _strips.over_time(counts, marks, said), peak, when)
