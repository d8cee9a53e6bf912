"""The curves of those that still send, told of and held out, as SVG text in two sizes; said in words too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from impound.portrait import Effect, Side
from impound.writers._charts import NARROW, WIDE, Size, svg
from impound.writers._text import plural

TENTH = 0.1
"""The curves end where less of a side is watched than this: beyond, single hosts make the steps (Pocock et al.,
"Survival plots of time-to-event outcomes in clinical trials", Lancet 359, 2002, say 10 to 20 of 100)."""
TICKS = (1, 2, 7, 14, 30, 60, 90, 180, 365)
"""Distances between the labels of the axis, in days."""
LINES = 1.3
"""Distance of the words at the ends of the curves, in heights of a line."""
_TOP, _BOTTOM, _LINE = 14, 40, 14
_RIGHT = {"wide": 104, "narrow": 98}
"""Room for the words at the ends of the curves, in pixels."""


def charts(effect: Effect) -> list[Markup]:
    """The picture in two sizes; none where no day is to be shown."""
    last = horizon(effect.sides)
    return [_chart(effect, last, size) for size in (WIDE, NARROW)] if last > 0 else []


def horizon(sides: Sequence[Side]) -> float:
    """The last day on which a tenth of each side is still watched."""
    ends = []
    for side in sides:
        least = TENTH * side.row["hosts"]
        ends.append(max((s["after_days"] for s in side.steps if s["at_risk"] >= least), default=0.0))
    return float(min(ends))


def _chart(effect: Effect, last: float, size: Size) -> Markup:
    wide, high = size.width - size.left - _RIGHT[size.kind], size.height - _TOP - _BOTTOM
    drawn = [_steps(side.steps, last) for side in effect.sides]

    def x(day: float) -> str:
        return _n(size.left + wide * day / last)

    def y(share: float) -> str:
        return _n(_TOP + high * (1 - share))

    parts = [_grid(size, wide, y), _axis(size, wide, last)]
    for name, steps in zip(("told", "held"), drawn, strict=True):
        band = [s for s in steps if s["share_low"] is not None]
        parts.append(f'<path class="band {name}" d="{_band(band, last, x, y)}"/>')
    for name, steps in zip(("told", "held"), drawn, strict=True):
        parts.append(f'<path class="curve {name}" d="{_stairs(steps, "share", last, x, y)}"/>')
    parts += _names(effect.sides, drawn, size.left + wide, high)
    title = "Hosts that still send, told of and held out"
    return svg((size.width, size.height), f"chart effect {size.kind}", title, _said(effect, last), "".join(parts))


def _said(effect: Effect, last: float) -> str:
    return f"Two falling curves over {plural(int(last), 'day')}. {effect.why}."


def _steps(steps: list[dict[str, Any]], last: float) -> list[dict[str, Any]]:
    """The steps up to the end, of those on one pixel the last; the first one is all of them at day 0."""
    kept: dict[int, dict[str, Any]] = {}
    for step in steps:
        if step["after_days"] <= last:
            kept[int(600 * step["after_days"] / last)] = step
    begin = {"after_days": 0.0, "share": 1.0, "share_low": 1.0, "share_high": 1.0}
    return [begin, *kept.values()]


def _stairs(steps: list[dict[str, Any]], column: str, last: float, x: Any, y: Any) -> str:
    """A line that falls where a step is and is level between them, up to the last day."""
    path = f"M{x(0)} {y(steps[0][column])}"
    for step in steps[1:]:
        path += f"H{x(step['after_days'])}V{y(step[column])}"
    return path + f"H{x(last)}"


def _band(steps: list[dict[str, Any]], last: float, x: Any, y: Any) -> str:
    """The space between the ends of the intervals, there along the upper one and back along the lower one."""
    path = _stairs(steps, "share_high", last, x, y) + f"V{y(steps[-1]['share_low'])}"
    for step, before in zip(reversed(steps[1:]), reversed(steps[:-1]), strict=True):
        path += f"H{x(step['after_days'])}V{y(before['share_low'])}"
    return path + "z"


def _grid(size: Size, wide: int, y: Any) -> str:
    lines = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        lines.append(f'<path class="grid" d="M{size.left} {y(share)}h{wide}"/>')
        lines.append(f'<text class="y" x="{size.left - 6}" y="{y(share)}" dy="4">{100 * share:.0f} %</text>')
    return "".join(lines)


def _axis(size: Size, wide: int, last: float) -> str:
    """Days since the beginning, and what they are."""
    every = next((t for t in TICKS if last / t <= size.labels), TICKS[-1])
    floor, marks = size.height - _BOTTOM, []
    for day in range(0, int(last) + 1, every):
        at = _n(size.left + wide * day / last)
        marks.append(f'<path class="tick" d="M{at} {floor}v5"/>')
        marks.append(f'<text class="x" x="{at}" y="{floor + 18}" text-anchor="middle">{day}</text>')
    words = "days since told of, or left untold"
    return "".join(marks) + f'<text x="{size.left}" y="{size.height - 6}">{words}</text>'


def _names(sides: Sequence[Side], drawn: list[list[dict[str, Any]]], left: int, high: int) -> list[str]:
    """The side and its last share, written at the end of its curve; moved apart where both end near each other."""
    ends = [_TOP + high * (1 - steps[-1]["share"]) + 4 for steps in drawn]
    upper = 0 if ends[0] <= ends[1] else 1
    gap = LINES * _LINE - abs(ends[0] - ends[1])
    if gap > 0:
        ends[upper] -= gap
    return [
        f'<text class="end {kind}" x="{left + 6}" y="{_n(end)}">{side.name} {100 * steps[-1]["share"]:.0f} %</text>'
        for kind, side, steps, end in zip(("told", "held"), sides, drawn, ends, strict=True)
    ]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
