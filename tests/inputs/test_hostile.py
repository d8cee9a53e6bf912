"""Archives made to do harm: bombs, endless headers, damage of every kind."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import resource
import struct
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

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


def zeros(suffix: str, count: int) -> bytes:
    """``count`` MiB of zeros, compressed."""
    makers = {
        "gz": lambda: zlib.compressobj(9, wbits=31),
        "bz2": bz2.BZ2Compressor,
        "xz": lzma.LZMACompressor,
        "zst": lambda: zstandard.ZstdCompressor(3).compressobj(),
    }
    packer, block = makers[suffix](), bytes(1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(count)), packer.flush()])


def rle_zstd(blocks: int) -> bytes:
    """A Zstandard frame in which four bytes stand for 128 KiB (RFC 8878, 3.1.1.2)."""
    body = b"".join(((131072 << 3) | 2 | (n == blocks - 1)).to_bytes(3, "little") + b"\0" for n in range(blocks))
    return b"\x28\xb5\x2f\xfd" + bytes([0, 7 << 3]) + body


def overlapping(count: int) -> bytes:
    """A zip archive whose members all are the same bytes (D. Fifield, "A better zip bomb", WOOT 2019)."""
    whole = zipped({"a": NOISE}, zipfile.ZIP_STORED)
    start = whole.index(b"PK\1\2")
    entry = whole[start : whole.index(b"PK\5\6")]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(entry) * count, start, 0)
    return whole[:start] + entry * count + end


BOMBS = {
    "zeros.gz": zeros("gz", 300),
    "zeros.bz2": zeros("bz2", 300),
    "zeros.xz": zeros("xz", 300),
    "zeros.zst": zeros("zst", 300),
    "rle.zst": rle_zstd(50_000),
    "zeros.zip": zipped({f"{n}": bytes(40 << 20) for n in range(3)}),
    "nested.zip": zipped({f"{n}": zipped({f"{m}": bytes(1 << 20) for m in range(60)}) for n in range(4)}),
    "tar.gz": gzip.compress(tarred({"a": MAIL, "b": bytes(80 << 20)})),
    "overlap.zip": overlapping(3000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_stopped_and_sealed(read: Reading, name: str) -> None:
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = read(name, BOMBS[name])
    assert time.process_time() - started < 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10
    assert sum(item.size for item in found if isinstance(item, Input)) < 100 << 20
    archive = found[-1]
    assert isinstance(archive, Input)
    assert "a bomb?" in archive.unread
    assert contents(archive) == BOMBS[name]
    for item in found[:-1]:
        if isinstance(item, Input):
            item.close()


def test_what_expands_much_but_to_little_is_no_bomb(read: Reading) -> None:
    data = bytes(30 << 20)
    (item,) = read("a.xz", lzma.compress(data))
    assert contents(item) == data


def test_a_dictionary_that_would_take_the_memory_is_refused(read: Reading) -> None:
    data = lzma.compress(MAIL, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    (archive,) = read("a.xz", data)
    assert isinstance(archive, Input)
    assert "memory" in archive.unread
    assert contents(archive) == data


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_more_members_than_allowed_are_left_in_the_sealed_archive(
    read: Reading, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    data = pack({f"{n}": MAIL for n in range(5)})
    found = read("a", data, Limits(members=3))
    assert [item.path for item in found] == ["a!0", "a!1", "a!2", "a"]
    assert isinstance(found[-1], Input)
    assert found[-1].unread == "more than 3 members: the rest is not read"


@pytest.mark.parametrize("suffix", PACK)
def test_many_empty_streams_take_linear_time(read: Reading, suffix: str) -> None:
    started = time.process_time()
    (item,) = read(f"a.{suffix}", PACK[suffix](b"") * 20_000)
    assert contents(item) == b""
    assert time.process_time() - started < 5


def test_a_tar_header_of_any_length_is_not_taken_into_memory(read: Reading) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = b"x", 1 << 40
    (archive,) = read("a.tar", info.tobuf(tarfile.GNU_FORMAT) + bytes(5000))
    assert isinstance(archive, Input)
    assert archive.unread == "a tar extension header longer than 1 MiB"
    archive.close()


SEEDS = [
    zipped({"a": MAIL, "b": zipped({"c": MAIL})}),
    zipped({"a": NOISE[:300]}, zipfile.ZIP_STORED),
    tarred({"a": MAIL, "n" * 120: MAIL}),
    tarred({"a": MAIL, "n" * 120: MAIL}, tarfile.GNU_FORMAT),
    *(pack(tarred({"a": MAIL})) for pack in PACK.values()),
    *(pack(MAIL) * 2 for pack in PACK.values()),
]


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=9)), max_size=6),
    st.integers(0, 2000),
)
def test_any_damage_gives_inputs_and_loses_nothing(seed: bytes, changes: list[tuple[int, bytes]], keep: int) -> None:
    data = bytearray(seed)
    for at, patch in changes:
        data[at % len(data) : at % len(data) + len(patch)] = patch
    damaged = bytes(data[: keep or None])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(damaged)))
        found = list(walk(["-"], Path(tempfile.gettempdir()), Limits(memory=200)))
    assert found
    sealed = [contents(item) for item in found if isinstance(item, Input) and item.path.encode()]
    if damaged == seed:
        assert any(MAIL in data or NOISE[:300] in data for data in sealed)
    without_bytes = ("a symbolic link", "a hard link", "a device", "a named pipe")
    if any(isinstance(item, Trouble) and not item.reason.startswith(without_bytes) for item in found):
        assert any(item.unread for item in found if isinstance(item, Input))
