"""``show CASE effect``: what telling does, for people and for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from impound import Case
from impound.cli import main
from impound.tables import TABLES

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def made(place: Path, hosts: int) -> Path:
    """A case of 60 days: of hosts told of on day 1, stopping within 8 days, and as many held out, within 21 to 29."""
    ips = [f"198.51.100.{n}" for n in range(hosts)]
    rows = {
        "sources": [{"id": 1, "vantage": "trap", "read_at": at(60)}],
        "messages": [{"id": n, "source_id": 1, "seen_at": at(60), "clock": "receiver"} for n in range(3)],
        "origins": [{"message_id": n, "client_net": f"203.0.113.{n}/32", "trusted_hops": 1} for n in range(3)],
        "hosts": [{"ip": ip, "net": "198.51.100.0/24", "first_at": at(0), "messages": 2, "verdict": "infected",
                   "last_at": at(1 + n % 10 + n % 2 * 20)} for n, ip in enumerate(ips)],
        "notices": [{"ip": ip, "at": at(1), "state": "held-out" if n % 2 else "sent",
                     "audience": "none" if n % 2 else "network"} for n, ip in enumerate(ips)],
    }  # fmt: skip
    with Case.open_or_create(place, write=True) as case:
        tables = {name: pa.Table.from_pylist(found, TABLES[name].schema) for name, found in rows.items()}
        case._store.replace({name: table.to_batches() for name, table in tables.items()})
        case.find(["lives", "effects"])
    return place


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("effect") / "case", 100)


def show(*words: object) -> Result:
    return CliRunner().invoke(main, ["show", *map(str, words)])


def test_people_are_told_what_telling_does_and_on_what_that_rests(case: Path) -> None:
    said = show(case, "effect").stdout
    assert "those told of stop sooner than those held out: after 14 days 0 of 100 told of still sent" in said
    assert "50 hosts in 1 network; infected before: 1.0 days (median)" in said
    assert "50 stopped, half within: 4.0 days (95 %: 2.0 to 6.0); 0 of them infected again later" in said
    assert "after 7 days, of 100: told of 20 (10–32), held out 100 (100–100)" in said
    assert "after 21 days, of 100: told of 0, held out 80" in said and "after 30 days" not in said
    assert "lots alone make the days before differ so 100 times in 100" in said
    assert "An address is not a machine" in said


def test_programs_get_every_figure(case: Path) -> None:
    said = json.loads(show(case, "effect", "--format", "json").stdout)
    told, held = said["rows"]
    assert (told["side"], told["hosts"], held["side"], held["hosts"]) == ("told", 50, "held-out", 50)
    assert told["p"] < 1e-6 and [s["after_days"] for s in said["steps"] if s["side"] == "told"] == [0, 2, 4, 6, 8]


def test_the_summary_names_it(case: Path) -> None:
    assert "those told of stop sooner than those held out   impound show" in show(case).stdout


def test_few_hosts_say_nothing(tmp_path: Path) -> None:
    said = show(made(tmp_path / "case", 10), "effect").stdout
    assert "nothing can be said of what telling does: 5 told and 5 held out can be compared" in said
    assert "Alike" not in said


def test_without_notices_the_next_step_is_named(tmp_path: Path) -> None:
    with Case.open_or_create(tmp_path / "case", write=True) as case:
        assert "impound notify" in show(tmp_path / "case", "effect").stdout
        notices = pa.Table.from_pylist([{"ip": "198.51.100.1", "at": at(0), "state": "sent"}], TABLES["notices"].schema)
        case._store.replace({"notices": notices.to_batches()})
    assert "impound find" in show(tmp_path / "case", "effect").stdout
