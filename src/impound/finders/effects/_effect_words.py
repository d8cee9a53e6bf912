"""What telling does, in words: what is known, how sure it is, and why nothing can be said where that is so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from impound.canonical import plural
from impound.finders.effects._effect import Params
from impound.finders.effects._survival import Curve, Share, Z

UNLIKE = 0.01
"""A chance below which two sides are said to be unlike before anything was done."""


Side = tuple[Mapping[str, Any], Curve]
"""A row of ``effects`` without its words, and the side's curve."""


def why(told: Side, held: Side, lines: Params) -> str:
    """What can be said of those told and those held out."""
    (row, curve), (other, against) = told, held
    if row["p"] is None:
        return f"nothing can be said of what telling does: {_too_few(row, other, lines)}"
    more = _shares(curve.at(lines.clean_days), against.at(lines.clean_days), lines.clean_days)
    chance = f"by chance a difference like this comes {_often(row['p'])} (log-rank, p = {row['p']:.2g})"
    if row["p"] >= lines.chance:
        said = f"no effect of telling can be told{more}; {chance}"
    else:
        sooner = "sooner" if row["stopped"] > row["expected"] else "later"
        said = f"those told of stop {sooner} than those held out{more}; {chance}"
    if row["balance_p"] < UNLIKE:
        said += (". Beware: the two sides differ in how long they were infected before, more than lots explain "
                 f"(p = {row['balance_p']:.2g})")  # fmt: skip
    return said


def _too_few(told: Mapping[str, Any], held: Mapping[str, Any], lines: Params) -> str:
    if not held["hosts"] and not any(held[name] for name in ("apart", "silent", "recent", "unjudged")):
        return "nobody was held out, and most machines are clean sooner or later anyway ([notices] hold_out)"
    if min(told["hosts"], held["hosts"]) < lines.least_hosts:
        late = told["recent"] + held["recent"]
        wait = (
            f"; {plural(late, 'host')} {'was' if late == 1 else 'were'} watched for less than {lines.clean_days} days"
        )
        return (f"{told['hosts']:,} told and {held['hosts']:,} held out can be compared, {lines.least_hosts} on each "
                f"side are needed{wait if late else ''}")  # fmt: skip
    return (f"of {told['hosts']:,} told {told['stopped']:,} stopped, and of {held['hosts']:,} held out "
            f"{held['stopped']:,}: too few to compare")  # fmt: skip


def _shares(told: Share | None, held: Share | None, day: int) -> str:
    """How many of a hundred still sent on a day, and how many fewer that are, with the interval where there is one."""
    if not told or not held:
        return ""
    less = 100 * (held.share - told.share)
    wide = 100 * Z * math.sqrt(told.variance + held.variance)
    words = "fewer" if less >= 0 else "more"
    low, high = (less - wide, less + wide) if less >= 0 else (-less - wide, -less + wide)
    interval = "" if math.isnan(wide) else f" (95 %: {low:.0f} to {high:.0f})"
    return (f": after {day} days {100 * told.share:.0f} of 100 told of still sent, and {100 * held.share:.0f} of 100 "
            f"held out, {abs(less):.0f} {words}{interval}")  # fmt: skip


def _often(p: float) -> str:
    if p >= 0.1:
        return f"{100 * p:.0f} times in 100"
    return f"once in {int(float(f'{1 / p:.1e}')):,} times" if p > 1e-6 else "less than once in a million times"
