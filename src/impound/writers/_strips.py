"""Small pictures in rows that share one axis: mail over time, where in the address space, and how much of a whole.

They stretch to the width of their column, so they hold no words; those stand beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from impound.writers._charts import ticks
from impound.writers._timeline import Timeline

HEIGHT = 36
OCTETS = 256


def axis(line: Timeline, most: int) -> list[tuple[float, str]]:
    """The labels of a timeline's axis: how far from the left, in per cent, and the words."""
    first, last = line.starts[0], line.starts[-1]
    return [(round(100 * (hour - first) / (last - first), 2), label) for hour, label in ticks(first, last, most)]


def over_time(counts: Sequence[int], marks: Sequence[float], label: str) -> Markup:
    """Bars of one campaign on the case's axis, to their own height; ``marks`` are the places of the axis's labels."""
    width = 100 / len(counts)
    most = max(*counts, 1)
    bars = "".join(
        f"M{_n(i * width)} {HEIGHT}v-{_n(max(2, (HEIGHT - 2) * n / most))}h{_n(max(width * 0.85, 0.4))}V{HEIGHT}z"
        for i, n in enumerate(counts)
        if n
    )
    grid = "".join(f"M{_n(mark)} 0V{HEIGHT}" for mark in marks)
    return _stretched(100, label, f'<path class="grid" d="{grid}M0 {HEIGHT}H100"/><path class="bars" d="{bars}"/>')


def over_space(octets: Mapping[int, int], label: str) -> Markup:
    """The address space from 0. to 255.: a mark where addresses begin so, higher where there are more of them.

    Heights are square roots, so that one address beside thousands can be seen.
    """
    most = max([*octets.values(), 1])
    marks = "".join(
        f"M{octet} {HEIGHT}v-{_n(max(3, (HEIGHT - 2) * (n / most) ** 0.5))}h1.4V{HEIGHT}z"
        for octet, n in sorted(octets.items())
        if 0 <= octet < OCTETS
    )
    grid = "".join(f"M{at} 0V{HEIGHT}" for at in (0, 64, 128, 192, OCTETS))
    return _stretched(
        OCTETS, label, f'<path class="grid" d="{grid}M0 {HEIGHT}H{OCTETS}"/><path class="marks" d="{marks}"/>'
    )


def bar(part: float, whole: float, label: str) -> Markup:
    """One bar that fills its share of the column; what is more than nothing can be seen."""
    wide = max(0.8, 100 * part / whole) if part and whole else 0
    return Markup(
        f'<svg class="bar" role="img" viewBox="0 0 100 10" preserveAspectRatio="none" aria-label="{escape(label)}">'
        f'<path class="rest" d="M0 0H100V10H0z"/><path class="bars" d="M0 0H{_n(wide)}V10H0z"/></svg>'
    )


def _stretched(width: int, label: str, body: str) -> Markup:
    return Markup(
        f'<svg class="stretch" role="img" viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" '
        f'aria-label="{escape(label)}">{body}</svg>'
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
