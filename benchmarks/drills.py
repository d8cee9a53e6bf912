"""Campaigns on drills: ``python benchmarks/drills.py [--messages 50000] [--difficulty 1 2 3] [--seed 7]``.

A drill is written, read and looked through, and its campaigns are compared with the truth, pair by pair: precision is
the share of the pairs put into one campaign that are one campaign's, recall the share of one campaign's pairs that were
put into one. Pairs of which neither message is spam do not count (newsletters and lists have no campaign in the truth).
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import _data

from impound import Case

PLACES = (
    "SELECT m.id, s.paths, m.offset, c.campaign_id FROM messages m JOIN sources s ON s.id = m.source_id"
    " LEFT JOIN campaign_members c ON c.message_id = m.id"
)


def pairs(counts: Iterable[int]) -> int:
    """How many pairs groups of these sizes have."""
    return sum(n * (n - 1) // 2 for n in counts)


def compare(rows: list[tuple[str, int | None]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of (true campaign, found campaign) of every message; neither is one of its own."""
    both = Counter((true, found) for true, found in rows if true and found is not None)
    true = Counter(true for true, _ in rows if true)
    found = Counter(found for _, found in rows if found is not None)
    ham = Counter(found for true, found in rows if not true and found is not None)
    together = pairs(both.values())
    positive = pairs(true.values())
    put = pairs(found.values()) - pairs(ham.values())
    precision, recall = together / max(put, 1), together / max(positive, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def run(difficulty: int, given: argparse.Namespace) -> float:
    """Print how one drill came out; gives F1."""
    with _data.scratch("drill") as tmp:
        sizes = [f"--{n}={getattr(given, n)}" for n in ("messages", "bots", "innocents", "botnets", "days", "seed")]
        drill = [sys.executable, "-c", "from impound.cli import main; main()", "-q", "drill", f"{tmp}/drill"]
        subprocess.run([*drill, f"--difficulty={difficulty}", *sizes], check=True, capture_output=True)
        truth = {}
        with Path(f"{tmp}/drill.truth/messages.tsv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                truth[row["file"], int(row["offset"])] = (row["campaign"], row["kind"])
        with Case.open_or_create(f"{tmp}/case", write=True) as case:
            case.read([f"{tmp}/drill"])
            case.find(["senders", "software", "reply_contacts", "campaigns"])
            found = case.query(PLACES).to_pylist()
    rows = [(truth[Path(r["paths"][0]).name, r["offset"]], r["campaign_id"]) for r in found]
    precision, recall, f1 = compare([(campaign, which) for (campaign, _), which in rows])
    print(
        f"difficulty {difficulty}: {len(rows):,} messages   precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}"
    )
    if given.show:
        show(rows)
    return f1


def show(rows: list[tuple[tuple[str, str], int | None]]) -> None:
    """Print what each true campaign became, and what each found one is made of, the worst first."""
    parts: dict[str, Counter[int | None]] = {}
    mixed: dict[int, Counter[str]] = {}
    for (campaign, kind), which in rows:
        if campaign:
            parts.setdefault(campaign, Counter())[which] += 1
        if which is not None:
            mixed.setdefault(which, Counter())[campaign or f"({kind})"] += 1
    for campaign, count in sorted(parts.items(), key=lambda c: c[1].most_common(1)[0][1] / c[1].total())[:12]:
        print(f"  {campaign}: {count.total():,} messages in {len(count):,} parts, {count.most_common(4)}")
    for _, names in sorted(mixed.items(), key=lambda c: c[1].most_common(1)[0][1] - c[1].total())[:12]:
        if len(names) > 1:
            print(f"  found one of {names.total():,}: {names.most_common(6)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--difficulty", type=int, nargs="+", default=[1, 2, 3])
    for name, default in (
        ("messages", 50_000), ("bots", 4_000), ("innocents", 5_000), ("botnets", 6), ("days", 14), ("seed", 7),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--show", action="store_true", help="what the campaigns became")
    given = parser.parse_args()
    for difficulty in given.difficulty:
        run(difficulty, given)


if __name__ == "__main__":
    main()
