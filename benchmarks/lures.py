"""Lures and brand abuse against messages judged by reading: ``python benchmarks/lures.py [--speed N] [--list]``.

Of the sets in IMPOUND_DATA only the messages of ``lure_labels.tsv`` are read, into a case that goes afterwards, and
every N-th of the TREC set beside them for the speed. A lure is measured three times: by the words alone, told by the
shipped classifier whether the message is spam, as in a case (it learnt from much of this mail, phishing_pot apart), and
told so by the label. ``--list`` shows what went wrong on the half for tuning; of the half kept aside only figures are
ever shown.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _data

from impound import Case
from impound.check import brands, classifier, lures
from impound.check.mail import Mail

LABELS = Path(__file__).with_name("lure_labels.tsv")
ENOUGH = 10
"""Messages from which a lure counts in the mean."""
CAREFUL = ("pharmacy", "lottery", "advance-fee")
"""Lures whose precision has a bar of its own: a false one hurts."""


@dataclass(frozen=True)
class Judged:
    """A message with what a reader said of it."""

    half: str
    lure: str
    brands: frozenset[str]
    mail: Mail


def labels() -> dict[str, dict[str, str]]:
    """The labels by SHA-256."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return {row["sha256"]: row for row in rows}


def wanted(known: dict[str, dict[str, str]], every: int) -> list[Path]:
    """The files of the labelled messages, and every N-th file of the TREC set."""
    found = []
    for name in sorted({row["set"] for row in known.values()}):
        folder = _data.mail(f"mail-{name}")
        files = _data.files(folder)
        found += [f for f in files if hashlib.sha256(f.read_bytes()).hexdigest() in known]
        found += files[::every] if every and f"mail-{name}" == _data.TREC else []
    return list(dict.fromkeys(found))


def mails(case: Case) -> dict[str, Mail]:
    """Every message of a case by the SHA-256 of its source."""
    beside: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for table in ("urls", "attachments"):
        beside[table] = defaultdict(list)
        for row in case.query(f"SELECT * FROM {table} ORDER BY id", tables=[table]).to_pylist():
            beside[table][row["message_id"]].append(row)
    bodies = {row["body_sha256"]: row for row in case.query("SELECT * FROM bodies", tables=["bodies"]).to_pylist()}
    sql = "SELECT m.*, s.sha256 FROM messages m JOIN sources s ON s.id = m.source_id"
    return {
        row["sha256"]: Mail.of(
            row, bodies.get(row["body_sha256"]), beside["urls"][row["id"]], beside["attachments"][row["id"]]
        )
        for row in case.query(sql, tables=["messages", "sources"]).to_pylist()
    }


Told = Callable[[Judged], float | None]
TOLD: dict[str, Told] = {
    "by the words alone": lambda one: None,
    "told by the shipped classifier": lambda one: classifier.shipped().spam(one.mail),
    "told by the label": lambda one: float(one.lure != "ham"),
}
"""Who says whether a message is spam."""


def lures_table(judged: list[Judged], told: Told) -> None:
    """Precision, recall and F1 of every lure, and their means."""
    right, named, real = Counter[str](), Counter[str](), Counter[str]()
    for one in judged:
        said = lures.lure(one.mail, told(one)).name
        real[one.lure] += 1
        named[said] += 1
        right[one.lure] += said == one.lure
    f1 = {}
    for name in lures.LURES:
        precision, recall = right[name] / max(1, named[name]), right[name] / max(1, real[name])
        f1[name] = 2 * precision * recall / max(1e-9, precision + recall)
        figures = f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1[name]:.3f}"
        print(f"  {name:12} {real[name]:4} messages  {figures}{' *' if name in CAREFUL else ''}")
    many = [name for name in lures.LURES if real[name] >= ENOUGH]
    lured = [name for name in many if name not in ("ham", "other-spam")]
    print(f"  macro-F1 of the {len(lured)} lures with {ENOUGH} messages or more: {mean(f1[n] for n in lured):.3f}")
    print(f"  with other-spam and ham, {len(many)} labels: {mean(f1[n] for n in many):.3f}")


def mean(values: Iterable[float]) -> float:
    """The mean of some numbers; 0 of none."""
    found = list(values)
    return sum(found) / max(1, len(found))


