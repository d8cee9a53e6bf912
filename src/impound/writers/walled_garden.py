"""Whom to wall in: hosts in one's own networks whose owners were told and that go on sending, for a RADIUS server."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from impound import canonical
from impound.canonical import as_cell, clean
from impound.errors import ConfigError, UsageError
from impound.notices import Customer, CustomerBook, Refusing
from impound.plugin import CaseFacts, Engine
from impound.writers._rows import row
from impound.writers._walled_lives import Life, lives
from impound.writers._walled_radius import Reply, changes, ends, users
from impound.writers._walled_rule import POOL, Rule

AUDIENCES = {"owner": ("owner",), "any": ("owner", "network")}
WALLED = ("ip", "name", "customer", "state", "infected_since", "last_seen", "first_told", "last_told", "letters",
          "notices", "tickets", "reason", "let_out_at")  # fmt: skip
NOT_WALLED = ("ip", "name", "state", "infected_since", "last_seen", "letters", "notices", "reason")
TICKETS = 10
"""Tickets that are listed of a host, the latest ones."""


@dataclass
class Sorted:
    """The hosts that are to be walled in, with their customers; to be let out; or to be left, each with the reason."""

    walled: list[tuple[Life, str]] = field(default_factory=list)
    out: dict[str, str] = field(default_factory=dict)
    left: list[tuple[Life, str]] = field(default_factory=list)


class WalledGardenWriter:
    """Writes a folder. Options: ``customers`` (whose an address is, as for ``notify --letters``), ``before`` (the
    folder of the last time: who was in it and is not now is let out), ``told`` (owner: letters count; any: notices to
    the network too), ``attribute`` and ``value`` (what the access server is sent)."""

    name = "walled_garden"
    options = ("customers", "before", "told", "attribute", "value")
    reads = ("hosts", "events", "notices", "sources")

    def write(self, engine: Engine, to: Path, facts: CaseFacts, options: Mapping[str, str]) -> None:
        """Write CSV and RADIUS files: who is to be walled in, let out, and left, with the reasons.

        Raises ConfigError where no networks are named: nobody walls in who is not his own customer.
        """
        networks = facts.config.organisation.answered_for
        if not networks:
            raise ConfigError(
                "nobody says which networks are yours", "[organisation] customer_networks in impound.toml"
            )
        if to.exists() and any(to.iterdir()):
            raise UsageError(f"{to} is not empty", "name a new folder")
        reply = Reply(options.get("attribute", Reply.attribute), options.get("value", Reply.value))
        rule, before = _rule(engine, facts, options), _before(options.get("before", ""))
        known = lives(engine, networks, rule.now)
        book = CustomerBook.load(Path(options["customers"]), known, networks) if "customers" in options else None
        to.mkdir(parents=True, exist_ok=True)
        _write(to, _sorted(known, rule, book, before), rule, reply, before)
        if book and book.refusals:
            (to / "refused-customers.txt").write_text("".join(f"{line}\n" for line in book.refused), "utf-8")


def _rule(engine: Engine, facts: CaseFacts, options: Mapping[str, str]) -> Rule:
    told = options.get("told", "owner")
    if told not in AUDIENCES:
        raise UsageError(f"told={told} is no choice", "told: owner or any")
    drill = bool(row(engine, "SELECT bool_or(drill) AS drill FROM sources")["drill"])
    return Rule(facts.config.notices, AUDIENCES[told], facts.made_at or datetime.now(UTC), drill)


def _sorted(known: Mapping[str, Life], rule: Rule, book: CustomerBook | None, before: Iterable[str]) -> Sorted:
    """Who belongs where. Who was walled in before and is not now is let out, whatever the reason."""
    made = Sorted()
    for ip, life in sorted(known.items()):
        why, customer = rule.not_yet(life), ""
        if not why:
            why, customer = _whose(life, rule, book)
        if why:
            made.left.append((life, why))
        elif silent := rule.silent(life):
            made.out[ip] = silent
        else:
            made.walled.append((life, customer))
    reasons = {life.ip: why for life, why in made.left}
    inside = {life.ip for life, _ in made.walled}
    for ip in before:
        if ip not in inside:
            made.out.setdefault(ip, reasons.get(ip, "no longer judged infected, or not in your networks"))
    return made


def _whose(life: Life, rule: Rule, book: CustomerBook | None) -> tuple[str, str]:
    """Why it is not known that the address is still the one's who was told, or nothing; and what he is called."""
    if book is None:
        return (POOL if life.dynamic else ""), ""
    found = book.customer_of(life.ip, life.since or life.first_at, rule.now)
    return ("", found.reference) if isinstance(found, Customer) else (found, "")


def _before(folder: str) -> list[str]:
    """The addresses that were walled in the last time. Raises ConfigError where the folder holds none of ours."""
    if not folder:
        return []
    lines = Refusing().lines(Path(folder) / "walled.csv", "the folder that this writer made the last time")
    found = (canonical.ip(line.partition(",")[0]) for _, line in lines)
    return sorted({ip for ip in found if ip})


def _write(to: Path, made: Sorted, rule: Rule, reply: Reply, before: list[str]) -> None:
    inside, were = [life.ip for life, _ in made.walled], set(before)
    _table(to / "walled.csv", WALLED, (_walled(life, customer, rule) for life, customer in made.walled))
    _table(to / "not-walled.csv", NOT_WALLED, (_left(life, why) for life, why in made.left))
    out = ((ip, why, "yes" if ip in were else "" if before else "not known") for ip, why in sorted(made.out.items()))
    _table(to / "let-out.csv", ("ip", "reason", "was_walled_in"), out)
    (to / "walled.users").write_text("".join(users(inside, reply)), "utf-8")
    (to / "walled.coa").write_text("".join(changes((ip for ip in inside if ip not in were), reply)), "utf-8")
    (to / "let-out.disconnect").write_text("".join(ends(ip for ip in before if ip in made.out)), "utf-8")


def _left(life: Life, why: str) -> tuple[object, ...]:
    return (*_head(life), life.state, _time(life.since), _time(life.last_at), *_counts(life), why)


def _walled(life: Life, customer: str, rule: Rule) -> tuple[object, ...]:
    told = life.times(rule.audiences)
    tickets = " ".join(ticket for _, _, ticket in life.told[-TICKETS:])
    return (*_head(life), as_cell(customer), life.state, _time(life.since), _time(life.last_at), _time(told[0]),
            _time(told[-1]), *_counts(life), tickets, rule.why(life), _time(rule.let_out_at(life)))  # fmt: skip


def _head(life: Life) -> tuple[str, str]:
    return life.ip, as_cell(clean(life.name))


def _counts(life: Life) -> tuple[int, int]:
    return len(life.times(("owner",))), len(life.times(("network",)))


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _table(path: Path, columns: Iterable[str], found: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow(columns)
        out.writerows(found)
