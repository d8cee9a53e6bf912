"""A mailbox that grows, is cut, is replaced or written anew: each message is taken once, and whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from impound.inputs import Found
from impound.intake._box import Box
from impound.readers import _mbox
from impound.readers.mail import MailReader
from intake.mail import mbox


class Followed:
    """A box with what it said of its file."""

    def __init__(self, path: Path, keep: bool = True) -> None:
        self.path, self.said = path, list[str]()
        self.box = Box(str(path), MailReader(), keep, self.said.append)

    def take(self, quiet: bool = False) -> list[bytes]:
        status = self.path.stat()
        shape = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        return [item.data or b"" for item in self.box.take(Found(str(self.path), shape, quiet))]


@pytest.fixture(params=[True, False], ids=["kept open", "opened each time"])
def followed(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Followed]:
    (tmp_path / "box").write_bytes(mbox(3))
    followed = Followed(tmp_path / "box", request.param)
    yield followed
    followed.box.close()


def messages(first: int, end: int) -> list[bytes]:
    whole = [mbox(n) for n in range(end + 1)]
    return [whole[n + 1][len(whole[n]) :] for n in range(first, end)]


def add(followed: Followed, data: bytes) -> None:
    with followed.path.open("ab") as file:
        file.write(data)


def test_the_last_message_waits_until_another_follows_or_the_box_is_quiet(followed: Followed) -> None:
    assert followed.take() == messages(0, 2)
    assert followed.box.held
    add(followed, messages(3, 4)[0])
    assert followed.take() == messages(2, 3)
    assert followed.take() == []
    assert followed.take(quiet=True) == messages(3, 4)
    assert not followed.box.held
    add(followed, b"".join(messages(4, 6)))
    assert followed.take(quiet=True) == messages(4, 6)
    assert followed.said == []


@pytest.mark.parametrize("at", [1, 3, 5, 40, 60, 300])
def test_half_a_message_is_not_taken(followed: Followed, at: int) -> None:
    followed.take(quiet=True)
    new = messages(3, 4)[0]
    add(followed, new[:at])
    assert followed.take() == []
    add(followed, new[at:])
    assert followed.take(quiet=True) == [new]
    assert followed.said == []


def test_a_message_that_goes_on_after_it_was_taken_is_taken_once_more_and_that_is_said(followed: Followed) -> None:
    followed.take(quiet=True)
    new = messages(3, 4)[0]
    add(followed, new[:300])
    assert followed.take(quiet=True) == [new[:300]]
    add(followed, new[300:])
    assert followed.take(quiet=True) == [new]
    assert len(followed.said) == 1 and "before it was whole" in followed.said[0]


def test_a_box_that_was_cut_is_read_from_its_beginning(followed: Followed) -> None:
    followed.take(quiet=True)
    followed.path.write_bytes(messages(7, 8)[0])
    assert followed.take(quiet=True) == messages(7, 8)
    assert len(followed.said) == 1 and "cut or written anew" in followed.said[0]


def test_a_box_that_was_emptied_and_has_grown_longer_than_before_is_read_from_its_beginning(followed: Followed) -> None:
    followed.take(quiet=True)
    followed.path.write_bytes(b"".join(messages(10, 20)))
    assert followed.take(quiet=True) == messages(10, 20)
    assert len(followed.said) == 1


def test_a_box_that_lost_a_message_in_its_middle_loses_none_that_comes(followed: Followed) -> None:
    followed.take(quiet=True)
    followed.path.write_bytes(b"".join([*messages(0, 1), *messages(2, 4)]))
    assert followed.take(quiet=True) == [*messages(0, 1), *messages(2, 4)]


def test_another_file_in_its_place_is_read_from_its_beginning(followed: Followed) -> None:
    followed.take(quiet=True)
    other = followed.path.with_name("other")
    other.write_bytes(mbox(3) + b"".join(messages(3, 5)))
    other.replace(followed.path)
    assert followed.take(quiet=True) == messages(0, 5)
    assert len(followed.said) == 1 and "another file" in followed.said[0]


def test_what_was_added_before_a_box_was_moved_away_is_taken(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(mbox(3))
    followed = Followed(tmp_path / "box")
    assert followed.take() == messages(0, 2)
    add(followed, messages(3, 4)[0])
    followed.path.rename(tmp_path / "box.1")
    followed.path.write_bytes(messages(4, 5)[0])
    assert followed.take(quiet=True) == messages(2, 5)
    followed.box.close()


def test_a_message_longer_than_one_is_read_is_taken_in_bounded_stretches(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_mbox, "MAX_MESSAGE", 2000)
    monkeypatch.setattr(_mbox, "REST", 1000)
    followed.take(quiet=True)
    long = messages(3, 4)[0] + b"more words\n" * 500
    add(followed, long)
    add(followed, messages(4, 5)[0])
    taken = followed.take(quiet=True)
    assert b"".join(taken) == long + messages(4, 5)[0]
    assert max(map(len, taken)) == 2000
