"""Notices go out once, through a real server on loopback, and the custody log says what became of each."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from impound import Case
from impound.cli import main
from impound.errors import ConfigError, InUse
from impound.notices import HELD_OUT, NO_CONTACT
from impound.notices._due import AHEAD, RESERVED, STALE
from impound.sending import ServerGone, alone
from impound.sending._plan import WAITING
from sending.cases import at, host, made, notices, table, whats
from sending.sink import Sink


def test_a_dry_run_says_who_would_be_told_and_sends_nothing(tmp_path: Path) -> None:
    with Sink() as sink:
        ran = CliRunner().invoke(main, ["notify", str(made(tmp_path / "case", sink.port))])
        assert sink.kept == []
    assert ran.exit_code == 0
    assert "2 notices of 3 hosts" in ran.output and f"1 host: {NO_CONTACT}" in ran.output
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
        assert (len(planned.jobs), len(planned.left[WAITING])) == (0, 2)
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
    assert planned.held_out == again.held_out == planned.left[HELD_OUT] and 70 <= len(planned.held_out) <= 130
    assert not listed & set(planned.held_out) and len(listed) + len(planned.held_out) == 200
    assert b"held" not in text
    assert {n["ip"] for n in notices(case) if n["state"] == "held-out"} == set(planned.held_out)


def test_reserved_addresses_are_nobodys_unless_the_case_is_a_drill(tmp_path: Path) -> None:
    planned, _ = Case.open(made(tmp_path / "case", 25, drill=False)).notify()
    assert planned.jobs == [] and len(planned.left[RESERVED]) == 4


def test_hosts_that_were_silent_for_long_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 40)
    planned, _ = Case.open(made(tmp_path / "case", 25)).notify()
    assert planned.jobs == [] and len(planned.left[STALE]) == 4


def test_a_date_to_come_hides_nothing_that_was_seen_and_is_told_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = [host("198.51.100.7"), host("198.51.100.7", 28), host("198.51.100.8", 28)]
    with Sink() as sink:
        case = made(tmp_path / "case", sink.port, forged)
        planned, _ = Case.open(case).notify(send=True)
        assert planned.left[AHEAD] == ["198.51.100.8"]
        assert [(r["ip"], r["last_seen"]) for r in table(sink.messages()[0])] == [
            ("198.51.100.7", "2026-03-09T10:30:05+00:00")
        ]
        for day in (8, 16):
            at(monkeypatch, day)
            Case.open(case).notify(send=True)
        assert len(sink.kept) == 1


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
