"""Owners are written to by the same rules as networks; nobody else's data is in a letter, no owner in the log."""

from __future__ import annotations

import signal
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from impound import Case
from impound.cli import main
from impound.errors import MissingExtra
from impound.notices import HELD_OUT, Spool, customers
from impound.notices._due import TOLD
from impound.sending._plan import OPEN, WAITING
from sending.cases import at, host, made, notices, whats
from sending.sink import Sink

pytest.importorskip("reportlab")

CUSTOMERS = (
    "198.51.100.7,,,ann@mail.example,de,Europe/Berlin,Kunde 17\n"
    "198.51.100.8,,,bob@mail.example,es,,\n"
    "203.0.113.9,,,cem@mail.example,,,\n203.0.113.9,,,dee@mail.example,,,\n"
    "192.0.2.2,,,eve@mail.example\nnobody,,,x@mail.example\n"
)


def case_of(place: Path, port: int, lines: str = CUSTOMERS, **settings: Any) -> tuple[Path, Path]:
    case = made(place, port, **{"contacts": "", "language": "en"} | settings)
    (case / "customers.csv").write_text(lines)
    return case, case / "customers.csv"


def send(case: Path, file: Path | None = None) -> tuple[Any, Any]:
    return Case.open(case).notify(send=True, letters=file or case / "customers.csv")


def parts(message: EmailMessage) -> dict[str, bytes]:
    return {
        part.get_content_type(): part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()
    }  # type: ignore[misc]


def test_a_dry_run_says_who_would_be_written_to_in_which_language_and_who_not(tmp_path: Path) -> None:
    with Sink() as sink:
        case, file = case_of(tmp_path / "case", sink.port)
        ran = CliRunner().invoke(main, ["notify", str(case), "--letters", str(file)])
        assert sink.kept == []
    lines = ran.output.splitlines()
    assert ran.exit_code == 0 and lines[0] == "2 letters to owners: 1 in de, 1 in es"
    assert [line.split()[1:] for line in lines[1:3]] == [["ann@mail.example", "198.51.100.7"],
                                                         ["bob@mail.example", "198.51.100.8"]]  # fmt: skip
    assert f"1 host without a letter: {customers.SEVERAL}\n  203.0.113.9\n" in ran.output
    assert f"1 host without a letter: {customers.NOBODY}\n  192.0.2.1\n" in ran.output
    assert "customers, line 6: no address" in ran.output and "--letters" in ran.output.splitlines()[-1]
    assert whats(case) == []


def test_an_owner_gets_his_letter_as_text_page_and_pdf_in_his_language_by_his_clock(tmp_path: Path) -> None:
    with Sink() as sink:
        send(case_of(tmp_path / "case", sink.port)[0])
        assert [mailbox for mailbox, _ in sink.kept] == ["ann@mail.example", "bob@mail.example"]
        first, second = sink.messages()
    assert first.get_content_type() == "multipart/mixed" and first["To"] == "ann@mail.example"
    both, attached = first.iter_parts()
    assert both.get_content_type() == "multipart/alternative" and attached.is_attachment()
    assert attached.get_filename() == f"{first['Message-ID'].strip('<>').partition('@')[0]}.pdf"
    text, page, pdf = parts(first).values()
    assert list(parts(first)) == ["text/plain", "text/html", "application/pdf"]
    assert "11:30:05 Uhr (UTC+01:00)" in text.decode() and "Kunde 17" in text.decode() and "Kunde 17" in page.decode()
    assert page.startswith(b"<!DOCTYPE html>") and pdf.startswith(b"%PDF") and first["Content-Language"] == "de"
    assert first["Subject"].endswith("Ein Gerät an Ihrem Anschluss verschickt Spam")
    assert first["Auto-Submitted"] == "auto-generated" and second["Content-Language"] == "es"


