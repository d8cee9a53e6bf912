"""Whatever ends a command, the case stays sound, and the same command again makes of it what it would have been."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from impound import Case
from intake.mail import KEY, mbox, tree

HERE = Path(__file__).parent
MARK = "IMPOUND_TEST_RUN"
PATIENCE = 120.0
"""Seconds that anything may take on a busy machine."""


# -- at every moment at which something is made to last ---------------------------------------------------------------


def moments(folder: Path, mode: str, stride: int) -> int:
    """At how many moments it was disturbed; fails with whatever came of it."""
    command = [sys.executable, str(HERE / "power_cut.py"), str(folder), mode, str(stride)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert result["wrong"] == [], ran.stderr
    return int(result["moments"])


def test_an_end_without_warning_leaves_a_sound_case_that_the_next_run_completes(tmp_path: Path) -> None:
    assert moments(tmp_path, "cut", 9) >= 7


def test_a_file_that_may_not_grow_is_a_store_error_and_the_next_run_completes_the_case(tmp_path: Path) -> None:
    assert moments(tmp_path, "limit", 3_001) >= 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a tmpfs cannot be mounted here: NO FULL DISK WAS TRIED, only files that may not grow")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_a_store_error_and_the_next_run_completes_the_case(small_disk: Path) -> None:
    assert moments(small_disk, "full", 40_960) >= 3


# -- at any moment, with workers --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("crash")
    (place / "mbox").write_bytes(mbox(3_000, 900))
    (place / "key").write_text(KEY.hex())
    return place


@pytest.fixture(scope="module")
def undisturbed(mail: Path) -> tuple[dict[str, str], float]:
    """The files of a case that nobody disturbed, and how many seconds it took."""
    began = time.monotonic()
    finish(mail, mail / "whole")
    return tree(mail / "whole"), time.monotonic() - began


@pytest.fixture(autouse=True)
def _nothing_survives(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    run = uuid.uuid4().hex
    monkeypatch.setenv(MARK, run)
    yield
    deadline = time.monotonic() + 10
    while (left := processes(run)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def processes(run: str) -> list[str]:
    """The command lines of the processes that a run has started and that are still there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mine = f"{MARK}={run}".encode() in (process / "environ").read_bytes()
            if mine and int(process.name) != os.getpid():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def start(mail: Path, case: Path) -> subprocess.Popen[bytes]:
    words = ["read", str(case), "--case-key", str(mail / "key"), str(mail / "mbox")]
    return subprocess.Popen(
        [sys.executable, str(HERE / "start.py"), str(128 << 10), *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        env=os.environ | {"SOURCE_DATE_EPOCH": "1300233600"},
    )  # fmt: skip


def finish(mail: Path, case: Path) -> None:
    process = start(mail, case)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said


def wait_for(process: subprocess.Popen[bytes], case: Path) -> None:
    """Until the first batch of a case is there."""
    deadline = time.monotonic() + PATIENCE
    while not list(case.glob("evidence/*")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)


def verified(case: Path) -> list[str]:
    return Case.open(case).verify() if (case / "manifest.jsonl").exists() else []


def test_kill_at_random_moments(mail: Path, undisturbed: tuple[dict[str, str], float], tmp_path: Path) -> None:
    (expected, seconds), case, killed = undisturbed, tmp_path / "case", 0
    while killed < 5:
        began, delay = time.monotonic(), random.uniform(0.1, 0.9) * seconds
        process = start(mail, case)
        try:
            process.communicate(timeout=delay)
            seconds = time.monotonic() - began  # the machine is faster now than it was
            assert tree(case) == expected
            shutil.rmtree(case)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            killed += 1
            assert verified(case) == [], f"after {delay:.3f} s"
    finish(mail, case)
    assert tree(case) == expected
    assert verified(case) == []


def test_control_c_says_what_is_kept_and_leaves_nobody_behind(
    mail: Path, undisturbed: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    case = tmp_path / "case"
    process = start(mail, case)
    wait_for(process, case)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, said
    assert b"what was finished is kept" in said and b"Traceback" not in said
    assert verified(case) == []
    assert list((case / "tmp").glob("*")) == []
    finish(mail, case)
    assert tree(case) == undisturbed[0]


def test_a_second_command_on_the_same_case_says_that_it_is_in_use(mail: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    process = start(mail, case)
    wait_for(process, case)
    _, said = (second := start(mail, case)).communicate(timeout=PATIENCE)
    assert second.returncode == 7
    assert f"in use by another impound (process {process.pid})".encode() in said
    assert verified(case) == []  # looking needs no lock
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_two_commands_that_begin_the_same_case_at_once_agree_on_its_key(mail: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from impound.cli import main; main()",
        "read",
        str(tmp_path / "case"),
        str(mail / "key"),
    ]
    both = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert {process.wait(PATIENCE) for process in both} <= {0, 7}
    Case.open(tmp_path / "case")._store.key()
    assert verified(tmp_path / "case") == []
