"""Botnets against drills: ``python benchmarks/botnets.py [--seeds N …] [--messages N] [CASE]``.

Each drill has 12 botnets, a fifth of the campaigns sent by two, a tenth of the bots with two infections, and addresses
that change. A pair of addresses is positive when they share a botnet, in the truth and in what is found; B-cubed is
averaged over addresses (Amigó et al., "A comparison of extrinsic clustering evaluation metrics", 2009, in its form for
overlapping clusters). What a second infection never sent cannot be seen: so pairs are also counted by the botnets whose
mail an address did send. A drill without bots must have no botnet. With a CASE its botnets are listed instead, and how
much of them stays when a tenth of the messages, of the hosts or of the campaigns is taken away, ten times by lot.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import _data
import numpy as np
import pyarrow as pa

from impound import Case, plugin
from impound import drill as drills
from impound.finders.botnets import Botnets, alikeness, gathered
from impound.finders.botnets._communities import Programs
from impound.finders.botnets._strands import Sightings, Strands, genuine

Groups = Mapping[str, set[str]]


def scores(found: Groups, truth: Groups, hosts: Iterable[str]) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of hosts; a pair is positive when its two sets meet."""
    kinds = Counter((frozenset(found.get(h, ())), frozenset(truth[h])) for h in hosts)
    both = only_found = only_true = 0
    items = list(kinds.items())
    for place, ((mine, real), count) in enumerate(items):
        for (other, theirs), often in items[place:]:
            pairs = count * (count - 1) // 2 if (mine, real) == (other, theirs) else count * often
            positive, true = bool(mine & other), bool(real & theirs)
            both += pairs * (positive and true)
            only_found += pairs * (positive and not true)
            only_true += pairs * (true and not positive)
    precision, recall = both / max(1, both + only_found), both / max(1, both + only_true)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def bcubed(found: Groups, truth: Groups, hosts: list[str]) -> tuple[float, float]:
    """B-cubed precision and recall for clusters that overlap."""
    kinds = Counter((frozenset(found.get(h, ())), frozenset(truth[h])) for h in hosts)
    right, complete = 0.0, 0.0
    for (mine, real), count in kinds.items():
        shared = [
            (min(len(mine & o), len(real & t)), len(mine & o), len(real & t), n) for (o, t), n in kinds.items()
        ]  # fmt: skip
        right += count * _mean((low / m, n) for low, m, _, n in shared if m)
        complete += count * _mean((low / r, n) for low, _, r, n in shared if r)
    covered = sum(n for (mine, _), n in kinds.items() if mine)
    return right / max(1, covered), complete / max(1, len(hosts))


def _mean(values: Iterable[tuple[float, int]]) -> float:
    pairs = list(values)
    return sum(v * n for v, n in pairs) / max(1, sum(n for _, n in pairs))


def truths(out: Path) -> tuple[Groups, Groups]:
    """By address: the botnets of its machine, and those whose mail it sent."""
    infected: dict[str, set[str]] = defaultdict(set)
    for row in drills.rows(out, "hosts"):
        if row["verdict"] == "infected":
            infected[row["ip"]] |= set(row["botnets"].split(","))
    sent: dict[str, set[str]] = defaultdict(set)
    for row in drills.rows(out, "messages"):
        if row["kind"] == "bot":
            sent[row["client_ip"]].add(row["botnet"])
    return infected, sent


def measured(seed: int, args: argparse.Namespace, folder: Path) -> None:
    """Print one drill's figures."""
    out = folder / f"drill-{seed}"
    drills.write(out, drills.Settings(
        messages=args.messages, bots=args.bots, innocents=args.bots, botnets=args.botnets, days=args.days,
        difficulty=args.difficulty, seed=seed,
    ))  # fmt: skip
    with Case.open_or_create(folder / f"case-{seed}", write=True) as case:
        case.read([str(out)])
        case.find()
        found, botnets = members(case)
    infected, sent = truths(out)
    hosts = sorted(infected)
    print(f"seed {seed}: {botnets} botnets found of {args.botnets if args.bots else 0}")
    if not hosts:
        return
    known = [h for h in hosts if h in found]
    print(f"  addresses of bots {len(hosts):,}, in a botnet {len(known):,}, innocent {len(set(found) - set(hosts)):,}")
    for name, truth, among in (
        ("machine's botnets, all", infected, hosts),
        ("machine's botnets, found", infected, known),
        ("botnets sent for, found", sent, [h for h in known if h in sent]),
    ):
        precision, recall, f1 = scores(found, truth, among)
        print(f"  {name:25} P {precision:.4f} R {recall:.4f} F1 {f1:.4f}", end="")
        print("   B-cubed P {:.4f} R {:.4f}".format(*bcubed(found, truth, among)))


