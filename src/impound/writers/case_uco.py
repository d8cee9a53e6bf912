"""CASE/UCO JSON-LD: sources, what was done to them, and what was found, each with its record of provenance.

The Cyber-investigation Analysis Standard Expression (caseontology.org) says who did what to which evidence, and what
came of it. Every source is a file with its hash and an exhibit number, every entry of the custody log an action, every
finding an assertion that names the action it came from and the messages that prove it, and each of those the bytes of
the source that it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from impound.canonical import plural
from impound.plugin import CaseFacts, Engine
from impound.writers import _case_sources, _cited
from impound.writers._case_maker import CONTEXT, Node, node, ref, typed
from impound.writers._limit import limit
from impound.writers._rows import rows
from impound.writers._text import clean
from impound.writers._whose import Whose, whose

FINDINGS = (
    ("campaigns", "SELECT id, name AS what, messages, hosts, why FROM campaigns ORDER BY id", "campaign"),
    ("botnets", "SELECT id, name AS what, messages, hosts, why FROM botnets ORDER BY id", "botnet"),
)


class CaseUcoWriter:
    """Writes CASE/UCO as JSON-LD. Option: ``limit`` (sources, messages, and findings of a kind, that are written)."""

    name = "case_uco"
    options = ("limit",)
    reads = tuple(dict.fromkeys(("sources", "campaigns", "botnets", "hosts", *_cited.READS)))

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write the graph to the path, a node a line; the same bytes for the same case, custody log included."""
        most = limit(options)
        with to.open("w", encoding="utf-8", newline="\n") as file:
            file.write(f'{{"@context": {json.dumps(CONTEXT)}, "@graph": [')
            for n, made in enumerate(_nodes(engine, whose(facts), facts, most)):
                file.write((",\n" if n else "\n") + json.dumps(made, ensure_ascii=False, sort_keys=True))
            file.write("\n]}\n")


def _nodes(engine: Engine, case: Whose, facts: CaseFacts, most: int) -> Iterator[Node]:
    yield from _frame(case, facts)
    yield from _case_sources.people(case)
    for entry in case.entries:
        yield from _case_sources.action(case, entry)
    files = set()
    for source in rows(engine, f"SELECT * FROM sources WHERE sha256 IS NOT NULL ORDER BY id LIMIT {most}"):
        files.add(source["id"])
        yield from _case_sources.source(case, source)
    shown = set()
    for message in _cited.cited(engine, most):
        if message["source_id"] in files:
            shown.add(message["id"])
            yield from _case_sources.message(case, message)
    proofs = {key: [m for m in found if m in shown] for key, found in _cited.proofs(engine).items()}
    yield from _findings(engine, case, most, proofs)


def _frame(case: Whose, facts: CaseFacts) -> Iterator[Node]:
    legal = facts.config.legal
    words = {
        "uco-core:name": clean(facts.name) or "unnamed",
        "uco-core:objectCreatedTime": typed("dateTime", case.made.isoformat()),
    }
    if legal.case_number or legal.process:
        named = {"case-investigation:authorizationType": clean(legal.process) or "legal process",
                 "case-investigation:authorizationIdentifier": clean(legal.case_number) or "none given"}  # fmt: skip
        yield node(case, "case-investigation:Authorization", "authorization", **named)
        words["case-investigation:relevantAuthorization"] = ref(case, "authorization")
    yield node(case, "case-investigation:Investigation", "investigation", **words)
    yield node(case, "uco-identity:Organization", "organization", **{"uco-core:name": clean(facts.name) or "unnamed"})
    yield node(case, "uco-tool:Tool", "tool", **{"uco-core:name": "impound", "uco-tool:version": facts.version})


def _findings(engine: Engine, case: Whose, most: int, proofs: Mapping[tuple[str, str], list[int]]) -> Iterator[Node]:
    for finder, kind, key, said, proof in _told(engine, most):
        yield node(case, "uco-core:Assertion", kind, key, **{"uco-core:statement": clean(said, 2000)})
        came = next((e["hash"] for e in reversed(case.entries) if e.get("finder") == finder), None)
        held = [ref(case, kind, key), *([ref(case, "action", came)] if came else []),
                *(ref(case, "message", number) for number in proofs.get(proof, ()))]  # fmt: skip
        words = {"uco-core:description": f"found by {finder}", "uco-core:object": held}
        yield node(case, "case-investigation:ProvenanceRecord", f"provenance of {kind}", key, **words)


def _told(engine: Engine, most: int) -> Iterator[tuple[str, str, object, str, tuple[str, str]]]:
    """Each finding: finder, kind, what it is within the case, what it says, and under which key its proof is."""
    for finder, sql, kind in FINDINGS:
        for r in rows(engine, f"{sql} LIMIT {most}"):
            said = (f"{kind} {r['what']}: {plural(r['messages'], 'message')} from "
                    f"{plural(r['hosts'], 'address', 'addresses')}. {r['why']}")  # fmt: skip
            yield finder, kind, r["id"], said, (kind, str(r["id"]))
    for r in rows(engine, f"SELECT * FROM templates WHERE regex IS NOT NULL ORDER BY campaign_id, id LIMIT {most}"):
        said = (f"template {r['id']} of campaign {r['campaign_id']}: {r['state']}. It matches "
                f"{plural(r['matched'], 'message')}, {r['ham_matched']} of them innocent ones. {r['why']}")  # fmt: skip
        yield "templates", "template", r["id"], said, ("template", str(r["id"]))
    for r in rows(engine, f"SELECT * FROM hosts WHERE verdict = 'infected' ORDER BY ip, first_at LIMIT {most}"):
        said = f"address {r['ip']}: infected from {r['first_at']} to {r['last_at']}. {r['why']}"
        yield "hosts", "host", f"{r['ip']} {r['first_at']}", said, ("host", r["ip"])
    for r in rows(engine, f"SELECT * FROM indicators ORDER BY type, value LIMIT {most}"):
        key = f"{r['type']} {r['value']}"
        yield "indicators", "indicator", key, f"{key}: {r['state']}. {r['reason']}", ("indicator", key)
