"""What ``show`` prints of a template: how it was inferred, piece by piece, in words or as one object for programs."""

from __future__ import annotations

from typing import Any

from impound import canonical
from impound.case import Case
from impound.check.face import LINES
from impound.cli._output import harmless


def find(case: Case, what: tuple[str, ...]) -> dict[str, Any] | None:
    """The row of the template that the words name: ``template ID`` or its id; None when they name none."""
    word = what[-1]
    named = len(what) == 1 or (len(what) == 2 and what[0] == "template")
    if not (named and word.isascii() and word.isdigit() and int(word) < 1 << 63):
        return None
    rows = case.query("SELECT * FROM templates WHERE id = :id", {"id": int(word)}, ["templates"]).to_pylist()
    return rows[0] if rows else None


def facts(row: dict[str, Any], path: str) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """All that is known of a template: as an object for programs, and as lines for people."""
    return [("table", "templates"), *row.items()], _lines(row, path)


def _lines(row: dict[str, Any], path: str) -> list[tuple[str, Any]]:
    told: list[tuple[str, Any]] = [
        ("Template", str(row["id"])),
        ("Campaign", f"impound show {path} {row['campaign_id']}"),
        ("State", f"{row['state']}: {row['why']}"),
    ]
    if row["regex"] is None:
        return told
    told += [
        ("Learnt", f"from {row['learned_from']:,} messages; matches {row['matched']:,} of the case, "
                   f"{row['ham_matched']:,} of them ham; {row['fixed_chars']:,} letters and digits are fixed"),
    ]  # fmt: skip
    for name in LINES:
        pieces = [p for p in row["parts"] if p["part"] == name]
        told += [(f"  {name}", "\n".join(map(_piece, pieces)))] if pieces else []
    told.append(("Examples", "\n".join(f"impound show {path} message {i}" for i in row["examples"])))
    return told


def _piece(piece: dict[str, Any]) -> str:
    values = [
        " ".join(canonical.defang(harmless(w)) if "://" in w else harmless(w) for w in v.split(" "))
        for v in piece["values"]
    ]
    if piece["kind"] == "fixed":
        return values[0]
    seen = " | ".join(v or "(nothing)" for v in values[:4]) + (" | …" if piece["distinct"] > 4 else "")
    chance = f", {100 * piece['unseen']:.1f} % not seen yet" if piece["kind"] in ("dictionary", "noise") else ""
    return f"‹{piece['kind']} of {piece['distinct']:,}{chance}: {seen}›"
