"""What ``show`` prints of a botnet: in words for people, as one object for programs."""

from __future__ import annotations

import dataclasses
import difflib
from typing import Any

from impound import portrait
from impound.canonical import plural
from impound.case import Case
from impound.errors import UsageError
from impound.portrait import BotnetPortrait

SHOWN = 8
"""Campaigns, programs and addresses that people are shown; the rest is in ``botnet_members``."""


def find(case: Case, what: tuple[str, ...]) -> int | None:
    """The botnet that the words name: ``botnet NAME``, ``botnet ID`` or a working name; None when they name none.

    Raises UsageError where the words can only be meant as a botnet's.
    """
    said = what[:1] == ("botnet",)
    words = " ".join(" ".join(what[1:] if said else what).split())
    found = portrait.find_botnet(lambda sql: _ask(case, sql, ("botnets",)), words) if words else None
    if found is None and said:
        names = [r["name"] for r in _ask(case, "SELECT b.name FROM botnets b ORDER BY b.name", ("botnets",))]
        near = difflib.get_close_matches(words.title(), names, 1)
        hint = f"did you mean {near[0]}?" if near else "impound show CASE botnets lists them"
        raise UsageError(f"no botnet is called {words or 'nothing'}", hint)
    if words.isdigit() and not said and portrait.find(lambda sql: _ask(case, sql, ("campaigns",)), words) is not None:
        return None  # the earliest message of both: an id alone is a campaign's
    return found


def _ask(case: Case, sql: str, tables: tuple[str, ...] = portrait.BOTNET_READS) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = case.query(sql, tables=tables).to_pylist()
    return rows


def facts(case: Case, number: int, path: str) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """All that is known of a botnet: as an object for programs, and as lines for people."""
    found = portrait.botnet(lambda sql: _ask(case, sql), number)
    whole = dataclasses.asdict(found)
    row = whole.pop("botnet")
    return [("table", "botnets"), *row.items(), *((f"its_{name}", v) for name, v in whole.items())], _lines(found, path)


def _lines(found: BotnetPortrait, path: str) -> list[tuple[str, Any]]:
    b = found.botnet
    quiet = f", {plural(b['quiet_days'], 'quiet day')}" if b["quiet_days"] else ""
    told: list[tuple[str, Any]] = [
        ("Botnet", f"{b['name']} ({b['id']})"),
        (
            "Time",
            f"{b['first_at']:%Y-%m-%d} to {b['last_at']:%Y-%m-%d}, active on {plural(len(found.days), 'day')}{quiet}",
        ),
        ("Mail", f"{plural(b['messages'], 'message')} of {plural(b['campaigns'], 'campaign')}"),
        ("From", f"{plural(b['hosts'], 'address')} in {plural(b['networks'], 'network')}"),
        ("Machines", _machines(b)),
        ("Growth", _growth(found.days)),
        ("Ties", b["why"]),
        ("Campaigns", _campaigns(found)),
        ("Programs", _top(found.programs, "program")),
        ("Addresses", _top(found.hosts, "address", "addresses")),
    ]  # fmt: skip
    told += [("Shares", "\n".join(map(_neighbour, found.neighbours)))] if found.neighbours else []
    told += [("Looks like", _hypothesis(h)) for h in found.hypotheses]
    events = "\n".join(f"{e['at']:%Y-%m-%d}  {e['to_state']}: {e['reason']}" for e in found.events if e["at"])
    told += [("Events", events)] if events else []
    told += [("A sceptic", "\n".join(found.doubts) or "has little to say")]
    more = f"impound show {path} botnet_members --format csv has every member with its reason"
    return [*told, ("Next", more)]


def _machines(b: dict[str, Any]) -> str:
    if b["machines"] is None:
        return f"at least {b['machines_low'] or 0:,}: {b['machines_why']}"
    high = "more" if b["machines_high"] is None else f"{b['machines_high']:,}"
    return f"about {b['machines']:,} ({b['machines_low']:,} to {high}): {b['machines_why']}"


def _growth(days: list[dict[str, Any]]) -> str:
    """How many addresses are new, by day; of a long life the first and the last days."""
    lines = []
    for d in days:
        begun = f", begins {plural(d['new_campaigns'], 'campaign')}" if d["new_campaigns"] else ""
        hosts = f"{d['new_hosts']:,} of {plural(d['hosts'], 'address')} new"
        lines.append(f"{d['day']:%Y-%m-%d}  {plural(d['messages'], 'message')}, {hosts}{begun}")
    half = SHOWN // 2
    return "\n".join(lines if len(lines) <= SHOWN else [*lines[:half], "…", *lines[-half:]])


def _campaigns(found: BotnetPortrait) -> str:
    lines = []
    for c in found.campaigns[:SHOWN]:
        with_whom = ", ".join(f"{name} {share:.0%}" for name, share in c.others)
        lines.append(
            f"{c.name}: {c.link}" + (f", {c.lure}" if c.lure not in (None, "ham") else "")
            + (f"; {c.share:.0%} of what infected addresses sent" if c.share < 1 else "; nobody else infected sends it")
            + (f", {with_whom}" if with_whom else "")
        )  # fmt: skip
    return _more(lines, len(found.campaigns), "campaign")


def _top(rows: list[dict[str, Any]], word: str, many: str = "") -> str:
    return _more([f"{r['member']}: {r['link']}" for r in rows[:SHOWN]], len(rows), word, many)


def _more(lines: list[str], whole: int, word: str, many: str = "") -> str:
    rest = whole - len(lines)
    return "\n".join(lines + ([f"and {plural(rest, word, many)} more"] if rest else [])) or "none"


def _neighbour(other: portrait.Neighbour) -> str:
    parts = [plural(other.hosts, "address")] * bool(other.hosts)
    parts += [plural(other.campaigns, "campaign")] * bool(other.campaigns)
    parts += [plural(other.programs, "program")] * bool(other.programs)
    return f"{', '.join(parts)} with {other.name}"


def _hypothesis(row: dict[str, Any]) -> str:
    return "\n".join([f"{row['family']}, perhaps. {row['why']}", *row["reasons"]])
