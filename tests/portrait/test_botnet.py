"""The portrait of a botnet says what its rows say, with whom it shares what, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from impound import portrait
from impound.plugin import Engine, Rows
from impound.tables import TABLES

AT = datetime(2011, 4, 4, tzinfo=UTC)
SOLID = {"confidence": 1.0, "machines": 5, "machines_low": 4, "machines_high": 8, "quiet_days": 0}


def asked(engine: Engine, rows: Rows) -> portrait.Ask:
    tables = rows.tables()
    for name in portrait.BOTNET_READS:
        engine.view(name, tables.get(name, TABLES[name].schema.empty_table()))

    def ask(sql: str) -> Iterator[dict[str, Any]]:
        for batch in engine.stream(sql):
            yield from batch.to_pylist()

    return ask


def botnet(rows: Rows, number: int, name: str, hosts: dict[str, int], campaigns: dict[int, float], **more: Any) -> None:
    """A botnet whose addresses sent so many messages each, with its share of each campaign."""
    whole = sum(hosts.values())
    borne = more.pop("borne", (f"{number}a", f"{number}b"))
    given = SOLID | {"messages": whole, "hosts": len(hosts), "campaigns": len(campaigns), "why": "so"} | more
    rows.row("botnets", id=number, name=name, first_at=AT, last_at=AT, **given)
    shares = [("host", ip, n / whole) for ip, n in hosts.items()]
    shares += [("campaign", str(campaign), share) for campaign, share in campaigns.items()]
    shares += [("software", program, 0.5) for program in borne]
    for kind, member, strength in shares:
        rows.row("botnet_members", botnet_id=number, member_type=kind, member=member, link="so", strength=strength)
    for day in range(3):
        rows.row("botnet_days", botnet_id=number, day=AT.replace(day=4 + day), messages=1, hosts=1, new_hosts=1)


def two(rows: Rows) -> None:
    for number, name in ((1, "Rented Fox"), (2, "Own Fern"), (3, "Own Moth")):
        rows.row("campaigns", id=number, name=name, messages=10 * number)
    botnet(rows, 11, "Busy Crane", {"198.18.1.1": 5, "198.18.2.1": 3, "198.18.3.1": 1}, {1: 0.7, 2: 1.0})
    botnet(rows, 12, "Pale Newt", {"198.18.1.1": 2, "198.19.2.1": 3}, {1: 0.3, 3: 1.0})


def test_what_is_shared_is_said_with_whom(engine: Engine) -> None:
    rows = Rows(b"")
    two(rows)
    found = portrait.botnet(asked(engine, rows), 11)
    assert [(c.name, c.share, c.others) for c in found.campaigns] == [
        ("Own Fern", 1.0, []),
        ("Rented Fox", 0.7, [("Pale Newt", 0.3)]),
    ]
    assert found.neighbours == [portrait.Neighbour("Pale Newt", hosts=1, campaigns=1)]
    assert [h["member"] for h in found.hosts] == ["198.18.1.1", "198.18.2.1", "198.18.3.1"]
    assert found.single == 1


def test_a_campaign_knows_who_sends_it(engine: Engine) -> None:
    rows = Rows(b"")
    two(rows)
    ask = asked(engine, rows)
    assert portrait.senders(ask, 1) == [("Busy Crane", 0.7), ("Pale Newt", 0.3)]
    assert portrait.senders(ask, 9) == []


def test_a_sceptic_names_what_is_shared_and_nothing_that_is_not_so(engine: Engine) -> None:
    rows = Rows(b"")
    two(rows)
    doubts = portrait.botnet(asked(engine, rows), 11).doubts
    assert [d.split(":")[0] for d in doubts] == [
        "1 of its 2 campaigns comes from others too",
        "1 of its 3 addresses is in another botnet as well",
    ]


def test_a_botnet_of_one_campaign_and_of_single_messages_is_doubted(engine: Engine) -> None:
    rows = Rows(b"")
    rows.row("campaigns", id=1, name="Own Fern", messages=10)
    weak = {"confidence": 0.5, "machines": None, "machines_high": None}
    botnet(rows, 11, "Busy Crane", {"198.18.1.1": 1, "198.18.2.1": 1}, {1: 1.0}, **weak)
    said = " ".join(portrait.botnet(asked(engine, rows), 11).doubts)
    assert "50% of it falls off" in said and "a single campaign" in said
    assert "2 of its 2 addresses sent a single message" in said and "does not tell machines" in said


def test_botnets_with_one_program_may_be_one(engine: Engine) -> None:
    rows = Rows(b"")
    for number, name in ((11, "Busy Crane"), (12, "Pale Newt")):
        rows.row("campaigns", id=number, name=f"Own {number}", messages=10)
        hosts = {f"198.18.{number}.{n}": 3 for n in range(4)}
        botnet(rows, number, name, hosts, {number: 1.0}, borne=("same", f"{number}b"), machines_high=None)
    found = portrait.botnet(asked(engine, rows), 11)
    assert found.neighbours == [portrait.Neighbour("Pale Newt", programs=1)]
    assert any(doubt.startswith("1 other botnet bears the headers") for doubt in found.doubts)
    assert any("met on a second day" in doubt for doubt in found.doubts)


def test_a_botnet_is_found_by_name_and_by_id(engine: Engine) -> None:
    rows = Rows(b"")
    two(rows)
    ask = asked(engine, rows)
    assert portrait.find_botnet(ask, "busy CRANE") == portrait.find_botnet(ask, "11") == 11
    assert portrait.find_botnet(ask, "x' OR '1'='1") is None
    assert portrait.find_botnet(ask, "9") is None
    with pytest.raises(KeyError):
        portrait.botnet(ask, 9)
