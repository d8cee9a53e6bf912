"""What lies inside archives, and how much of a damaged or hostile one."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from impound.inputs import Input, Limits, Trouble, walk

MAIL = b"From: ann@example.com\nSubject: one\n\nHello.\n"
NOISE = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(4000))
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}
Found = list[Input | Trouble]
Reading = Callable[..., Found]


def tarred(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def contents(item: Input | Trouble) -> bytes:
    assert isinstance(item, Input), item
    with item, item.open() as stream:
        data = stream.read()
    assert (len(data), hashlib.sha256(data).digest()) == (item.size, item.sha256)
    return data


def summary(found: Found) -> dict[str, bytes | str]:
    """Path → its bytes, or why it was not read; the hash of the archive is checked on the way."""
    told: dict[str, bytes | str] = {}
    for item in found:
        assert item.path not in told
        if isinstance(item, Trouble):
            told[item.path] = item.reason
            continue
        data = contents(item)
        if item.archive:
            assert item.archive_sha256 == hashlib.sha256(Path(item.archive).read_bytes()).hexdigest()
            assert item.path.startswith(item.archive + "!")
        told[item.path] = item.unread or data
    return told


@pytest.mark.parametrize("limit", [10, 1 << 20])
@pytest.mark.parametrize("suffix", PACK)
def test_a_compressed_file_holds_one_member(read: Reading, suffix: str, limit: int) -> None:
    found = read(f"box.mbox.{suffix}", PACK[suffix](MAIL * 50), Limits(memory=limit))
    assert summary(found) == {f"box.mbox.{suffix}!box.mbox": MAIL * 50}


@pytest.mark.parametrize("suffix", PACK)
def test_the_bytes_say_what_an_archive_is_and_not_its_name(read: Reading, suffix: str) -> None:
    assert summary(read("box.eml", PACK[suffix](MAIL))) == {"box.eml!box.eml": MAIL}
    assert summary(read(f"plain.{suffix}", MAIL)) == {f"plain.{suffix}": MAIL}


@pytest.mark.parametrize("suffix", PACK)
def test_streams_that_follow_each_other_are_read_through(read: Reading, suffix: str) -> None:
    data = PACK[suffix](MAIL) + PACK[suffix](b"") + PACK[suffix](NOISE) + b"\0" * 512
    assert summary(read(f"a.{suffix}", data)) == {f"a.{suffix}!a": MAIL + NOISE}


def test_skippable_frames_of_zstandard_are_skipped(read: Reading) -> None:
    skippable = struct.pack("<LL", 0x184D2A51, 5) + b"hello"
    data = skippable + zstandard.compress(MAIL) + skippable + zstandard.compress(NOISE) + skippable
    assert summary(read("a.zst", data)) == {"a.zst!a": MAIL + NOISE}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("suffix", ["", *PACK])
def test_tar_archives_are_read_as_streams(read: Reading, suffix: str, form: int) -> None:
    long = "x" * 90 + "/" + "y" * 90
    members = {"a.eml": MAIL, "empty": b"", long: NOISE, "new/cur/1:2,S": MAIL * 3}
    data = tarred(members, form)
    path = "box.tar" + (f".{suffix}" if suffix else "")
    found = read(path, PACK[suffix](data) if suffix else data, Limits(memory=1000))
    assert summary(found) == {f"{path}!{name}": data for name, data in members.items()}


def test_names_that_are_no_ascii_are_kept(read: Reading) -> None:
    assert summary(read("a.tar", tarred({"é/ü.eml": MAIL}))) == {"a.tar!é/ü.eml": MAIL}
    assert summary(read("a.zip", zipped({"é/ü.eml": MAIL}))) == {"a.zip!é/ü.eml": MAIL}


def test_tar_archives_that_follow_each_other_are_read_through(read: Reading) -> None:
    assert summary(read("a.tar", tarred({"a": MAIL}) + tarred({"b": NOISE}))) == {"a.tar!a": MAIL, "a.tar!b": NOISE}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_zip_archives_are_read(read: Reading, method: int) -> None:
    members = {"a.eml": MAIL, "empty": b"", "in/b.eml": NOISE}
    data = zipped({**members, "folder/": b""}, method)
    for limit in (1000, 1 << 24):
        assert summary(read("a.zip", data, Limits(memory=limit))) == {f"a.zip!{n}": d for n, d in members.items()}
    assert summary(read("a.zip", data + b"")) == {f"a.zip!{n}": d for n, d in members.items()}


def test_a_zip_written_to_a_pipe_says_its_lengths_behind_the_bytes(read: Reading) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "ab":
            with archive.open(name, "w", force_zip64=name == "b") as file:
                file.write(NOISE)
    whole = out.getvalue()
    assert summary(read("a.zip", whole)) == {"a.zip!a": NOISE, "a.zip!b": NOISE}
    told = summary(read("cut.zip", whole[: whole.index(b"PK\1\2")]))
    assert told["cut.zip!a"] == told["cut.zip!b"] == NOISE
    assert "directory" in str(told["cut.zip"])


def test_archives_inside_archives_are_opened(read: Reading) -> None:
    inner = zipped({"c.eml": MAIL, "d.gz": gzip.compress(NOISE)})
    found = read("a.tar.gz", gzip.compress(tarred({"b.zip": inner, "e": MAIL})), Limits(memory=1000))
    assert summary(found) == {
        "a.tar.gz!b.zip!c.eml": MAIL,
        "a.tar.gz!b.zip!d.gz!d": NOISE,
        "a.tar.gz!e": MAIL,
    }
    assert {item.archive for item in found} == {"a.tar.gz"}


def test_archives_too_deep_are_sealed_and_not_opened(read: Reading) -> None:
    data = MAIL
    for _ in range(6):
        data = zipped({"x": data})
    assert summary(read("a.zip", data)) == {"a.zip!x!x!x!x": "an archive inside 4 others: not opened"}


def test_standard_input_may_be_an_archive(tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(tarred({"a": MAIL})))))
    (item,) = walk(["-"], tmp)
    assert (item.path, item.archive, contents(item)) == ("-!a", "-", MAIL)


# Names and kinds of members


@pytest.mark.parametrize("pack", [tarred, zipped])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd"),
        ("/etc/passwd", "%2Fetc/passwd"),
        ("a/../../b", "a/%2E%2E/%2E%2E/b"),
        ("./a..b/..c", "a..b/..c"),
        ("..\\..\\x", "..%5C..%5Cx"),
        ("a\x1b[31m\nb", "a%1B[31m%0Ab"),
        ("txt.\u202egpj", "txt.%E2%80%AEgpj"),
        ("n" * 3000, "n" * 1000 + "…"),
    ],
)
def test_a_member_whose_name_climbs_is_read_and_written_nowhere(
    read: Reading, tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], name: str, shown: str
) -> None:
    assert summary(read("a", pack({name: MAIL}))) == {f"a!{shown}": MAIL}
    assert {path.name for path in tmp_path.iterdir()} == {"a", "tmp"}


def test_links_and_devices_in_a_tar_are_said_and_cost_no_bytes(read: Reading) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind in (
            ("s", tarfile.SYMTYPE),
            ("h", tarfile.LNKTYPE),
            ("f", tarfile.FIFOTYPE),
            ("d", tarfile.DIRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    told = summary(read("a.tar", out.getvalue()))
    assert told == {
        "a.tar!s": "a symbolic link: not followed",
        "a.tar!h": "a hard link to another member: not followed",
        "a.tar!f": "a named pipe",
    }


def test_an_encrypted_member_is_said_and_the_archive_sealed(read: Reading) -> None:
    data = bytearray(zipped({"a": MAIL, "b": NOISE}))
    data[data.index(b"PK\1\2") + 8] |= 1
    told = summary(read("a.zip", bytes(data)))
    assert told == {"a.zip!a": "encrypted", "a.zip!b": NOISE, "a.zip": "a: encrypted"}


def test_a_member_packed_in_an_unknown_way_is_said_and_the_archive_sealed(read: Reading) -> None:
    told = summary(read("a.zip", zipped({"a": MAIL}, zipfile.ZIP_LZMA)))
    assert told["a.zip!a"] == "compressed by method 14, which is not supported"
    assert told["a.zip"] == f"a: {told['a.zip!a']}"


@pytest.mark.parametrize("data", [zipped({}), zipped({"folder/": b""})])
def test_an_archive_with_nothing_inside_is_not_lost(read: Reading, data: bytes) -> None:
    assert summary(read("a", data)) == {"a": "an archive with nothing inside"}


# Damage


@pytest.mark.parametrize("suffix", PACK)
def test_what_comes_before_the_damage_is_read_and_the_archive_sealed(read: Reading, suffix: str) -> None:
    data = PACK[suffix](MAIL * 20_000 + NOISE)
    for broken in (data[:-20], data[: len(data) // 2] + b"garbage" * 9 + data[len(data) // 2 + 63 :]):
        found = read(f"a.{suffix}", broken)
        archive = found[-1]
        assert isinstance(archive, Input)
        assert "the compressed data" in archive.unread
        assert 0 < archive.unread_at <= len(broken)
        assert contents(archive) == broken
        if len(found) == 2:
            assert (MAIL * 20_000 + NOISE).startswith(contents(found[0])[: len(MAIL) * 1000])
        assert len(found) <= 2


def test_bytes_behind_compressed_data_are_not_lost(read: Reading) -> None:
    told = summary(read("a.gz", gzip.compress(MAIL) + b"hidden"))
    assert told == {"a.gz!a": MAIL, "a.gz": "something else follows the compressed data"}


def test_a_tar_that_is_cut_short_gives_the_members_before(read: Reading) -> None:
    whole = tarred({"a": MAIL, "b": NOISE, "c": MAIL})
    told = summary(read("a.tar", whole[: 512 * 6]))
    assert told["a.tar!a"] == MAIL
    assert told["a.tar!b"] == NOISE[: 512 * 3]
    assert told["a.tar"] == "the archive ends inside a member"
    end = whole.index(b"c" + b"\0" * 50)
    told = summary(read("b.tar", whole[:end]))
    assert list(told) == ["b.tar!a", "b.tar!b", "b.tar"]
    assert told["b.tar"] == "the archive ends without its end mark: it may be cut short"


def test_a_tar_damaged_in_the_middle_gives_the_members_before(read: Reading) -> None:
    whole = bytearray(tarred({"a": MAIL, "b": NOISE}))
    whole[1024:1030] = b"broken"
    found = read("a.tar", bytes(whole))
    archive = found[-1]
    assert isinstance(archive, Input)
    assert (archive.unread, archive.unread_at) == ("not a tar header: the archive is damaged or cut short", 1024)
    assert [item.path for item in found] == ["a.tar!a", "a.tar"]
    summary(found)


def test_a_zip_without_its_directory_gives_the_members_found(read: Reading) -> None:
    whole = zipped({"a": MAIL, "b": NOISE, "c": MAIL}, zipfile.ZIP_STORED)
    told = summary(read("a.zip", whole[: whole.index(b"PK\3\4", 5) + 2000]))
    assert told["a.zip!a"] == MAIL
    assert isinstance(told["a.zip!b"], bytes)
    assert NOISE.startswith(told["a.zip!b"])
    assert "a.zip" in told


def test_a_damaged_member_of_a_zip_does_not_keep_the_others_away(read: Reading) -> None:
    data = bytearray(zipped({"a": MAIL, "b": NOISE, "c": MAIL}, zipfile.ZIP_STORED))
    data[data.index(NOISE) + 7] ^= 1
    found = read("a.zip", bytes(data))
    assert [item.path for item in found] == ["a.zip!a", "a.zip!b", "a.zip!c", "a.zip"]
    archive = found[-1]
    assert isinstance(archive, Input)
    assert archive.unread == "the member's checksum does not fit"
    summary(found)
