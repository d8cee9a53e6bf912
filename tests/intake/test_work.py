"""A reader that fails costs the record it fails on, and nothing else: a reject says so, and its bytes are sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from impound import Case
from impound.intake import Intake, Tally, Terms
from impound.plugin import load
from impound.store import CaseStore, clock
from intake.failing import Lines
from intake.mail import KEY

LONG = b"fine " + b"x" * 50_000 + b"\n"


def read(case: Path, data: bytes, workers: int = 0) -> Tally:
    (case.parent / "mail").write_bytes(data)
    CaseStore.create(case, KEY, "", False)
    engine = load("engines", "duckdb")(workers=workers)
    try:
        with CaseStore.open(case).lock() as store:
            terms = Terms("inbound", "", "TLP:AMBER", clock(), {"lines": Lines()})
            tally = Intake(store, engine, terms).read([str(case.parent / "mail")], lambda *_: None)
            store.settle()
            return tally
    finally:
        engine.close()


@pytest.mark.parametrize("how", ["raises", "surrogate"])
def test_a_reader_that_raises_or_gives_what_no_table_holds_loses_one_record(how: str, tmp_path: Path) -> None:
    tally = read(tmp_path / "case", b"fine\nfine too\n" + how.encode() + b"\nfine again\n")
    assert (tally.records, tally.rejects) == (3, 1)
    case = Case.open(tmp_path / "case")
    reject = case.query("SELECT * FROM rejects", tables=["rejects"]).to_pylist()[0]
    assert reject["offset"] == 14 and "the reader lines failed" in reject["reason"]
    assert case.original(reject["source_id"], 14) == how.encode() + b"\n"
    assert case.verify() == []


def test_a_reader_that_dies_loses_one_record_and_the_source_still_adds_up(tmp_path: Path) -> None:
    data = LONG * 40 + b"dies\n" + LONG * 40
    tally = read(tmp_path / "case", data, workers=2)
    assert (tally.records, tally.rejects) == (80, 1)
    case = Case.open(tmp_path / "case")
    source = case.query("SELECT * FROM sources", tables=["sources"]).to_pylist()[0]
    assert (source["records"], source["rejects"], source["read_bytes"]) == (80, 1, len(data))
    reject = case.query("SELECT * FROM rejects", tables=["rejects"]).to_pylist()[0]
    assert reject["offset"] == len(LONG) * 40 and "died" in reject["reason"]
    assert case.verify() == []


def test_a_file_that_changes_while_it_is_read_ends_with_a_reject_and_not_the_command(tmp_path: Path) -> None:
    tally = read(tmp_path / "case", b"fine\nfine\nchanges\n")
    assert (tally.sources, tally.records, tally.rejects) == (1, 2, 1)
    case = Case.open(tmp_path / "case")
    source = case.query("SELECT * FROM sources", tables=["sources"]).to_pylist()[0]
    assert (source["records"], source["rejects"], source["read_bytes"]) == (2, 1, 10)
    assert case.query("SELECT * FROM rejects", tables=["rejects"]).to_pylist()[0]["offset"] == 10
    assert case.verify() == []
