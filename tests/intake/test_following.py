"""``read --follow`` as a process: what comes is in the case soon, once, and whole, whatever ends it in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from impound import Case
from impound.errors import UsageError
from impound.store import CaseStore
from intake.mail import KEY, mbox, message, read, rows

PATIENCE = 60.0
"""Seconds that anything may take on a busy machine."""
MAIN = [sys.executable, "-c", "from impound.cli import main; main()"]


class Follower:
    """A process that follows some paths into a case, and can be started again."""

    def __init__(self, place: Path, *paths: Path) -> None:
        self.case, self.key, self.paths = place / "case", place / "key", [str(p) for p in paths]
        self.key.write_text(KEY.hex())
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        words = ["read", str(self.case), "--case-key", str(self.key), "--follow", "--every", "0.2", "--settle", "0.4"]
        self.process = subprocess.Popen([*MAIN, *words, *self.paths], stderr=subprocess.PIPE, text=True)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code after a signal, and what it said."""
        assert self.process is not None
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def subjects(self) -> list[str]:
        """The subjects of the messages in the case so far."""
        if not CaseStore.exists(self.case):
            return []
        batches = list(Case.open(self.case).rows("messages"))
        return sorted((s for b in batches for s in b["subject"].to_pylist()), key=lambda s: int(s.split()[1]))

    def wait(self, count: int) -> None:
        """Until so many messages are in the case."""
        until(lambda: len(self.subjects()) >= count, self)


def until(reached: Callable[[], bool], follower: Follower) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert follower.process is not None and follower.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)


def subjects(*numbers: int) -> list[str]:
    return [f"offer {n}" for n in numbers]


def deliver(maildir: Path, number: int) -> None:
    """As a delivery agent does it: written in tmp, then moved."""
    (maildir / "tmp" / f"{number}.host").write_bytes(message(number))
    (maildir / "tmp" / f"{number}.host").rename(maildir / "new" / f"{number}.host")


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    return tmp_path / "Maildir"


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Callable[..., Follower]]:
    made: list[Follower] = []

    def following(*paths: Path) -> Follower:
        made.append(Follower(tmp_path, *paths))
        made[-1].start()
        return made[-1]

    yield following
    for follower in made:
        if follower.process is not None and follower.process.poll() is None:
            follower.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_comes_is_read_until_a_signal_says_to_end(
    number: int, maildir: Path, tmp_path: Path, follow: Callable[..., Follower]
) -> None:
    box, folder = tmp_path / "box", tmp_path / "reports"
    folder.mkdir()
    box.write_bytes(mbox(2))
    deliver(maildir, 10)
    follower = follow(maildir, box, folder)
    follower.wait(3)
    with box.open("ab") as file:
        file.write(mbox(3)[len(mbox(2)) :])
    deliver(maildir, 11)
    (folder / "20.eml").write_bytes(message(20))
    follower.wait(6)
    code, said = follower.end(number)
    assert code == 0, said
    assert "Read 6 messages from 6 sources" in said
    assert follower.subjects() == subjects(0, 1, 2, 10, 11, 20)
    case = Case.open(follower.case)
    assert case.verify() == []
    assert not case._store.interrupted()
    assert [e["what"] for e in case._store.custody.entries()][-1] == "follow ends"


def test_followed_mail_gives_the_rows_that_read_mail_gives(
    maildir: Path, tmp_path: Path, follow: Callable[..., Follower]
) -> None:
    for number in range(5):
        deliver(maildir, number)
    follower = follow(maildir)
    follower.wait(5)
    follower.end()
    read(tmp_path / "other", maildir)
    for table in ("messages", "bodies", "urls"):
        assert rows(follower.case, table, "body_id") == rows(tmp_path / "other", table, "body_id")


