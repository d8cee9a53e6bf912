"""Each hand-made evil gives messages or rejects with a reason, in a second and 200 MiB, and harms nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hostile import evil_files, evil_text, measure
from hostile.evil import EVILS, FROM, message
from hostile.measure import Outcome
from hostile.ordinary import Ordinary

MEMORY = 200
"""MiB beyond ordinary mail."""
PATIENCE = 60.0
"""Seconds of wall time beyond ordinary mail: so long waits only what hangs, on however busy a machine."""
OUR_FAULT = ("the reader failed", "the reader mail failed", "the reader died")
assert evil_files and evil_text  # their evils register when they are imported


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Ordinary:
    return Ordinary(tmp_path_factory.mktemp("ordinary"))


def snapshot(place: Path) -> dict[str, tuple[int, int]]:
    """Everything below a folder but the case: its mode, and of files the time of the last change."""
    found = {}
    for path in place.rglob("*"):
        if not path.is_relative_to(place / "a" / "b" / "case"):
            status = path.lstat()
            found[str(path)] = (status.st_mode, 0 if path.is_dir() else status.st_mtime_ns)
    return found


def check(outcome: Outcome) -> None:
    """What holds whatever was read: no error, nothing changed, and every reject says where and why."""
    assert (outcome.code, outcome.errors) == (0, "")
    assert outcome.changed == []
    longest = max((size or 0 for size in outcome.sizes), default=0)
    for offset, reason in outcome.rejects:
        assert 0 <= offset <= longest, reason
        assert len(reason) >= len("empty"), "a reason in words"
        assert not reason.startswith(OUR_FAULT), reason


@pytest.mark.parametrize("name", EVILS)
def test_evil_is_read_or_rejected_within_its_bounds(name: str, tmp_path: Path, ordinary: Ordinary) -> None:
    evil = EVILS[name]
    folder = tmp_path / "a" / "b"  # so that what climbs out of the case by two or three steps is seen
    folder.mkdir(parents=True)
    given = evil.make(folder)
    before = snapshot(tmp_path)
    outcome = measure.read(folder / "case", given)
    cost = ordinary.beyond(outcome)
    sys.stdout.write(f"{name}: {cost.seconds:.2f} s, {cost.cpu:.2f} s of CPU, {cost.mib:.0f} MiB; {outcome.words}\n")

    check(outcome)
    assert len(outcome.messages) == evil.messages
    assert outcome.messages or outcome.rejects
    for reason in evil.reasons:
        assert any(reason in said for _, said in outcome.rejects), outcome.words
    assert outcome.sources + outcome.copies == evil.files
    assert snapshot(tmp_path) == before, "something was written outside the case"
    assert not [place for place in evil_files.CLIMBING if Path(place).is_absolute() and Path(place).exists()]
    assert cost.cpu <= evil.seconds
    assert cost.seconds <= PATIENCE
    assert cost.mib <= MEMORY


def test_all_evil_at_once_leaves_an_ordinary_message_unharmed(tmp_path: Path) -> None:
    place = tmp_path / "all"
    place.mkdir()
    for evil in EVILS.values():
        evil.make(place)
    for name in ("0-first.eml", "messages-in-the-middle.eml", "z-last.eml"):
        (place / name).write_bytes(message(name.encode(), b"Hello, see http://www.example.com/%s\n" % name.encode()))
    (place / "z-last.mbox").write_bytes((FROM + message(b"in a mailbox") + b"\n") * 2)
    outcome = measure.read(tmp_path / "case", place)
    check(outcome)
    subjects = [subject for subject in outcome.messages if subject]
    for subject in ("0-first.eml", "messages-in-the-middle.eml", "z-last.eml"):
        assert subjects.count(subject) == 1
    assert subjects.count("in a mailbox") == 2
    assert outcome.sources + outcome.copies == sum(evil.files for evil in EVILS.values()) + 4
