"""What is to be sent: hosts to notices, one for each contact, and to letters; and why the others are not told now."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from impound.config import Notices
from impound.notices import (
    FALLBACK,
    HELD_OUT,
    MOST_HOSTS,
    NO_CONTACT,
    ContactBook,
    Customer,
    CustomerBook,
    Due,
    Tickets,
    ahead,
    held_out,
)
from impound.sending._journal import Journal

READS = ("hosts", "sources")


NETWORK, OWNER = "network", "owner"
"""The audiences: an abuse contact, and the owner of the machine."""
WAITING = "waiting for another try"
OPEN = "begun before, and the file does not say the same of it any more"


@dataclass(frozen=True)
class Target:
    """An infected host, as far as it decides who is told of it and when."""

    ip: str
    first_at: datetime
    last_at: datetime
    asn: int | None = None


@dataclass(frozen=True)
class Job:
    """A notice or letter that is to be sent; ``again``: it was begun before and nobody knows whether it arrived."""

    ticket: str
    contact: str
    hosts: tuple[str, ...]
    at: datetime
    tries: int = 0
    again: bool = False
    language: str = FALLBACK
    owner: Customer | None = None
    """Whose machine it is; None for the notice to a network."""
    known_as: str = ""
    """What custody calls the mailbox; an owner's is not named there."""

    @property
    def audience(self) -> str:
        return OWNER if self.owner else NETWORK


@dataclass
class Plan:
    """The notices to networks, and by reason the hosts that are not told of now; and the same for owners."""

    jobs: list[Job] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    unusable: list[str] = field(default_factory=list)
    """Lines of the file of contacts, or of customers, that were refused, with the reason."""
    owners: Plan | None = None
    """The letters to owners, where a file says who they are."""
    open_letters: int = 0
    """Letters that were begun before, while no file says who the owners are."""

    @property
    def hosts(self) -> int:
        return sum(len(job.hosts) for job in self.jobs)

    @property
    def everything(self) -> list[Job]:
        """The notices, then the letters."""
        return [*self.jobs, *(self.owners.jobs if self.owners else ())]

    @property
    def held_out(self) -> list[str]:
        """The hosts that are left untold, to compare."""
        return sorted({ip for plan in (self, self.owners) if plan for ip in plan.left.get(HELD_OUT, ())})

    def leave(self, ip: str, why: str) -> None:
        """Say of a host why nobody is told of it now."""
        self.left.setdefault(why, []).append(ip)


def hosts(now: datetime) -> str:
    """SQL for the latest stretch of time of each infected host, the one that notices tell of."""
    return f"""
    SELECT ip, first_at, last_at, asn FROM (
      SELECT ip, first_at, last_at, asn,
        ROW_NUMBER() OVER (PARTITION BY ip ORDER BY {ahead(now)}, last_at DESC, first_at DESC) AS newest
      FROM hosts WHERE verdict = 'infected' AND first_at IS NOT NULL AND last_at IS NOT NULL) AS stretches
    WHERE newest = 1 ORDER BY ip
    """


def targets(rows: Iterable[Mapping[str, Any]]) -> dict[str, Target]:
    """The infected hosts by address, from the rows of :func:`hosts`."""
    return {row["ip"]: Target(**row) for row in rows}


def known_as(key: bytes, mailbox: str) -> str:
    """What stands for an owner's mailbox in the custody log: the same within a case, meaningless without its key."""
    return f"o-{hmac.digest(key, b'owner' + bytes(1) + mailbox.encode(), hashlib.sha256).hex()[:20]}"


@dataclass(frozen=True)
class Terms:
    """By what it is decided who is told: what was sent before, who answers for whom, the settings and the clock.

    In a ``drill`` addresses that are reserved count as all others.
    """

    journal: Journal
    settings: Notices
    key: bytes
    tickets: Tickets
    now: datetime
    drill: bool

    def left(self, target: Target, audience: str) -> str:
        """Why nobody is told of a host now, or nothing."""
        ours = self.settings
        due = Due(ours.repeat_days, ours.fresh_days, self.now, self.drill)
        return due.left(target.ip, target.last_at, self.journal.told.get((audience, target.ip)))

    def kept_back(self, ip: str) -> str:
        """Whether a host that could be told of is held out."""
        return HELD_OUT if held_out(self.key, ip, self.settings.hold_out) else ""

    def begun(self, audience: str) -> Iterator[dict[str, Any]]:
        """What is in doubt and what waits, each ticket once, but for hosts that were told of otherwise since."""
        met = set()
        for entry in (*self.journal.doubtful, *self.journal.waiting.values()):
            told = [self.journal.told.get((audience, ip)) for ip in entry["hosts"]]
            since = all(at is not None and at > datetime.fromisoformat(entry["at"]) for at in told)
            if entry["audience"] == audience and entry["ticket"] not in met and not since:
                met.add(entry["ticket"])
                yield entry


