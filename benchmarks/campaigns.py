"""Campaigns against pairs of messages judged by reading: ``python benchmarks/campaigns.py [CASE] [--half report]``.

Without a case the TREC set is read and looked through in a folder that goes afterwards. Precision: of the judged pairs
that are in one campaign, how many were judged the same; recall: of those judged the same, how many are in one campaign;
by the ways the pairs were drawn as well (``campaign_pairs.tsv`` says how). Then how pure campaigns are by the labels.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import _data

from impound import Case

PAIRS = Path(__file__).with_name("campaign_pairs.tsv")
MIXED_FROM = 20
"""Messages from which a campaign must not mix ham and spam."""
PLACES = (
    "SELECT m.id, s.paths FROM messages m JOIN sources s ON s.id = m.source_id",
    "SELECT campaign_id, message_id, link FROM campaign_members",
    "SELECT id, name, messages, networks, owners, subject_shape FROM campaigns",
)


@dataclass(frozen=True)
class Pair:
    """Two judged messages by their numbers in the set."""

    first: int
    second: int
    stratum: str
    same: bool
    half: str


@dataclass
class Count:
    """How judged pairs were put."""

    right: int = 0
    glued: list[Pair] = field(default_factory=list)
    split: list[Pair] = field(default_factory=list)
    apart: int = 0

    def add(self, pair: Pair, together: bool) -> None:
        if pair.same and together:
            self.right += 1
        elif pair.same:
            self.split.append(pair)
        elif together:
            self.glued.append(pair)
        else:
            self.apart += 1

    def __str__(self) -> str:
        together, same = self.right + len(self.glued), self.right + len(self.split)
        precision = f"{self.right / together:.3f}" if together else "  -  "
        recall = f"{self.right / same:.3f}" if same else "  -  "
        glued, split = f"{len(self.glued)} of {together} glued", f"{len(self.split)} of {same} split"
        return f"precision {precision} ({glued})  recall {recall} ({split})"


def pairs() -> Iterator[Pair]:
    """The judged pairs."""
    for line in PAIRS.read_text("utf-8").splitlines():
        if line and line[0].isdigit():
            first, second, stratum, judged, _, half = line.split("\t")
            yield Pair(int(first), int(second), stratum, judged == "same", half)


def compare(campaign: dict[int, int], halves: list[str], show: bool) -> None:
    """Print how the campaigns agree with the pairs."""
    for half in halves:
        whole, strata = Count(), {}
        for pair in (p for p in pairs() if p.half == half):
            one, other = campaign.get(pair.first), campaign.get(pair.second)
            together = one is not None and one == other
            whole.add(pair, together)
            strata.setdefault(pair.stratum, Count()).add(pair, together)
        print(f"{half:6}    {whole}")
        for stratum, count in sorted(strata.items()):
            print(f"       {stratum}  {count}")
        if show:
            print("  glued:", [(p.first, p.second, p.stratum) for p in whole.glued])
            print("  split:", [(p.first, p.second, p.stratum) for p in whole.split])


def labels() -> dict[int, str]:
    """Spam or ham by the number of a message in the set."""
    rows = [line.split("\t") for line in _data.labels().read_text("utf-8").splitlines()[1:]]
    return {int(name.rpartition(".")[2]): label for name, label, *_ in rows}


def purity(campaigns: list[dict[str, object]], members: dict[int, list[int]]) -> None:
    """Print the campaigns that mix ham and spam."""
    said = labels()
    mixed = []
    for row in campaigns:
        count = Counter(said.get(number) for number in members[int(str(row["id"]))])
        if int(str(row["messages"])) >= MIXED_FROM and count["ham"] and count["spam"]:
            mixed.append((row["name"], row["messages"], count["ham"], row["subject_shape"]))
    print(f"campaigns of {MIXED_FROM} messages or more that mix ham and spam: {len(mixed)}")
    for name, messages, ham, subject in mixed:
        print(f"  {name}: {messages:,} messages, {ham:,} of them ham; {subject}")


def report(case: Case, halves: list[str], show: bool) -> None:
    """Print all of it for one case."""
    placed, joined, rows = (case.query(sql).to_pylist() for sql in PLACES)
    numbers = {r["id"]: int(r["paths"][0].rpartition(".")[2]) for r in placed}
    campaign = {numbers[r["message_id"]]: r["campaign_id"] for r in joined}
    members: dict[int, list[int]] = {}
    for number, which in campaign.items():
        members.setdefault(which, []).append(number)
    large = sum(r["messages"] >= 10 for r in rows)
    print(f"{len(rows):,} campaigns, {large:,} of ten messages or more")
    print(f"{len(campaign):,} of {len(numbers):,} messages are in one")
    for row in sorted(rows, key=lambda r: -r["messages"])[:10]:
        spread = f"{row['networks']:6,} networks {row['owners']:5,} owners"
        print(f"  {row['messages']:6,} messages {spread}  {row['subject_shape']}")
    compare(campaign, halves, show)
    print("ties:", dict(Counter(r["link"] for r in joined).most_common()))
    purity(rows, members)


def main() -> None:
    """Find and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("case", nargs="?", type=Path)
    parser.add_argument("--half", choices=("tune", "report"), help="only one half of the pairs")
    parser.add_argument("--show", action="store_true", help="name the pairs that were put wrongly")
    given = parser.parse_args()
    halves = [given.half] if given.half else ["tune", "report"]
    if given.case:
        report(Case.open(given.case), halves, given.show)
        return
    with _data.scratch("campaigns") as tmp, Case.open_or_create(f"{tmp}/case", write=True) as case:
        case.read([str(_data.mail())])
        case.find()
        report(case, halves, given.show)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
