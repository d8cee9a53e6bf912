"""Who is walled in was told, went on sending, and is one's own customer; everybody else is left, with the reason."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound import Case
from impound.errors import ConfigError, UsageError
from impound.notices import HELD_OUT, customers
from impound.notices._due import RESERVED
from impound.tables import TABLES
from impound.writers._walled_radius import Reply, changes, users
from impound.writers._walled_rule import NO_LIFE, POOL
from writers.radius import needs_radius, radius

NOW = datetime(2026, 3, 31, tzinfo=UTC)
SOURCE = {"id": 1, "vantage": "inbound", "read_at": NOW}


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))


def day(number: float) -> datetime:
    """A time so many days into March."""
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=number)


def host(ip: str, first: float = 0, last: float = 29, **said: Any) -> dict[str, Any]:
    return {"ip": ip, "name": f"h.{ip}.isp.example", "first_at": day(first), "last_at": day(last), "messages": 9,
            "verdict": "infected", "dynamic": False} | said  # fmt: skip


def told(ip: str, *days: float, audience: str = "owner", state: str = "sent") -> list[dict[str, Any]]:
    return [{"ip": ip, "at": day(d), "audience": audience, "state": state, "ticket": f"IMP-{d}"} for d in days]


def made(place: Path, hosts: list[dict[str, Any]], notices: list[dict[str, Any]], *, drill: bool = True,
         networks: str = "192.0.2.0/24", read: bool = True, **settings: Any) -> Path:  # fmt: skip
    """A case; with ``read`` mail of three networks says that it is the thirtieth."""
    rows = {"hosts": hosts, "notices": notices, "sources": [SOURCE | {"drill": drill}]}
    if read:
        seen = {"source_id": 1, "seen_at": day(29), "clock": "receiver"}
        rows["messages"] = [{"id": n} | seen for n in range(3)]
        rows["origins"] = [{"message_id": n, "client_net": f"203.0.{n}.0/24", "trusted_hops": 1} for n in range(3)]
    with Case.open_or_create(place, write=True) as case:
        for name, given in rows.items():
            case._store.replace({name: pa.Table.from_pylist(given, TABLES[name].schema).to_batches()})
    lines = [f"{name} = {value!r}".replace("'", '"') for name, value in settings.items()]
    ours = f'[organisation]\ncustomer_networks = ["{networks}"]\n[notices]\n'
    (place / "impound.toml").write_text(ours + "\n".join(lines) + "\n")
    with Case.open(place, write=True) as case:
        case.find(["lives"])
    return place


def table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["ip"]: row for row in csv.DictReader(file)}


def written(case: Path, out: Path, **options: str) -> tuple[dict[str, dict[str, str]], ...]:
    Case.open(case).write("walled_garden", out, options)
    return tuple(table(out / f"{name}.csv") for name in ("walled", "let-out", "not-walled"))


def reasons(rows: dict[str, dict[str, str]]) -> dict[str, str]:
    return {ip: row["reason"] for ip, row in rows.items()}


def test_who_was_told_twice_and_still_sends_after_two_weeks_is_walled_in(tmp_path: Path) -> None:
    hosts = [host(f"192.0.2.{n}") for n in range(1, 8)] + [host("198.51.100.1")]
    hosts[4]["last_at"] = day(21)
    notices = [*told("192.0.2.1", 7, 14, 21), *told("192.0.2.2", 7), *told("192.0.2.3", 7, 14, audience="network"),
               *told("192.0.2.4", 20, 28), *told("192.0.2.5", 5, 25), *told("192.0.2.6", 3, state="held-out"),
               *told("192.0.2.6", 4, 12), *told("198.51.100.1", 7, 14, 21)]  # fmt: skip
    walled, out, left = written(made(tmp_path / "case", hosts, notices), tmp_path / "out")
    assert list(walled) == ["192.0.2.1"] and out == {}
    assert walled["192.0.2.1"] == {
        "ip": "192.0.2.1", "name": "h.192.0.2.1.isp.example", "customer": "", "state": "confirmed",
        "infected_since": "2026-03-01T00:00:00+00:00", "last_seen": "2026-03-30T00:00:00+00:00",
        "first_told": "2026-03-08T00:00:00+00:00", "last_told": "2026-03-22T00:00:00+00:00", "letters": "3",
        "notices": "0", "tickets": "IMP-7 IMP-14 IMP-21", "let_out_at": "2026-04-06T00:00:00+00:00",
        "reason": "seen 22 days after it was first told, told 3 times",
    }  # fmt: skip
    assert reasons(left) == {
        "192.0.2.2": "told 1 of 2 times", "192.0.2.3": "told 0 of 2 times",
        "192.0.2.4": "not seen 14 days after it was first told",
        "192.0.2.5": "not seen since it was told 2 times", "192.0.2.6": HELD_OUT, "192.0.2.7": "told 0 of 2 times",
    }  # fmt: skip


def test_the_days_and_the_number_and_whose_notices_count_can_be_set(tmp_path: Path) -> None:
    notices = [*told("192.0.2.1", 20), *told("192.0.2.2", 20, audience="network")]
    case = made(tmp_path / "case", [host("192.0.2.1"), host("192.0.2.2")], notices, wall_days=9, wall_notices=1)
    assert list(written(case, tmp_path / "1")[0]) == ["192.0.2.1"]
    assert list(written(case, tmp_path / "2", told="any")[0]) == ["192.0.2.1", "192.0.2.2"]


def test_a_new_infection_begins_to_count_anew(tmp_path: Path) -> None:
    hosts = [host("192.0.2.1", 0, 1), host("192.0.2.1", 20, 29)]
    walled, _, left = written(made(tmp_path / "case", hosts, told("192.0.2.1", 0.5, 0.8)), tmp_path / "out")
    assert walled == {} and left["192.0.2.1"]["state"] == "reinfected" and "told 0 of" in reasons(left)["192.0.2.1"]


@pytest.mark.parametrize(("let_out", "last", "inside", "why"), [
    ("quiet", 23.5, True, ""), ("quiet", 22, False, "quiet since 2026-03-30"), ("clean", 22, True, ""),
    ("clean", 15, False, "clean since 2026-03-30"),
])  # fmt: skip
def test_who_is_silent_is_let_out(tmp_path: Path, let_out: str, last: float, inside: bool, why: str) -> None:
    case = made(tmp_path / "case", [host("192.0.2.1", 0, last)], told("192.0.2.1", 0.5, 1), let_out=let_out)
    walled, out, _ = written(case, tmp_path / "out")
    assert list(walled) == (["192.0.2.1"] if inside else [])
    assert reasons(out) == ({} if inside else {"192.0.2.1": why})
    assert {row["was_walled_in"] for row in out.values()} <= {"not known"}


def test_where_no_mail_was_read_the_clock_lets_out_unless_old_mail_is_meant(tmp_path: Path) -> None:
    hosts = [host("192.0.2.1", 0, 20)]
    case = made(tmp_path / "case", hosts, told("192.0.2.1", 1, 2), read=False)
    assert reasons(written(case, tmp_path / "1")[1]) == {"192.0.2.1": "not seen since 2026-03-21"}
    made(case, hosts, told("192.0.2.1", 1, 2), read=False, fresh_days=0)
    assert list(written(case, tmp_path / "2")[0]) == ["192.0.2.1"]


def test_who_was_in_it_the_last_time_and_is_not_now_is_let_out_and_nobody_else_is_touched(tmp_path: Path) -> None:
    both = told("192.0.2.1", 7, 14) + told("192.0.2.2", 7, 14)
    case = made(tmp_path / "case", [host("192.0.2.1"), host("192.0.2.2"), host("192.0.2.3", 0, 20)], both)
    written(case, tmp_path / "1")
    with (tmp_path / "1" / "walled.csv").open("a") as file:
        file.write("192.0.2.77,,\nnobody,,\n=cmd,,\n")
    made(case, [host("192.0.2.1"), host("192.0.2.2", 0, 20), host("192.0.2.3", 0, 20)],
         both + told("192.0.2.3", 1, 2))  # fmt: skip
    walled, out, _ = written(case, tmp_path / "2", before=str(tmp_path / "1"))
    assert list(walled) == ["192.0.2.1"]
    assert {ip: row["was_walled_in"] for ip, row in out.items()} == {
        "192.0.2.2": "yes", "192.0.2.3": "", "192.0.2.77": "yes"
    }  # fmt: skip
    assert (tmp_path / "2" / "let-out.disconnect").read_text() == (
        "Framed-IP-Address = 192.0.2.2\n\nFramed-IP-Address = 192.0.2.77\n\n"
    )
    assert (tmp_path / "2" / "walled.coa").read_text() == ""  # it is walled in already
    assert "== 192.0.2.1\n" in (tmp_path / "2" / "walled.users").read_text()
    assert (tmp_path / "1" / "let-out.disconnect").read_text() == ""


def test_an_address_of_a_pool_is_walled_in_only_while_it_is_the_same_customers(tmp_path: Path) -> None:
    ips = [f"192.0.2.{n}" for n in range(1, 5)]
    notices = [row for ip in ips for row in told(ip, 7, 14)]
    case = made(tmp_path / "case", [host(ip, dynamic=True) for ip in ips], notices)
    assert set(reasons(written(case, tmp_path / "1")[2]).values()) == {POOL}
    (tmp_path / "c.csv").write_text(
        "192.0.2.1,,,ann@mail.example,,,'=Kunde 17\n192.0.2.2,,2026-03-20T00:00Z,bob@mail.example\n"
        "192.0.2.3,,2026-03-20T00:00Z,cem@mail.example\n192.0.2.3,2026-03-20T00:00Z,,dee@mail.example\nnobody\n"
    )
    walled, _, left = written(case, tmp_path / "2", customers=str(tmp_path / "c.csv"))
    assert {ip: row["customer"] for ip, row in walled.items()} == {"192.0.2.1": "'=Kunde 17"}
    assert list(reasons(left).values()) == [customers.PARTLY, customers.SEVERAL, customers.NOBODY]
    assert "line 5: no address" in (tmp_path / "2" / "refused-customers.txt").read_text()
    assert b"mail.example" not in b"".join(p.read_bytes() for p in (tmp_path / "2").iterdir())


def test_outside_drills_nobody_has_a_reserved_address_and_a_host_needs_a_life(tmp_path: Path) -> None:
    case = made(tmp_path / "case", [host("192.0.2.1")], told("192.0.2.1", 7, 14), drill=False)
    assert reasons(written(case, tmp_path / "1")[2]) == {"192.0.2.1": RESERVED}
    with Case.open_or_create(tmp_path / "new", write=True) as fresh:
        for name, rows in {"hosts": [host("192.0.2.1")], "sources": [{"id": 1, "drill": True}]}.items():
            fresh._store.replace({name: pa.Table.from_pylist(rows, TABLES[name].schema).to_batches()})
    (tmp_path / "new" / "impound.toml").write_text('[organisation]\ncustomer_networks = ["192.0.2.0/24"]\n')
    assert reasons(written(tmp_path / "new", tmp_path / "2")[2]) == {"192.0.2.1": NO_LIFE}


def test_what_cannot_be_done_is_said_before_anything_is_written(tmp_path: Path) -> None:
    case = made(tmp_path / "case", [], [])
    for said in ({"told": "me"}, {"attribute": "Filter Id"}, {"attribute": "A\nB"}, {"value": "a\nb"},
                 {"value": "ä"}, {"value": "x" * 248}, {"before": str(tmp_path)},
                 {"customers": str(tmp_path / "none")}):  # fmt: skip
        with pytest.raises((UsageError, ConfigError)):
            written(case, tmp_path / "out", **said)
        assert not (tmp_path / "out").exists()
    (case / "impound.toml").write_text("")
    with pytest.raises(ConfigError, match="which networks are yours"):
        written(case, tmp_path / "out")


def test_it_is_the_same_again(tmp_path: Path) -> None:
    case = made(tmp_path / "case", [host("192.0.2.1"), host("192.0.2.2")], told("192.0.2.1", 7, 14))
    for name in ("one", "two"):
        written(case, tmp_path / name)
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == [
        "let-out.csv", "let-out.disconnect", "not-walled.csv", "walled.coa", "walled.csv", "walled.users"
    ]  # fmt: skip
    assert all(p.read_bytes() == (tmp_path / "two" / p.name).read_bytes() for p in (tmp_path / "one").iterdir())


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=247))
def test_a_value_stays_one_string_in_one_line(value: str) -> None:
    (line,) = changes(["192.0.2.1"], Reply("Filter-Id", value))
    quoted = line.split("\n")[1].removeprefix("Filter-Id = ")
    assert re.fullmatch(r"'(?:[^'\\]|\\.)*'", quoted) and line.count("\n") == 3
    assert re.sub(r"\\(.)", r"\1", quoted[1:-1]) == value


def test_nothing_but_an_address_becomes_one() -> None:
    for wrong in ("192.0.2.1\nFilter-Id = x", "192.0.2.0/24", "DEFAULT"):
        with pytest.raises(ValueError, match="does not appear to be"):
            list(users([wrong], Reply()))


@needs_radius
@pytest.mark.parametrize("value", ["walled-garden", "a'b\\c\"d%{User-Name} $x, {y} #z", "`id`", "x\\"])
def test_freeradius_reads_what_is_written_and_means_the_same(tmp_path: Path, value: str) -> None:
    ips = ["192.0.2.1", "2001:db8::1"]
    notices = [row for ip in ips for row in told(ip, 7, 14)]
    case = made(tmp_path / "case", [host(ip) for ip in ips], notices, networks='192.0.2.0/24", "2001:db8::/32')
    assert set(written(case, tmp_path / "1", value=value)[0]) == set(ips)
    made(case, [], [], networks='192.0.2.0/24", "2001:db8::/32')
    written(case, tmp_path / "2", before=str(tmp_path / "1"))
    shown = 'Filter-Id = "' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    with radius(tmp_path, tmp_path / "1" / "walled.users") as server:
        assert all(shown in server.login(tmp_path, ip) for ip in ips)
        other = server.login(tmp_path, "192.0.2.2")
        assert "Access-Accept" in other and "Filter-Id" not in other
        assert server.told(tmp_path / "1" / "walled.coa", "coa").count("Received CoA-ACK") == 2
        assert server.told(tmp_path / "2" / "let-out.disconnect", "disconnect").count("Received Disconnect-ACK") == 2
        received = server.received.partition("Received CoA-Request")[2]
    assert received.count(shown) == 2
    assert all(received.count(f"= {ip}\n") == 2 for ip in ips)
