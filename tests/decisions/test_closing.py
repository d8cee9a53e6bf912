"""A drill is closed and comes back under other addresses and words: an alarm. Others come in its place: none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from impound import Case, decisions
from impound.cli import main
from impound.errors import UsageError

STOPS, RETURNS, DAYS = 9, 12, 16
LANGUAGES = {"en": "The case is closed", "de": "Der Fall ist abgeschlossen", "es": "El caso está cerrado"}


def run(*words: object, code: int = 0) -> Result:
    ran = CliRunner().invoke(main, [str(w) for w in words])
    assert ran.exit_code == code, ran.output
    return ran


def boxes(drill: Path, first: int, last: int) -> list[Path]:
    return [drill / f"day-{day:03d}.mbox" for day in range(first, last + 1) if (drill / f"day-{day:03d}.mbox").exists()]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drill that comes back, ``same``, another one whose later mail is of strangers, ``other``; both found once."""
    place = tmp_path_factory.mktemp("closing")
    size = ["--messages", 2000, "--bots", 150, "--innocents", 100, "--botnets", 2, "--days", DAYS, "--seed", 501]
    times = ["--stops", STOPS, "--returns", RETURNS]
    run("-q", "drill", place / "same", *size, *times)
    run("-q", "drill", place / "other", *size, *times, "--unrelated")
    run("-q", "read", place / "case", *boxes(place / "same", 1, RETURNS - 1))
    run("-q", "find", place / "case")
    return place


@pytest.fixture
def closed(places: Path, tmp_path: Path) -> Iterator[Path]:
    """The case of the first days, closed."""
    case = Path(shutil.copytree(places / "case", tmp_path / "case"))
    run("status", case, "closed", "--reason", "silent since a week")
    yield case


def test_a_botnet_that_comes_back_is_named_within_a_day_whatever_is_quiet(places: Path, closed: Path) -> None:
    assert "ALARM" not in run("-q", "find", closed).stderr
    run("-q", "read", closed, *boxes(places / "same", RETURNS, RETURNS))
    said = run("-q", "find", closed).stderr
    assert said.startswith("ALARM: ") and ", or what it was made of, is back since 2024-03-15" in said
    assert "then impound status case reopened" in said
    rows = decisions.alarms(Case.open(closed))
    names = {r["name"] for r in Case.open(closed).query("SELECT name FROM botnets").to_pylist()}
    assert rows and {r["botnet"] for r in rows} <= names
    assert all(r["networks"] >= 3 and len(r["proof"]) >= 3 and len(r["kinds"]) >= 2 for r in rows)
    assert "is back since" in run("show", closed).stdout
    Case.open(closed).write("report", closed / "report.html")
    assert "<strong>Alarm:</strong> " in (closed / "report.html").read_text("utf-8")
    told = Case.open(closed).query("SELECT e.subject FROM events e WHERE e.to_state = 'returned'").to_pylist()
    assert {e["subject"] for e in told} == {str(r["botnet_id"]) for r in rows}
    run("status", closed, "reopened", "--reason", "it is back")
    assert "ALARM" not in run("-q", "find", closed).stderr  # people know
    again = Case.open(closed).query("SELECT e.subject FROM events e WHERE e.to_state = 'returned'").to_pylist()
    assert again == told


def test_others_in_its_place_raise_none(places: Path, closed: Path) -> None:
    assert (places / "same" / "day-001.mbox").read_bytes() == (places / "other" / "day-001.mbox").read_bytes()
    run("-q", "read", closed, *boxes(places / "other", RETURNS, DAYS))
    assert "ALARM" not in run("-q", "find", closed).stderr
    assert decisions.alarms(Case.open(closed)) == []
    assert Case.open(closed).query("SELECT b.kind FROM baselines b").num_rows > 20


def test_closing_again_forgets_the_alarms_of_the_last_time(places: Path, closed: Path) -> None:
    run("-q", "read", closed, *boxes(places / "same", RETURNS, DAYS))
    run("-q", "find", closed)
    assert decisions.alarms(Case.open(closed))
    run("status", closed, "reopened", "--reason", "it is back")
    run("status", closed, "closed", "--reason", "silent again")
    assert decisions.alarms(Case.open(closed)) == []


def test_closing_writes_a_statement_in_three_languages_that_names_nobody(closed: Path) -> None:
    case = Case.open(closed)
    hosts = case.query("SELECT DISTINCT ip FROM hosts")["ip"].to_pylist()
    addresses = case.query("SELECT DISTINCT from_addr FROM messages WHERE from_addr <> ''")["from_addr"].to_pylist()
    figures = case.query("SELECT COUNT(*) AS n, SUM(messages) AS messages FROM botnets").to_pylist()[0]
    for language, title in LANGUAGES.items():
        text = (closed / "closing" / f"statement.{language}.txt").read_text("utf-8")
        assert title in text and f" {figures['n']} " in text
        number = f"{figures['messages']:,}"
        assert (number if language == "en" else number.replace(",", ".")) in text
        assert "{" not in text and not any(name in text for name in (*hosts, *addresses))


def test_the_receipt_names_the_head_of_the_custody_log_and_what_was_handed_over(places: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(places / "case", tmp_path / "case"))
    Case.open(folder).write("handover", tmp_path / "package")
    run("status", folder, "handed-over", "--reason", "police", "--receipt", tmp_path / "package.receipt.json")
    run("status", folder, "closed", "--reason", "silent")
    receipt = json.loads((folder / "closing" / "receipt.json").read_text())
    entries = Case.open(folder).custody()
    [closing] = [e for e in entries if e["what"] == "closing"]
    assert receipt["custody_head"] == closing["hash"] and closing["receipt"] == "package.receipt.json"
    assert receipt["receipt_sha256"] == closing["receipt_sha256"]
    assert "was handed to those" in (folder / "closing" / "statement.en.txt").read_text("utf-8")
    assert Case.open(folder).verify() == []


def test_what_was_not_looked_through_cannot_be_closed(places: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(places / "case", tmp_path / "case"))
    run("-q", "read", folder, *boxes(places / "same", RETURNS, RETURNS))
    with Case.open(folder, write=True) as case, pytest.raises(UsageError, match="mail was read since the last find"):
        decisions.move(case, "closed", "x")
    with (
        Case.open_or_create(tmp_path / "new", write=True) as case,
        pytest.raises(UsageError, match="nothing was looked"),
    ):
        decisions.move(case, "closed", "x")
    assert decisions.state(Case.open(folder)) == "open" and not Case.open(folder).found("baselines")


def test_a_case_that_is_not_closed_has_no_baseline_and_nothing_is_looked_for(places: Path) -> None:
    case = Case.open(places / "case")
    assert case.count("baselines") == case.count("baseline_hits") == case.count("returns") == 0
