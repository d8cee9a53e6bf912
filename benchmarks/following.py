"""What following costs: ``python benchmarks/following.py [MESSAGES …] [--seconds 20] [--every 1]``.

For Maildirs of different size, all of it in the case already: seconds until a restarted ``read --follow`` has looked
once; its CPU while nothing comes, for each look; its memory (proportional set size of all its processes); then five
messages a second are delivered, and how long each takes to be in the case is printed: the median and the longest.
The mail is made up and short, so that the number of messages counts and not their length.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import _data
import read_cost

from impound import Case

TICK = 0.2
"""Seconds between two deliveries."""


def deliver(maildir: Path, number: int) -> None:
    """One message, as a delivery agent does it."""
    text = (
        f"Received: from a.example ([203.0.113.{number % 250}]) by mx.example.com; Tue, 15 Mar 2011 00:00:00 +0000\n"
        f"From: s{number}@shop.example\nSubject: offer {number}\nMessage-ID: <{number}@shop.example>\n\nText {number}\n"
    )
    spare = maildir / "tmp" / f"{number}.host"
    spare.write_text(text)
    spare.rename(maildir / "new" / spare.name)


def cpu(process: int) -> float:
    """Seconds of CPU of a process and those that it has started and that still run."""
    spent = 0
    for each in (process, *read_cost._descendants(process)):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / 100


def lags(case: Path, maildir: Path, first: int, seconds: float) -> list[float]:
    """How many seconds each delivered message took to be in the case."""
    came: list[float] = []
    found: list[float] = []
    began = time.monotonic()
    while time.monotonic() - began < seconds or len(found) < len(came):
        if time.monotonic() - began < seconds:
            came.append(time.monotonic())
            deliver(maildir, first + len(came))
        there = Case.open(case).count("messages") - first
        found += [time.monotonic()] * (there - len(found))
        time.sleep(TICK)
    return [there - at for at, there in zip(came, found, strict=True)]


def measure(messages: int, seconds: float, every: float) -> None:
    """Print the figures for one size."""
    with _data.scratch("following") as tmp:
        maildir, case = Path(tmp, "Maildir"), Path(tmp, "case")
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True)
        for number in range(messages):
            deliver(maildir, number)
        read_cost.command("read", str(case), str(maildir))
        began = time.monotonic()
        words = ["-q", "read", str(case), "--follow", "--every", str(every), str(maildir)]
        main = "from impound.cli import main; main()"
        process = subprocess.Popen([sys.executable, "-c", main, *words])
        deliver(maildir, messages)
        while Case.open(case).count("messages") < messages + 1:
            time.sleep(0.05)
        start, spent = time.monotonic() - began, cpu(process.pid)
        time.sleep(seconds)
        idle = (cpu(process.pid) - spent) / (seconds / every)
        late = lags(case, maildir, messages + 1, seconds)
        memory = sum(read_cost._memory(each)[1] for each in (process.pid, *read_cost._descendants(process.pid)))
        process.terminate()
        process.wait()
    print(
        f"{messages:,} messages: started again in {start:.1f} s; {idle * 1000:.0f} ms CPU for a look at nothing new;"
        f" {memory / read_cost.MIB:.0f} MiB; in the case after {statistics.median(late):.1f} s (median),"
        f" {max(late):.1f} s at most, looking every {every:g} s",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--every", type=float, default=1)
    args = parser.parse_args()
    for size in args.messages:
        measure(size, args.seconds, args.every)