def test_a_letter_holds_nothing_of_other_customers_or_machines(tmp_path: Path) -> None:
    with Sink() as sink:
        send(case_of(tmp_path / "case", sink.port)[0])
        raws = {mailbox: "\n".join(p.decode("latin-1") for p in parts(m).values()) + str(m.items())
                for (mailbox, _), m in zip(sink.kept, sink.messages(), strict=True)}  # fmt: skip
    assert "198.51.100.7" in raws["ann@mail.example"]
    for other in ("bob@", "cem@", "dee@", "eve@", "198.51.100.8", "203.0.113"):
        assert other not in raws["ann@mail.example"]


def test_custody_and_tables_do_not_name_an_owner_not_even_by_a_servers_words(tmp_path: Path) -> None:
    answers = {"ann@mail.example": "550 5.1.1 <ann@mail.example> unknown", "bob@mail.example": "451 bob is away"}
    with Sink(lambda mailbox: answers[mailbox]) as sink:
        case, _ = case_of(tmp_path / "case", sink.port)
        send(case)
    held = b"\n".join(p.read_bytes() for p in case.rglob("*") if p.is_file() and p.suffix != ".csv").decode("latin-1")
    assert "mail.example" not in held and "bob is" not in held
    entries = {e["what"]: e for e in Case.open(case).custody()}
    assert entries["notify refused"]["answer"] == "550 5.1.1" and entries["notify later"]["answer"] == "451"
    assert entries["notify sending"]["contact"].startswith("o-") and len(entries["notify letters"]["customers"]) == 64
    assert [(n["ip"], n["audience"], n["state"], n["contact"]) for n in notices(case)] == [
        ("198.51.100.7", "owner", "refused", None)
    ]
    assert Case.open(case).verify() == []


def test_networks_and_owners_are_told_in_one_run_and_the_life_says_so(tmp_path: Path) -> None:
    with Sink() as sink:
        case, _ = case_of(tmp_path / "case", sink.port, contacts="contacts.csv")
        planned, sent = send(case)
    assert (len(planned.jobs), len(planned.owners.jobs), sent.taken) == (2, 2, 4)
    assert [mailbox.partition("@")[2] for mailbox, _ in sink.kept] == ["one.example", "two.example"] + 2 * [
        "mail.example"
    ]
    sql = "SELECT reason FROM events WHERE subject = '198.51.100.7' AND to_state = 'notified'"
    (life,) = Case.open(case).query(sql).to_pylist()  # both were told in the same second
    assert life["reason"].startswith("its owner was written to, ticket IMP-")


def test_nothing_is_said_twice_to_an_owner_whatever_his_network_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sink() as sink:
        case, _ = case_of(tmp_path / "case", sink.port, contacts="contacts.csv")
        Case.open(case).notify(send=True)
        assert len(sink.kept) == 2
        for day in (0, 1, 8):
            at(monkeypatch, day)
            planned, _ = send(case)
        assert len(sink.kept) == 4 and planned.owners.left[TOLD] == ["198.51.100.7", "198.51.100.8"]
        made(case, sink.port, [host("198.51.100.7", 9), host("198.51.100.7", 17)], contacts="")
        send(case)
        assert [mailbox for mailbox, _ in sink.kept[4:]] == ["ann@mail.example"]
        assert len({m["Message-ID"] for m in sink.messages()}) == 5


def test_a_refusal_for_now_waits_and_needs_the_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ["451 later"]
    with Sink(lambda mailbox: answer[0]) as sink:
        case, file = case_of(tmp_path / "case", sink.port, contacts="contacts.csv")
        send(case)
        answer[0] = "250 taken"
        assert send(case)[0].owners.left[WAITING] == ["198.51.100.7", "198.51.100.8"]
        at(monkeypatch, 0.05)
        assert Case.open(case).notify()[0].open_letters == 2
        ran = CliRunner().invoke(main, ["notify", str(case)])
        assert "2 letters begun before: name the file of customers with --letters" in ran.output
        planned, sent = send(case, file)
        assert (len(planned.owners.jobs), sent.taken) == (2, 4)
        ids = [m["Message-ID"] for m in sink.messages()]
    begun = [e["message_id"] for e in Case.open(case).custody() if e["what"] == "notify sending"]
    assert len(ids) == 4 and set(begun) == {i.strip("<>") for i in ids}


