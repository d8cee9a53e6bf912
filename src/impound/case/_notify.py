"""Notices of a case: what its tables say of infected hosts, to the room that sends; and the table of what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from impound import notices, sending
from impound.errors import ConfigError, InUse, MissingExtra
from impound.plugin import Engine
from impound.store import clock, sha256_of
from impound.tables import TABLES

if TYPE_CHECKING:
    from impound.case import Case


def notify(
    case: Case, send: bool, letters: Path | None, progress: Callable[[int, int], None]
) -> tuple[sending.Plan, sending.Sent | None]:
    """As :meth:`impound.case.Case.notify`."""
    if letters and find_spec("reportlab") is None:
        raise MissingExtra("reportlab, which letters as PDF need,", "notices")
    with case._viewing(sending.READS) as engine:
        known = sending.targets(_rows(engine, sending.hosts(clock())))
        drill = next(_rows(engine, "SELECT id FROM sources WHERE drill LIMIT 1"), None) is not None
    made = partial(_planned, case, known, _contacts(case, letters), _customers(case, letters, known), drill)
    if not send:
        return made(), None
    with sending.alone(case.path), notices.Spool() as spool:
        planned = made()
        told = {ip for job in planned.everything for ip in job.hosts}
        with case._viewing(notices.READS) as engine:
            found = notices.infections(partial(_rows, engine), now=clock())
            spool.fill(infection for infection in found if infection.ip in told)
        if letters:
            case.touched("notify letters", customers=sha256_of(letters))
        try:
            sent = sending.deliver(planned, spool.of, case.config, touch=case.touched, now=clock, progress=progress)
        finally:
            with suppress(InUse):  # then the next run does it
                _note(case)
    return planned, sent


def _contacts(case: Case, letters: Path | None) -> notices.ContactBook | None:
    """Who answers for networks; None where only owners are to be written to."""
    settings = case.config.notices
    if not settings.contacts and letters:
        return None
    if not settings.contacts:
        raise ConfigError("[notices] contacts names no file", "a CSV file: 192.0.2.0/24,abuse@isp.example")
    return notices.ContactBook.of(settings.contacts, settings.rdap)


def _customers(case: Case, letters: Path | None, known: Iterable[str]) -> notices.CustomerBook | None:
    """Whose the known hosts were; None where no file says it."""
    return notices.CustomerBook.load(letters, known, case.config.organisation.answered_for) if letters else None


def _planned(
    case: Case,
    known: dict[str, sending.Target],
    contacts: notices.ContactBook | None,
    customers: notices.CustomerBook | None,
    drill: bool,
) -> sending.Plan:
    journal, key, settings = sending.Journal.of(case.custody()), case._store.key(), case.config.notices
    now = clock()
    tickets = notices.Tickets(case.path.name, now, journal.tickets)
    terms = sending.Terms(journal, settings, key, tickets, now, drill)
    made = sending.plan(known, terms, contacts) if contacts else sending.Plan()
    if customers:
        made.owners = sending.letters(known, terms, customers)
    else:
        made.open_letters = sum(1 for _ in terms.begun("owner"))
    return made


def _note(case: Case) -> None:
    """Make table ``notices`` from the custody log, and tell by it the lives of hosts and what telling does."""
    rows = sending.rows(case.custody())
    with type(case).open(case.path, write=True) as held:
        held._store.replace({"notices": pa.Table.from_pylist(rows, TABLES["notices"].schema).to_batches()})
        held.find(["lives", "effects"])


def _rows(engine: Engine, sql: str) -> Iterator[dict[str, Any]]:
    for batch in engine.stream(sql):
        yield from batch.to_pylist()
