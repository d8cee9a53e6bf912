"""The exhibits A to F of a case, from its tables: counts are of addresses, not machines, and no recipient is named."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from impound import portrait
from impound.canonical import defang, is_reserved, plural, registrable_domain
from impound.errors import InputError
from impound.geo import Geo
from impound.notices import ContactBook
from impound.plugin import Engine
from impound.writers._exhibit import Exhibit, Row
from impound.writers._rows import row, rows
from impound.writers._stix_findings import GUILTY, said
from impound.writers._text import clean, lines, minute

SAMPLES = 6
UNKNOWN = "unknown"
LOOKED = ("write", "verify", "handover")
"""Entries of the custody log that are no part of the time line: writing exhibits would change the exhibits."""
LISTED = 200_000
"""Lines of a file of registrars that are read: a file that is longer is none."""


def registrars(path: str) -> dict[str, str]:
    """The registrar of each domain in a CSV file of both; # begins a comment. Raises InputError."""
    found: dict[str, str] = {}
    if not path:
        return found
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            for number, line in enumerate(csv.reader(file), 1):
                if number > LISTED:
                    raise InputError(path, 0, f"more than {LISTED:,} registrars")
                if len(line) >= 2 and not line[0].startswith("#"):
                    found[line[0].strip().lower()] = line[1].strip()[:200]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(path, 0, f"no file of registrars ({type(error).__name__})") from error
    return found


def contact(book: ContactBook, net: str, asn: int | None = None) -> str:
    """The mailbox that answers for a network; ``UNKNOWN`` where nobody is known."""
    found = book.contact_of(net.partition("/")[0], asn)
    return found.mailbox if found else UNKNOWN


def sending(engine: Engine, geo: Geo, book: ContactBook, drill: bool) -> Exhibit:
    """A: where the mail was sent from."""

    def told() -> Iterator[Row]:
        for r in rows(engine, _NETS):
            ip = r["net"].partition("/")[0]
            if drill or not is_reserved(ip):
                owner, country = (
                    geo.asn(ip) or registrable_domain(r["name"] or "") or UNKNOWN,
                    r["country"] or geo.country(ip) or UNKNOWN,
                )
                yield (r["net"], clean(owner), country, r["infected"], r["servers"], r["messages"],
                       minute(r["first_at"]), minute(r["last_at"]), contact(book, r["net"], r["asn"]))  # fmt: skip

    words = [
        "The networks from which infected computers, and servers that somebody misuses, sent mail of campaigns. Their "
        "owners are victims. Numbers count addresses: one computer may have had several, several may share one.",
        "No control server is listed: mail does not show them. The owner is the autonomous system where a database was "
        "given, else the name of a network's addresses as the receiving server looked it up, else unknown.",
    ]
    names = ("network", "owner", "country", "infected addresses", "misused servers", "messages", "first (UTC)",
             "last (UTC)", "contact")  # fmt: skip
    widths = (18, 14, 11, 12, 10, 12, 12, 12, 14)
    return Exhibit("Exhibit A", "sending infrastructure", "A-sending-infrastructure.csv", words, names, widths, told())


def domains(engine: Engine, known: dict[str, str]) -> Exhibit:
    """B: the domains that campaigns lead to."""

    def told() -> Iterator[Row]:
        for r in rows(engine, _indicators("domain")):
            zone = r["value"].rpartition(".")[2]
            yield (defang(r["value"]), f".{zone}", known.get(r["value"], UNKNOWN), r["state"],
                   minute(r["first_at"]), minute(r["last_at"]), clean(r["reason"], 300))  # fmt: skip

    words = [
        "The domains that the campaigns of infected computers link to, with the registry of their ending. A domain may "
        "belong to somebody whose site was broken into: look before it is taken down. 'Proposed' rests on little.",
        "The registrar is unknown unless a file of registrars was given: the programme asks nobody.",
    ]
    names = ("domain", "registry", "registrar", "state", "first (UTC)", "last (UTC)", "reason")
    return Exhibit("Exhibit B", "domains", "B-domains.csv", words, names, (24, 11, 12, 11, 12, 12, 28), told())


def marks(engine: Engine) -> Exhibit:
    """C: the abused trademarks, with examples."""
    sql = f"""SELECT c.id, c.name, c.messages, c.hosts, c.first_at, c.last_at, l.lure, l.brand FROM campaigns c
      JOIN campaign_labels l ON l.campaign_id = c.id WHERE l.brand IS NOT NULL AND c.id IN ({GUILTY})
      ORDER BY c.messages DESC, c.id"""
    found = list(rows(engine, sql))
    shown = portrait.portraits(lambda q: rows(engine, q), [r["id"] for r in found[:SAMPLES]])
    samples = [(f"{p.campaign['name']}: {clean(said(p.example.subject), 200)}", lines(said(p.example.text))[:1500])
               for p in shown]  # fmt: skip
    words = [
        "The marks that campaigns of infected computers abuse. The holders of the marks have no part in this mail. In "
        "the examples recipients are replaced by tokens in double braces, and links cannot be followed."
    ]
    told = [(clean(r["brand"]), r["lure"], r["name"], r["messages"], r["hosts"], minute(r["first_at"]),
             minute(r["last_at"])) for r in found]  # fmt: skip
    names = ("mark", "what is sold or pretended", "campaign", "messages", "addresses", "first (UTC)", "last (UTC)")
    return Exhibit("Exhibit C", "abused trademarks", "C-trademarks.csv", words, names, (16, 17, 16, 10, 10, 14, 14),
                   told, samples)  # fmt: skip


