"""Notices of a case: what its tables say of infected hosts, to the room that sends; and the table of what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from impound import notices, sending
from impound.errors import ConfigError, InUse
from impound.plugin import Engine
from impound.store import clock
from impound.tables import TABLES

if TYPE_CHECKING:
    from impound.case import Case


def notify(case: Case, send: bool, progress: Callable[[int, int], None]) -> tuple[sending.Plan, sending.Sent | None]:
    """As :meth:`impound.case.Case.notify`."""
    contacts = _contacts(case)
    with case._viewing(sending.READS) as engine:
        known = sending.targets(_rows(engine, sending.HOSTS))
        drill = next(_rows(engine, "SELECT id FROM sources WHERE drill LIMIT 1"), None) is not None
    if not send:
        return _planned(case, known, contacts, drill), None
    with sending.alone(case.path), notices.Spool() as spool:
        planned = _planned(case, known, contacts, drill)
        told = {ip for job in planned.jobs for ip in job.hosts}
        with case._viewing(notices.READS) as engine:
            found = notices.infections(partial(_rows, engine))
            spool.fill(infection for infection in found if infection.ip in told)
        try:
            sent = sending.deliver(planned, spool.of, case.config, touch=case.touched, now=clock, progress=progress)
        finally:
            with suppress(InUse):  # then the next run does it
                _note(case)
    return planned, sent


def _contacts(case: Case) -> notices.ContactBook:
    settings = case.config.notices
    if not settings.contacts:
        raise ConfigError("[notices] contacts names no file", "a CSV file: 192.0.2.0/24,abuse@isp.example")
    return notices.ContactBook.of(settings.contacts, settings.rdap)


def _planned(case: Case, known: dict[str, sending.Target], contacts: notices.ContactBook, drill: bool) -> sending.Plan:
    journal, key, settings = sending.Journal.of(case.custody()), case._store.key(), case.config.notices
    return sending.plan(known, sending.Terms(journal, contacts, settings, key, case.path.name, clock(), drill))


def _note(case: Case) -> None:
    """Make table ``notices`` from the custody log, and tell the lives of hosts by it."""
    rows = sending.rows(case.custody())
    with type(case).open(case.path, write=True) as held:
        held._store.replace({"notices": pa.Table.from_pylist(rows, TABLES["notices"].schema).to_batches()})
        held.find(["lives"])


def _rows(engine: Engine, sql: str) -> Iterator[dict[str, Any]]:
    for batch in engine.stream(sql):
        yield from batch.to_pylist()
