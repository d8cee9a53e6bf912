"""How many machines stand behind a botnet's addresses, from sightings made up so that the truth is known."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from finders.cases import Row, given
from impound.finders.botnets._machines import Estimate, machines, words
from impound.plugin import Engine

START = datetime(2011, 3, 1, tzinfo=UTC)
READS = ("messages", "campaign_members", "origins", "hosts")


def seen(message: int, hour: float, ip: str, helo: str, host: str = "") -> Row:
    """A message of an infected host."""
    at = START + timedelta(hours=hour)
    return {"id": message, "seen_at": at, "client_ip": ip, "helo": helo, "rfc_message_id": f"<{message}@{host}>"}


def counted(engine: Engine, rows: list[Row], *botnets: list[Row]) -> list[Estimate]:
    """The machines of botnets, whose messages are among the rows."""
    views: dict[str, list[Row]] = {name: [] for name in READS}
    for r in rows:
        views["messages"].append({k: r[k] for k in ("id", "seen_at", "rfc_message_id")})
        views["campaign_members"].append({"campaign_id": 1, "message_id": r["id"]})
        views["origins"].append({"message_id": r["id"], "client_ip": r["client_ip"], "helo": r["helo"]})
    for ip in sorted({r["client_ip"] for r in rows}):
        times = [r["seen_at"] for r in rows if r["client_ip"] == ip]
        views["hosts"].append({"ip": ip, "first_at": min(times), "last_at": max(times), "verdict": "infected"})
    for name in READS:
        engine.view(name, given(name, views[name]))
    return machines(engine, [np.array(sorted(r["id"] for r in botnet)) for botnet in botnets])


def crowd(number: int, addresses: int, first: int, name: str) -> list[Row]:
    """So many machines, each with a new address every day and two messages on each; ``name`` says how it is called."""
    chance, rows = random.Random(first), []
    for machine in range(number):
        for day in range(addresses):
            ip = f"198.{18 + first % 2}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
            for hour in (1, 9):
                called = name.format(machine=f"{first}x{machine}", message=f"{len(rows)}y{first}")
                rows.append(seen(first * 10_000 + len(rows), 24 * day + hour, ip, called))
    return rows


def test_machines_that_name_themselves_are_counted_and_not_their_addresses(engine: Engine) -> None:
    rows = crowd(40, 4, 2, "home-{machine}")
    (found,) = counted(engine, rows, rows)
    assert (found.machines, found.marked, found.own) == (40, 40, True)
    assert found.low <= 40 <= (found.high or 0) < 60


def test_addresses_without_a_name_are_divided_by_what_named_machines_use(engine: Engine) -> None:
    named, nameless = crowd(40, 4, 2, "home-{machine}"), crowd(50, 4, 4, "friend")
    one, other = counted(engine, named + nameless, named, nameless)
    assert other.marked == 0 and not other.own
    assert other.machines == pytest.approx(50, abs=2)
    assert other.low < 50 < (other.high or 0)
    assert one.machines == 40


def test_a_name_made_up_for_every_message_names_nobody(engine: Engine) -> None:
    rows = crowd(40, 4, 2, "{message}")
    (found,) = counted(engine, rows, rows)
    assert found.machines is None and found.high is None and found.marked == 0
    assert found.low == 40, "as many addresses sent at once"


def test_a_word_that_customers_of_several_providers_say_names_nobody(engine: Engine) -> None:
    rows = crowd(40, 4, 2, "mail.example.com") + crowd(2, 1, 3, "mail.example.com")
    (found,) = counted(engine, rows, rows)
    assert found.marked == 0 and found.machines is None


def test_a_name_that_spells_the_address_says_nothing_of_the_machine(engine: Engine) -> None:
    rows = crowd(40, 4, 2, "x")
    rows = [r | {"helo": f"host-{r['client_ip'].replace('.', '-')}.access.example"} for r in rows]
    (found,) = counted(engine, rows, rows)
    assert found.marked == 0


def test_machines_behind_one_address_are_told_apart_where_they_name_themselves(engine: Engine) -> None:
    rows = crowd(30, 3, 2, "home-{machine}")
    rows += [seen(1000 + n, n, "198.18.7.7", f"office-{n % 2}b") for n in range(4)]
    rows += [seen(2000 + n, n, f"198.18.8.{n // 2 + 1}", f"pc{n // 2}q") for n in range(60)]
    (found,) = counted(engine, rows, rows)
    assert found.machines == 30 + 2 + 30
    assert found.shared == 1
    assert "behind 1 addresses several machines take turns" in words(found, 121)


def fleeting(machines: int, days: int) -> list[Row]:
    """Machines that are met on one day each, the days taking turns."""
    rows = crowd(machines, 1, 4, "pc-{machine}")
    return [r | {"seen_at": r["seen_at"] + timedelta(days=n // 2 % days)} for n, r in enumerate(rows)]


def test_machines_met_on_one_day_only_say_that_others_were_not_met(engine: Engine) -> None:
    steady, more = crowd(40, 4, 2, "home-{machine}"), fleeting(30, 4)
    (before,), (after,) = counted(engine, steady, steady), counted(engine, steady + more, steady + more)
    assert (before.high or 0) / (before.machines or 1) < (after.high or 0) / (after.machines or 1)


def test_where_hardly_a_machine_is_met_again_nothing_bounds_their_number(engine: Engine) -> None:
    rows = crowd(40, 4, 2, "home-{machine}") + fleeting(160, 4)
    (found,) = counted(engine, rows, rows)
    assert found.machines == pytest.approx(200, abs=2) and found.high is None
    assert "nothing bounds how many were not met" in words(found, 320)


def test_without_botnets_nothing_is_asked(engine: Engine) -> None:
    assert machines(engine, []) == []
