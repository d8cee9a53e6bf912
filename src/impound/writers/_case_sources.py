"""What the case rests on, as CASE/UCO nodes: sources, the messages cited as proof, and what was done to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from impound.writers._case_maker import Node, content, id_of, node, ref, typed
from impound.writers._text import clean
from impound.writers._whose import Whose

_SHA256 = re.compile("[0-9a-f]{64}")


def source(case: Whose, row: dict[str, Any]) -> Iterator[Node]:
    """A source as a file with its hash, and its record of provenance with an exhibit number."""
    path = (row["paths"] or ["unnamed"])[0]
    file = {"@id": id_of(case, "file", row["id"]), "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": path.rpartition("/")[2] or path,
            "uco-observable:sizeInBytes": typed("integer", row["bytes"] or 0)}  # fmt: skip
    held = [file, content(case, row["id"], row["sha256"])]
    yield node(case, "uco-observable:File", "source", row["id"], **{"uco-core:hasFacet": held})
    words = {"case-investigation:exhibitNumber": str(row["id"]), "uco-core:description": clean(f"read from {path}"),
             "uco-core:object": [ref(case, "source", row["id"])]}  # fmt: skip
    yield node(case, "case-investigation:ProvenanceRecord", "provenance", row["id"], **words)


def message(case: Whose, row: dict[str, Any]) -> Iterator[Node]:
    """A cited message: its subject and time, and which bytes of which source it is. It names no recipient."""
    words: Node = {"uco-observable:subject": clean(row["subject"] or "", 500)}
    if row["seen_at"] is not None:
        words["uco-observable:receivedTime"] = typed("dateTime", row["seen_at"].isoformat())
    facet = {"@id": id_of(case, "mail", row["id"]), "@type": "uco-observable:EmailMessageFacet", **words}
    yield node(case, "uco-observable:EmailMessage", "message", row["id"], **{"uco-core:hasFacet": [facet]})
    place = {"@id": id_of(case, "range", row["id"]), "@type": "uco-observable:DataRangeFacet",
             "uco-observable:rangeOffset": typed("integer", row["offset"]),
             "uco-observable:rangeOffsetType": "bytes from the beginning of the source",
             "uco-observable:rangeSize": typed("integer", row["bytes"] or 0)}  # fmt: skip
    within = {
        "uco-core:source": ref(case, "message", row["id"]),
        "uco-core:target": ref(case, "source", row["source_id"]),
        "uco-core:kindOfRelationship": "Contained_Within",
        "uco-core:isDirectional": typed("boolean", "true"),
        "uco-core:hasFacet": [place],
    }
    yield node(case, "uco-observable:ObservableRelationship", "within", row["id"], **within)


def people(case: Whose) -> Iterator[Node]:
    """Who did what the custody log tells of: each log-in name once."""
    for who in sorted({str(e["who"]) for e in case.entries if e.get("who")}):
        words = {"uco-core:name": clean(who), "uco-core:description": "log-in name at the machine that did it"}
        yield node(case, "uco-identity:Identity", "person", who, **words)


def action(case: Whose, entry: dict[str, Any]) -> Iterator[Node]:
    """An entry of the custody log: who did what when, and what came out of it with its hash."""
    made = entry.get("sha256")
    words = {
        "uco-core:name": clean(str(entry.get("what", ""))),
        "uco-core:description": _told(entry),
        "uco-action:startTime": typed("dateTime", entry["at"]),
        "uco-action:performer": ref(case, "person", entry["who"]) if entry.get("who") else ref(case, "organization"),
        "uco-action:instrument": [ref(case, "tool")],
    }
    if isinstance(made, str) and _SHA256.fullmatch(made):
        words["uco-action:result"] = [ref(case, "made", entry["hash"])]
        held = [content(case, entry["hash"], made)]
        named = {"uco-core:name": clean(str(entry.get("to") or "unnamed")), "uco-core:hasFacet": held}
        yield node(case, "uco-observable:ObservableObject", "made", entry["hash"], **named)
    yield node(case, "case-investigation:InvestigativeAction", "action", entry["hash"], **words)


def _told(entry: dict[str, Any]) -> str:
    before = entry.get("inputs_sha256")
    manifest = entry.get("manifest")
    state = manifest.get("sha256") if isinstance(manifest, dict) else None
    return clean(
        f"custody log, entry {entry['hash']}"
        + (f"; hash over the hashes of what went in: {before}" if before else "")
        + (f"; hash of the case's list of files after it: {state}" if state else "")
        + (f"; parameters: {entry['params']}" if entry.get("params") else ""),
        2000,
    )
