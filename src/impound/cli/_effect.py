"""What ``show CASE effect`` prints: whether telling does something, on which hosts that rests, and how sure it is."""

from __future__ import annotations

from typing import Any

from impound.canonical import plural
from impound.case import Case

DAYS = (0, 3, 7, 14, 21, 30, 60, 90)
"""Days after the beginning for which the shares are printed."""
NAMES = {"told": "Told of", "held-out": "Held out"}
DOUBTS = """\
An address is not a machine, and silence is not proof that one was cleaned.
A network that hears of one machine may clean its neighbours too, held out or not: the effect looks smaller then."""


def facts(case: Case, path: str) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """All that is known of the effect: as an object for programs, and as lines for people."""
    rows = {r["side"]: r for r in case.query("SELECT * FROM effects", tables=["effects"]).to_pylist()}
    if not rows:
        told = case.count("notices")
        why = "it was not looked for yet" if told else "nobody was told of a host, and none was held out"
        following = f"impound find {path} effects" if told else f"impound notify {path}"
        return [("table", "effects"), ("rows", []), ("why", why)], [("Effect", why), ("Next", following)]
    steps = case.query("SELECT * FROM effect_steps ORDER BY side, after_days", tables=["effect_steps"]).to_pylist()
    sides = [rows[name] for name in NAMES if name in rows]
    return [("table", "effects"), ("rows", sides), ("steps", steps)], _lines(sides, steps, path)


def _lines(sides: list[dict[str, Any]], steps: list[dict[str, Any]], path: str) -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = [("Effect", sides[0]["why"])]
    lines += [(NAMES[row["side"]], _side(row)) for row in sides]
    curve = [_day(day, steps) for day in DAYS]
    if any(curve):
        lines.append(("Still send", "\n".join(filter(None, curve))))
    if sides[0]["balance_p"] is not None:
        lines.append(("Alike", f"lots alone make the days before differ so {_hundred(sides[0]['balance_p'])} times "
                               "in 100"))  # fmt: skip
    return [*lines, ("Doubts", DOUBTS), ("Curve", f"impound show {path} effect_steps --format csv")]


def _side(row: dict[str, Any]) -> str:
    """Who is compared on a side, how many of them stopped and when, and who is left out."""
    before = f", infected for {row['days_before']:.1f} days before (median)" if row["days_before"] is not None else ""
    said = f"{plural(row['hosts'], 'host')} in {plural(row['networks'], 'network')}{before}\n"
    said += f"{row['stopped']:,} stopped{_half(row)}; {row['returned']:,} of them infected again later"
    left = [(row["silent"], "silent for long before"), (row["recent"], "not watched for long enough"),
            (row["unjudged"], "no longer suspected")]  # fmt: skip
    out = ", ".join(f"{n:,} {why}" for n, why in left if n)
    said += f"\n{row['refused']:,} of them never told: the mail server refused" if row["refused"] else ""
    return said + (f"\nleft out: {out}" if out else "")


def _half(row: dict[str, Any]) -> str:
    if row["median_days"] is None:
        return ", fewer than half"
    low, high = ("?" if row[end] is None else f"{row[end]:.1f}" for end in ("median_low", "median_high"))
    return f", half of all within {row['median_days']:.1f} days (95 %: {low} to {high})"


def _day(day: int, steps: list[dict[str, Any]]) -> str:
    """The shares on a day; empty where one side was not watched for so long, and after all that happened."""
    said: list[str] = []
    if not any(s["after_days"] >= day for s in steps):
        return ""
    for side, name in NAMES.items():
        before = [s for s in steps if s["side"] == side and s["after_days"] <= day]
        after = any(s["side"] == side and s["after_days"] >= day for s in steps)
        if not after and not (before and before[-1]["share"] == 0):
            return ""
        last = before[-1] if before else {"share": 1.0, "share_low": 1.0, "share_high": 1.0}
        band = "" if last["share_low"] is None else f" ({_hundred(last['share_low'])}-{_hundred(last['share_high'])})"
        said.append(f"{name.lower()} {_hundred(last['share'])}{band}")
    return f"after {plural(day, 'day')}, of 100: {', '.join(said)}"


def _hundred(share: float) -> str:
    return f"{100 * share:.0f}"
