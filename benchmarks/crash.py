"""Kills ``investigate`` at random moments: ``python benchmarks/crash.py [FOLDER] [--kills 20] [--seed N]``.

FOLDER defaults to the TREC set of IMPOUND_DATA. After each SIGKILL of the whole process group the case is verified and
the same command goes on; a case that gets done is compared, byte for byte, with one that nobody disturbed, and another
one is begun until there were enough kills. Leaves with 1 when anything was not as it should be.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import _data

from impound import Case

EPOCH = "1300233600"
_START = "from impound.cli import main; main()"


def start(case: Path, folder: Path, key: Path) -> subprocess.Popen[bytes]:
    """The command, in a process group of its own."""
    words = ["-q", "investigate", str(case), str(folder), "--case-key", str(key)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
    command = [sys.executable, "-c", _START, *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, start_new_session=True)


def contents(case: Path) -> dict[str, str]:
    """The hash of every table and sealed frame."""
    files = [p for part in ("tables", "evidence") for p in (case / part).rglob("*") if p.is_file()]
    return {str(p.relative_to(case)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def verified(case: Path) -> list[str]:
    """What verify finds in what a kill has left; nothing where no case was begun yet."""
    return Case.open(case).verify() if (case / "manifest.jsonl").exists() else []


def survivors(group: int, seconds: float = 5.0) -> int:
    """How many processes of the killed session are left after some seconds (workers end by themselves)."""
    deadline = time.monotonic() + seconds
    while True:
        left = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
                left += session == str(group) and state != "Z"
            except OSError:
                continue
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.1)


def main() -> None:
    """Kill, verify, go on, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args()
    folder, chance, wrong, killed, compared = given.folder or _data.mail(), random.Random(given.seed), 0, 0, 0
    with _data.scratch("crash") as tmp:
        place = Path(tmp)
        (place / "key").write_text("6b" * 32)
        began = time.monotonic()
        start(place / "whole", folder, place / "key").wait()
        whole, seconds = contents(place / "whole"), time.monotonic() - began
        print(f"seed {given.seed}; undisturbed: {seconds:.1f} s, {len(whole):,} files")
        case = place / "case"
        while killed < given.kills or case.exists():
            delay = chance.uniform(0.05, 0.5) * seconds if killed < given.kills else 20 * seconds
            process = start(case, folder, place / "key")
            try:
                code = process.wait(delay)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                killed += 1
                left, found = survivors(process.pid), verified(case)
                rows = Case.open(case).count("messages") if (case / "manifest.jsonl").exists() else 0
                wrong += bool(found) + bool(left)
                print(f"kill {killed:2} after {delay:5.1f} s: {rows:6,} messages, {left} processes left, ", end="")
                print(f"verify: {'; '.join(found) or 'nothing was changed'}", flush=True)
                continue
            same, found = code == 0 and contents(case) == whole, verified(case)
            compared += 1
            wrong += (not same) + bool(found)
            outcome = "the same bytes" if same else f"DIFFERENT (status {code})"
            print(f"completed: {outcome}, verify: {'; '.join(found) or 'nothing was changed'}", flush=True)
            shutil.rmtree(case)
        print(f"{killed} kills, {compared} cases completed and compared, {wrong} things wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