def plan(known: Mapping[str, Target], terms: Terms, contacts: ContactBook) -> Plan:
    """Which contacts are told of which of the known hosts, and of which nobody is, by reason."""
    made = Plan(unusable=contacts.refused)
    busy = _resumed(made, known, terms)
    groups: dict[str, list[str]] = {}
    languages: dict[str, str] = {}
    for ip, target in sorted(known.items()):
        if ip in busy:
            continue
        contact = contacts.contact_of(ip, target.asn)
        why = terms.left(target, NETWORK) or ("" if contact else NO_CONTACT) or terms.kept_back(ip)
        if why or contact is None:
            made.leave(ip, why)
            continue
        groups.setdefault(contact.mailbox, []).append(ip)
        languages.setdefault(contact.mailbox, contact.language or terms.settings.language)
    for mailbox, ips in sorted(groups.items()):
        for part in _parts(ips):
            name = terms.tickets.of(mailbox, part)
            made.jobs.append(Job(name, mailbox, part, terms.now, language=languages[mailbox], known_as=mailbox))
    return made


def _resumed(made: Plan, known: Mapping[str, Target], terms: Terms) -> set[str]:
    """Put what is in doubt and what waited long enough first; gives the hosts that no new notice may tell of."""
    busy: set[str] = set()
    for entry in terms.begun(NETWORK):
        busy.update(entry["hosts"])
        hosts = tuple(ip for ip in entry["hosts"] if ip in known)
        if _waits(entry, terms):
            for ip in entry["hosts"]:
                made.leave(ip, WAITING)
        elif hosts:
            made.jobs.append(_again(entry, entry["contact"], hosts))
    return busy


def letters(known: Mapping[str, Target], terms: Terms, customers: CustomerBook) -> Plan:
    """Which owners are written to, one letter a host, and of which hosts none is, by reason.

    What was begun goes on under its ticket only where the file still names the same mailbox: the log does not know it.
    """
    made = Plan(unusable=customers.refused)
    begun = {entry["hosts"][0]: entry for entry in terms.begun(OWNER)}
    for ip, target in sorted(known.items()):
        entry, who = begun.get(ip), customers.customer_of(ip, target.first_at, target.last_at)
        same = entry and isinstance(who, Customer) and entry["contact"] == known_as(terms.key, who.mailbox)
        if entry and same and isinstance(who, Customer):
            if _waits(entry, terms):
                made.leave(ip, WAITING)
            else:
                made.jobs.append(_again(entry, who.mailbox, (ip,), who))
            continue
        why = terms.left(target, OWNER) or (who if isinstance(who, str) else "") or terms.kept_back(ip)
        if why or isinstance(who, str):
            made.leave(ip, OPEN if entry else why)
        else:
            made.jobs.append(_letter(ip, who, terms))
    return made


def _letter(ip: str, who: Customer, terms: Terms) -> Job:
    ours, alias = terms.settings, known_as(terms.key, who.mailbox)
    name = terms.tickets.of(alias, (ip,))
    owner = replace(who, language=who.language or ours.language, time_zone=who.time_zone or ours.time_zone)
    return Job(name, who.mailbox, (ip,), terms.now, language=owner.language, owner=owner, known_as=alias)


def _waits(entry: Mapping[str, Any], terms: Terms) -> bool:
    """Whether what was not taken yet is to wait longer; what is in doubt never is."""
    return "not_before" in entry and datetime.fromisoformat(entry["not_before"]) > terms.now


def _again(entry: Mapping[str, Any], mailbox: str, hosts: tuple[str, ...], owner: Customer | None = None) -> Job:
    """What was begun, as it was begun: with its ticket, day, language and clock."""
    if owner:
        owner = replace(owner, language=entry["language"], time_zone=entry["time_zone"])
    return Job(
        entry["ticket"], mailbox, hosts, datetime.fromisoformat(entry["composed_at"]), entry.get("tries", 0),
        "not_before" not in entry, entry.get("language", FALLBACK), owner, entry["contact"],
    )  # fmt: skip


def _parts(ips: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ips), MOST_HOSTS):
        yield tuple(ips[start : start + MOST_HOSTS])
