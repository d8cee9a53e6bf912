"""What is told of a machine: its latest stretch only, at most a few messages, and none that is not of a campaign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.config import Config, Notices, Organisation
from impound.errors import ConfigError
from impound.notices import READS, Infection, Sighting, Spool, Tickets, infections, reporter
from impound.notices._facts import EXCERPT, SIGHTINGS
from impound.tables import TABLES
from notices.made import infection

START = datetime(2011, 4, 4, tzinfo=UTC)


class Tables:
    """Tables of a case, and rows asked of them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in READS}

    def host(self, ip: str, days: tuple[float, float] = (0, 10), verdict: str = "infected", **said: Any) -> None:
        times = {"first_at": START + timedelta(days=days[0]), "last_at": START + timedelta(days=days[1])}
        net = f"{ip.rpartition('.')[0]}.0/24"
        self.rows["hosts"].append({"ip": ip, "net": net, "verdict": verdict, "messages": 5, **times, **said})

    def message(self, number: int, ip: str, day: float, campaign: int | None = 1, **said: Any) -> None:
        hop = {"helo": "dsl", "by": "mx.uni.example", "protocol": "ESMTP", "queue_id": "Q1", "ip": ip}
        self.rows["messages"].append({"id": number, "seen_at": START + timedelta(days=day), "body_sha256": f"{number}",
                                      "received": [hop], "subject": f"Offer {number}", **said})  # fmt: skip
        self.rows["origins"].append({"message_id": number, "client_ip": ip, "client_port": number, "hop": 0})
        self.rows["bodies"] += [{"id": n, "body_sha256": f"{number}", "text": "x" * 9_000} for n in (number, -number)]
        if campaign:
            self.rows["campaign_members"].append({"message_id": number, "campaign_id": campaign})

    def campaign(self, number: int, name: str, lure: str) -> None:
        self.rows["campaigns"].append({"id": number, "name": name})
        self.rows["campaign_labels"].append({"campaign_id": number, "lure": lure})

    def ask(self, sql: str) -> Iterable[dict[str, Any]]:
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for name, rows in self.rows.items():
                schema = TABLES[name].schema
                table = pa.Table.from_pylist([{c: row.get(c) for c in schema.names} for row in rows], schema=schema)
                connection.register(name, table)
            yield from connection.sql(sql).to_arrow_table().to_pylist()


@pytest.fixture
def tables() -> Tables:
    made = Tables()
    made.campaign(1, "Quiet Otter", "pharmacy")
    made.campaign(2, "Fair News", "ham")
    return made


def test_only_infected_machines_are_told_of_by_network_and_address(tables: Tables) -> None:
    for ip, verdict in (("198.51.100.9", "infected"), ("198.51.100.10", "infected"), ("192.0.2.1", "infected"),
                        ("192.0.2.2", "relay"), ("192.0.2.3", "unclear")):  # fmt: skip
        tables.host(ip, verdict=verdict)
    assert [i.ip for i in infections(tables.ask)] == ["192.0.2.1", "198.51.100.10", "198.51.100.9"]
    assert [i.ip for i in infections(tables.ask, ["198.51.100.9", "192.0.2.2", "'; DROP"])] == ["198.51.100.9"]
    assert list(infections(tables.ask, ["nothing"])) == []


def test_of_an_address_with_two_stretches_only_the_latest_is_told(tables: Tables) -> None:
    tables.host("192.0.2.1", (0, 1), messages=90, why="old", kinds=["naming"])
    tables.host("192.0.2.1", (20, 21), messages=3, why="new", kinds=["spread", "software"], campaign_id=1)
    tables.message(1, "192.0.2.1", 0.5)
    tables.message(2, "192.0.2.1", 20.5)
    (found,) = infections(tables.ask)
    assert (found.messages, found.why, found.kinds, found.campaign) == (3, "new", ("spread", "software"), "Quiet Otter")
    assert found.first_at == START + timedelta(days=20) and [s.port for s in found.sightings] == [2]