def brands_table(judged: list[Judged]) -> None:
    """Messages: abuse is found when one of the marks named is one of those that a reader named."""
    told = TOLD["told by the shipped classifier"]
    found = [(one, {a.brand for a in brands.abuse(one.mail, lures.lure(one.mail, told(one)))}) for one in judged]
    hits = sum(1 for one, named in found if named & one.brands)
    named, real = sum(1 for _, n in found if n), sum(1 for one, _ in found if one.brands)
    marks = sum(len(n & one.brands) for one, n in found)
    all_marks = sum(len(one.brands) for one, _ in found)
    print(f"  brand abuse  {real} messages  precision {hits / max(1, named):.3f} ({hits} of {named})"
          f"  recall {hits / max(1, real):.3f}  single marks {marks / max(1, all_marks):.3f}")  # fmt: skip


def on_ham(found: dict[str, Mail], paths: Iterable[Path]) -> None:
    """How many wanted messages of the TREC set are said to be what hurts most, or to abuse a mark."""
    with _data.labels().open(encoding="utf-8", newline="") as file:
        wanted_ones = {row["file"] for row in csv.DictReader(file, delimiter="\t") if row["label"] == "ham"}
    hashes = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.name in wanted_ones)
    ham = [found[sha] for sha in hashes if sha in found]
    labels = [lures.lure(mail, classifier.shipped().spam(mail)) for mail in ham]
    said = Counter(label.name for label in labels)
    marked = sum(1 for mail, label in zip(ham, labels, strict=True) if brands.abuse(mail, label))
    named = ", ".join(f"{name} {said[name]}" for name in CAREFUL)
    others = ", ".join(f"{name} {n}" for name, n in said.most_common() if name not in (*CAREFUL, "ham"))
    print(f"ham of the TREC set: {len(ham):,} messages: {named}; brand abuse {marked}; {others}")


def speed(found: list[Mail]) -> None:
    """Messages a CPU second: each message once, in the order of a set, words and texts remembered as in a case."""
    lures.shipped(), brands.shipped()
    works: dict[str, Any] = {
        "lure": lures.lure,
        "lure and brand abuse": brands.abuse,
        "spam or not": classifier.shipped().spam,
    }
    for name, work in works.items():
        lures.shipped().body.cache_clear()
        start = time.process_time()
        for mail in found:
            work(mail)
        print(
            f"speed: {name}: {len(found) / (time.process_time() - start):,.0f} messages a CPU second ({len(found):,})"
        )


def wrong(judged: list[Judged]) -> None:
    """What went wrong on the half for tuning."""
    for one in judged:
        said = lures.lure(one.mail, float(one.lure != "ham"))
        named = {a.brand for a in brands.abuse(one.mail)}
        if said.name != one.lure or bool(named) != bool(one.brands):
            print(f"  {one.lure} > {said.name} {said.words[:4]} | {sorted(one.brands)} > {sorted(named)}")


def main() -> None:
    """Read, compare, print."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument(
        "--speed", type=int, default=8, metavar="N", help="every N-th of the TREC set for the speed; 0: none"
    )
    ask.add_argument("--list", action="store_true")
    told = ask.parse_args()
    known = labels()
    with _data.scratch("lures") as place, Case.open_or_create(Path(place) / "case", write=True) as case:
        paths = wanted(known, told.speed)
        case.read([str(path) for path in paths])
        found = mails(case)
    missing = known.keys() - found.keys()
    print(f"{len(known) - len(missing)} labelled messages" + (f", {len(missing)} not found" if missing else ""))
    judged = [
        Judged(row["half"], row["lure"], frozenset(row["brand"].split("+")) - {"-"}, found[sha])
        for sha, row in known.items()
        if sha in found
    ]
    for half in ("tuning", "kept"):
        part = [one for one in judged if one.half == half]
        print(f"{half}: {len(part)} messages")
        for who, told_by in TOLD.items():
            print(f" {who}")
            lures_table(part, told_by)
        brands_table(part)
    if told.list:
        wrong([one for one in judged if one.half == "tuning"])
    if told.speed:
        on_ham(found, paths)
        speed(list(found.values()))


if __name__ == "__main__":
    main()
