"""What ``show CASE effect`` prints: whether telling does something, on which hosts that rests, and how sure it is."""

from __future__ import annotations

from typing import Any

from impound import portrait
from impound.canonical import plural
from impound.case import Case


def facts(case: Case, path: str) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """All that is known of the effect: as an object for programs, and as lines for people."""
    found = portrait.effect(lambda sql: case.query(sql, tables=portrait.EFFECT_READS).to_pylist())
    if found is None:
        told = case.count("notices")
        why = "it was not looked for yet" if told else "nobody was told of a host, and none was held out"
        following = f"impound find {path} effects" if told else f"impound notify {path}"
        return [("table", "effects"), ("rows", []), ("why", why)], [("Effect", why), ("Next", following)]
    rows, steps = [side.row for side in found.sides], [step for side in found.sides for step in side.steps]
    return [("table", "effects"), ("rows", rows), ("steps", steps)], _lines(found, path)


def _lines(found: portrait.Effect, path: str) -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = [("Effect", found.why)]
    lines += [(side.name.capitalize(), _side(side)) for side in found.sides]
    shares = [
        f"after {plural(day, 'day')}, of 100: " + ", ".join(
            f"{side.name} {still.words}" for side, still in zip(found.sides, stills, strict=True))
        for day, stills in found.days
    ]  # fmt: skip
    lines += [("Still send", "\n".join(shares))] if shares else []
    lines += [("Alike", found.alike)] if found.alike else []
    doubts = "\n".join(portrait.EFFECT_DOUBTS)
    return [*lines, ("Doubts", doubts), ("Curve", f"impound show {path} effect_steps --format csv")]


def _side(side: portrait.Side) -> str:
    """Who is compared on a side, how many of them stopped and when, and who is left out."""
    row = side.row
    said = [
        f"{plural(row['hosts'], 'host')} in {plural(row['networks'], 'network')}; infected before: {side.before}",
        f"{row['stopped']:,} stopped, half within: {side.half}; {row['returned']:,} of them infected again later",
    ]
    said += [f"{row['refused']:,} of them never told: the mail server refused"] if row["refused"] else []
    said += [f"left out: {side.left_out}"] if side.left_out else []
    return "\n".join(said)
