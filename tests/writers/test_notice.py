"""Notices as files: every infected machine is told of once or listed, and nobody who was mailed is named."""

from __future__ import annotations

import base64
import csv
import json
import re
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from impound import Case
from impound.cli import main
from impound.errors import ConfigError, MissingExtra, UsageError
from impound.notices import HELD_OUT, NO_CONTACT
from impound.notices._due import RESERVED, STALE, TOLD
from impound.notices.contacts import ContactBook
from impound.tables import TABLES
from impound.writers._notice_files import folder

CONTACTS = "240.0.0.0/15,abuse@one.example,Net One,de,Europe/Berlin\n0.0.0.0/0,all@two.example\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drill's mail, its case, its contacts and its notices."""
    place = tmp_path_factory.mktemp("notice")
    made = CliRunner().invoke(main, ["-q", "drill", str(place / "d"), "--messages", "1200", "--bots", "60"])
    assert made.exit_code == 0, made.output
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "d")])
        case.find()
    configured(place / "case")
    (place / "contacts.csv").write_text(CONTACTS)
    Case.open(place / "case").write("notice", place / "out", {"contacts": str(place / "contacts.csv")})
    return place


def configured(case: Path, fresh_days: int = 0, **keys: str) -> None:
    ours = '[organisation]\nname = "Ours"\ncontact = "desk@ours.example"\n'
    lines = "".join(f'{k} = "{v}"\n' for k, v in keys.items())
    (case / "impound.toml").write_text(f"{ours}[notices]\nfresh_days = {fresh_days}\n{lines}")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def infected(case: Path) -> set[str]:
    rows = Case.open(case).query("SELECT DISTINCT ip FROM hosts WHERE verdict = 'infected'").to_pylist()
    return {row["ip"] for row in rows}