def test_killed_again_and_again_it_loses_nothing_and_reads_nothing_twice(
    maildir: Path, tmp_path: Path, follow: Callable[..., Follower]
) -> None:
    box = tmp_path / "box"
    box.write_bytes(b"")
    follower = follow(maildir, box)
    written = 0
    for _ in range(5):
        began = time.monotonic()
        while time.monotonic() - began < random.uniform(0.8, 2.5):
            deliver(maildir, 1_000 + written)
            with box.open("ab") as file:  # in two halves, between which it may be looked at
                new = mbox(written + 1)[len(mbox(written)) :]
                file.write(new[:200])
                file.flush()
                file.write(new[200:])
            written += 1
            time.sleep(0.03)
        follower.kill()
        if CaseStore.exists(follower.case):
            assert Case.open(follower.case).verify() == []
        follower.start()
    follower.wait(2 * written)
    code, said = follower.end()
    assert code == 0, said
    assert follower.subjects() == subjects(*range(written), *range(1_000, 1_000 + written))
    assert Case.open(follower.case).verify() == []


def test_a_box_that_is_replaced_between_two_runs_is_taken_up_again(
    tmp_path: Path, follow: Callable[..., Follower]
) -> None:
    box = tmp_path / "box"
    box.write_bytes(mbox(5))
    follower = follow(box)
    follower.wait(5)
    follower.kill()
    box.write_bytes(mbox(7)[len(mbox(2)) :])
    follower.start()
    follower.wait(7)
    assert follower.end()[0] == 0
    assert follower.subjects() == subjects(*range(7))


def test_a_box_that_is_cut_while_it_is_followed_is_said_and_written_down(
    tmp_path: Path, follow: Callable[..., Follower]
) -> None:
    box = tmp_path / "box"
    box.write_bytes(mbox(5))
    follower = follow(box)
    follower.wait(5)
    box.write_bytes(mbox(6)[len(mbox(5)) :])
    follower.wait(6)
    _, said = follower.end()
    assert "cut or written anew" in said
    whys = [e["why"] for e in Case.open(follower.case)._store.custody.entries() if e["what"] == "follow: file changed"]
    assert len(whys) == 1 and "cut or written anew" in whys[0]
    assert follower.subjects() == subjects(*range(6))


def test_other_commands_have_their_turn_and_following_goes_on_after_them(
    maildir: Path, tmp_path: Path, follow: Callable[..., Follower]
) -> None:
    deliver(maildir, 1)
    follower = follow(maildir)
    follower.wait(1)
    (tmp_path / "2.eml").write_bytes(message(2))
    for _ in range(600):  # between two passes the case is free
        code = subprocess.run(
            [*MAIN, "-q", "read", str(follower.case), str(tmp_path / "2.eml")], stderr=subprocess.DEVNULL, check=False
        ).returncode
        if code == 0:
            break
        assert code == 7
    assert code == 0
    deliver(maildir, 3)
    follower.wait(3)
    deliver(maildir, 2)  # the same bytes as the file that another command has read: a copy, not a message
    until(lambda: any(c == 1 for b in Case.open(follower.case).rows("sources") for c in b["copies"].to_pylist()),
          follower)  # fmt: skip
    assert follower.end()[0] == 0
    assert follower.subjects() == subjects(1, 2, 3)


def test_a_case_that_another_command_holds_is_waited_for_and_that_is_said(
    maildir: Path, tmp_path: Path, follow: Callable[..., Follower]
) -> None:
    deliver(maildir, 1)
    with Case.open_or_create(tmp_path / "case", write=True, key=KEY) as held:
        follower = follow(maildir)
        time.sleep(1.5)
        assert held.count("messages") == 0
    follower.wait(1)
    code, said = follower.end()
    assert code == 0
    assert said.count(f"in use by another impound (process {os.getpid()})") == 1


def test_a_case_that_keeps_references_is_not_fed_by_following(maildir: Path, tmp_path: Path) -> None:
    from threading import Event

    Case.open_or_create(tmp_path / "case", reference=True).close()
    with pytest.raises(UsageError, match="keeps references"):
        Case.open(tmp_path / "case").follow([str(maildir)], stop=Event())
