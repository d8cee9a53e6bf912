"""The custody log breaks wherever somebody touched it."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from impound.errors import VerifyError
from impound.store._custody import CustodyLog


@pytest.fixture
def log(tmp_path: Path) -> CustodyLog:
    log = CustodyLog(tmp_path / "custody.jsonl")
    for number in range(20):
        log.append("read", number=number, paths=[f"mail-{number}"])
    return log


def test_an_untouched_log_is_whole(log: CustodyLog) -> None:
    assert [e["number"] for e in log.entries()] == list(range(20))


def test_every_changed_byte_is_found(log: CustodyLog) -> None:
    whole = log.path.read_bytes()
    for place in random.Random(1).sample(range(len(whole)), 300):
        changed = bytearray(whole)
        changed[place] ^= 1 << random.Random(place).randrange(8)
        log.path.write_bytes(changed)
        if changed.rstrip(b"\n").count(b"\n") == whole.count(b"\n") - 1 and place == len(whole) - 1:
            continue  # the last line feed: the line was never acknowledged
        with pytest.raises(VerifyError):
            log.entries()


@pytest.mark.parametrize("line", [0, 7, 18])
def test_a_removed_line_is_found(log: CustodyLog, line: int) -> None:
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join(lines[:line] + lines[line + 1 :]))
    with pytest.raises(VerifyError, match=f"line {line + 1}"):
        log.entries()


def test_swapped_lines_are_found(log: CustodyLog) -> None:
    lines = log.path.read_bytes().splitlines(keepends=True)
    lines[3], lines[4] = lines[4], lines[3]
    log.path.write_bytes(b"".join(lines))
    with pytest.raises(VerifyError, match="line 4"):
        log.entries()


def test_a_line_cut_by_a_crash_is_healed_by_the_next(log: CustodyLog) -> None:
    with log.path.open("ab") as file:
        file.write(b'{"what": "read", "num')
    log.append("find", number=20)
    assert [e["number"] for e in log.entries()] == list(range(21))


def test_a_missing_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="missing"):
        CustodyLog(tmp_path / "custody.jsonl").entries()


def test_many_may_add_at_once_and_the_chain_holds(log: CustodyLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        heads = set(pool.map(lambda n: CustodyLog(log.path).append("write", number=n), range(200)))
    assert len(heads) == 200
    assert len(log.entries()) == 220
