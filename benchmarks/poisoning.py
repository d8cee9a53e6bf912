"""Poisoning: ``python benchmarks/poisoning.py [--poison 100000] [--messages 20000] [--difficulty 1] [--seed 101]``.

A drill whose bots mix garbage domains and well-known ones into their links is written, read and looked through. Printed
are the poison that was released (it must be none) and how many of the campaigns' own landing domains still were, by how
many messages advertise them. Leaves with 1 when poison was released.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

import _data

from impound import Case, drill

LINKS = """SELECT DISTINCT s.paths, m.offset, COALESCE(u.domain, u.host) AS host FROM urls u
JOIN messages m ON m.id = u.message_id JOIN sources s ON s.id = m.source_id WHERE u.scheme <> 'mailto'"""
STATES = "SELECT value, state, reason FROM indicators WHERE type = 'domain'"
NUMBER = re.compile(r"[0-9,]+")
ENOUGH = 5
"""Messages that a domain must be in before it may be released at all (``_guards.Params``)."""


def landings(out: Path, links: list[dict[str, object]], poison: dict[str, str]) -> Counter[str]:
    """How many messages of bots lead to each domain that is no poison and that innocent mail does not link to."""
    kinds = {(row["file"], int(row["offset"])): row["kind"] for row in drill.rows(out, "messages")}
    own, innocent = Counter[str](), set[str]()
    for row in links:
        domain = ".".join(str(row["host"]).split(".")[-2:])
        kind = kinds[Path(row["paths"][0]).name, row["offset"]]  # type: ignore[index]
        if kind in ("bot", "relayed", "hacked-server"):
            own[domain] += domain not in poison
        elif kind in ("personal", "newsletter", "list", "receipt"):
            innocent.add(domain)
    return Counter({domain: n for domain, n in own.items() if n and domain not in innocent})


def main() -> None:
    """Write, read, find and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, default in (("poison", 100_000), ("messages", 20_000), ("difficulty", 1), ("seed", 101), ("bots", 1000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    with _data.scratch("poisoning") as tmp:
        out = Path(tmp) / "drill"
        drill.write(out, drill.Settings(**vars(given)))
        poison = {row["domain"]: row["kind"] for row in drill.rows(out, "poison")} if given.poison else {}
        with Case.open_or_create(f"{tmp}/case", write=True) as case:
            case.read([str(out)])
            case.find()
            states = {r["value"]: (r["state"], r["reason"]) for r in case.query(STATES).to_pylist()}
            own = landings(out, case.query(LINKS).to_pylist(), poison)
    released = {domain for domain, (state, _) in states.items() if state == "released"}
    for kind in ("well-known", "garbage"):
        names = [domain for domain, what in poison.items() if what == kind]
        met = [domain for domain in names if domain in states]
        print(f"{kind}: {len(names):,} injected, {len(met):,} met, {len(released & set(met)):,} released")
    for least in (1, ENOUGH, 20):
        some = [domain for domain, n in own.items() if n >= least]
        share = 100 * len(released & set(some)) / max(1, len(some))
        print(f"landing domains in {least} messages or more: {len(some):,}, released {share:.0f} %")
    held = [d for d, n in own.items() if n >= ENOUGH and d not in released]
    for reason, n in Counter(NUMBER.sub("#", states[d][1]) if d in states else "-" for d in held).most_common(6):
        print(f"  not released: {n:,}  {reason}")
    wrong = released & set(poison)
    print(f"others released: {len(released - set(own) - wrong):,}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
