"""What ``investigate`` costs: ``python benchmarks/investigate_cost.py [FOLDER] [--rounds 3] [--stages] [--growth]``.

CPU (user + system) of the whole command with every process it starts, images and report included, against what the
standard library's ``email`` needs to parse and decode the same messages once; both in turn, the median counts. With
``--stages`` the share of reading, of each finder and of the report, each run by itself. With ``--growth`` CPU and
memory for drills of 25,000 and 100,000 messages (or of the sizes that are given), as ratios and fitted exponents.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from math import log
from pathlib import Path

import _data
import read_cost

from impound.case import FINDERS

SIZES = (25_000, 100_000)
HOSTS_A_MESSAGE = 0.1
"""Bots, and innocent hosts, for each message of a drill: both grow with the mail."""


def whole(folder: Path, rounds: int) -> None:
    """Print CPU against ``email``, and the share of images."""
    ratios = []
    for turn in range(rounds):
        parsing = read_cost.standard_library(folder)
        with _data.scratch("investigate") as tmp:
            cost = read_cost.command("investigate", f"{tmp}/case", str(folder))
        ratios.append(cost.cpu / parsing)
        print(
            f"round {turn + 1}: email {parsing:.1f} s CPU   investigate {cost.cpu:.1f} s CPU, {cost.wall:.1f} s wall,"
            f" images {cost.images / cost.cpu:.1%} of it   {ratios[-1]:.2f} ×",
            flush=True,
        )
    print(f"CPU of investigate is {statistics.median(ratios):.2f} times that of email (median of {rounds})")


def stages(folder: Path) -> None:
    """Print where the CPU goes."""
    with _data.scratch("stages") as tmp:
        case = f"{tmp}/case"
        spent = {"read": read_cost.command("read", case, str(folder))}
        for finder in FINDERS:
            spent[f"find {finder}"] = read_cost.command("find", case, finder)
        spent["write report"] = read_cost.command("write", case, "report", "-o", f"{tmp}/report.html")
    total = sum(cost.cpu for cost in spent.values())
    for stage, cost in spent.items():
        print(f"{stage:24} {cost.cpu:6.1f} s CPU  {cost.cpu / total:6.1%}   {cost.wall:6.1f} s wall")
    print("each command starts Python and its workers anew; investigate does so once for all finders")


def growth(sizes: list[int]) -> None:
    """Print CPU and memory of drills, and the exponents with which they grow."""
    costs = []
    for messages in sizes:
        with _data.scratch("growth") as tmp:
            hosts = str(int(messages * HOSTS_A_MESSAGE))
            drill = ("--messages", str(messages), "--bots", hosts, "--innocents", hosts, "--days", "14")
            read_cost.command("drill", f"{tmp}/drill", *drill)
            cost = read_cost.command("investigate", f"{tmp}/case", f"{tmp}/drill", sample=True)
        costs.append(cost)
        print(
            f"drill of {messages:,}: {cost.cpu:.1f} s CPU, {cost.wall:.1f} s wall,"
            f" peak {cost.pss / read_cost.MIB:,.0f} MiB in all processes (PSS)",
            flush=True,
        )
    small, large = costs[0], costs[-1]
    print(
        f"{sizes[-1] / sizes[0]:.0f} times the mail: {large.cpu / small.cpu:.2f} times the CPU,"
        f" {large.pss / small.pss:.2f} times the memory"
    )
    cpu, memory = (exponent(sizes, values) for values in ([c.cpu for c in costs], [c.pss for c in costs]))
    print(f"fitted over {len(sizes)} sizes: CPU grows with messages to the power of {cpu:.2f}, memory {memory:.2f}")


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of the straight line through the logarithms, by least squares."""
    slope, _ = statistics.linear_regression([log(size) for size in sizes], [log(cost) for cost in costs])
    return slope


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3, help="0: leave it out")
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--growth", type=int, nargs="*", metavar="MESSAGES", help="sizes of drills (25000 100000)")
    given = parser.parse_args()
    read_cost.adopt()
    if given.rounds:
        whole(given.folder or _data.mail(), given.rounds)
    if given.stages:
        stages(given.folder or _data.mail())
    if given.growth is not None:
        growth(sorted(given.growth) or list(SIZES))


if __name__ == "__main__":
    main()
