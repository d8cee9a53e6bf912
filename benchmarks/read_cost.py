"""What ``read`` costs: ``python benchmarks/read_cost.py [FOLDER] [--rounds 3] [--no-memory]`` (default: the TREC set).

CPU (user + system) of the whole command with every process it starts, images included, against what the standard
library's ``email`` (compat32) needs to parse and decode the same messages once, files in memory, nothing else counted.
Both are run in turn, A B A B …, so that a busy machine slows both; the median of the ratios counts. Then the memory of
all its processes, sampled every 50 ms, for the folder and for four times as much mail.
"""

from __future__ import annotations

import argparse
import ctypes
import email
import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import _data

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2), Linux: orphans among our descendants become our children, so that their CPU time can be had."""
SAMPLE_SECONDS = 0.05
COPIES = 4
MIB = 1 << 20
_START = "from impound.cli import main; main()"


@dataclass
class Cost:
    """Seconds of wall and CPU time, the part of it that image processes took, and memory in bytes."""

    wall: float
    cpu: float
    images: float
    rss: int = 0
    pss: int = 0
    largest: int = 0


class Sampler(threading.Thread):
    """The greatest memory that all descendants of this process had together, and the largest of them."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.rss = self.pss = self.largest = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            sizes = [_memory(process) for process in _descendants(os.getpid())]
            self.rss = max(self.rss, sum(rss for rss, _ in sizes))
            self.pss = max(self.pss, sum(pss for _, pss in sizes))
            self.largest = max(self.largest, max((rss for rss, _ in sizes), default=0))


def _descendants(process: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            children.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue
    found, waiting = [], [process]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _memory(process: int) -> tuple[int, int]:
    """Resident and proportional size of a process in bytes; nothing of one that has gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines[1:]}
    return sizes.get("Rss", 0), sizes.get("Pss", 0)


def read(folder: Path, sample: bool = False) -> Cost:
    """What one ``impound read`` of a folder into a new case costs."""
    with _data.scratch("cost") as tmp:
        return command("read", f"{tmp}/case", str(folder), sample=sample)


def command(*words: str, sample: bool = False) -> Cost:
    """What one command of impound costs, with every process that it starts."""
    sampler, began = Sampler(), time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", _START, "-q", *words], stdout=subprocess.DEVNULL)
    if sample:
        sampler.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    sampler.ended.set()
    images = orphans()
    if process.returncode:
        sys.exit(f"impound {words[0]} left with {process.returncode}")
    cpu = used.ru_utime + used.ru_stime + images
    return Cost(wall, cpu, images, sampler.rss, sampler.pss, sampler.largest)


def adopt() -> None:
    """Become the parent of every process below whose parent ends, so that its CPU time can be had."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def orphans() -> float:
    """CPU of the image processes: each ends after the worker it belonged to, so nobody but us waits for them."""
    seconds = 0.0
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds
        seconds += used.ru_utime + used.ru_stime


def standard_library(folder: Path) -> float:
    """CPU that ``email`` needs for the messages of a folder, in a process of its own."""
    ran = subprocess.run([sys.executable, __file__, "--email", str(folder)], capture_output=True, check=True)
    return float(ran.stdout)


def parse_all(folder: Path) -> float:
    """CPU that ``email`` needs to parse and decode each message once; reading the files is not counted."""
    spent = 0.0
    for path in _data.files(folder):
        raw = path.read_bytes()
        began = time.process_time()
        try:
            for part in email.message_from_bytes(raw).walk():
                if not part.is_multipart():
                    part.get_payload(decode=True)
        except Exception:  # noqa: BLE001 - what it cannot parse costs what it costs
            pass
        spent += time.process_time() - began
    return spent


def multiply(folder: Path, to: Path) -> None:
    """The mail of a folder several times over, with another header line and another last line in each copy."""
    for copy in range(COPIES):
        place = to / str(copy)
        place.mkdir()
        for number, path in enumerate(_data.files(folder)):
            first, newline, rest = path.read_bytes().partition(b"\n")
            mark = b"X-Copy: %d\n" % copy
            head = first + newline + mark if first.startswith(b"From ") else mark + first + newline
            (place / str(number)).write_bytes(head + rest + b"\n%d\n" % copy)


def cost(folder: Path, rounds: int) -> None:
    """Print CPU against ``email``, the share of images, and wall time against CPU time."""
    count = len(_data.files(folder))
    ratios = []
    for turn in range(rounds):
        parsing, reading = standard_library(folder), read(folder)
        ratios.append(reading.cpu / parsing)
        print(
            f"round {turn + 1}: email {parsing:.1f} s CPU   read {reading.cpu:.1f} s CPU, {reading.wall:.1f} s wall,"
            f" {reading.images:.1f} s of the CPU for images   {ratios[-1]:.2f} ×",
            flush=True,
        )
    cores = len(os.sched_getaffinity(0))
    print(
        f"{count:,} messages: CPU of read is {statistics.median(ratios):.2f} times that of email (median of {rounds})"
    )
    print(f"images: {reading.images / reading.cpu:.1%} of it in the last round")
    print(f"wall time is {reading.wall / reading.cpu:.2f} of CPU time on {cores} cores ({1 / cores:.2f} at best)")
    print(f"{count / reading.wall:,.0f} messages a second")


def memory(folder: Path) -> None:
    """Print the peak memory for a folder, and for several times the mail."""
    once = read(folder, sample=True)
    _print_memory("this mail", once)
    with _data.scratch("times") as tmp:
        multiply(folder, Path(tmp))
        times = read(Path(tmp), sample=True)
    _print_memory(f"{COPIES} × the mail", times)
    print(f"{times.pss / once.pss:.2f} times the memory for {COPIES} times the mail (RSS {times.rss / once.rss:.2f})")


def _print_memory(name: str, found: Cost) -> None:
    pss, rss, largest = (size / MIB for size in (found.pss, found.rss, found.largest))
    print(f"{name}: peak {pss:,.0f} MiB in all processes (PSS), largest process {largest:,.0f} MiB,", end=" ")
    print(f"sum of RSS, which counts shared pages again, {rss:,.0f} MiB; {found.wall:.1f} s", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-memory", action="store_true", help="CPU only")
    parser.add_argument("--no-cpu", action="store_true", help="memory only")
    parser.add_argument("--email", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = given.folder or _data.mail()
    if given.email:
        sys.stdout.write(f"{parse_all(folder)}\n")
        return
    adopt()
    if not given.no_cpu:
        cost(folder, given.rounds)
    if not given.no_memory:
        memory(folder)


if __name__ == "__main__":
    main()
