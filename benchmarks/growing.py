"""Ids and names in a case that grows: ``python benchmarks/growing.py [--days N] [--messages N] [--seed N]``.

A drill is read day by day, with a find after each. Printed for each day: botnets and campaigns of ten messages or more,
how many of those of the day before kept id and name, how many were merged or gone, and the events of that day. At the
end the case is compared with one that was read at once: the share of pairs of messages (of campaigns) and of addresses
(of botnets) that are together in both or in none.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import _data

from impound import Case
from impound import drill as drills

Named = dict[int, str]
KINDS = {
    "botnets": "SELECT b.id, b.name FROM botnets b ORDER BY b.id",
    "campaigns": "SELECT c.id, c.name FROM campaigns c WHERE c.messages >= 10 ORDER BY c.id",
}
MEMBERS = {
    "botnets": "SELECT botnet_id AS label, member FROM botnet_members WHERE member_type = 'host'",
    "campaigns": "SELECT campaign_id AS label, message_id AS member FROM campaign_members",
}


def named(case: Case, kind: str) -> Named:
    """Names by id."""
    return {row["id"]: row["name"] for row in case.query(KINDS[kind]).to_pylist()}


def day(case: Case, path: str, before: dict[str, Named], events: int) -> tuple[dict[str, Named], int]:
    """Read a day, find, and print what became of what was known."""
    case.read([path])
    case.find()
    told = [Path(path).name[:10]]
    after = {kind: named(case, kind) for kind in KINDS}
    for kind, known in before.items():
        kept = sum(after[kind].get(number) == name for number, name in known.items())
        told.append(f"{kind} {len(after[kind]):4}, kept {kept:4} of {len(known):4}")
    rows = case.query("SELECT subject_type, to_state FROM events").to_pylist()
    fresh = Counter(f"{row['subject_type']} {row['to_state']}" for row in rows)
    told.append(f"events {len(rows) - events:4}, in all {dict(sorted(fresh.items()))}")
    print("; ".join(told), flush=True)
    return after, len(rows)


def labels(case: Case, kind: str) -> dict[object, frozenset[int]]:
    """By member the clusters it belongs to."""
    found: dict[object, set[int]] = {}
    for row in case.query(MEMBERS[kind]).to_pylist():
        found.setdefault(row["member"], set()).add(row["label"])
    return {member: frozenset(of) for member, of in found.items()}


def agreement(one: dict[object, frozenset[int]], other: dict[object, frozenset[int]]) -> tuple[float, float]:
    """Of pairs together in one (by either), the share together in both; and of all pairs, those that agree."""
    kinds = Counter((one.get(m, frozenset()), other.get(m, frozenset())) for m in one.keys() | other.keys())
    both = either = 0
    items = list(kinds.items())
    for place, ((a, x), count) in enumerate(items):
        for (b, y), often in items[place:]:
            pairs = count * (count - 1) // 2 if (a, x) == (b, y) else count * often
            both += pairs * (bool(a & b) and bool(x & y))
            either += pairs * (bool(a & b) or bool(x & y))
    members = sum(kinds.values())
    return both / max(1, either), 1 - (either - both) / max(1, members * (members - 1) // 2)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--bots", type=int, default=500)
    parser.add_argument("--botnets", type=int, default=4)
    parser.add_argument("--seed", type=int, default=131)
    args = parser.parse_args()
    with _data.scratch("growing") as scratch:
        out = Path(scratch) / "drill"
        drills.write(out, drills.Settings(
            messages=args.messages, bots=args.bots, innocents=args.bots, botnets=args.botnets, days=args.days,
            seed=args.seed,
        ))  # fmt: skip
        grown, whole = Path(scratch) / "grown", Path(scratch) / "whole"
        known: dict[str, Named] = {kind: {} for kind in KINDS}
        events = 0
        for path in sorted(out.iterdir()):
            with Case.open_or_create(grown, write=True, key=bytes(32)) as case:
                known, events = day(case, str(path), known, events)
        with Case.open_or_create(whole, write=True, key=bytes(32)) as once, Case.open(grown) as case:
            once.read([str(out)])
            once.find()
            for kind in KINDS:
                together, agree = agreement(labels(case, kind), labels(once, kind))
                print(f"{kind}: grown as at once: {agree:.4%} of all pairs, {together:.4%} of those together in either")


if __name__ == "__main__":
    main()
