"""What is to be sent: hosts to notices, one for each abuse contact, and why the others are not told now."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from impound.config import Notices
from impound.notices import FALLBACK, MOST_HOSTS, Contact, ContactBook, ticket
from impound.sending._journal import Journal

HOSTS = """
SELECT ip, MAX(last_at) AS last_at, MAX(asn) AS asn FROM hosts
WHERE verdict = 'infected' AND first_at IS NOT NULL AND last_at IS NOT NULL GROUP BY ip ORDER BY ip
"""
READS = ("hosts", "sources")


@dataclass(frozen=True)
class Target:
    """An infected host, as far as it decides who is told of it and when."""

    ip: str
    last_at: datetime
    asn: int | None = None


@dataclass(frozen=True)
class Job:
    """A notice that is to be sent; ``again``: it was begun before and nobody knows whether it arrived."""

    ticket: str
    contact: str
    hosts: tuple[str, ...]
    at: datetime
    tries: int = 0
    again: bool = False
    language: str = FALLBACK


@dataclass
class Plan:
    """The notices, and by reason the hosts that are not told now."""

    jobs: list[Job] = field(default_factory=list)
    held_out: list[str] = field(default_factory=list)
    no_contact: list[str] = field(default_factory=list)
    recently: int = 0
    stale: int = 0
    waiting: int = 0
    reserved: int = 0
    unusable: list[str] = field(default_factory=list)
    """Lines of the contacts file that were refused, with the reason."""

    @property
    def hosts(self) -> int:
        return sum(len(job.hosts) for job in self.jobs)


def targets(hosts: Iterable[Mapping[str, Any]]) -> dict[str, Target]:
    """The infected hosts by address, from the rows of ``HOSTS``."""
    return {row["ip"]: Target(**row) for row in hosts}


def held_out(key: bytes, ip: str, percent: int) -> bool:
    """Whether a host is left untold: by a hash with the case key, so always the same ones and nobody's choice."""
    digest = hmac.digest(key, b"hold-out\0" + ip.encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") * 100 < percent << 64


@dataclass(frozen=True)
class Terms:
    """By what it is decided who is told: what was sent before, who answers for whom, the settings and the clock.

    In a ``drill`` addresses that are reserved count as all others.
    """

    journal: Journal
    contacts: ContactBook
    settings: Notices
    key: bytes
    case: str
    now: datetime
    drill: bool


def plan(known: Mapping[str, Target], terms: Terms) -> Plan:
    """Who of the known hosts is told of to whom, and how many are not, by reason."""
    made = Plan(unusable=terms.contacts.refused)
    busy = _resumed(made, terms.journal, known, terms.now)
    groups: dict[str, list[str]] = {}
    languages: dict[str, str] = {}
    for ip, target in sorted(known.items()):
        if ip not in busy and (contact := _contact(made, target, terms)):
            groups.setdefault(contact.mailbox, []).append(ip)
            languages.setdefault(contact.mailbox, contact.language or terms.settings.language)
    for mailbox, ips in sorted(groups.items()):
        for part in _parts(ips):
            name = ticket(terms.case, mailbox, terms.now, part, terms.journal.tickets)
            made.jobs.append(Job(name, mailbox, part, terms.now, language=languages[mailbox]))
    return made


def _resumed(made: Plan, journal: Journal, known: Mapping[str, Target], now: datetime) -> set[str]:
    """Put what is in doubt and what waited long enough first; gives the hosts that no new notice may tell of."""
    busy: set[str] = set()
    for entry in (*journal.doubtful, *journal.waiting.values()):
        if entry["ticket"] in {job.ticket for job in made.jobs}:
            continue
        busy.update(entry["hosts"])
        again = entry in journal.doubtful
        if not again and datetime.fromisoformat(entry["not_before"]) > now:
            made.waiting += len(entry["hosts"])
            continue
        at = datetime.fromisoformat(entry["composed_at"])
        hosts = tuple(ip for ip in entry["hosts"] if ip in known)
        if hosts:
            language = entry.get("language", FALLBACK)
            made.jobs.append(Job(entry["ticket"], entry["contact"], hosts, at, entry.get("tries", 0), again, language))
    return busy


def _contact(made: Plan, target: Target, terms: Terms) -> Contact | None:
    """Who is told of a host now; None, and counted, where nobody is."""
    settings, now = terms.settings, terms.now
    told = terms.journal.told.get(("network", target.ip))
    if not terms.drill and not ipaddress.ip_address(target.ip).is_global:
        made.reserved += 1
    elif told is not None and (now - told < timedelta(days=settings.repeat_days) or target.last_at <= told):
        made.recently += 1
    elif settings.fresh_days and now - target.last_at > timedelta(days=settings.fresh_days):
        made.stale += 1
    elif (contact := terms.contacts.contact_of(target.ip, target.asn)) is None:
        made.no_contact.append(target.ip)
    elif held_out(terms.key, target.ip, settings.hold_out):
        made.held_out.append(target.ip)
    else:
        return contact
    return None


def _parts(ips: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ips), MOST_HOSTS):
        yield tuple(ips[start : start + MOST_HOSTS])
