"""Notices go out once, through a real server on loopback, and the custody log says what became of each."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from impound import Case
from impound.cli import main
from impound.errors import ConfigError, InUse
from impound.sending import ServerGone, alone
from impound.tables import TABLES
from sending.sink import Sink

NOW = datetime(2026, 3, 10, tzinfo=UTC)
DAY = 86_400
CONTACTS = "198.51.100.0/24,abuse@one.example\n203.0.113.0/24,abuse@two.example\n"


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 0)


def at(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp() + days * DAY)))


def host(ip: str, day: int = 9, verdict: str = "infected") -> dict[str, Any]:
    seen = datetime(2026, 3, day, 10, 30, 5, tzinfo=UTC)
    return {"ip": ip, "first_at": seen, "last_at": seen, "messages": 2, "verdict": verdict}


HOSTS = [host("198.51.100.7"), host("198.51.100.8"), host("203.0.113.9"), host("192.0.2.1"),
         host("203.0.113.10", verdict="relay"), host("203.0.113.11", verdict="unclear")]  # fmt: skip


def made(place: Path, port: int, hosts: list[dict[str, Any]] = HOSTS, drill: bool = True, **notices: Any) -> Path:
    with Case.open_or_create(place, write=True, key=b"k" * 32) as case:
        source = [{"id": 1, "drill": drill, "vantage": "inbound"}]
        for name, rows in (("hosts", hosts), ("sources", source)):
            case._store.replace({name: pa.Table.from_pylist(rows, TABLES[name].schema).to_batches()})
    (place / "contacts.csv").write_text(CONTACTS)
    chosen = {"port": port, "sender": "desk@ours.example", "contacts": "contacts.csv", "per_minute": 100_000} | notices
    lines = [f"{k} = {v!r}".replace("'", '"') for k, v in chosen.items()]
    (place / "impound.toml").write_text("[notices]\n" + "\n".join(lines) + "\n")
    return place


def notices(case: Path) -> list[dict[str, Any]]:
    return Case.open(case).query("SELECT ip, audience, state, contact FROM notices ORDER BY ip").to_pylist()


def table(message: EmailMessage) -> list[dict[str, str]]:
    """The hosts in the table that a notice carries."""
    (part,) = (p for p in message.walk() if p.get_content_type() == "text/csv")
    return list(csv.DictReader(io.StringIO(part.get_content())))


def whats(case: Path) -> list[str]:
    return [entry["what"] for entry in Case.open(case).custody() if entry["what"].startswith("notify")]


def test_a_dry_run_says_who_would_be_told_and_sends_nothing(tmp_path: Path) -> None:
    with Sink() as sink:
        ran = CliRunner().invoke(main, ["notify", str(made(tmp_path / "case", sink.port))])
        assert sink.kept == []
    assert ran.exit_code == 0
    assert "2 notices of 3 hosts" in ran.output and "1 host without a contact" in ran.output
    assert whats(tmp_path / "case") == []


def test_each_contact_gets_one_notice_of_its_infected_hosts(tmp_path: Path) -> None:
    with Sink() as sink:
        case = made(tmp_path / "case", sink.port)
        Case.open(case).notify(send=True)
        first, second = sink.messages()
    assert [m["To"] for m in (first, second)] == ["abuse@one.example", "abuse@two.example"]
    rows = table(first)
    assert [r["ip"] for r in rows] == ["198.51.100.7", "198.51.100.8"]
    assert rows[0]["last_seen"] == "2026-03-09T10:30:05+00:00"
    assert first["Subject"].startswith(f"[{first['Message-ID'].strip('<>').partition('@')[0]}]")
    assert [(n["ip"], n["state"]) for n in notices(case)] == [
        ("198.51.100.7", "sent"), ("198.51.100.8", "sent"), ("203.0.113.9", "sent")
    ]  # fmt: skip
    states = Case.open(case).query("SELECT to_state FROM events WHERE subject = '198.51.100.7' ORDER BY events.at")
    assert [r["to_state"] for r in states.to_pylist()] == ["confirmed", "notified"]
    assert whats(case) == ["notify sending", "notify sent"] * 2
    assert Case.open(case).verify() == []


def test_nothing_is_said_twice_and_what_goes_on_is_said_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sink() as sink:
        case = made(tmp_path / "case", sink.port)
        for day in (0, 1, 8):
            at(monkeypatch, day)
            Case.open(case).notify(send=True)
        assert len(sink.kept) == 2
        made(case, sink.port, [host("198.51.100.7", 9), host("198.51.100.7", 17)])
        Case.open(case).notify(send=True)
        assert len(sink.kept) == 3
        assert len({m["Message-ID"] for m in sink.messages()}) == 3


def test_a_refusal_for_now_waits_and_one_for_good_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"abuse@one.example": "451 later", "abuse@two.example": "550 nobody"}
    with Sink(lambda mailbox: answers[mailbox]) as sink:
        case = made(tmp_path / "case", sink.port)
        _, sent = Case.open(case).notify(send=True)
        assert sent is not None and (sent.taken, sent.refused, sent.later) == (0, 1, 1)
        assert [(n["ip"], n["state"]) for n in notices(case)] == [("203.0.113.9", "refused")]
        answers["abuse@one.example"] = "250 taken"
        planned, _ = Case.open(case).notify(send=True)
        assert (len(planned.jobs), planned.waiting) == (0, 2)
        at(monkeypatch, 0.05)
        _, sent = Case.open(case).notify(send=True)
        assert sent is not None and (sent.taken, len(sink.kept)) == (1, 1)


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from impound import Case, sending
from impound.sending import _transport
send = _transport.Server.send
def dies(self, *args):
    {before}
    answer = send(self, *args)
    os.kill(os.getpid(), signal.SIGKILL)
_transport.Server.send = dies
Case.open({case!r}).notify(send=True)
"""


