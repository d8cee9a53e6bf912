"""What can go wrong around a case: nothing is lost, nothing is wrong in silence, and a sentence says what to do."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from impound import Case
from intake.mail import KEY, mbox, read, tree

MAIN = [sys.executable, "-c", "from impound.cli import main; main()"]
EPOCH = {"SOURCE_DATE_EPOCH": "1300233600"}
PATIENCE = 240.0
"""Seconds that anything may take on a busy machine."""


def impound(*words: object, env: dict[str, str] | None = None, most: int = 0) -> tuple[int, str]:
    """The exit code of a command and what it said; ``most``: bytes beyond which no file of it may grow."""
    ran = subprocess.run(
        [*MAIN, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=PATIENCE,
        env=os.environ | EPOCH | (env or {}), check=False,
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))) if most else None,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stderr


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with mail and a case in which everything was found."""
    place = tmp_path_factory.mktemp("faults")
    (place / "box").write_bytes(mbox(60))
    (place / "more").write_bytes(mbox(70)[len(mbox(60)) :])
    (place / "key").write_text(KEY.hex())
    assert impound("-q", "investigate", place / "case", "--case-key", place / "key", place / "box")[0] == 0
    return place


@pytest.fixture
def place(found: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    shutil.copytree(found, tmp_path / "place")
    return tmp_path / "place"


def part(place: Path, table: str) -> Path:
    return next((place / "case" / "tables" / table).glob("*.parquet"))


def spoil(file: Path) -> None:
    """Change the bytes in the middle of a file, and not its length."""
    data = bytearray(file.read_bytes())
    middle = range(len(data) // 3, 2 * len(data) // 3)
    for at in middle:
        data[at] ^= 0x55
    file.write_bytes(data)


@pytest.mark.parametrize("table", ["messages", "bodies", "sources", "campaign_members"])
def test_a_missing_part_is_named_by_every_command_that_writes(place: Path, table: str) -> None:
    missing = part(place, table)
    missing.unlink()
    before = tree(place / "case")
    for words in (["read", place / "more"], ["find"], ["prune", "--before", "2011-01-01"]):
        code, said = impound("-q", words[0], place / "case", *words[1:])
        assert code == 7
        assert f"tables/{table}/{missing.name} is missing" in said and "go back to a copy" in said
    assert tree(place / "case") == before
    assert impound("verify", place / "case")[0] == 8


@pytest.mark.parametrize("table", ["messages", "bodies"])
def test_a_corrupt_part_is_named_when_it_is_read_and_nothing_is_found_without_it(place: Path, table: str) -> None:
    spoiled = part(place, table)
    spoil(spoiled)
    before = tree(place / "case")
    for words in (["find"], ["write", "report", "-o", place / "report.html"]):
        code, said = impound("-q", words[0], place / "case", *words[1:])
        assert code == 7, said
        assert f"tables/{table}/{spoiled.name} was changed" in said and "go back to a copy" in said
    assert tree(place / "case").keys() == before.keys()
    assert not (place / "report.html").exists()
    assert impound("verify", place / "case")[0] == 8


def test_a_part_cut_short_is_named_before_anything_is_read(place: Path) -> None:
    short = part(place, "messages")
    short.write_bytes(short.read_bytes()[:-100])
    code, said = impound("-q", "read", place / "case", place / "more")
    assert code == 7
    assert f"tables/messages/{short.name} has another length" in said


def test_no_room_while_pruning_is_said_and_the_next_run_does_the_rest(place: Path) -> None:
    shutil.copytree(place / "case", place / "other")
    before = "2011-03-15T00:00:30"
    code, said = impound("-q", "prune", place / "case", "--before", before, most=2_000)
    assert code == 7
    assert "no room left" in said and "run the same command again" in said
    for case in (place / "case", place / "other"):
        assert impound("-q", "prune", case, "--before", before) == (0, "")
        assert Case.open(case).verify() == []
    assert tree(place / "case") == tree(place / "other")


def test_no_room_while_following_is_said_and_the_next_run_takes_what_is_left(place: Path) -> None:
    words = ["read", place / "case", "--follow", "--every", "0.1", "--settle", "0.1", place / "more"]
    code, said = impound(*words, most=2_000)
    assert code == 7
    assert "no room left" in said
    process = subprocess.Popen([*MAIN, *map(str, words)], stderr=subprocess.PIPE, env=os.environ | EPOCH)
    deadline = time.monotonic() + PATIENCE
    while Case.open(place / "case").count("messages") < 70:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert Case.open(place / "case").verify() == []


def test_a_clock_that_was_set_back_changes_nothing_but_what_it_says(place: Path) -> None:
    back = {"SOURCE_DATE_EPOCH": "1000000000"}
    assert impound("-q", "read", place / "case", place / "more", env=back)[0] == 0
    assert impound("-q", "find", place / "case", env=back)[0] == 0
    assert impound("-q", "verify", place / "case")[0] == 0
    assert Case.open(place / "case").count("messages") == 70


def test_a_finder_that_is_killed_leaves_a_sound_case_and_the_next_run_finds_the_same(place: Path) -> None:
    read(place / "case", place / "more")
    shutil.copytree(place / "case", place / "other")
    assert impound("-q", "find", place / "other")[0] == 0
    began = time.monotonic()
    assert impound("-q", "find", place / "other")[0] == 0
    whole = time.monotonic() - began
    for share in (0.4, 0.6, 0.8):
        process = subprocess.Popen([*MAIN, "-q", "find", str(place / "case")], env=os.environ | EPOCH)
        time.sleep(share * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert Case.open(place / "case").verify() == []
    assert impound("-q", "find", place / "case")[0] == 0
    assert tree(place / "case") == tree(place / "other")


def test_workers_that_are_killed_under_a_finder_end_it_with_a_sentence_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(mbox(4_000, 900))
    assert impound("-q", "read", tmp_path / "case", tmp_path / "box")[0] == 0
    process = subprocess.Popen(
        [*MAIN, "-q", "find", str(tmp_path / "case"), "reply_contacts"], stderr=subprocess.PIPE, text=True
    )
    killed = 0
    while process.poll() is None:
        for child in workers(process.pid):
            os.kill(child, signal.SIGKILL)
            killed += 1
        time.sleep(0.2)
    _, said = process.communicate(timeout=PATIENCE)
    assert killed
    assert process.returncode == 5, said
    assert "finder reply_contacts" in said and "Traceback" not in said
    assert Case.open(tmp_path / "case").verify() == []
    assert impound("-q", "find", tmp_path / "case", "reply_contacts")[0] == 0


def workers(parent: int) -> list[int]:
    """The worker processes of a process."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            mine = (entry / "stat").read_text().rpartition(")")[2].split()[1] == str(parent)
            if mine and b"impound.engines._worker" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
