"""The charts of the public page as SVG text: bars over time, said in words too, and nothing to fetch or run."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from impound.writers._charts import nice
from impound.writers._public_words import Words
from impound.writers._timeline import at

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 12, 26
LABELS = 4
"""Labels on the time axis: as many as stay readable when the picture is as wide as a telephone."""

LAST = 110
"""A label nearer than this to the right edge ends at its mark instead of beginning there."""


def chart(starts: Sequence[int], counts: Sequence[int], unit: str, title: str, words: Words) -> Markup:
    """Bars of the counts on a time axis; empty where there is nothing to draw."""
    if not counts or not max(counts):
        return Markup("")
    ceiling = nice(max(counts))
    body = "".join((_grid(ceiling, words), f'<path class="bars" d="{_bars(counts, ceiling)}"/>',
                    _axis(starts, unit, words)))  # fmt: skip
    said = f"{title}. {describe(starts, counts, words)}"
    return Markup(
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-label="{escape(said)}">{body}</svg>'
    )


def describe(starts: Sequence[int], counts: Sequence[int], words: Words) -> str:
    """What the bars show, in a sentence."""
    peak = counts.index(max(counts))
    return str(
        words.texts["did"]["described"].format(
            first=words.date(at(starts[0])),
            last=words.date(at(starts[-1] - 1)),
            total=words.number(sum(counts)),
            most=words.number(counts[peak]),
            peak=words.date(at(starts[peak])),
        )
    )


def _bars(counts: Sequence[int], ceiling: int) -> str:
    """The bars as one path; one that counts anything is at least two pixels high."""
    width = (WIDTH - LEFT - RIGHT) / len(counts)
    gap = 1.5 if width >= 6 else 0.5
    floor, high = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    return "".join(
        f"M{LEFT + place * width:.1f} {floor}v-{max(2.0, high * n / ceiling):.1f}h{max(width - gap, 1):.1f}V{floor}z"
        for place, n in enumerate(counts)
        if n
    )


def _grid(ceiling: int, words: Words) -> str:
    lines = []
    for value in (0, ceiling // 2, ceiling):
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / ceiling
        lines.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y:.1f}" dy="5" text-anchor="end">{words.number(value)}</text>')
    return "".join(lines)


def _axis(starts: Sequence[int], unit: str, words: Words) -> str:
    """Labels at even distances, each at the beginning of its bar."""
    count, space = len(starts) - 1, WIDTH - LEFT - RIGHT
    labels = []
    for place in range(0, count, max(1, -(-count // LABELS))):
        x = LEFT + space * place / count
        label = words.short_date(starts[place], unit in ("month", "year"))
        side = "end" if x > WIDTH - LAST else "start"
        labels.append(f'<path class="grid" d="M{x:.1f} {HEIGHT - BOTTOM}v6"/>')
        labels.append(f'<text x="{x:.1f}" y="{HEIGHT - 4}" text-anchor="{side}">{escape(label)}</text>')
    return "".join(labels)
