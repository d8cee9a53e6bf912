"""A single line of 2 GiB is read in the time its bytes take, whether it stands in the header or in the body."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hostile import measure
from hostile.evil import MIB, message
from hostile.ordinary import Ordinary

LENGTH = 2048 * MIB
ROOM = LENGTH + 1024 * MIB
"""Bytes of disk that the test wants free: the copy it compares with, and the case. The line itself is a hole."""
TIMES = 6.0
"""Times what hashing and copying the same bytes takes here and now."""
MEMORY = 200
LINES = {"header": b"Subject: one\nFrom: ann@example.com\nX-Long: ", "body": message(b"one") + b"\n"}


@pytest.fixture(params=LINES)
def long_line(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A mail whose last line is a hole of 2 GiB."""
    free = shutil.disk_usage(tmp_path).free
    if free < ROOM:
        pytest.skip(f"ONLY {free // MIB:,} MiB FREE, {ROOM // MIB:,} WANTED: A LINE OF 2 GiB WAS NOT TESTED")
    path = tmp_path / "long.eml"
    path.write_bytes(LINES[request.param])
    os.truncate(path, LENGTH)
    return path


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def plain(path: Path, copy: Path) -> float:
    """Seconds that the bytes take: their SHA-256, and copying them."""
    with path.open("rb") as file:
        hashing = timed(lambda: hashlib.file_digest(file, "sha256"))
    with path.open("rb") as file, copy.open("wb") as other:
        copying = timed(lambda: (shutil.copyfileobj(file, other, MIB), other.flush(), os.fsync(other.fileno())))
    copy.unlink()
    return hashing + copying


def test_a_line_of_two_gib_is_read_in_the_time_its_bytes_take(long_line: Path, tmp_path: Path) -> None:
    ordinary = Ordinary(tmp_path).of(8 * MIB)
    fair = plain(long_line, tmp_path / "copy")
    outcome = measure.read(tmp_path / "case", long_line)
    assert (outcome.code, outcome.changed) == (0, [])
    assert outcome.messages == ["one"]
    assert any("longer than 32 MiB" in reason for _, reason in outcome.rejects)
    assert outcome.sizes == [LENGTH]
    assert outcome.cpu - ordinary.cpu <= TIMES * fair, f"{outcome.cpu:.1f} s, {fair:.1f} s for the bytes alone"
    assert outcome.mib - ordinary.mib <= MEMORY