def test_the_latest_messages_are_shown_and_the_text_of_the_very_latest(tables: Tables) -> None:
    tables.host("192.0.2.1")
    for n in range(1, 8):
        tables.message(n, "192.0.2.1", n)
    (found,) = infections(tables.ask)
    assert [s.port for s in found.sightings] == [7, 6, 5][:SIGHTINGS] and found.port == 7
    assert [len(s.text) for s in found.sightings] == [EXCERPT, 0, 0]
    latest = found.sightings[0]
    assert (latest.campaign, latest.lure, latest.by) == ("Quiet Otter", "pharmacy", "mx.uni.example")


def test_what_is_no_spam_or_somebody_elses_is_never_shown(tables: Tables) -> None:
    tables.host("192.0.2.1")
    tables.message(1, "192.0.2.1", 1, campaign=None)
    tables.message(2, "192.0.2.1", 2, campaign=2)
    tables.message(3, "192.0.2.2", 3)
    tables.message(4, "192.0.2.1", 11)
    (found,) = infections(tables.ask)
    assert found.sightings == () and found.port is None


words = st.text(max_size=30)
times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
shown = st.builds(Sighting, times, st.none() | st.integers(1, 65535), words, words, words, words, words, text=words)
machines = st.builds(
    Infection, st.ip_addresses().map(str), words, times, times, st.integers(0, 1 << 40), words,
    st.none() | st.integers(1, 1 << 31), words, kinds=st.lists(words, max_size=3).map(tuple), why=words,
    score=st.floats(0, 1), sightings=st.lists(shown, max_size=3).map(tuple),
)  # fmt: skip


@given(st.lists(machines, max_size=4, unique_by=lambda i: i.ip))
def test_what_is_put_aside_comes_back_as_it_was(many: list[Infection]) -> None:
    with Spool() as spool:
        spool.fill(many)
        assert list(spool.of([i.ip for i in reversed(many)])) == many[::-1]
        assert list(spool.of(["192.0.2.99", *[i.ip for i in many]])) == [*(i for i in many if i.ip != "192.0.2.99")]


def test_more_are_had_back_than_one_question_asks_for() -> None:
    many = [infection(f"198.18.{n // 256}.{n % 256}") for n in range(1_200)]
    with Spool() as spool:
        spool.fill(many)
        assert [i.ip for i in spool.of([i.ip for i in many])] == [i.ip for i in many]


def test_a_ticket_follows_from_what_it_says_and_is_never_given_twice() -> None:
    ip = ("192.0.2.1",)
    one = Tickets("april", START).of("a@x.example", ip)
    assert one == Tickets("april", START + timedelta(hours=5)).of("a@x.example", ip)
    assert one.startswith("IMP-20110404-") and len(one) == 19
    tickets = Tickets("april", START)
    said = [tickets.of("a@x.example", ip), tickets.of("b@x.example", ip), tickets.of("a@x.example", ("192.0.2.2",))]
    others = {*said, tickets.of("a@x.example", ip), Tickets("may", START).of("a@x.example", ip)}
    others.add(Tickets("april", START, {one}).of("a@x.example", ip))
    assert said[0] == one and len(others) == 5  # the second time it has the name that it has where the first is taken


def test_of_many_tickets_no_two_are_alike() -> None:
    boxes = [f"o{n}@x.example" for n in range(100_000)]
    tickets = Tickets("april", START)
    assert len({Tickets("april", START).of(box, ()) for box in boxes}) < len(boxes)  # by chance
    assert len({tickets.of(box, ()) for box in boxes}) == len(boxes)


@pytest.mark.parametrize("box", ["", "nobody", "a b@x.example", "a@x", "a@x.example\nBcc: b@y.example"])
def test_somebody_who_answers_must_be_named(box: str) -> None:
    with pytest.raises(ConfigError, match="nobody is named"):
        reporter(Config(organisation=Organisation(contact=box)))


def test_the_sender_of_notices_answers_where_no_contact_is_named() -> None:
    assert reporter(Config(notices=Notices(sender="desk@ours.example"))).mailbox == "desk@ours.example"