@pytest.mark.parametrize(("before", "times"), [("", 2), ("os.kill(os.getpid(), signal.SIGKILL)", 1)])
def test_a_kill_loses_nothing_and_repeats_at_most_one_with_its_message_id(
    tmp_path: Path, before: str, times: int
) -> None:
    with Sink() as sink:
        case = made(tmp_path / "case", sink.port)
        code = KILLED.format(tests=str(Path(__file__).parent.parent), case=str(case), before=before)
        ran = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
        assert ran.returncode == -signal.SIGKILL
        _, sent = Case.open(case).notify(send=True)
        assert sent is not None and sent.repeated == 1
        ids = [m["Message-ID"] for m in sink.messages()]
        bodies = [raw for mailbox, raw in sink.kept if mailbox == "abuse@one.example"]
    assert len(ids) == times + 1 and len(set(ids)) == 2
    assert len(bodies) == times and len(set(bodies)) == 1
    assert whats(case).count("notify repeated") == 1
    assert len(notices(case)) == 3


def test_hosts_that_are_held_out_are_never_told_and_always_the_same(tmp_path: Path) -> None:
    many = [host(f"198.51.100.{n}") for n in range(1, 201)]
    with Sink() as sink:
        case = made(tmp_path / "case", sink.port, many, hold_out=50)
        planned, _ = Case.open(case).notify(send=True)
        again, _ = Case.open(made(tmp_path / "again", sink.port, many, hold_out=50)).notify()
        text = b"".join(raw for _, raw in sink.kept)
        listed = {r["ip"] for r in table(sink.messages()[0])}
    assert planned.held_out == again.held_out and 70 <= len(planned.held_out) <= 130
    assert not listed & set(planned.held_out) and len(listed) + len(planned.held_out) == 200
    assert b"held" not in text
    assert {n["ip"] for n in notices(case) if n["state"] == "held-out"} == set(planned.held_out)


def test_reserved_addresses_are_nobodys_unless_the_case_is_a_drill(tmp_path: Path) -> None:
    planned, _ = Case.open(made(tmp_path / "case", 25, drill=False)).notify()
    assert planned.jobs == [] and planned.reserved == 4


def test_hosts_that_were_silent_for_long_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 40)
    planned, _ = Case.open(made(tmp_path / "case", 25)).notify()
    assert planned.jobs == [] and planned.stale == 4


def test_a_server_that_is_not_there_loses_nothing(tmp_path: Path) -> None:
    case = made(tmp_path / "case", 1)
    with pytest.raises(ServerGone):
        Case.open(case).notify(send=True)
    assert whats(case) == []
    with Sink() as sink:
        made(case, sink.port)
        Case.open(case).notify(send=True)
        assert len(sink.kept) == 2


def test_only_one_sends_at_a_time(tmp_path: Path) -> None:
    case = made(tmp_path / "case", 25)
    with alone(case), pytest.raises(InUse):
        Case.open(case).notify(send=True)


def test_without_a_sender_or_with_half_a_key_nothing_is_sent(tmp_path: Path) -> None:
    with Sink() as sink:
        for n, wrong in enumerate(({"sender": ""}, {"dkim_domain": "ours.example"}, {"contacts": ""})):
            with pytest.raises(ConfigError):
                Case.open(made(tmp_path / f"case{n}", sink.port, **wrong)).notify(send=True)
        assert sink.kept == []


def test_a_signature_holds(tmp_path: Path) -> None:
    dkim = pytest.importorskip("dkim")
    key = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", str(key), "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", str(key), "-pubout", "-outform", "DER"],
                            check=True, capture_output=True).stdout  # fmt: skip
    import base64

    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    chosen = {"dkim_domain": "ours.example", "dkim_selector": "s1", "dkim_key": str(key)}
    with Sink() as sink:
        Case.open(made(tmp_path / "case", sink.port, **chosen)).notify(send=True)
        raw = sink.kept[0][1]
    assert dkim.verify(raw, dnsfunc=lambda *a, **k: record)
    assert not dkim.verify(raw.replace(b"Ticket", b"Tocket", 1), dnsfunc=lambda *a, **k: record)