def everything(folder: Path) -> Iterator[str]:
    """Every text in the files, with what is encoded in messages and reports decoded."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        if path.suffix == ".eml":
            for part in message_from_bytes(raw, policy=policy.compat32).walk():
                yield " ".join(f"{k}: {v}" for k, v in part.items())
                if not part.is_multipart():
                    yield part.get_payload(decode=True).decode("utf-8", "replace")  # type: ignore[union-attr]
        elif path.suffix != ".pdf":
            yield raw.decode()
        if path.name.endswith(".json"):
            for report in json.loads(raw):
                yield from (base64.b64decode(item["payload"]).decode() for item in report["evidence"])


def test_every_infected_machine_is_told_of_or_listed_exactly_once(place: Path) -> None:
    told = [row["ip"] for path in sorted((place / "out").glob("*/hosts.csv")) for row in table(path)]
    left = [row["ip"] for row in table(place / "out" / "not-told.csv")]
    assert sorted(told + left) == sorted(infected(place / "case")) and told and left
    (index,) = table(place / "out" / "index.csv")
    assert (index["mailbox"], index["name"], int(index["machines"])) == ("abuse@one.example", "Net One", len(told))
    assert {row["reason"] for row in table(place / "out" / "not-told.csv")} == {NO_CONTACT}
    assert (place / "out" / "refused-contacts.txt").read_text() == "line 2: a network wider than /8\n"


def test_a_contact_has_its_message_its_reports_and_a_letter_for_each_owner(place: Path) -> None:
    room = place / "out" / "abuse@one.example"
    ips = [row["ip"] for row in table(room / "hosts.csv")]
    message = BytesParser(policy=policy.default).parsebytes((room / "report.eml").read_bytes())
    ticket = table(place / "out" / "index.csv")[0]["ticket"]
    assert message["To"] == "abuse@one.example" and message["Subject"].startswith(f"[{ticket}] ")
    assert "Rechner" in message["Subject"] and message["From"] == "desk@ours.example"
    assert [r["source_identifier"] for r in json.loads((room / "report.xarf.json").read_text())] == ips
    assert all(r["evidence"] for r in json.loads((room / "report.xarf.json").read_text()))
    assert {p.name for p in (room / "letters").iterdir()} == {f"{ip}.{f}" for ip in ips for f in ("txt", "html", "pdf")}
    assert {p.name for p in (room / "single").iterdir()} == {f"{ip}.eml" for ip in ips}
    letter = (room / "letters" / f"{ips[0]}.txt").read_text()
    assert "Ein Gerät an Ihrem Anschluss" in letter and "(UTC+0" in letter and "Europe/Berlin" in letter
    ids = {BytesParser(policy=policy.default).parsebytes(p.read_bytes())["Message-ID"] for p in room.rglob("*.eml")}
    assert len(ids) == len(ips) + 1


def test_no_link_of_the_spam_can_be_followed(place: Path) -> None:
    assert not re.search(r"https?://", "\n".join(everything(place / "out")))


def test_it_is_the_same_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    said = {"contacts": str(place / "contacts.csv"), "letters": "txt,pdf"}
    for name in ("one", "two"):
        Case.open(place / "case").write("notice", place / name, said)
    files = sorted(p.relative_to(place / "one") for p in (place / "one").rglob("*") if p.is_file())
    assert len(files) > 10
    assert files == sorted(p.relative_to(place / "two") for p in (place / "two").rglob("*") if p.is_file())
    assert all((place / "one" / f).read_bytes() == (place / "two" / f).read_bytes() for f in files)


def test_letters_may_be_left_out_and_version_3_asked_for(place: Path, tmp_path: Path) -> None:
    said = {"contacts": str(place / "contacts.csv"), "letters": "no", "single": "no", "xarf": "3"}
    Case.open(place / "case").write("notice", tmp_path / "out", said)
    room = tmp_path / "out" / "abuse@one.example"
    assert {p.name for p in room.iterdir()} == {"hosts.csv", "report.eml", "report.xarf.json"}
    assert {r["Version"] for r in json.loads((room / "report.xarf.json").read_text())} == {"3"}


@pytest.mark.parametrize(
    "said",
    [
        {"leters": "no"},
        {"letters": "doc"},
        {"xarf": "5"},
        {"language": "xx"},
        {"time_zone": "Nowhere"},
        {"online": "1"},
        {"repeat_days": "-1"},
        {"fresh_days": "soon"},
    ],
)
def test_a_wrong_option_is_said_before_anything_is_written(place: Path, tmp_path: Path, said: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Case.open(place / "case").write("notice", tmp_path / "out", {"contacts": str(place / "contacts.csv")} | said)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_left_alone(place: Path) -> None:
    with pytest.raises(UsageError, match="not empty"):
        Case.open(place / "case").write("notice", place / "out", {"contacts": str(place / "contacts.csv")})


def made(place: Path, hosts: list[str], drill: bool, told: list[dict[str, Any]] | None = None) -> Path:
    seen = {"first_at": 1_300_000_000_000_000, "last_at": 1_300_000_000_000_000, "messages": 2, "verdict": "infected"}
    rows = {"hosts": [{"ip": ip, "net": f"{ip}/24", **seen} for ip in hosts],
            "sources": [{"id": 1, "drill": drill, "vantage": "inbound"}], "notices": told or []}  # fmt: skip
    with Case.open_or_create(place, write=True) as case:
        for name, given in rows.items():
            case._store.replace({name: pa.Table.from_pylist(given, TABLES[name].schema).to_batches()})
    configured(place)
    return place


def left(case: Path, out: Path, contacts: Path) -> dict[str, str]:
    Case.open(case).write("notice", out, {"contacts": str(contacts), "letters": "no"})
    return {row["ip"]: row["reason"] for row in table(out / "not-told.csv")}


def test_addresses_that_are_nobodys_are_told_of_in_drills_only(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("192.0.2.0/24,a@x.example\n10.0.0.0/8,b@x.example\n8.8.8.0/24,c@x.example\n")
    hosts = ["192.0.2.1", "10.0.0.1", "8.8.8.8"]
    real = made(tmp_path / "real", hosts, drill=False)
    assert left(real, tmp_path / "1", tmp_path / "c.csv") == dict.fromkeys(hosts[:2], RESERVED)
    assert left(made(tmp_path / "drill", hosts, drill=True), tmp_path / "2", tmp_path / "c.csv") == {}


def test_machines_that_are_held_out_are_not_told_of(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("192.0.2.0/24,a@x.example\n")
    case = made(tmp_path / "case", ["192.0.2.1", "192.0.2.2"], True, [{"ip": "192.0.2.2", "state": "held-out"}])
    assert left(case, tmp_path / "out", tmp_path / "c.csv") == {"192.0.2.2": HELD_OUT}


def test_files_and_mail_leave_the_same_machines_untold(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("192.0.2.0/24,a@x.example\n")
    case = made(tmp_path / "case", [f"192.0.2.{n}" for n in range(1, 101)], True)
    with (case / "impound.toml").open("a") as settings:
        settings.write(f'hold_out = 50\nrepeat_days = 7\ncontacts = "{tmp_path / "c.csv"}"\n')
    untold = left(case, tmp_path / "out", tmp_path / "c.csv")
    assert set(untold.values()) == {HELD_OUT} and 25 <= len(untold) <= 75
    assert sorted(untold) == Case.open(case).notify()[0].held_out


def test_who_was_told_or_silent_for_long_is_left_out_by_the_rule_of_notify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, seen = 86_400, 1_300_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seen + 10 * day))
    (tmp_path / "c.csv").write_text("192.0.2.0/24,a@x.example\n")
    told = [
        {"ip": ip, "at": (seen + days * day) * 1_000_000, "audience": audience, "state": "sent"}
        for ip, days, audience in [("192.0.2.2", 4, "network"), ("192.0.2.3", -1, "network"), ("192.0.2.4", 4, "owner")]
    ]
    case = made(tmp_path / "case", [f"192.0.2.{n}" for n in range(1, 5)], True, told)
    assert left(case, tmp_path / "1", tmp_path / "c.csv") == {"192.0.2.2": TOLD}
    configured(case, fresh_days=9)
    assert set(left(case, tmp_path / "2", tmp_path / "c.csv").values()) == {TOLD, STALE}
    said = {"contacts": str(tmp_path / "c.csv"), "letters": "no", "repeat_days": "0", "fresh_days": "0"}
    Case.open(case).write("notice", tmp_path / "3", said)
    assert table(tmp_path / "3" / "not-told.csv") == []


def test_of_too_many_machines_there_are_several_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impound.writers._notice_files.MOST_HOSTS", 2)
    (tmp_path / "c.csv").write_text("192.0.2.0/24,a@x.example\n")
    assert (
        left(made(tmp_path / "case", [f"192.0.2.{n}" for n in range(1, 6)], True), tmp_path / "o", tmp_path / "c.csv")
        == {}
    )
    rows = table(tmp_path / "o" / "index.csv")
    assert [r["folder"] for r in rows] == ["a@x.example-1", "a@x.example-2", "a@x.example-3"]
    assert [r["machines"] for r in rows] == ["2", "2", "1"]
    assert len({r["ticket"] for r in rows}) == 3


def test_contacts_of_the_settings_lie_beside_them_and_the_cache_answers(tmp_path: Path) -> None:
    case = made(tmp_path / "case", ["192.0.2.1", "198.51.100.1"], True)
    configured(case, contacts="c.csv", rdap="rdap.jsonl")
    (case / "c.csv").write_text("192.0.2.0/24,a@x.example\n")
    line = {"network": "198.51.100.0/24", "mailbox": "r@x.example", "name": "R", "as_of": "2011-03-01", "server": "r.x"}
    (case / "rdap.jsonl").write_text(json.dumps(line) + "\n")
    Case.open(case).write("notice", tmp_path / "out", {"letters": "no"})
    rows = {r["mailbox"]: (r["source"], r["as_of"]) for r in table(tmp_path / "out" / "index.csv")}
    assert rows == {"a@x.example": ("file", ""), "r@x.example": ("RDAP, r.x", "2011-03-01")}


def test_registries_are_asked_only_when_told_to_and_their_answers_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def look_up(book: ContactBook, hosts: list[tuple[str, None]], *rest: Any) -> Iterator[tuple[dict[str, str], str]]:
        asked.extend(hosts)
        yield ({}, f"{hosts[0][0]}: no answer in time") if hosts[0][0].endswith("2") else ({"network": "x"}, "")

    monkeypatch.setattr("impound.notices.rdap.look_up", look_up)
    case = made(tmp_path / "case", ["192.0.2.1", "192.0.2.2"], True)
    (tmp_path / "ipv4.json").write_text('{"services": []}')
    said = {"rdap": str(tmp_path / "rdap.jsonl"), "bootstrap": str(tmp_path / "ipv4.json"), "letters": "no"}
    Case.open(case).write("notice", tmp_path / "1", said)
    assert asked == []
    Case.open(case).write("notice", tmp_path / "2", said | {"online": "yes"})
    assert asked == [("192.0.2.1", None), ("192.0.2.2", None)]
    assert (tmp_path / "rdap.jsonl").read_text() == '{"network": "x"}\n'
    assert (tmp_path / "2" / "refused-contacts.txt").read_text() == "RDAP: 192.0.2.2: no answer in time\n"


def test_without_somebody_to_answer_or_to_tell_nothing_is_written(tmp_path: Path) -> None:
    case = made(tmp_path / "case", ["192.0.2.1"], True)
    with pytest.raises(UsageError, match="nobody is known"):
        Case.open(case).write("notice", tmp_path / "out")
    (case / "impound.toml").unlink()
    with pytest.raises(ConfigError, match="nobody is named"):
        Case.open(case).write("notice", tmp_path / "out", {"contacts": "c.csv"})


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text('192.0.2.0/24,a@x.example,"=HYPERLINK(1)"\n')
    assert left(made(tmp_path / "case", ["192.0.2.1"], True), tmp_path / "out", tmp_path / "c.csv") == {}
    assert table(tmp_path / "out" / "index.csv")[0]["name"] == "'=HYPERLINK(1)"


def test_a_folder_stands_for_one_mailbox() -> None:
    boxes = ["abuse@x.example", "Abuse@x.example", "a+b@x.example", "a_b@x.example", "../x@x.example", ".@x.example"]
    made = [folder(box) for box in boxes]
    assert len({name.lower() for name in made}) == len(boxes)
    assert made[0] == "abuse@x.example" and all("/" not in name and not name.startswith(".") for name in made)


def test_without_its_extra_the_writer_says_which(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reportlab", None)
    said = {"contacts": str(place / "contacts.csv")}
    with pytest.raises(MissingExtra, match="reportlab"):
        Case.open(place / "case").write("notice", tmp_path / "out", said)
    Case.open(place / "case").write("notice", tmp_path / "out", said | {"letters": "txt"})
    assert list((tmp_path / "out").rglob("*.txt"))