def members(case: Case) -> tuple[Groups, int]:
    """By address the botnets that were found, and how many there are."""
    sql = "SELECT botnet_id, member FROM botnet_members WHERE member_type = 'host'"
    found: dict[str, set[str]] = defaultdict(set)
    for row in case.query(sql, tables=["botnet_members"]).to_pylist():
        found[row["member"]].add(str(row["botnet_id"]))
    return found, case.count("botnets")


def listed(path: str) -> None:
    """Print the botnets of a case, the largest first."""
    with Case.open(path) as case:
        rows = case.query("SELECT * FROM botnets ORDER BY hosts DESC, id", tables=["botnets"]).to_pylist()
        infected = case.query(
            "SELECT COUNT(DISTINCT ip) AS n FROM hosts WHERE verdict = 'infected'", tables=["hosts"]
        ).to_pylist()[0]["n"]
        found, _ = members(case)
    print(f"{len(rows)} botnets; {len(found):,} of {infected:,} infected addresses are in one")
    for row in rows:
        size = f"{row['hosts']:6,} addresses {row['campaigns']:4} campaigns {row['programs']:3} programs"
        print(f"{row['name']:20} {size} {row['first_at']:%d %b} to {row['last_at']:%d %b}  {row['why']}")


def stays(path: str) -> None:
    """Print how much of a case's botnets stays when a tenth of the evidence is taken away."""
    finder, draw = Botnets(), np.random.default_rng(1)
    with closing(plugin.load("engines", "duckdb")()) as engine, Case.open(path) as case:
        for table in finder.reads:
            engine.view(table, pa.Table.from_batches(list(case.rows(table))))
        seen, innocent = Sightings.of(engine), genuine(engine)
    strands = Strands.among(seen, finder.params.strand_hosts)
    programs = Programs(strands, innocent, finder.params)
    label = gathered(seen, strands, programs, finder.params)
    for what, key in (("messages", np.arange(len(seen))), ("hosts", seen.host), ("campaigns", seen.campaign)):
        names, place = np.unique(key, return_inverse=True)
        kept: dict[int, list[float]] = defaultdict(list)
        for _ in range(10):
            among = draw.random(len(names))[place] >= 0.1
            here = np.isin(np.arange(len(label)), strands.of[among & (strands.of >= 0)])
            other = gathered(seen, strands, programs, finder.params, among)
            for group, alike in alikeness(label[here], other[here], strands.hosts[here]):
                kept[group].append(alike)
        joined = {g: np.mean(values) for g, values in kept.items() if np.count_nonzero(label == g) > 1}
        weight = [strands.hosts[label == g].sum() for g in joined]
        mean, least = np.average(list(joined.values()), weights=weight), min(joined.values())
        print(f"without a tenth of the {what:9}: {len(joined)} groups of several strands, Jaccard {mean:.3f} by hosts, "
              f"the least {least:.2f}; of {len(strands.hosts)} strands {len(np.unique(label))} groups")  # fmt: skip


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="?")
    parser.add_argument("--seeds", type=int, nargs="+", default=[31, 32, 33])
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--bots", type=int, default=1500)
    parser.add_argument("--botnets", type=int, default=12)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--difficulty", type=int, default=2)
    args = parser.parse_args()
    if args.case:
        listed(args.case)
        stays(args.case)
        return
    for seed in args.seeds:
        with _data.scratch("botnets") as folder:
            measured(seed, args, Path(folder))


if __name__ == "__main__":
    main()
