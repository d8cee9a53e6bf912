"""The files of notices: a folder for each contact, and an index of them."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from impound.canonical import as_cell
from impound.notices import MOST_HOSTS, Contact, Envelope, Infection, Reporter, Spool, Tickets, arf, xarf
from impound.notices.letter import Asked, html, letter, text

INDEX = ("folder", "mailbox", "name", "source", "as_of", "ticket", "machines")
_PLAIN = re.compile(r"[^A-Za-z0-9@._-]")


@dataclass(frozen=True)
class Chosen:
    """What is written: the case's name, the clock, the sender and the options of the writer."""

    case: str
    at: datetime
    sender: str
    language: str
    time_zone: str
    xarf: int
    letters: tuple[str, ...]
    single: bool
    again_after: int


@dataclass
class Group:
    """The machines of one contact."""

    contact: Contact
    ips: list[str] = field(default_factory=list)


def write(to: Path, groups: Sequence[tuple[str, Group]], spool: Spool, who: Reporter, chosen: Chosen) -> None:
    """Write the folders of all contacts and the index. In memory are at most the machines of one notice."""
    tickets = Tickets(chosen.case, chosen.at)
    with (to / "index.csv").open("w", encoding="utf-8", newline="") as file:
        index = csv.writer(file, lineterminator="\r\n")
        index.writerow(INDEX)
        for mailbox, group in groups:
            ips = sorted(group.ips)
            for start in range(0, len(ips), MOST_HOSTS):
                part = tuple(ips[start : start + MOST_HOSTS])
                name = f"{folder(mailbox)}-{start // MOST_HOSTS + 1}" if len(ips) > MOST_HOSTS else folder(mailbox)
                said = tickets.of(mailbox, part)
                Notice(said, group.contact, list(spool.of(part)), who, chosen, tickets).write(to / name)
                about = group.contact
                index.writerow((name, mailbox, as_cell(about.name), about.source, about.as_of, said, len(part)))


def folder(mailbox: str) -> str:
    """The name of a contact's folder; two mailboxes never share one."""
    plain = _PLAIN.sub("_", mailbox)
    if plain == mailbox.lower() and not plain.startswith("."):
        return plain
    return f"_{plain[:80]}-{hashlib.sha256(mailbox.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Notice:
    """The notice to one contact: its ticket, and the machines it tells of."""

    ticket: str
    contact: Contact
    machines: list[Infection]
    who: Reporter
    chosen: Chosen
    tickets: Tickets

    def write(self, place: Path) -> None:
        """Make the folder: the message and its parts, a message and a letter for each machine."""
        chosen, said = self.chosen, self.envelope(self.ticket)
        place.mkdir()
        (place / "report.eml").write_bytes(arf.bulk(self.machines, self.who, said))
        with (place / "report.xarf.json").open("w", encoding="utf-8") as file:
            file.writelines(xarf.bulk(self.machines, self.who, self.ticket, chosen.xarf))
        (place / "hosts.csv").write_bytes("".join(arf.table(self.machines)).encode())
        if chosen.single:
            self._singles(place / "single")
        if chosen.letters:
            self._letters(place / "letters")

    def envelope(self, said: str) -> Envelope:
        """To whom and in which language."""
        chosen = self.chosen
        language = self.contact.language or chosen.language
        return Envelope(said, self.contact.mailbox, chosen.sender, chosen.at, language, chosen.again_after,
                            chosen.xarf)  # fmt: skip

    def _singles(self, place: Path) -> None:
        place.mkdir()
        for machine in self.machines:
            said = self.envelope(self.tickets.of(self.contact.mailbox, (machine.ip,)))
            (place / f"{plain(machine.ip)}.eml").write_bytes(arf.single(machine, self.who, said))

    def _letters(self, place: Path) -> None:
        place.mkdir()
        zone = self.contact.time_zone or self.chosen.time_zone
        asked = Asked(self.ticket, self.chosen.at, self.contact.language or self.chosen.language, zone)
        for machine in self.machines:
            for form, raw in letters(machine, self.who, asked, self.chosen.letters):
                (place / f"{plain(machine.ip)}.{form}").write_bytes(raw)


def letters(machine: Infection, who: Reporter, asked: Asked, forms: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The letter about a machine in each form that is wanted."""
    made = letter(machine, who, asked)
    if "txt" in forms:
        yield "txt", text(made).encode()
    if "html" in forms:
        yield "html", html(made).encode()
    if "pdf" in forms:
        from impound.notices.letter_pdf import pdf  # reportlab is an extra, and slow to start

        yield "pdf", pdf(made)


def plain(ip: str) -> str:
    """An address as a file's name on any system."""
    return ip.replace(":", "-")
