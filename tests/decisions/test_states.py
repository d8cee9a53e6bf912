"""A case is open, handed over, closed, reopened: only by steps that make sense, each with a reason, never forgotten."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from impound import Case, decisions
from impound.cli import main
from impound.errors import InputError, UsageError

WAYS = [
    *(("open", "handed-over"), ("open", "closed")),
    *(("handed-over", "handed-over"), ("handed-over", "closed"), ("handed-over", "reopened")),
    *(("closed", "reopened"), ("reopened", "handed-over"), ("reopened", "closed")),
]
"""Every step that makes sense."""


def moved(folder: Path, *states: str) -> None:
    with Case.open(folder, write=True) as case:
        for state in states:
            decisions.move(case, state, f"because of {state}")


def test_the_steps_are_those_that_make_sense() -> None:
    assert {(before, after) for before, every in decisions.STEPS.items() for after in every} == set(WAYS)


def test_a_case_is_open_until_somebody_says_something_else(folder: Path) -> None:
    assert decisions.state(Case.open(folder)) == "open" and decisions.history(Case.open(folder)) == []
    moved(folder, "handed-over", "closed", "reopened")
    steps = decisions.history(Case.open(folder))
    assert [(s["from_state"], s["to_state"]) for s in steps] == [
        ("open", "handed-over"), ("handed-over", "closed"), ("closed", "reopened")
    ]  # fmt: skip
    assert [s["reason"] for s in steps] == ["because of handed-over", "because of closed", "because of reopened"]


def test_steps_keep_their_order_though_the_clock_stands_or_goes_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for state, clock in (("handed-over", "1300000000"), ("closed", "1300000000"), ("reopened", "1200000000")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", clock)
        moved(folder, state)
    times = [s["at"] for s in decisions.history(Case.open(folder))]
    assert times == sorted(set(times)) and decisions.state(Case.open(folder)) == "reopened"


@pytest.mark.parametrize(
    ("before", "after"), [w for w in itertools.product(decisions.STEPS, decisions.STEPS) if w not in WAYS]
)
def test_any_other_step_is_refused_and_says_which_are_possible(folder: Path, before: str, after: str) -> None:
    path = {"open": (), "handed-over": ("handed-over",), "closed": ("closed",), "reopened": ("closed", "reopened")}
    moved(folder, *path[before])
    with pytest.raises(UsageError, match=f"the case is {before}: it cannot be {after} next") as refused:
        moved(folder, after)
    assert refused.value.hint == f"possible: {', '.join(decisions.STEPS[before])}"
    assert decisions.state(Case.open(folder)) == before


def test_a_find_leaves_what_people_decided_as_it_is(folder: Path) -> None:
    moved(folder, "closed")
    before = decisions.history(Case.open(folder))
    with Case.open(folder, write=True) as case:
        case.find()
    assert decisions.history(Case.open(folder)) == before


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("buried", "x", "no case is buried"),
        ("closed", " \n ", "a reason is missing"),
        ("closed", "x" * 501, "at most 500"),
    ],
)
def test_what_is_missing_is_said_and_nothing_happens(folder: Path, state: str, reason: str, said: str) -> None:
    with Case.open(folder, write=True) as case, pytest.raises(UsageError, match=said):
        decisions.move(case, state, reason)
    assert decisions.history(Case.open(folder)) == []


def test_the_receipt_of_a_handover_is_noted_in_event_and_custody(folder: Path, tmp_path: Path) -> None:
    Case.open(folder).write("handover", tmp_path / "package")
    receipt = tmp_path / "package.receipt.json"
    with Case.open(folder, write=True) as case:
        decisions.move(case, "handed-over", "to the police", receipt)
        entry = case.custody()[-1]
    assert (entry["what"], entry["after"], entry["receipt"]) == ("status", "handed-over", receipt.name)
    assert entry["receipt_sha256"] in decisions.history(Case.open(folder))[0]["reason"]


def test_a_receipt_of_another_case_and_what_is_none_are_refused(folder: Path, tmp_path: Path) -> None:
    texts = {"other": json.dumps({"custody_head": "0" * 64}), "list": "[]", "deep": "[" * 100_000, "empty": ""}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    with Case.open(folder, write=True) as case:
        with pytest.raises(UsageError, match="is not of this case"):
            decisions.move(case, "handed-over", "x", tmp_path / "other")
        for name in ("list", "deep", "empty", "missing"):
            with pytest.raises(InputError):
                decisions.move(case, "handed-over", "x", tmp_path / name)
        with pytest.raises(UsageError, match="belongs to a handover"):
            decisions.move(case, "closed", "x", tmp_path / "other")
    assert decisions.history(Case.open(folder)) == []


def test_the_command_tells_it_and_so_do_summary_and_report(folder: Path, tmp_path: Path) -> None:
    def run(*words: object) -> str:
        ran = CliRunner().invoke(main, [str(w) for w in words])
        assert ran.exit_code == 0, ran.output
        return ran.output

    assert run("status", folder) == "open; next may be handed-over or closed\n"
    assert "Status" not in run("show", folder)
    run("status", folder, "handed-over", "--reason", "to <b>them</b>\x1b[31m")
    assert run("status", folder).startswith("handed-over; next may be handed-over or closed or reopened\n  2")
    assert "handed-over since" in run("show", folder) and "\x1b" not in run("show", folder)
    Case.open(folder).write("report", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "The case is <strong>handed over</strong> since" in page and "to &lt;b&gt;them" in page
    assert "\x1b" not in page