KILLED = """
import os, signal, sys
from pathlib import Path
from impound import Case
from impound.sending import _transport
send = _transport.Server.send
def dies(self, *args):
    answer = send(self, *args)
    os.kill(os.getpid(), signal.SIGKILL)
_transport.Server.send = dies
Case.open({case!r}).notify(send=True, letters=Path({file!r}))
"""


def killed(case: Path, file: Path) -> None:
    code = KILLED.format(case=str(case), file=str(file))
    ran = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert ran.returncode == -signal.SIGKILL


def test_a_kill_loses_no_letter_and_repeats_one_with_the_same_bytes(tmp_path: Path) -> None:
    with Sink() as sink:
        case, file = case_of(tmp_path / "case", sink.port)
        killed(case, file)
        _, sent = send(case)
    assert (sent.taken, sent.repeated) == (2, 1) and whats(case).count("notify repeated") == 1
    assert [mailbox for mailbox, _ in sink.kept] == ["ann@mail.example", "ann@mail.example", "bob@mail.example"]
    assert sink.kept[0] == sink.kept[1]
    assert [(n["ip"], n["state"]) for n in notices(case)] == [("198.51.100.7", "sent"), ("198.51.100.8", "sent")]


def test_a_letter_in_doubt_goes_to_nobody_else_under_its_ticket(tmp_path: Path) -> None:
    with Sink() as sink:
        case, file = case_of(tmp_path / "case", sink.port)
        killed(case, file)
        file.write_text("198.51.100.7,2026-03-10T00:00Z,,ann@mail.example\n")
        planned, _ = send(case)
        assert planned.owners.left[OPEN] == ["198.51.100.7"] and len(sink.kept) == 1
        file.write_text("198.51.100.7,,,new@mail.example\n")
        send(case)
        assert [mailbox for mailbox, _ in sink.kept] == ["ann@mail.example", "new@mail.example"]
        assert len({m["Message-ID"] for m in sink.messages()}) == 2


def test_who_is_held_out_gets_no_letter_either(tmp_path: Path) -> None:
    many = [host(f"198.51.100.{n}") for n in range(1, 101)]
    lines = "".join(f"198.51.100.{n},,,c{n}@mail.example\n" for n in range(1, 101))
    case, file = case_of(tmp_path / "case", 25, lines, hosts=many, hold_out=50, contacts="contacts.csv")
    planned, _ = Case.open(case).notify(letters=file)
    assert planned.owners is not None and 25 <= len(planned.held_out) <= 75
    assert planned.held_out == planned.left[HELD_OUT] == planned.owners.left[HELD_OUT]


def test_lines_outside_ones_networks_are_refused(tmp_path: Path) -> None:
    case, file = case_of(tmp_path / "case", 25)
    with (case / "impound.toml").open("a") as settings:
        settings.write('[organisation]\ncustomer_networks = ["198.51.100.0/29"]\n')
    planned, _ = Case.open(case).notify(letters=file)
    assert [job.contact for job in planned.owners.jobs] == ["ann@mail.example"]  # type: ignore[union-attr]


def test_what_another_find_took_back_meanwhile_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Spool.put
    monkeypatch.setattr(Spool, "put", lambda spool, one: one.ip.endswith(".7") or kept(spool, one))
    with Sink() as sink:
        case, _ = case_of(tmp_path / "case", sink.port, contacts="contacts.csv")
        _, sent = send(case)
    assert (sent.taken, [mailbox for mailbox, _ in sink.kept][2:]) == (3, ["bob@mail.example"])
    begun = [tuple(e["hosts"]) for e in Case.open(case).custody() if e["what"] == "notify sending"]
    assert begun == [("198.51.100.8",), ("203.0.113.9",), ("198.51.100.8",)]


def test_without_the_extra_for_pdf_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, file = case_of(tmp_path / "case", 25)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    with pytest.raises(MissingExtra, match="reportlab"):
        Case.open(case).notify(send=True, letters=file)
