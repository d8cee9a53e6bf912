"""Estimated machines against drills: ``python benchmarks/machines.py [--seeds FIRST END] [--messages N] [--bots N]``.

The truth of a drill says how many machines each botnet has, and how many of them sent anything. Printed for each
botnet found: both, the addresses, the estimate and its interval; then how many intervals cover the machines, in how
many drills that of the largest botnet does and those of all botnets do, how wide they are (high by low), and how far
the estimate is from the machines that sent (mean and standard deviation of the logarithm).
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import _data
import numpy as np

from impound import Case
from impound import drill as drills


def measured(seed: int, args: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """The botnets of one drill, the largest first, with the machines of the true botnet that each is most like."""
    out = folder / f"drill-{seed}"
    drills.write(out, drills.Settings(
        messages=args.messages, bots=args.bots, innocents=args.bots, botnets=args.botnets, days=args.days,
        difficulty=args.difficulty, seed=seed,
    ))  # fmt: skip
    with Case.open_or_create(folder / f"case-{seed}", write=True) as case:
        case.read([str(out)])
        case.find()
        rows = case.query("SELECT * FROM botnets ORDER BY hosts DESC, id", tables=["botnets"]).to_pylist()
        sql = "SELECT botnet_id, member FROM botnet_members WHERE member_type = 'host'"
        hosts = case.query(sql, tables=["botnet_members"]).to_pylist()
    sent: dict[str, set[str]] = defaultdict(set)
    whose: dict[str, set[str]] = defaultdict(set)
    for row in drills.rows(out, "messages"):
        if row["kind"] == "bot":
            sent[row["botnet"]].add(row["machine"])
            whose[row["client_ip"]].add(row["botnet"])
    bots = {row["id"]: int(row["bots"]) for row in drills.rows(out, "botnets")}
    alike: dict[int, Counter[str]] = defaultdict(Counter)
    for row in hosts:
        alike[row["botnet_id"]].update(whose[row["member"]])
    named = [(row, alike[row["id"]].most_common(1)[0][0]) for row in rows]
    return [row | {"bots": bots[name], "sent": len(sent[name]), "seed": seed} for row, name in named]


def told(row: dict[str, Any]) -> None:
    """Print one botnet."""
    interval = f"{row['machines_low']:5} to {row['machines_high'] or 0:5}" if row["machines_high"] else "not told"
    missed = "" if covers(row, "bots") and covers(row, "sent") else "  missed"
    print(f"{row['seed']:5} machines {row['bots']:5}, sent {row['sent']:5}; addresses {row['hosts']:5}; "
          f"estimated {row['machines'] or 0:5}, {interval}{missed}", flush=True)  # fmt: skip


def covers(row: dict[str, Any], truth: str) -> bool:
    """Whether the interval holds the truth: ``bots`` (all machines) or ``sent`` (those that sent anything)."""
    return bool(row["machines_high"]) and row["machines_low"] <= row[truth] <= row["machines_high"]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=[101, 121])
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--bots", type=int, default=300)
    parser.add_argument("--botnets", type=int, default=3)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--difficulty", type=int, default=2)
    args = parser.parse_args()
    found: list[list[dict[str, Any]]] = []
    for seed in range(*args.seeds):
        with _data.scratch("machines") as folder:
            found.append(measured(seed, args, Path(folder)))
        for row in found[-1]:
            told(row)
    every = [row for rows in found for row in rows]
    for truth, said in (("bots", "all machines"), ("sent", "machines that sent")):
        covered = [[covers(row, truth) for row in rows] for rows in found]
        largest, whole = sum(c[:1] == [True] for c in covered), sum(bool(c) and all(c) for c in covered)
        print(f"{said}: covered of {len(every)} botnets {sum(map(sum, covered))}; "
              f"of {len(found)} drills the largest in {largest}, all in {whole}")  # fmt: skip
    known = [row for row in every if row["machines_high"]]
    width = np.array([row["machines_high"] / row["machines_low"] for row in known])
    off = np.log([row["machines"] / row["sent"] for row in known])
    print(
        f"width: median {np.median(width):.2f}, most {width.max():.2f}, two or less {np.mean(width <= 2):.0%}; "
        f"not told {len(every) - len(known)}; estimate by machines that sent: log {off.mean():+.3f} ± {off.std():.3f}"
    )


if __name__ == "__main__":
    main()
