"""A single line of 2 GiB is read in the time its bytes take, whether it stands in the header or in the body."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
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
PATIENCE = 60.0
"""Seconds of wall time more, for machines that have other work while one of the two runs."""
MEMORY = 200
"""MiB beyond ordinary mail."""
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


def plain(path: Path, copy: Path) -> tuple[float, float]:
    """What the bytes take, their SHA-256 and copying them: seconds of wall time and of processor time."""
    began, used = time.monotonic(), time.process_time()
    with path.open("rb") as file, copy.open("wb") as other:
        hashlib.file_digest(file, "sha256")
        file.seek(0)
        shutil.copyfileobj(file, other, MIB)
        os.fsync(other.fileno())
    copy.unlink()
    return time.monotonic() - began, time.process_time() - used


def test_a_line_of_two_gib_is_read_in_the_time_its_bytes_take(long_line: Path, tmp_path: Path) -> None:
    ordinary = Ordinary(tmp_path).of(8 * MIB)
    seconds, cpu = plain(long_line, tmp_path / "copy")
    outcome = measure.read(tmp_path / "case", long_line)
    sys.stdout.write(f"{outcome.seconds:.1f} s, {outcome.cpu:.1f} s of CPU; the bytes: {seconds:.1f} s, {cpu:.1f} s\n")
    assert (outcome.code, outcome.changed) == (0, [])
    assert outcome.messages == ["one"]
    assert any("longer than 32 MiB" in reason for _, reason in outcome.rejects)
    assert outcome.sizes == [LENGTH]
    assert outcome.cpu - ordinary.cpu <= TIMES * cpu
    assert outcome.seconds - ordinary.seconds <= TIMES * seconds + PATIENCE
    assert outcome.mib - ordinary.mib <= MEMORY
