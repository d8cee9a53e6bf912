"""Notices as files: for each abuse contact its reports and its message, for each owner a letter, and who is left."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from impound import notices
from impound.canonical import as_cell, clean
from impound.config import Config
from impound.errors import MissingExtra, UsageError
from impound.geo import Geo
from impound.notices import ContactBook, Infection, rdap, xarf
from impound.plugin import CaseFacts, Engine
from impound.store import CaseStore
from impound.writers._notice_files import Chosen, Group, write
from impound.writers._rows import is_drill, rows

FORMS = ("txt", "html", "pdf")
LEFT = ("ip", "network", "name", "asn", "country", "first_seen", "last_seen", "messages", "reason")
TOLD = """SELECT n.ip, MAX(n.at) AS told_at FROM notices n
WHERE n.audience = 'network' AND n.state IN ('sent', 'refused') GROUP BY n.ip"""
"""When the contact of each machine was last told of it."""


class NoticeWriter:
    """Writes a folder. Options: ``contacts`` (a CSV file), ``rdap`` (a file of registries' answers), ``online=yes``
    (ask registries too; ``bootstrap``: IANA's files, with commas), ``language``, ``time_zone``, ``xarf`` (4 or 3),
    ``letters`` (txt, html, pdf with commas, or no), ``single=no`` (no message for each machine), ``repeat_days`` and
    ``fresh_days`` (as in the settings, by the rule of ``notify``; 0: whatever was told before, however old)."""

    name = "notice"
    options = (
        *("contacts", "rdap", "online", "bootstrap", "language", "time_zone", "xarf", "letters", "single"),
        *("repeat_days", "fresh_days", "asn_db"),
    )
    reads = (*notices.READS, "sources", "notices")

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write a folder for each contact, ``index.csv`` of them, and ``not-told.csv`` of the machines left over.

        Raises UsageError for a folder that has something in it: notices of different days must not mix.
        """
        chosen, who = _chosen(facts, options), notices.reporter(facts.config)
        if to.exists() and any(to.iterdir()):
            raise UsageError(f"{to} is not empty", "name a new folder")
        (book, cache), days = _book(facts, options), _days(facts, options)
        groups: dict[str, Group] = {}
        with notices.Spool() as spool:
            to.mkdir(parents=True, exist_ok=True)
            asked = _asking(book, cache, options, facts)
            with _table(to / "not-told.csv") as left:
                for infection, why in _infected(engine, options, partial(_due, days, chosen.at), _lots(facts)):
                    contact = None if why else asked(infection)
                    if contact is None:
                        left(infection, why or notices.NO_CONTACT)
                        continue
                    spool.put(infection)
                    groups.setdefault(contact.mailbox, Group(contact)).ips.append(infection.ip)
            write(to, sorted(groups.items()), spool, who, chosen)
        _refused(to / "refused-contacts.txt", book)


def _chosen(facts: CaseFacts, options: Mapping[str, str]) -> Chosen:
    """The options, checked before anything is read. Raises UsageError."""
    ours = facts.config.notices
    letters = tuple(form for form in options.get("letters", ",".join(FORMS)).split(",") if form not in ("", "no"))
    wrong = [form for form in letters if form not in FORMS]
    said = {"online": ("yes", "no"), "single": ("yes", "no"), "xarf": ("3", "4")}
    wrong += [f"{n}={options[n]}" for n, values in said.items() if options.get(n, values[0]) not in values]
    if wrong:
        raise UsageError(
            f"{wrong[0]} is no choice", "letters=txt,html,pdf or no; online, single: yes or no; xarf: 3, 4"
        )
    if "pdf" in letters and find_spec("reportlab") is None:
        raise MissingExtra("reportlab, which letters as PDF need,", "notices")
    language, zone = options.get("language", ours.language), options.get("time_zone", ours.time_zone)
    notices.check(language, zone)
    name = facts.folder.resolve().name if facts.folder else facts.name
    return Chosen(name, facts.made_at or datetime.now(UTC), _sender(facts.config), language, zone,
                  int(options.get("xarf", "4")), letters, options.get("single", "yes") == "yes",
                  ours.repeat_days)  # fmt: skip


def _sender(settings: Config) -> str:
    return settings.notices.sender or notices.reporter(settings).mailbox


def _book(facts: CaseFacts, options: Mapping[str, str]) -> tuple[ContactBook, Path | None]:
    """The contacts, and where registries' answers are kept."""
    ours = facts.config.notices
    contacts, cache = options.get("contacts", ours.contacts), options.get("rdap", ours.rdap)
    if not contacts and not cache and options.get("online") != "yes":
        raise UsageError("nobody is known whom to tell", "--set contacts=FILE: 192.0.2.0/24,abuse@isp.example")
    return ContactBook.of(contacts, cache), Path(cache) if cache else None


def _asking(
    book: ContactBook, cache: Path | None, options: Mapping[str, str], facts: CaseFacts
) -> Callable[[Infection], notices.Contact | None]:
    """Who answers for a machine; where it is asked for, a registry is asked first about what nobody knows."""
    if options.get("online") != "yes":
        return lambda infection: book.contact_of(infection.ip, infection.asn)
    registries = rdap.bootstrap(Path(path) for path in options.get("bootstrap", "").split(",") if path)
    today = (facts.made_at or datetime.now(UTC)).date()

    def asked(infection: Infection) -> notices.Contact | None:
        for answer, wrong in rdap.look_up(book, [(infection.ip, infection.asn)], registries, today):
            if wrong:
                book.refuse("RDAP", clean(wrong, 300))
            elif cache is not None:
                with cache.open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps(answer) + "\n")
        return book.contact_of(infection.ip, infection.asn)

    return asked


def _days(facts: CaseFacts, options: Mapping[str, str]) -> tuple[int, int]:
    """``repeat_days`` and ``fresh_days``. Raises UsageError for what is no number of days."""
    ours = facts.config.notices
    said = [options.get(name, str(getattr(ours, name))) for name in ("repeat_days", "fresh_days")]
    if not all(days.isascii() and days.isdigit() and len(days) <= 6 for days in said):
        raise UsageError(f"{', '.join(said)}: no numbers of days", "--set repeat_days=7 --set fresh_days=30")
    return int(said[0]), int(said[1])


def _infected(
    engine: Engine, options: Mapping[str, str], due: Callable[[bool], notices.Due], drawn: Callable[[str], bool]
) -> Iterator[tuple[Infection, str]]:
    """The infected machines, and why one is not to be told of, if anything."""
    rule = due(is_drill(engine))
    held = {r["ip"] for r in rows(engine, "SELECT DISTINCT ip FROM notices WHERE state = 'held-out'")}
    told = {r["ip"]: r["told_at"] for r in rows(engine, TOLD)}
    geo = Geo(asn=options.get("asn_db", ""))
    for found in notices.infections(lambda sql: rows(engine, sql), now=rule.now):
        infection = found if found.asn else replace(found, asn=geo.number(found.ip))
        why = rule.left(found.ip, found.last_at, told.get(found.ip))
        yield infection, why or (notices.HELD_OUT if found.ip in held or drawn(found.ip) else "")


def _lots(facts: CaseFacts) -> Callable[[str], bool]:
    """Whether a machine is to be held out, by the lots that ``notify`` draws."""
    percent = facts.config.notices.hold_out
    if not percent or facts.folder is None:
        return lambda ip: False
    return partial(notices.held_out, CaseStore.open(facts.folder).key(), percent=percent)


def _due(days: tuple[int, int], at: datetime, drill: bool) -> notices.Due:
    return notices.Due(*days, at, drill)


@contextmanager
def _table(path: Path) -> Iterator[Callable[[Infection, str], Any]]:
    """The table of machines that nobody is told of."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(LEFT)
        yield lambda infection, why: writer.writerow(_row(infection, why))


def _row(i: Infection, why: str) -> tuple[object, ...]:
    times = (xarf.second(i.first_at), xarf.second(i.last_at))
    return (i.ip, i.net, as_cell(clean(i.name)), i.asn or "", i.country, *times, i.messages, why)


def _refused(path: Path, book: ContactBook) -> None:
    if book.refusals:
        more = book.refusals - len(book.refused)
        lines = [*book.refused, *([f"and {more:,} more"] if more else [])]
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
