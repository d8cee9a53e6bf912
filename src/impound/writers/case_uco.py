"""CASE/UCO JSON-LD: sources, what was done to them, and what was found, each with its record of provenance.

The Cyber-investigation Analysis Standard Expression (caseontology.org) says who did what to which evidence, and what
came of it. Every source is a file with its hash and an exhibit number, every entry of the custody log an action, every
finding an assertion that names the action it came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from impound.canonical import plural
from impound.plugin import CaseFacts, Engine
from impound.writers._limit import limit
from impound.writers._rows import rows
from impound.writers._text import clean
from impound.writers._whose import Whose, whose

Node = dict[str, Any]
CONTEXT = {
    "kb": "http://example.org/kb/",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
FINDINGS = (
    ("campaigns", "SELECT id, name AS what, messages, hosts, why FROM campaigns ORDER BY id", "campaign"),
    ("botnets", "SELECT id, name AS what, messages, hosts, why FROM botnets ORDER BY id", "botnet"),
)


class CaseUcoWriter:
    """Writes CASE/UCO as JSON-LD. Option: ``limit`` (sources, and findings of a kind, that are written)."""

    name = "case_uco"
    options = ("limit",)
    reads = ("sources", "messages", "campaigns", "botnets", "hosts", "indicators")

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write the graph to the path, a node a line; the same bytes for the same case, custody log included."""
        most = limit(options)
        with to.open("w", encoding="utf-8", newline="\n") as file:
            file.write(f'{{"@context": {json.dumps(CONTEXT)}, "@graph": [')
            for n, node in enumerate(_nodes(engine, whose(facts), facts, most)):
                file.write((",\n" if n else "\n") + json.dumps(node, ensure_ascii=False, sort_keys=True))
            file.write("\n]}\n")


def _nodes(engine: Engine, case: Whose, facts: CaseFacts, most: int) -> Iterator[Node]:
    legal = facts.config.legal
    case_words = {
        "uco-core:name": clean(facts.name) or "unnamed",
        "uco-core:objectCreatedTime": _time(case.made.isoformat()),
    }
    if legal.case_number or legal.process:
        named = {"case-investigation:authorizationType": clean(legal.process) or "legal process",
                 "case-investigation:authorizationIdentifier": clean(legal.case_number) or "none given"}  # fmt: skip
        yield _node(case, "case-investigation:Authorization", "authorization", **named)
        case_words["case-investigation:relevantAuthorization"] = _ref(case, "authorization")
    yield _node(case, "case-investigation:Investigation", "investigation", **case_words)
    yield _node(case, "uco-identity:Organization", "organization", **{"uco-core:name": clean(facts.name) or "unnamed"})
    yield _node(case, "uco-tool:Tool", "tool", **{"uco-core:name": "impound", "uco-tool:version": facts.version})
    for entry in case.entries:
        yield _action(case, entry)
    for source in rows(engine, f"SELECT * FROM sources WHERE sha256 IS NOT NULL ORDER BY id LIMIT {most}"):
        yield from _source(case, source)
    for finder, sql, kind in FINDINGS:
        for r in rows(engine, f"{sql} LIMIT {most}"):
            said = (f"{kind} {r['what']}: {plural(r['messages'], 'message')} from "
                    f"{plural(r['hosts'], 'address', 'addresses')}. {r['why']}")  # fmt: skip
            yield from _finding(case, finder, kind, r["id"], said)
    for r in rows(engine, f"SELECT * FROM hosts WHERE verdict = 'infected' ORDER BY ip, first_at LIMIT {most}"):
        said = f"address {r['ip']}: infected from {r['first_at']} to {r['last_at']}. {r['why']}"
        yield from _finding(case, "hosts", "host", f"{r['ip']} {r['first_at']}", said)
    for r in rows(engine, f"SELECT * FROM indicators ORDER BY type, value LIMIT {most}"):
        said = f"{r['type']} {r['value']}: {r['state']}. {r['reason']}"
        yield from _finding(case, "indicators", "indicator", f"{r['type']} {r['value']}", said)


def _source(case: Whose, source: Node) -> Iterator[Node]:
    path = (source["paths"] or ["unnamed"])[0]
    file = {"@id": _id(case, "file", source["id"]), "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": path.rpartition("/")[2] or path,
            "uco-observable:sizeInBytes": _typed("integer", str(source["bytes"] or 0))}  # fmt: skip
    digest = {"@id": _id(case, "hash", source["id"]), "@type": "uco-types:Hash",
              "uco-types:hashMethod": "SHA256",
              "uco-types:hashValue": _typed("hexBinary", source["sha256"])}  # fmt: skip
    content = {"@id": _id(case, "content", source["id"]), "@type": "uco-observable:ContentDataFacet",
               "uco-observable:hash": [digest]}  # fmt: skip
    yield _node(case, "uco-observable:File", "source", source["id"], **{"uco-core:hasFacet": [file, content]})
    words = {"case-investigation:exhibitNumber": str(source["id"]), "uco-core:description": clean(f"read from {path}"),
             "uco-core:object": [_ref(case, "source", source["id"])]}  # fmt: skip
    yield _node(case, "case-investigation:ProvenanceRecord", "provenance", source["id"], **words)


def _action(case: Whose, entry: Node) -> Node:
    words = {
        "uco-core:name": clean(str(entry.get("what", ""))),
        "uco-core:description": f"custody log, entry {entry['hash']}",
        "uco-action:startTime": _time(entry["at"]),
        "uco-action:performer": _ref(case, "organization"),
        "uco-action:instrument": [_ref(case, "tool")],
    }
    return _node(case, "case-investigation:InvestigativeAction", "action", entry["hash"], **words)


def _finding(case: Whose, finder: str, kind: str, key: object, said: str) -> Iterator[Node]:
    yield _node(case, "uco-core:Assertion", kind, key, **{"uco-core:statement": clean(said, 2000)})
    came = next((e["hash"] for e in reversed(case.entries) if e.get("finder") == finder), None)
    held = [_ref(case, kind, key), *([_ref(case, "action", came)] if came else [])]
    words = {"uco-core:description": f"found by {finder}", "uco-core:object": held}
    yield _node(case, "case-investigation:ProvenanceRecord", f"provenance of {kind}", key, **words)


def _node(case: Whose, kind: str, *key: object, **words: Any) -> Node:
    return {"@id": _id(case, *key), "@type": kind, **words}


def _id(case: Whose, *key: object) -> str:
    return f"kb:{str(key[0]).replace(' ', '-')}-{case.id('case_uco', *key)}"


def _ref(case: Whose, *key: object) -> Node:
    return {"@id": _id(case, *key)}


def _time(at: str) -> Node:
    return _typed("dateTime", at)


def _typed(kind: str, value: str) -> Node:
    return {"@type": f"xsd:{kind}", "@value": value}
