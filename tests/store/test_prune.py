"""Pruning removes the sealed bytes of old mail, and nothing else; whatever ends it, the next run does the rest."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from impound import Case, intake
from impound.errors import StoreError, UsageError
from intake.mail import mbox, message, read, rows, tree

HERE = Path(__file__).parent
WHEN = datetime(2011, 3, 15, 0, 0, 25, tzinfo=UTC)
"""Half of the messages were received before."""


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300233600")


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fifty messages in a mailbox and three in files, in several frames, with findings."""
    monkeypatch.setattr(intake, "BATCH_BYTES", 8_000)
    (tmp_path / "box").write_bytes(mbox(50))
    for number in (1, 2, 49):
        (tmp_path / f"{number}.eml").write_bytes(message(number))
    read(tmp_path / "case", tmp_path / "box", *sorted(tmp_path.glob("*.eml")))
    with Case.open(tmp_path / "case", write=True) as opened:
        opened.find(["senders", "software"])
    return tmp_path / "case"


def prune(case: Path, dry_run: bool = False) -> tuple[int, int]:
    with Case.open(case, write=True) as opened:
        done = opened.prune(WHEN, dry_run=dry_run)
    return done.stretches, done.bytes


def sealed(case: Path) -> dict[str, bool]:
    """For each message by its subject, whether its original is there."""
    opened, found = Case.open(case), {}
    for row in (row for batch in opened.rows("messages") for row in batch.to_pylist()):
        try:
            original = opened.original(row["source_id"], row["offset"])
            assert f"Subject: {row['subject']}\n".encode() in original
            found[f"{row['subject']}, {row['source_id']}"] = True
        except StoreError as error:
            assert "pruned" in error.message
            found[f"{row['subject']}, {row['source_id']}"] = False
    return found


def test_the_originals_of_old_mail_go_and_those_of_newer_mail_stay(case: Path) -> None:
    size = sum(file.stat().st_size for file in case.glob("evidence/*"))
    assert prune(case)[0] == 27
    found = sealed(case)
    assert len(found) == 53
    assert all(there == (int(subject.split(",")[0].split()[1]) >= 25) for subject, there in found.items())
    assert sum(file.stat().st_size for file in case.glob("evidence/*")) < 0.6 * size


def test_every_table_but_the_seals_stays_as_it_was(case: Path) -> None:
    before = tree(case)
    prune(case)
    after = tree(case)
    for file in before.keys() ^ after.keys():
        assert file.startswith(("evidence/", "tables/seals/"))
    assert len(rows(case, "seals")) == 53


def test_verify_holds_and_says_what_was_pruned(case: Path) -> None:
    prune(case)
    notes: list[str] = []
    assert Case.open(case).verify(note=notes.append) == []
    assert len(notes) == 1 and notes[0].startswith("3 sources were pruned")


def test_what_is_left_is_still_verified(case: Path) -> None:
    prune(case)
    frame = max(case.glob("evidence/*"), key=lambda file: file.stat().st_size)
    frame.write_bytes(b"x" * frame.stat().st_size)
    assert f"evidence/{frame.name} was changed" in Case.open(case).verify()


def test_it_stands_in_the_custody_log(case: Path) -> None:
    stretches, size = prune(case)
    entries = Case.open(case)._store.custody.entries()
    assert [entry["what"] for entry in entries][-2:] == ["prune begins", "prune"]
    assert entries[-1]["before"] == WHEN.isoformat()
    assert (entries[-1]["stretches"], entries[-1]["bytes"]) == (stretches, size)


def test_bytes_that_are_gone_without_an_entry_are_found(case: Path) -> None:
    prune(case)
    log = case / "custody.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))
    assert any("knows of no pruning" in found for found in Case.open(case).verify())


def test_pruned_mail_is_still_known_when_it_is_read_again(case: Path, tmp_path: Path) -> None:
    prune(case)
    before = tree(case)
    assert read(case, tmp_path / "box").known == 1
    assert tree(case) == before


def test_a_dry_run_removes_nothing(case: Path) -> None:
    before = tree(case)
    would = prune(case, dry_run=True)
    assert tree(case) == before
    assert would == prune(case)


def test_a_second_run_finds_nothing_to_do(case: Path) -> None:
    prune(case)
    before = tree(case)
    assert prune(case) == (0, 0)
    assert tree(case) == before


def test_a_day_to_come_is_refused(case: Path) -> None:
    with Case.open(case, write=True) as opened, pytest.raises(UsageError, match="in the future"):
        opened.prune(datetime(2062, 1, 1, tzinfo=UTC))


def test_an_old_date_that_only_the_sender_says_removes_nothing(tmp_path: Path) -> None:
    text = message(1).split(b"From:", 1)[1].replace(b"Date: Tue, 15 Mar 2011", b"Date: Wed, 15 Mar 1995")
    (tmp_path / "a.eml").write_bytes(b"From:" + text)
    read(tmp_path / "case", tmp_path / "a.eml")
    assert prune(tmp_path / "case") == (0, 0)


CUT = """
import sys
sys.path.insert(0, sys.argv[1])
from datetime import datetime
from impound import Case
from impound.store import _prune
from intake.power_cut import cut_at
_prune.FRAMES = 2
case = Case.open(sys.argv[2], write=True)
cut_at(int(sys.argv[3]))
case.prune(datetime.fromisoformat(sys.argv[4]))
case.close()
"""


def test_whatever_ends_it_the_case_is_sound_and_the_next_run_does_the_rest(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    monkeypatch.setattr("impound.store._prune.FRAMES", 2)
    whole = tmp_path / "whole"
    shutil.copytree(case, whole)
    prune(whole)
    moment = ends = 0
    while True:
        cut = tmp_path / "cut"
        shutil.copytree(case, cut)
        command = [sys.executable, "-c", CUT, str(HERE.parent), str(cut), str(moment), WHEN.isoformat()]
        code = subprocess.run(command, check=False).returncode
        if code == 0:
            break
        assert code == 9
        assert Case.open(cut).verify() == []
        prune(cut)
        assert tree(cut) == tree(whole)
        assert Case.open(cut).verify() == []
        shutil.rmtree(cut)
        moment, ends = moment + 4, ends + 1
    assert ends >= 5


def test_a_damaged_frame_is_said_and_kept(case: Path) -> None:
    for frame in case.glob("evidence/*"):
        frame.write_bytes(frame.read_bytes()[:50].ljust(frame.stat().st_size, b"x"))
    with Case.open(case, write=True) as opened, pytest.raises(StoreError, match="missing or damaged"):
        opened.prune(WHEN)


def test_the_settings_say_how_long_originals_are_kept(case: Path) -> None:
    with Case.open(case, write=True) as opened, pytest.raises(UsageError, match="no day is named"):
        opened.prune()
    text = (case / "impound.toml").read_text()
    (case / "impound.toml").write_text(text.replace("days = 0", "days = 1"))
    with Case.open(case, write=True) as opened:
        assert opened.config.retention.days == 1
        assert opened.prune(dry_run=True) == opened.prune(datetime(2011, 3, 15, tzinfo=UTC), dry_run=True)
        assert opened.prune(dry_run=True) != opened.prune(datetime(2011, 3, 16, tzinfo=UTC), dry_run=True)
