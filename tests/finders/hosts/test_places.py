"""Where hosts are, from a database that the case names, and what that means for *spread*; on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import made_databases
from finders import cases
from impound.config import Databases
from impound.errors import InputError
from impound.finders.hosts import Hosts
from impound.plugin import Engine

pytest.importorskip("maxminddb")
HOSTS = 6
NETS = [f"198.51.{n}.0/24" for n in range(HOSTS)]


def spread(engine: Engine) -> None:
    """A campaign of six hosts without reverse names, in six networks, that nine owners are said to hold."""
    at = datetime(2011, 4, 4, 10, tzinfo=UTC)
    hop = {"by": "mx.receiver.test", "form": "postfix"}
    lines = {n: [hop | {"ip": f"198.51.{n}.7"}] for n in range(HOSTS)} | {
        99: [hop | {"ip": "203.0.113.9", "name": "a.test"}]
    }
    named = {"message_id": 99, "client_ip": "203.0.113.9", "client_net": "203.0.113.0/24", "client_name": "a.test"}
    rows: dict[str, list[dict[str, Any]]] = {
        "messages": [{"id": n, "seen_at": at + timedelta(hours=n), "received": said} for n, said in lines.items()],
        "origins": [
            *({"message_id": n, "client_ip": f"198.51.{n}.7", "client_net": net} for n, net in enumerate(NETS)),
            named,
        ],
        "campaigns": [{"id": 7, "name": "Quiet Otter", "owners": 9}],
        "campaign_members": [{"campaign_id": 7, "message_id": n} for n in range(HOSTS)],
    }
    for row in rows["origins"]:
        row["hop"] = 0
    for table in Hosts.reads:
        engine.view(table, cases.given(table, rows.get(table, [])))


def found(engine: Engine, databases: Databases) -> dict[str, dict[str, Any]]:
    """The hosts by address."""
    spread(engine)
    finder = Hosts(databases=databases)
    finder.look(engine)
    finder.find(engine)
    batches = engine.stream("SELECT ip, verdict, kinds, asn, country, why FROM hosts")
    return {row["ip"]: row for batch in batches for row in batch.to_pylist()}


def database(folder: Path, systems: int) -> str:
    """A database in which the campaign's networks belong to so many autonomous systems, one after the other."""
    rows = {net: {"autonomous_system_number": 64500 + n % systems} for n, net in enumerate(NETS)}
    return str(made_databases.write(folder / "asn.mmdb", rows))


def test_hosts_have_their_country_and_system(engine: Engine, tmp_path: Path) -> None:
    rows = {"198.51.0.0/16": {"country": {"iso_code": "AT"}}}
    country = str(made_databases.write(tmp_path / "country.mmdb", rows))
    hosts = found(engine, Databases(country=country, asn=database(tmp_path, 3)))
    assert (hosts["198.51.1.7"]["asn"], hosts["198.51.1.7"]["country"]) == (64501, "AT")
    assert (hosts["203.0.113.9"]["asn"], hosts["203.0.113.9"]["country"]) == (None, None)
    assert "from 3 autonomous systems" in hosts["198.51.1.7"]["why"]


@pytest.mark.parametrize(("systems", "verdict"), [(2, "unclear"), (3, "infected")])
def test_a_campaign_of_few_systems_is_not_spread(engine: Engine, tmp_path: Path, systems: int, verdict: str) -> None:
    hosts = found(engine, Databases(asn=database(tmp_path, systems)))
    assert {hosts[f"198.51.{n}.7"]["verdict"] for n in range(HOSTS)} == {verdict}


def test_without_a_database_nothing_is_said(engine: Engine) -> None:
    hosts = found(engine, Databases())
    assert {(host["asn"], host["country"]) for host in hosts.values()} == {(None, None)}
    assert hosts["198.51.1.7"]["verdict"] == "infected"


def test_a_database_that_knows_none_of_them_takes_nothing_away(engine: Engine, tmp_path: Path) -> None:
    asn = str(made_databases.write(tmp_path / "asn.mmdb", {"192.0.2.0/24": {"asn": 64500}}))
    assert found(engine, Databases(asn=asn))["198.51.1.7"]["verdict"] == "infected"


def test_a_file_that_is_no_database_is_named(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"no database")
    with pytest.raises(InputError, match=r"x\.mmdb"):
        found(engine, Databases(asn=str(tmp_path / "x.mmdb")))
