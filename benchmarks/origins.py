"""Who handed it in, against the labels: ``python benchmarks/origins.py [FOLDER LABELS] [--inside CIDR] [--show N]``.

FOLDER holds one message a file, LABELS is a table with tabs, file, label (spam or ham), client_ip and hop among its
columns. Both default to the TREC set of IMPOUND_DATA; nothing is configured. An address of --inside that is named as
the host outside is an error in any case; the labels are a plain heuristic, so disagreements are listed, N of each kind.
"""

from __future__ import annotations

import argparse
import csv
import ipaddress
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import _data

from impound import Case

INSIDE = "129.97.0.0/16"
"""The site that the TREC 2007 mail was received at."""


def found(folder: Path) -> dict[str, dict[str, object]]:
    """By file name, what the finder says of the message in it."""
    with _data.scratch("origins") as tmp:
        with Case.open_or_create(Path(tmp) / "case", write=True) as case:
            case.read([str(folder)])
            case.find(["senders"])
        sql = """SELECT s.paths, o.client_ip, o.hop, o.trusted_hops, o.boundary_reason
                 FROM origins o JOIN messages m ON m.id = o.message_id JOIN sources s ON s.id = m.source_id"""
        rows = case.query(sql, tables=["origins", "messages", "sources"]).to_pylist()
        own = case.query("SELECT cidr FROM networks WHERE side = 'own' ORDER BY cidr", tables=["networks"]).to_pylist()
    print(f"own networks, as inferred: {', '.join(r['cidr'] for r in own) or 'none'}")
    return {Path(path).name: row for row in rows for path in row["paths"]}


def compare(name: str, labels: Iterable[dict[str, str]], ours: dict[str, dict[str, object]], show: int) -> None:
    """Print how often the labels of one kind and the finder agree, and where they do not."""
    wanted = [row for row in labels if row["label"] == name and row["client_ip"]]
    apart = [row for row in wanted if ours.get(row["file"], {}).get("client_ip") != row["client_ip"]]
    share = 1 - len(apart) / len(wanted) if wanted else 0.0
    print(f"{name}: {len(wanted):,} with a labelled client, {len(wanted) - len(apart):,} agree ({share:.3%})")
    kinds = Counter("names none" if not ours.get(row["file"], {}).get("client_ip") else "another" for row in apart)
    print(f"  disagreements: {', '.join(f'{n:,} {kind}' for kind, n in kinds.most_common()) or 'none'}")
    for row in apart[:show]:
        own = ours.get(row["file"], {})
        print(
            f"  {row['file']:14} label {row['client_ip']:15} hop {row['hop']:2}   ours {own.get('client_ip') or '-':15}"
            f" hop {own.get('hop')}   {own.get('boundary_reason')}"
        )


def main() -> None:
    """Read, find, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("labels", nargs="?", type=Path)
    parser.add_argument("--inside", default=INSIDE, help=f"a network of the site itself ({INSIDE})")
    parser.add_argument("--show", type=int, default=100, help="disagreements to list of each kind (100)")
    given = parser.parse_args()
    ours = found(given.folder or _data.mail())
    with (given.labels or _data.labels()).open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file, delimiter="\t"))
    for name in ("spam", "ham"):
        compare(name, labels, ours, given.show)
    inside = ipaddress.ip_network(given.inside)
    named = [str(row["client_ip"]) for row in ours.values() if row["client_ip"]]
    wrong = Counter(address for address in named if ipaddress.ip_address(address) in inside)
    print(f"{len(named):,} of {len(ours):,} messages have a client; {len(wrong):,} addresses of {inside} among them")
    for address, times in wrong.most_common(20):
        print(f"  {address} {times:,} times")


if __name__ == "__main__":
    main()
