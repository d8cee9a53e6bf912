"""Exhibits for a court: a PDF and a CSV file for each, a takedown plan, and what speaks against the findings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from impound import portrait
from impound.errors import MissingExtra
from impound.geo import Geo
from impound.notices import ContactBook
from impound.plugin import CaseFacts, Engine
from impound.writers import _exhibit, _exhibit_doubts, _exhibit_facts
from impound.writers._rows import is_drill
from impound.writers._text import clean
from impound.writers._whose import whose


class ExhibitsWriter:
    """Writes a folder. Options: ``contacts`` (a file as notices take it), ``registrars`` (a CSV file of domains and
    registrars), ``country_db`` and ``asn_db``."""

    name = "exhibits"
    options = ("country_db", "asn_db", "contacts", "registrars")
    reads = tuple(dict.fromkeys((*portrait.READS, *portrait.BOTNET_READS, "sources", "indicators")))

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write ``exhibits.pdf`` and the CSV files into the folder, which is made if need be."""
        try:
            from impound.writers import _exhibit_pdf  # reportlab is an extra, and slow to start
        except ModuleNotFoundError as missing:
            raise MissingExtra(f"{missing.name}, which writer exhibits needs,", "handover") from missing

        geo = Geo(options.get("country_db", ""), options.get("asn_db", ""))
        ours = facts.config.notices
        book = ContactBook.of(options.get("contacts", ours.contacts), ours.rdap)
        registrars = _exhibit_facts.registrars(options.get("registrars", ""))
        drill = is_drill(engine)
        to.mkdir(parents=True, exist_ok=True)
        made = (
            _exhibit_facts.sending(engine, geo, book, drill),
            _exhibit_facts.domains(engine, registrars),
            _exhibit_facts.marks(engine),
            _exhibit_facts.victims(engine, geo),
            _exhibit_facts.contacts(engine),
            _exhibit_facts.time_line(engine, whose(facts).entries),
            _exhibit_doubts.method(),
            _exhibit_doubts.plan(engine, book, registrars, drill),
            _exhibit_doubts.against(engine, drill),
        )
        _exhibit_pdf.write(to / "exhibits.pdf", head(facts, drill), [_exhibit.file(one, to) for one in made])


def head(facts: CaseFacts, drill: bool) -> str:
    """What stands on top of every page: the case number where there is one, else the case's name."""
    legal = facts.config.legal
    court = f", {clean(legal.court)}" if legal.court else ""
    named = f"Case {clean(legal.case_number)}{court}" if legal.case_number else f"Case {clean(facts.name)}"
    return f"{named}{' (drill: made-up mail)' if drill else ''}"
