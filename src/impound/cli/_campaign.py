"""What ``show`` prints of a campaign: in words with its example for people, as one object for programs."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable
from typing import Any

import click

from impound import canonical, portrait
from impound.canonical import plural
from impound.case import Case
from impound.check import advice
from impound.cli._output import Safe, harmless
from impound.errors import UsageError
from impound.portrait import Portrait, Segment

NAMES = 2
"""Words of a working name."""


def find(case: Case, what: tuple[str, ...]) -> int | None:
    """The campaign that the words name: ``campaign NAME``, a working name or an id; None when they name none.

    Raises UsageError where the words can only be meant as a campaign's.
    """
    plain = what[1:] if what[:1] == ("campaign",) else what
    words = " ".join(" ".join(plain).split())
    found = portrait.find(lambda sql: _ask(case, sql, ("campaigns",)), words) if words else None
    if found is None and (plain is not what or (len(words.split()) == NAMES and what[0] not in ("host", "message"))):
        names = [r["name"] for r in _ask(case, "SELECT name FROM campaigns ORDER BY name", ("campaigns",))]
        near = difflib.get_close_matches(words.title(), names, 1)
        if near or plain is not what:
            hint = f"did you mean {near[0]}?" if near else "impound show CASE campaigns lists them"
            raise UsageError(f"no campaign is called {words or 'nothing'}", hint)
    return found


def _ask(case: Case, sql: str, tables: Iterable[str] = portrait.READS) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = case.query(sql, tables=tuple(tables)).to_pylist()
    return rows


def facts(case: Case, number: int, path: str) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """All that is known of a campaign: as an object for programs, and as lines for people."""
    (found,) = portrait.portraits(lambda sql: _ask(case, sql), [number])
    sent_by = portrait.senders(lambda sql: _ask(case, sql, portrait.BOTNET_READS), number)
    lines = _lines(found, path)
    if sent_by:
        told = ", ".join(f"{name} {share:.0%}" for name, share in sent_by)
        lines.insert(-1, ("Botnets", f"{told} of what infected addresses sent of it"))
    return [*_object(found), ("botnets", [{"name": n, "share": s} for n, s in sent_by])], lines


def _object(found: Portrait) -> list[tuple[str, Any]]:
    whole = dataclasses.asdict(found)
    row = whole.pop("campaign")
    example = whole.pop("example") | {"fixed": round(found.example.share_fixed, 4)}
    row["domains"] = [canonical.defang(d) for d in row["domains"] or []]
    for contact in whole["contacts"]:
        contact["value"] = canonical.defang(contact["value"])
    return [("table", "campaigns"), *row.items(), ("example", example), *whole.items()]


def _lines(found: Portrait, path: str) -> list[tuple[str, Any]]:
    c, e = found.campaign, found.example
    told: list[tuple[str, Any]] = [
        ("Campaign", f"{c['name']} ({c['id']})"),
        ("Mail", f"{plural(c['messages'], 'message')}, {_days(c)}"),
        ("From", f"{plural(c['hosts'], 'address')} in {plural(c['networks'], 'network')}; "
                 f"at most {plural(c['owners'], 'owner')} of networks in one week"),
    ]  # fmt: skip
    told += _label(found.label) if found.label else []
    told += [("Hosts", ", ".join(f"{v.addresses:,} {v.verdict}" for v in found.verdicts))] if found.verdicts else []
    told += [("Leads to", ", ".join(map(canonical.defang, c["domains"])))] if c["domains"] else []
    answers = "\n".join(f"{canonical.defang(x.value)} ({x.kind}, {x.messages:,} messages)" for x in found.contacts)
    told += [("Answers to", answers)] if answers else []
    told += [
        ("Ties", "\n".join(f"{t.messages:>7,}  {t.link} ({t.strength:.2f})" for t in found.ties)),
        ("How sure", f"{c['confidence'] or 0:.2f} of 1: the mean strength of its ties, an order and not a chance"),
        ("Varies", _varies(found)),
        ("Example", f"message {e.message_id}; beside {plural(max(0, e.compared - 1), 'other')} worded like it, of "
                    f"{e.drawn} drawn by chance; {100 * e.share_fixed:.0f} % of its words are fixed"),
        ("  from", e.sender),
        ("  subject", _told(e.subject)),
        ("  text", Safe(_told(e.text) + (" …" if e.cut else "")) if e.text else "none: a picture or a link says it"),
        ("Next", f"impound show {path} message {e.message_id}"),
    ]  # fmt: skip
    return told


def _label(label: portrait.Label) -> list[tuple[str, Any]]:
    """What it sells or pretends, whose mark it abuses, by which words, and what to tell people."""
    known = advice.parts(label.lure)
    said = f"{label.lure}: {known.what}" if known else "nothing that speaks for a lure"
    mark = f"; it abuses the mark {label.brand}" if label.brand else ""
    told: list[tuple[str, Any]] = [("Lure", f"{said}, in {100 * label.share:.0f} % of its messages{mark}")]
    told += [("  by", ", ".join(label.words))] if label.words else []
    return told + ([("  advice", str(known))] if known else [])


def _varies(found: Portrait) -> str:
    lines = []
    for v in found.varieties:
        without = f", {v.without:,} without one" if v.without and v.values else ""
        values = {0: "none", 1: "one for all"}.get(v.values, f"{v.values:,} different ones")
        lines.append(f"{v.part}: {values}{without}")
    return "\n".join(lines)


def _told(segments: Iterable[Segment]) -> Safe:
    """Segments as a text in which what varies stands between marks, with over how many values; styled on a terminal."""
    parts = []
    for s in segments:
        text = "\n".join(harmless(line) for line in s.text.split("\n"))
        if s.fixed:
            parts.append(text)
            continue
        more = f" …{s.more} more" if s.more else ""
        parts.append(click.style(f"‹{text}{more}›", underline=True) + click.style(f"[one of {s.values}]", dim=True))
    return Safe(" ".join(parts))


def _days(c: dict[str, Any]) -> str:
    if c["first_at"] is None:
        return "at a time that nobody says"
    first, last = f"{c['first_at']:%Y-%m-%d}", f"{c['last_at']:%Y-%m-%d}"
    return f"on {first}" if first == last else f"{first} to {last}"
