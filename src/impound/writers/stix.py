"""STIX 2.1: what was found as a bundle for other people's programs, marked by TLP 2.0.

Botnets are infrastructure, never threat actors; what their mail looks like is a note, never malware. Released and
proposed indicators go out with their state as a label, withdrawn ones as revoked, withheld ones never.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from impound.plugin import CaseFacts, Engine
from impound.writers import _stix_findings, _stix_indicators
from impound.writers._limit import limit
from impound.writers._rows import is_drill
from impound.writers._stix_maker import TLP_IDS, Maker, Object, marking
from impound.writers._text import clean
from impound.writers._whose import whose

REPORTED = ("infrastructure", "campaign", "note")
"""What the report object lists; it leads to everything else."""


class StixWriter:
    """Writes a STIX 2.1 bundle. Options: ``tlp`` (TLP:AMBER, …) and ``limit`` (addresses, and indicators of a kind)."""

    name = "stix"
    options = ("tlp", "limit")
    reads = tuple(dict.fromkeys((*_stix_findings.READS, *_stix_indicators.READS)))

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write the bundle to the path, an object a line; the same bytes for the same case and options."""
        tlp, most = options.get("tlp") or facts.config.reading.tlp, limit(options)
        marking(tlp)
        drill = is_drill(engine)
        maker = Maker(whose(facts), tlp, ("drill",) if drill else ())
        with to.open("w", encoding="utf-8", newline="\n") as file:
            file.write(f'{{"type": "bundle", "id": "bundle--{maker.whose.id("bundle")}", "objects": [')
            for n, made in enumerate(_once(_objects(engine, maker, facts, most, drill))):
                file.write((",\n" if n else "\n") + json.dumps(made, ensure_ascii=False, sort_keys=True))
            file.write("\n]}\n")


def _once(objects: Iterator[Object]) -> Iterator[Object]:
    """Each object once: many things share a cyber-observable. Remembers 16 bytes for each."""
    known: set[bytes] = set()
    for made in objects:
        mark = bytes.fromhex(made["id"].partition("--")[2].replace("-", ""))
        if mark not in known:
            known.add(mark)
            yield made


def _objects(engine: Engine, maker: Maker, facts: CaseFacts, limit: int, drill: bool) -> Iterator[Object]:
    yield marking(maker.tlp)
    organisation = _organisation(maker, facts)
    yield organisation
    listed = []
    for part in (_stix_findings.botnets(engine, maker), _stix_findings.campaigns(engine, maker, drill)):
        for made in part:
            listed += [made["id"]] if made["type"] in REPORTED else []
            yield made
    yield from _stix_indicators.indicators(engine, maker, limit, drill)
    yield from _stix_indicators.addresses(engine, maker, limit, drill)
    yield _report(maker, facts, listed or [organisation["id"]])


def _organisation(maker: Maker, facts: CaseFacts) -> Object:
    said = facts.config.organisation
    return maker.thing(
        "identity", (), name=clean(facts.name) or "unnamed", identity_class="organization",
        contact_information=said.contact,
    )  # fmt: skip


def _report(maker: Maker, facts: CaseFacts, listed: list[str]) -> Object:
    legal = facts.config.legal
    number = f" Case number: {clean(legal.case_number)}." if legal.case_number else ""
    return maker.thing(
        "report",
        (),
        name=f"Spam botnets seen by {clean(facts.name) or 'unnamed'}",
        description=f"What impound {facts.version} found in mail.{number} Counts are of addresses, not of machines; "
        f"how often such findings are wrong stands in the documentation of impound.",
        report_types=["campaign", "indicator", "observed-data"],
        published=maker.thing("report", ())["modified"],
        object_refs=listed,
    )


__all__ = ["TLP_IDS", "StixWriter"]
