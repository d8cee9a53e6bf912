"""What a further day costs a case: ``python benchmarks/growing.py [--messages 500] [--days 30] [--seed 5]``.

A drill of ``days`` + 1 days, one mailbox for each. All but the last are read and found; then the last one is read onto
them and found, step by step, and once more into a case of its own. CPU (user + system) of each command with every
process it starts. The bar is 1.5: day 31 on top of 30 days against the day alone.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import _data
import read_cost

from impound.case import FINDERS

Costs = dict[str, float]


def day(case: str, mailbox: Path) -> Costs:
    """CPU seconds of reading a mailbox into a case and finding what is in it, and of each finder by itself."""
    spent = {"read": read_cost.command("read", case, str(mailbox)).cpu}
    shutil.copytree(case, f"{case}.each")
    spent["find"] = read_cost.command("find", case).cpu
    return spent | {f"  {finder}": read_cost.command("find", f"{case}.each", finder).cpu for finder in FINDERS}


def main(messages: int, days: int, seed: int) -> None:
    """Print what each step costs on top of the other days, alone, and how the two compare."""
    with _data.scratch("growing") as tmp:
        size = ("--messages", str(messages * (days + 1)), "--days", str(days + 1), "--seed", str(seed))
        hosts = ("--bots", str(messages), "--innocents", str(messages), "--botnets", "6")
        read_cost.command("drill", f"{tmp}/drill", *size, *hosts)
        mailboxes = sorted(Path(tmp, "drill").glob("*.mbox"))
        case = f"{tmp}/case"
        start = read_cost.command("show", "--help").cpu
        read_cost.command("read", case, *map(str, mailboxes[:-1]))
        before = read_cost.command("find", case).cpu
        grown, alone = day(case, mailboxes[-1]), day(f"{tmp}/alone", mailboxes[-1])
    print(f"{days} days of {messages:,} messages: found in {before:.1f} s CPU; starting a command takes {start:.1f} s")
    print(f"CPU seconds of day {days + 1} on top of the others, and alone")
    for spent in (grown, alone):
        spent["read and find"] = spent["read"] + spent["find"]
    for step, cost in grown.items():
        print(f"{step:22} {cost:6.1f}   {alone[step]:6.1f}   {cost / alone[step]:5.2f} ×")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=500, help="messages a day")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    main(args.messages, args.days, args.seed)
