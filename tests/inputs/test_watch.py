"""What is new or changed under some paths, and whether its writer has finished."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from impound.inputs import Watch, _watch


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    return tmp_path / "Maildir"


def look(watch: Watch, now: float, take: bool = True) -> list[tuple[str, bool]]:
    """The names of what is found, and whether it is quiet; what is quiet is taken."""
    found = list(watch.look(now))
    for file in found:
        if file.quiet and take:
            watch.taken(file)
    return [(Path(file.path).name, file.quiet) for file in found]


def test_a_file_is_quiet_when_it_has_not_changed_for_as_long_as_a_writer_may_pause(tmp_path: Path) -> None:
    watch = Watch([str(tmp_path)], 10)
    (tmp_path / "a").write_bytes(b"half")
    assert look(watch, 0) == [("a", False)]
    assert look(watch, 9) == [("a", False)]
    (tmp_path / "a").write_bytes(b"half and half")
    assert look(watch, 12) == [("a", False)]
    assert look(watch, 21) == [("a", False)]
    assert watch.waiting()
    assert look(watch, 22) == [("a", True)]
    assert look(watch, 99) == []
    assert not watch.waiting()


def test_a_file_that_changes_after_it_was_taken_is_found_again(tmp_path: Path) -> None:
    watch = Watch([str(tmp_path)], 0)
    (tmp_path / "a").write_bytes(b"one")
    assert look(watch, 0) == [("a", True)]
    (tmp_path / "a").write_bytes(b"three")
    assert look(watch, 1) == [("a", True)]
    assert look(watch, 2) == []


def test_a_path_that_is_not_there_may_come(tmp_path: Path) -> None:
    watch = Watch([str(tmp_path / "box")], 0)
    assert look(watch, 0) == []
    (tmp_path / "box").write_bytes(b"mail")
    assert look(watch, 1) == [("box", True)]


def test_what_programs_work_with_is_no_mail(tmp_path: Path) -> None:
    for name in (".copied.eml.Xy3", "box.lock", "mail.eml"):
        (tmp_path / name).write_bytes(b"x")
    assert look(Watch([str(tmp_path)], 0), 0) == [("mail.eml", True)]


def test_what_is_delivered_into_a_maildir_is_whole_at_once(maildir: Path) -> None:
    watch = Watch([str(maildir)], 10)
    (maildir / "tmp" / "1.host").write_bytes(b"half")
    (maildir / "dovecot.index").write_bytes(b"no mail")
    assert look(watch, 0) == []
    (maildir / "tmp" / "1.host").rename(maildir / "new" / "1.host")
    assert look(watch, 1) == [("1.host", True)]
    assert look(watch, 2) == []


def test_a_message_that_gets_flags_and_is_moved_is_the_same(maildir: Path) -> None:
    watch = Watch([str(maildir)], 10)
    (maildir / "new" / "1.host").write_bytes(b"mail")
    assert look(watch, 0) == [("1.host", True)]
    (maildir / "new" / "1.host").rename(maildir / "cur" / "1.host:2,")
    assert look(watch, 1) == []
    (maildir / "cur" / "1.host:2,").rename(maildir / "cur" / "1.host:2,RS")
    assert look(watch, 2) == []


def test_what_was_read_from_a_maildir_before_is_known_whatever_its_flags(maildir: Path) -> None:
    (maildir / "cur" / "1.host:2,S").write_bytes(b"mail")
    (maildir / "cur" / "2.host:2,").write_bytes(b"mail")
    watch = Watch([str(maildir)], 10)
    watch.know(str(maildir / "new" / "1.host"))
    assert look(watch, 0) == [("2.host:2,", True)]


def test_folders_of_a_maildir_are_maildirs_too(maildir: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (maildir / ".Junk" / name).mkdir(parents=True)
    (maildir / ".Junk" / "new" / "7.host").write_bytes(b"mail")
    assert look(Watch([str(maildir)], 10), 0) == [("7.host", True)]


def test_a_maildir_that_stays_as_it_is_is_not_listed_again(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (maildir / "new" / "1.host").write_bytes(b"mail")
    for name in ("cur", "new"):
        os.utime(maildir / name, (1, 1))
    listed: list[str] = []
    entries = _watch._entries
    monkeypatch.setattr(_watch, "_entries", lambda folder: listed.append(Path(folder).name) or entries(folder))
    watch = Watch([str(maildir)], 10)
    look(watch, 0)
    look(watch, 1)
    assert listed.count("new") == 2
    look(watch, 2)
    assert listed.count("new") == 2
    (maildir / "new" / "2.host").write_bytes(b"mail")
    assert look(watch, 3) == [("2.host", True)]


def test_a_message_that_comes_while_the_folder_is_listed_is_not_missed(maildir: Path) -> None:
    """The time of a folder that changed just now proves nothing: the next change may leave it the same."""
    (maildir / "new" / "1.host").write_bytes(b"mail")
    watch = Watch([str(maildir)], 10)
    look(watch, 0)
    look(watch, 1)
    before = (maildir / "new").stat().st_mtime_ns
    (maildir / "new" / "2.host").write_bytes(b"mail")
    os.utime(maildir / "new", ns=(before, before))
    assert look(watch, 2) == [("2.host", True)]


def test_a_link_that_goes_in_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to(tmp_path)
    (tmp_path / "a").write_bytes(b"mail")
    assert look(Watch([str(tmp_path)], 0), 0) == [("a", True)]
