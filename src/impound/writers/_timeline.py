"""Mail over time: which stretch to show, in which steps, and what lies outside of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from impound.plugin import Engine
from impound.writers._text import day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""Days since 1970 of 0001-01-01 and 9999-12-31: what a date can be written for."""

MIN_TO_CLIP = 10
"""Fewer messages are all shown: among so few none can be called an outlier."""
TRIM = 100
"""One message in so many, at least one, may lie far off at each end without stretching the axis."""
MARGIN_DAYS = 7
"""The axis reaches beyond the bulk of the mail by as long as the bulk lasts, and by a week at least."""
STEPS = (("hour", 3), ("day", 120), ("week", 900), ("month", 5_500))
"""The step for a span of at most so many days, so that about 30 to 180 bars result; years beyond."""

_SHORTEST = {"hour": 24, "day": 7 * 24}
"""An axis is at least so many hours long, lest one busy hour look like the whole world."""


@dataclass(frozen=True)
class Timeline:
    """Messages in steps of ``unit``: ``starts`` are hours since 1970, one more than there are ``counts``."""

    unit: str = ""
    starts: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    before: int = 0
    after: int = 0
    undated: int = 0
    first: datetime | None = field(default=None)
    last: datetime | None = field(default=None)

    @property
    def shown(self) -> int:
        """Messages inside the stretch that is drawn."""
        return sum(self.counts)

    @property
    def clipped(self) -> int:
        """Messages with a time outside of it."""
        return self.before + self.after

    @property
    def peak(self) -> int:
        """The place of the highest bar, the first of equals."""
        return self.counts.index(max(self.counts))


def timeline(engine: Engine) -> Timeline:
    """The mail of the case over time; an empty one where no message has a time."""
    days = _counts(engine, "day", "")
    undated = days.pop(None, 0)
    if not days:
        return Timeline(undated=undated)
    dated = {number: n for number, n in days.items() if number is not None}
    first, last = window(dated)
    unit = step(last - first + 1)
    hours = {number * 24: n for number, n in dated.items()}
    if unit == "hour":
        hours = _hours(engine, first, last)
    starts = edges(unit, first, last)
    return Timeline(
        unit,
        starts,
        fill(starts, hours.items()),
        sum(n for number, n in dated.items() if number < first),
        sum(n for number, n in dated.items() if number > last),
        undated,
        at(first * 24),
        at(last * 24),
    )


def window(days: Mapping[int, int]) -> tuple[int, int]:
    """The first and last day to show, of messages counted by day since 1970, so that a few wrong clocks do no harm."""
    known = sorted(d for d in days if FIRST_DAY <= d <= LAST_DAY) or [0]
    total = sum(days[d] for d in known if d in days)
    if total < MIN_TO_CLIP:
        return known[0], known[-1]
    rank = max(1, total // TRIM)
    low, high = _nth(days, known, rank), _nth(days, known[::-1], rank)
    margin = max(high - low, MARGIN_DAYS)
    inside = [d for d in known if low - margin <= d <= high + margin]
    return inside[0], inside[-1]


def _nth(days: Mapping[int, int], order: list[int], rank: int) -> int:
    passed = 0
    for number in order:
        passed += days[number]
        if passed > rank:
            return number
    return order[-1]


def step(span: int) -> str:
    """The unit of a bar for a span in days."""
    return next((unit for unit, longest in STEPS if span <= longest), "year")


def edges(unit: str, first: int, last: int) -> tuple[int, ...]:
    """Where the bars begin, in hours since 1970, and where the last one ends."""
    if unit in ("hour", "day"):
        width = 1 if unit == "hour" else 24
        end = max((last + 1) * 24, first * 24 + _SHORTEST[unit])
        return tuple(range(first * 24, end + 1, width))
    if unit == "week":
        monday = first - (first + 3) % 7  # 1970-01-01 was a Thursday
        return tuple(range(monday * 24, (last + 8) * 24, 7 * 24))
    return _calendar(unit, at(first * 24), at(last * 24))


def _calendar(unit: str, first: datetime, last: datetime) -> tuple[int, ...]:
    size = 12 if unit == "year" else 1
    low = (first.year * 12 + first.month - 1) // size * size
    high = (last.year * 12 + last.month - 1) // size * size + size
    return tuple(_month(m) for m in range(low, high + 1, size))


def _month(months: int) -> int:
    year, month = divmod(months, 12)
    if year > 9999:
        return (LAST_DAY + 1) * 24
    return (datetime(year, month + 1, 1, tzinfo=UTC) - EPOCH).days * 24


def fill(starts: tuple[int, ...], hours: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Messages by bar, of messages by hour since 1970; those outside are left out."""
    counts = [0] * (len(starts) - 1)
    for hour, n in hours:
        place = bisect_right(starts, hour) - 1
        if 0 <= place < len(counts):
            counts[place] += n
    return tuple(counts)


def at(hour: int) -> datetime:
    """The time that is so many hours after 1970 began, kept within what a date can be written for."""
    return EPOCH + timedelta(hours=min(max(hour, FIRST_DAY * 24), LAST_DAY * 24 + 23))


def hour_of(value: datetime) -> int:
    """The hours since 1970 of a time."""
    return (value - EPOCH) // timedelta(hours=1)


def _hours(engine: Engine, first: int, last: int) -> dict[int, int]:
    where = f"WHERE seen_at >= TIMESTAMP '{day(at(first * 24))} 00:00:00'"
    where += f" AND seen_at < TIMESTAMP '{day(at(last * 24 + 24))} 00:00:00'"
    return {hour: n for hour, n in _counts(engine, "hour", where).items() if hour is not None}


def _counts(engine: Engine, unit: str, where: str) -> dict[int | None, int]:
    """Messages by day or hour since 1970. As whole numbers: a hostile date may be one that Python cannot hold."""
    sql = f"SELECT date_trunc('{unit}', seen_at) AS step_at, count(*) AS n FROM messages {where} GROUP BY 1"
    length = (86_400 if unit == "day" else 3_600) * 1_000_000
    found: dict[int | None, int] = {}
    for batch in engine.stream(sql):
        times = pc.cast(pc.cast(batch.column("step_at"), pa.timestamp("us", tz="UTC")), pa.int64()).to_pylist()
        for time, n in zip(times, batch.column("n").to_pylist(), strict=True):
            key = None if time is None else time // length
            found[key] = found.get(key, 0) + n
    return found