def victims(engine: Engine, geo: Geo) -> Exhibit:
    """D: victims in numbers."""
    counted: dict[tuple[str, str], list[int]] = {}
    for r in rows(engine, _NETS):
        ip = r["net"].partition("/")[0]
        key = (r["country"] or geo.country(ip) or UNKNOWN, geo.asn(ip) or UNKNOWN)
        for n, value in enumerate((1, r["infected"], r["messages"])):
            counted.setdefault(key, [0, 0, 0])[n] += value
    got = row(engine, f"""SELECT count(DISTINCT r) AS n FROM (SELECT unnest(m.recipients) AS r FROM messages m
      JOIN campaign_members c ON c.message_id = m.id WHERE c.campaign_id IN ({GUILTY})) AS each""")["n"]  # fmt: skip
    words = [
        "The owners of infected computers, by country and autonomous system, and those who got the mail: "
        f"{plural(got, 'recipient')} of the mail in this case, counted by pseudonyms; none is named here.",
        "Country and autonomous system are those of today's database, where one was given; an address may have moved.",
    ]
    told = [(*key, *n) for key, n in sorted(counted.items(), key=lambda i: (-i[1][1], i[0]))]
    names = ("country", "autonomous system", "networks", "infected addresses", "messages")
    return Exhibit("Exhibit D", "victims in numbers", "D-victims.csv", words, names, (12, 40, 14, 18, 16), told)


def contacts(engine: Engine) -> Exhibit:
    """E: where victims are told to answer and to pay."""

    def told() -> Iterator[Row]:
        for r in rows(engine, _CONTACTS):
            owner = defang(r["value"].rpartition("@")[2]) if r["kind"] == "mailbox" else UNKNOWN
            yield (r["kind"], defang(r["value"]), owner, r["n"], r["state"], minute(r["first_at"]),
                   minute(r["last_at"]), clean(r["reason"], 300))  # fmt: skip

    words = [
        "Mailboxes, telephones, accounts and wallets by which campaigns want to be answered or paid. The owner of an "
        "account may be another victim, whose account is used. Every one must be checked before anything is done to it."
    ]
    names = ("kind", "contact", "provider", "messages", "state", "first (UTC)", "last (UTC)", "reason")
    widths = (12, 24, 16, 12, 11, 12, 12, 24)
    return Exhibit("Exhibit E", "reply contacts and payment", "E-contacts.csv", words, names, widths, told())


def time_line(engine: Engine, entries: list[dict[str, Any]]) -> Exhibit:
    """F: what happened when, in the mail and in the case."""

    def told() -> Iterator[Row]:
        for r in rows(engine, _EVENTS):
            yield minute(r["moment"]), r["what"], clean(r["subject"], 200), clean(r["reason"], 300)
        for e in (e for e in entries if e.get("what") not in LOOKED):
            yield e["at"][:16].replace("T", " "), "custody log", str(e.get("what", "")), f"entry {e.get('hash', '')}"

    words = [
        "First what the mail shows and what was found of it, by the receiving servers' clocks where they wrote the "
        "time down; then what was done to the case, from its custody log (files written are left out). Times are UTC."
    ]
    names = ("time (UTC)", "what", "subject", "words")
    return Exhibit("Exhibit F", "time line", "F-time-line.csv", words, names, (14, 18, 24, 44), told())


def _indicators(kind: str) -> str:
    return f"""SELECT value, state, reason, first_at, last_at FROM indicators
      WHERE type = '{kind}' AND state IN ('released', 'proposed') ORDER BY state DESC, value"""


_NETS = """SELECT net, min(country) AS country, min(asn) AS asn,
    min(name) AS name, min(first_at) AS first_at, max(last_at) AS last_at,
    count(DISTINCT CASE WHEN verdict = 'infected' THEN ip END) AS infected,
    count(DISTINCT CASE WHEN verdict = 'compromised-server' THEN ip END) AS servers,
    CAST(sum(messages) AS BIGINT) AS messages
  FROM hosts WHERE verdict IN ('infected', 'compromised-server') AND ip NOT IN (
    SELECT value FROM indicators WHERE type = 'address' AND state IN ('withheld', 'withdrawn'))
  GROUP BY net ORDER BY infected DESC, net"""
_CONTACTS = """SELECT r.kind, i.value, r.n, i.state, i.first_at, i.last_at, i.reason FROM indicators i
  JOIN (SELECT value, min(kind) AS kind, count(DISTINCT message_id) AS n FROM reply_contacts GROUP BY value) r
    ON r.value = i.value
  WHERE i.type = 'contact' AND i.state IN ('released', 'proposed') ORDER BY r.kind, i.state DESC, i.value"""
_EVENTS = """SELECT moment, what, subject, reason FROM (
    SELECT first_at AS moment, 'first mail of a botnet' AS what, name AS subject, why AS reason FROM botnets
    UNION ALL SELECT last_at, 'last mail of a botnet', name, 'so far' FROM botnets
    UNION ALL SELECT e.at, subject_type || ' ' || to_state, subject, reason FROM events e) AS told
  WHERE moment IS NOT NULL ORDER BY moment, what, subject"""
