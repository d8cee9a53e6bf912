"""How paths, folders and links become inputs."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from impound.errors import InputError, StoreError
from impound.inputs import Input, Limits, Trouble, _input, _walk, head, walk

MAIL = b"From: ann@example.com\nSubject: one\n\nHello.\n"


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    folder.mkdir()
    return folder


def contents(item: Input | Trouble) -> bytes:
    assert isinstance(item, Input), item
    with item, item.open() as stream:
        data = stream.read()
        assert stream.seek(0) == 0 and stream.read() == data
    assert (len(data), hashlib.sha256(data).digest()) == (item.size, item.sha256)
    return data


def only_trouble(found: Iterator[Input | Trouble]) -> Trouble:
    (one,) = found
    assert isinstance(one, Trouble), one
    return one


def test_a_file_is_an_input_with_its_path_as_given_and_its_hash(mail: Path, tmp: Path) -> None:
    (mail / "a.eml").write_bytes(MAIL)
    (item,) = walk([str(mail / "a.eml")], tmp)
    assert isinstance(item, Input)
    assert (item.path, item.archive, item.archive_sha256, item.unread) == (str(mail / "a.eml"), None, None, "")
    assert contents(item) == MAIL


def test_a_relative_path_stays_as_given(mail: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (mail / "a.eml").write_bytes(MAIL)
    monkeypatch.chdir(mail.parent)
    assert [item.path for item in walk(["mail", "mail/a.eml", "./mail"], tmp)] == [
        "mail/a.eml",
        "mail/a.eml",
        "./mail/a.eml",
    ]


def test_an_empty_file_is_an_input_too(mail: Path, tmp: Path) -> None:
    (mail / "nothing").touch()
    assert [contents(item) for item in walk([str(mail)], tmp)] == [b""]


def test_folders_are_walked_depth_first_by_the_bytes_of_the_names(mail: Path, tmp: Path) -> None:
    for name in ("b", "a/z", "a/.hidden", "a.x", "B", "é", "a/deep/er/file", "Z/1", "10", "9"):
        (mail / name).parent.mkdir(parents=True, exist_ok=True)
        (mail / name).write_bytes(name.encode())
    found = [contents(item).decode() for item in walk([str(mail)], tmp)]
    assert found == ["10", "9", "B", "Z/1", "a/.hidden", "a/deep/er/file", "a/z", "a.x", "b", "é"]


def test_paths_come_in_the_order_given_and_twice_when_given_twice(mail: Path, tmp: Path) -> None:
    for name in "abc":
        (mail / name).write_bytes(name.encode())
    given = [str(mail / name) for name in "cabc"]
    assert [item.path for item in walk(given, tmp)] == given


def test_a_name_that_is_no_text_is_read_and_shown_as_text(mail: Path, tmp: Path) -> None:
    with open(os.fsencode(mail) + b"/\xff\xfe.eml", "wb") as file:  # noqa: PTH123
        file.write(MAIL)
    (item,) = walk([str(mail)], tmp)
    assert item.path == f"{mail}/\\xff\\xfe.eml"
    item.path.encode()
    assert contents(item) == MAIL


def test_a_path_that_does_not_exist_is_refused_before_anything_is_read(mail: Path, tmp: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder") as caught:
        walk([str(mail), str(mail / "absent")], tmp)
    assert caught.value.hint


def test_standard_input_is_an_input_called_minus(tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in (10, 1000):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAIL)))
        (item,) = walk(["-"], tmp, Limits(memory=limit))
        assert item.path == "-"
        assert contents(item) == MAIL


def test_the_first_bytes_can_be_looked_at(mail: Path, tmp: Path) -> None:
    (mail / "long").write_bytes(b"x" * 100_000)
    for limit in (10, 1_000_000):
        (item,) = walk([str(mail)], tmp, Limits(memory=limit))
        assert isinstance(item, Input)
        assert head(item) == b"x" * 65536
        assert contents(item) == b"x" * 100_000


# What cannot be read


def test_pipes_sockets_and_devices_are_never_opened(mail: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(mail / "fifo")
    monkeypatch.chdir(mail)  # the name of a socket may have 108 bytes only
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        monkeypatch.setattr(_walk, "_opened", lambda *_: pytest.fail("opened"))
        found = [(item.path, item.reason) for item in walk([".", "/dev/zero"], tmp) if isinstance(item, Trouble)]
    assert found == [
        ("./fifo", "a named pipe: not opened"),
        ("./socket", "a socket: not opened"),
        ("/dev/zero", "a device: not opened"),
    ]


def test_a_pipe_put_in_the_place_of_a_file_does_not_block(mail: Path, tmp: Path) -> None:
    (mail / "a").write_bytes(MAIL)
    found = walk([str(mail)], tmp)
    names = os.scandir
    with pytest.MonkeyPatch.context() as patch:

        def swapped(path: bytes) -> object:
            entries = list(names(path))
            (mail / "a").unlink()
            os.mkfifo(mail / "a")

            class Scan(list[os.DirEntry[bytes]]):
                def __enter__(self) -> Scan:
                    return self

                def __exit__(self, *_: object) -> None: ...

            return Scan(entries)

        [entry.is_file(follow_symlinks=False) for entry in names(os.fsencode(mail))]
        patch.setattr(os, "scandir", swapped)
        assert only_trouble(found).reason == "not a file any more: not read"


@pytest.mark.parametrize("count", [1, 2])
def test_links_that_lead_back_are_said_and_not_followed(mail: Path, tmp: Path, count: int) -> None:
    (mail / "a.eml").write_bytes(MAIL)
    deep = mail
    for _ in range(count):
        deep /= "x"
        deep.mkdir()
    (deep / "loop").symlink_to(mail)
    (mail / "self").symlink_to("self")
    first, second, third = walk([str(mail)], tmp)
    assert contents(first) == MAIL
    assert isinstance(second, Trouble) and "symbolic links" in second.reason
    assert isinstance(third, Trouble)
    assert third.reason == "a link that leads back to a folder above it"


def test_links_to_files_and_folders_are_followed(mail: Path, tmp: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.eml").write_bytes(MAIL)
    (mail / "folder").symlink_to(tmp_path / "other")
    (mail / "file").symlink_to(tmp_path / "other" / "b.eml")
    found = {item.path: contents(item) for item in walk([str(mail)], tmp)}
    assert found == {f"{mail}/file": MAIL, f"{mail}/folder/b.eml": MAIL}


def test_folders_that_link_twice_to_the_next_do_not_double_each_time(mail: Path, tmp: Path) -> None:
    for level in range(40):
        (mail / f"{level}").mkdir()
        for name in "ab":
            (mail / f"{level}" / name).symlink_to(mail / f"{level + 1}")
    (mail / "40").mkdir()
    (mail / "40" / "c.eml").write_bytes(MAIL)
    found = list(walk([str(mail / "0")], tmp))
    assert len(found) == 41
    assert sum(isinstance(item, Input) for item in found) == 1
    assert all("read through another" in item.reason for item in found if isinstance(item, Trouble))


def test_a_link_that_leads_nowhere_is_trouble(mail: Path, tmp: Path) -> None:
    (mail / "gone").symlink_to("nowhere")
    assert only_trouble(walk([str(mail)], tmp)).reason == "a link that leads nowhere"


def test_a_path_longer_than_the_system_takes_is_trouble(mail: Path, tmp: Path) -> None:
    deep = os.open(mail, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=deep)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    assert only_trouble(walk([str(mail)], tmp)).reason == "file name too long"


def test_what_may_not_be_read_is_trouble(mail: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (mail / name).write_bytes(MAIL)
    real = os.open

    def denied(path: str | bytes, flags: int, *rest: int) -> int:
        if os.fsencode(path).endswith(b"/a"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", denied)  # file modes do not stop root, as whom tests may run
    first, second = walk([str(mail)], tmp)
    assert first == Trouble(f"{mail}/a", None, 0, "permission denied")
    assert contents(second) == MAIL


@pytest.mark.skipif(os.geteuid() == 0, reason="file modes do not stop root")
def test_a_folder_that_may_not_be_listed_is_trouble(mail: Path, tmp: Path) -> None:
    (mail / "closed").mkdir(mode=0)
    assert only_trouble(walk([str(mail)], tmp)).reason == "permission denied"


def test_a_folder_that_cannot_be_listed_is_trouble(mail: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    assert only_trouble(walk([str(mail)], tmp)) == Trouble(str(mail), None, 0, "permission denied")


# Files that change


def test_a_long_file_that_changes_after_it_was_hashed_is_noticed(mail: Path, tmp: Path) -> None:
    path = mail / "box"
    path.write_bytes(MAIL * 100)
    (item,) = walk([str(path)], tmp, Limits(memory=100))
    assert isinstance(item, Input)
    with path.open("r+b") as file:
        file.seek(2000)
        file.write(b"changed")
    with item, item.open() as stream, pytest.raises(InputError, match="changed while it was read"):
        stream.read()


def test_a_long_file_that_shrinks_is_noticed(mail: Path, tmp: Path) -> None:
    path = mail / "box"
    path.write_bytes(MAIL * 100)
    (item,) = walk([str(path)], tmp, Limits(memory=100))
    assert isinstance(item, Input)
    os.truncate(path, 1000)
    with item, item.open() as stream, pytest.raises(InputError, match="changed while it was read"):
        while stream.read(64):
            pass


def test_a_long_file_that_grows_or_is_replaced_is_read_as_it_was_hashed(mail: Path, tmp: Path) -> None:
    path = mail / "box"
    path.write_bytes(MAIL * 100)
    (item,) = walk([str(path)], tmp, Limits(memory=100))
    with path.open("ab") as file:
        file.write(b"more")
    path.rename(mail / "away")
    assert contents(item) == MAIL * 100


def test_a_long_file_that_changes_while_it_is_hashed_is_copied(
    mail: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mail / "box"
    path.write_bytes(MAIL * 100)
    real = hashlib.file_digest

    def changing(file: io.FileIO, name: str) -> object:
        digest = real(file, name)
        with path.open("r+b") as other:
            other.write(b"To")
        os.utime(path, ns=(1, 1))
        return digest

    monkeypatch.setattr(hashlib, "file_digest", changing)
    (item,) = walk([str(path)], tmp, Limits(memory=100))
    path.write_bytes(b"something else altogether")
    assert contents(item) == b"To" + (MAIL * 100)[2:]


def test_a_full_disk_is_a_store_error(mail: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(_input.tempfile, "TemporaryFile", lambda **_: Full())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAIL)))
    with pytest.raises(StoreError, match="No space left"):
        list(walk(["-"], tmp, Limits(memory=10)))


def test_an_abandoned_walk_leaves_nothing(tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAIL)))
    item = next(walk(["-"], tmp, Limits(memory=10)))
    assert list(tmp.iterdir()) == []
    assert contents(item) == MAIL


def test_a_system_that_gives_a_file_in_small_pieces_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mail").write_bytes(b"From: a@b.example\n\n" * 50)
    real = os.read
    monkeypatch.setattr(os, "read", lambda handle, count: real(handle, min(count, 7)))
    data = _walk._short(os.open(tmp_path / "mail", os.O_RDONLY), 950, 1 << 20)
    assert data == b"From: a@b.example\n\n" * 50
