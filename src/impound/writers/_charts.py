"""Pictures as SVG text: nothing to fetch, nothing to run, sharp on paper; each says in words what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from impound.writers._text import long_day, number, plural
from impound.writers._timeline import Timeline, at, fill, hour_of

TICKS = (
    ("hour", 6),
    ("day", 1),
    ("day", 7),
    ("day", 14),
    ("month", 1),
    ("month", 3),
    ("month", 12),
    ("month", 60),
    ("month", 120),
    ("month", 300),
    ("month", 1200),
    ("month", 12000),
)
"""Distances between the labels of the time axis, the finest first."""

STRIP_BARS = 60
"""Bars in the strip of a host: two pixels each in a column that fits a table."""
STRIP_WIDTH, STRIP_HEIGHT = 120, 20
NET_WIDTH = 256
"""A pixel for each address of a /24."""


@dataclass(frozen=True)
class Size:
    """The drawing space of a chart in pixels, its margins, and how many labels its time axis has room for."""

    width: int
    height: int
    left: int
    labels: int
    kind: str


WIDE = Size(720, 230, 52, 7, "wide")
NARROW = Size(340, 210, 46, 3, "narrow")
_TOP, _BOTTOM, _RIGHT = 30, 26, 10


def mail_over_time(line: Timeline, size: Size) -> Markup:
    """The bars of a timeline with its axes and its peak labelled; ``line`` must have counts."""
    high = max(line.counts)
    ceiling = nice(high)
    space = size.width - size.left - _RIGHT, size.height - _TOP - _BOTTOM
    bars = _bars(line.counts, ceiling, (size.left, _TOP), space)
    parts = [
        _grid(ceiling, size, space[1]),
        f'<path class="bars" d="{bars}"/>',
        _axis(line, size, space[0]),
        _peak(line, size, space, ceiling),
    ]
    title = f"Messages per {line.unit}"
    return svg((size.width, size.height), f"chart {size.kind}", title, describe(line), "".join(parts))


def describe(line: Timeline) -> str:
    """What the picture of a timeline shows, in one sentence for those who do not see it."""
    first, last = at(line.starts[0]), at(line.starts[-1] - 1)
    most = line.counts[line.peak]
    return (
        f"{plural(line.shown, 'message')} from {long_day(first)} to {long_day(last)}, one bar for each {line.unit}; "
        f"the most, {number(most)}, {moment(line.unit, line.starts[line.peak])}."
    )


def moment(unit: str, hour: int) -> str:
    """When a bar is, in words: ``on 8 April 2007``, ``in the week of 2 April 2007``."""
    when = at(hour)
    words = {
        "hour": f"on {long_day(when)} from {when:%H}:00",
        "day": f"on {long_day(when)}",
        "week": f"in the week of {long_day(when)}",
        "month": f"in {when:%B} {when.year}",
    }
    return words.get(unit, f"in {when.year}")


def nice(value: int) -> int:
    """A round number that is at least ``value`` and whose half is whole, for the top of an axis."""
    if value <= 10:
        return max(2, value + value % 2)
    power = int(10 ** (len(str(value)) - 2))
    return next(factor * power for factor in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100) if factor * power >= value)


def strip(times: Sequence[tuple[datetime, int]], line: Timeline) -> Markup:
    """A row of small bars: when one host sent, on the time axis of the whole case. Empty without an axis."""
    if not line.counts:
        return Markup("")
    first, last = line.starts[0], line.starts[-1]
    count = min(STRIP_BARS, len(line.counts))
    edges = tuple(first + (last - first) * i // count for i in range(count + 1))
    counts = fill(edges, [(hour_of(when), n) for when, n in times])
    used = sum(1 for n in counts if n)
    path = _bars(counts, max(*counts, 1), (0, 1), (STRIP_WIDTH, STRIP_HEIGHT - 3))
    body = f'<path class="base" d="M0 {STRIP_HEIGHT - 1.5}h{STRIP_WIDTH}"/><path class="bars" d="{path}"/>'
    return svg((STRIP_WIDTH, STRIP_HEIGHT), "strip", f"mail in {used} of {count} stretches of time", "", body)


def net_strip(places: Mapping[int, int]) -> Markup:
    """A line of 256 places, one for each address of a /24: a mark where one sent, higher for more messages."""
    if not places:
        return Markup("")
    most = max(places.values())
    path = "".join(
        f"M{place} {17 - max(3, round(14 * n / most))}h2V17h-2z"
        for place, n in sorted(places.items())
        if 0 <= place < 256
    )
    body = f'<path class="base" d="M0 18h{NET_WIDTH + 2}"/><path class="marks" d="{path}"/>'
    return svg((NET_WIDTH + 2, STRIP_HEIGHT), "strip net", f"{len(places)} of 256 addresses sent", "", body)


def svg(space: tuple[int, int], kind: str, title: str, desc: str, body: str) -> Markup:
    width, height = space
    more = f"<desc>{escape(desc)}</desc>" if desc else ""
    return Markup(
        f'<svg class="{kind}" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{more}{body}</svg>'
    )


def _bars(counts: Sequence[int], ceiling: int, origin: tuple[int, int], space: tuple[int, int]) -> str:
    """The outline of the bars as one path; a bar that counts anything is at least a pixel and a half high."""
    left, top = origin
    width = space[0] / len(counts)
    gap = 1 if width >= 4 else 0.4 if width >= 2 else 0
    floor = top + space[1]
    path = []
    for place, n in enumerate(counts):
        if n:
            high = max(1.5, space[1] * n / ceiling)
            path.append(f"M{_n(left + place * width)} {floor}v-{_n(high)}h{_n(max(width - gap, 1))}V{floor}z")
    return "".join(path)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _grid(ceiling: int, size: Size, high: int) -> str:
    lines = []
    for value in (0, ceiling // 2, ceiling):
        y = _n(_TOP + high - high * value / ceiling)
        lines.append(f'<path class="grid" d="M{size.left} {y}H{size.width - _RIGHT}"/>')
        lines.append(f'<text class="y" x="{size.left - 6}" y="{y}" dy="4">{number(value)}</text>')
    return "".join(lines)


def _peak(line: Timeline, size: Size, space: tuple[int, int], ceiling: int) -> str:
    """The height of the highest bar, written over it."""
    most = line.counts[line.peak]
    x = size.left + space[0] * (line.peak + 0.5) / len(line.counts)
    y = _TOP + space[1] - space[1] * most / ceiling - 6
    side = "start" if x < size.width / 3 else "end" if x > size.width * 2 / 3 else "middle"
    words = f"{number(most)} {_short(line.unit, line.starts[line.peak])}"
    return f'<text class="peak" x="{_n(x)}" y="{_n(max(y, 12))}" text-anchor="{side}">{words}</text>'


def _short(unit: str, hour: int) -> str:
    when = at(hour)
    if unit == "hour":
        return f"on {when.day} {when:%b}, {when:%H}:00"
    return f"on {when.day} {when:%b}" if unit == "day" else moment(unit, hour)


def _axis(line: Timeline, size: Size, wide: int) -> str:
    first, last = line.starts[0], line.starts[-1]
    marks = []
    for hour, label in ticks(first, last, size.labels):
        x = size.left + wide * (hour - first) / (last - first)
        side = "end" if x > size.width - 36 else "start" if x < size.left + 4 else "middle"
        y = size.height - _BOTTOM
        marks.append(f'<path class="tick" d="M{_n(x)} {y}v5"/>')
        marks.append(f'<text class="x" x="{_n(x)}" y="{size.height - 6}" text-anchor="{side}">{label}</text>')
    return "".join(marks)


def ticks(first: int, last: int, most: int) -> list[tuple[int, str]]:
    """Where the time axis is labelled, in hours since 1970, and with which words: the finest step that has room."""
    for unit, every in TICKS:
        found = _ticks(unit, every, first, last, most)
        if 0 < len(found) <= most:
            break
    if len(found) < 2:
        found = [first]
        unit, every = "day", 1
    return [(hour, _label(unit, every, hour)) for hour in found]


def _ticks(unit: str, every: int, first: int, last: int, most: int) -> list[int]:
    """The hours of one step inside the axis; empty when there are far too many."""
    if unit != "month":
        width = every * (1 if unit == "hour" else 24)
        offset = 4 * 24 if every >= 7 else 0  # weeks begin on Monday; 1970-01-01 was a Thursday
        low = first + (offset - first) % width
        return list(range(low, last, width)) if (last - first) // width <= most + 1 else []
    begin, end = at(first), at(last)
    months = [m for m in range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month) if m % every == 0]
    if len(months) > most + 2:
        return []
    starts = [hour_of(begin.replace(year=m // 12, month=m % 12 + 1, day=1, hour=0)) for m in months]
    return [s for s in starts if first <= s < last]


def _label(unit: str, every: int, hour: int) -> str:
    when = at(hour)
    if unit == "hour":
        return f"{when:%H}:00" if when.hour else f"{when.day} {when:%b}"
    if unit == "day":
        return f"{when.day} {when:%b}"
    return str(when.year) if every >= 12 else f"{when:%b} {when.year}"
