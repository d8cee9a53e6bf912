"""Hosts against labels and drills: ``python benchmarks/hosts.py [CASE] [--drill 1|2|3] [--calibrate] [--show N]``.

Without a case the TREC set is read and looked through in a folder that goes afterwards. An address that sent only ham
is taken for innocent; one that sent only spam may be anything but ordinary. Limits: Clopper and Pearson (1934), exact.
``--drill`` makes a drill instead, and compares with its truth; ``--calibrate`` prints how often each kind of evidence
is met among the infected and the innocent of a drill, and what the score was worth.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import _data

from impound import Case
from impound import drill as drills

BULK = "philsfeatheredfriends.com"
BOTS = ("csmo.net", "setequate.hk", "doorprepare.hk")
Row = dict[str, Any]


def upper(hits: int, of: int, level: float = 0.95) -> float:
    """The one-sided upper limit of a share of which ``hits`` were met in ``of``, by bisection."""
    if hits >= of:
        return 1.0

    def at_most(share: float) -> float:
        logs = (
            math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
            + k * math.log(share) + (of - k) * math.log1p(-share) for k in range(hits + 1)
        )  # fmt: skip
        return sum(map(math.exp, logs))

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(middle) > 1 - level else (low, middle)
    return high


def share(part: int, whole: int) -> str:
    """A count with its share."""
    return f"{part:,} of {whole:,} ({part / max(1, whole):.2%})"


def _by_file() -> dict[str, str]:
    with _data.labels().open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["label"] for row in csv.DictReader(file, delimiter="\t")}


def labelled(case: Case) -> tuple[list[Row], dict[str, set[str]]]:
    """Every host, and which labels each address has."""
    said = _by_file()
    sql = """SELECT o.client_ip, s.paths FROM origins o JOIN messages m ON m.id = o.message_id
             JOIN sources s ON s.id = m.source_id WHERE o.client_ip IS NOT NULL"""
    labels: dict[str, set[str]] = defaultdict(set)
    for row in case.query(sql, tables=["origins", "messages", "sources"]).to_pylist():
        labels[row["client_ip"]].add(said[Path(row["paths"][0]).name])
    return _hosts(case), labels


def _hosts(case: Case) -> list[Row]:
    return case.query("SELECT * FROM hosts ORDER BY ip, first_at", tables=["hosts"]).to_pylist()


def against_labels(case: Case, show: int) -> None:
    """Print the figures of the TREC set."""
    hosts, labels = labelled(case)
    kind = {ip: "both" if len(seen) > 1 else f"{min(seen)} only" for ip, seen in labels.items()}
    infected = {row["ip"] for row in hosts if row["verdict"] == "infected"}
    _table(hosts, kind)
    for name in ("ham only", "both", "spam only"):
        clients = {ip for ip, said in kind.items() if said == name}
        hit = clients & infected
        print(
            f"addresses with {name}: {share(len(hit), len(clients))} infected,"
            f" at most {upper(len(hit), len(clients)):.2%}"
        )
        if name != "spam only":
            _list([row for row in hosts if row["ip"] in hit], show)
    spam = {ip for ip, seen in labels.items() if "spam" in seen}
    print(f"addresses that sent spam: {share(len(spam & infected), len(spam))} infected")
    single = [row for row in hosts if row["verdict"] == "infected" and row["messages"] == 1]
    print(f"infected hosts: {len(infected):,} addresses; {len(single):,} rows rest on a single message")
    _campaign_mail(case)
    by_ip: dict[str, list[Row]] = defaultdict(list)
    for row in hosts:
        by_ip[row["ip"]].append(row)
    behind = {domain: _behind(case, domain) for domain in (BULK, *BOTS)}
    for ip in behind[BULK]:
        print(f"behind {BULK}: {ip} is {', '.join(row['verdict'] for row in by_ip[ip])}")
    for domain in BOTS:
        missed = [ip for ip in behind[domain] if ip not in infected]
        print(f"behind {domain}: {share(len(behind[domain]) - len(missed), len(behind[domain]))} infected; the others:")
        _list([row for ip in missed for row in by_ip[ip]], len(hosts))


def _campaign_mail(case: Case) -> None:
    """Print the labels of the mail of campaigns half of whose addresses, or more, are infected."""
    said = _by_file()
    rows = case.query(OF_INFECTED, tables=["messages", "sources", "campaign_members", "origins", "hosts"]).to_pylist()
    count = Counter(said[Path(row["paths"][0]).name] for row in rows)
    told = ", ".join(f"{n:,} {label}" for label, n in sorted(count.items()))
    print(f"mail of campaigns that infected hosts send: {told}; at most {upper(count['ham'], len(rows)):.3%} ham")


OF_INFECTED = """
SELECT s.paths FROM campaign_members c JOIN messages m ON m.id = c.message_id JOIN sources s ON s.id = m.source_id
WHERE c.campaign_id IN (
  SELECT k.campaign_id FROM campaign_members k JOIN origins o ON o.message_id = k.message_id
  JOIN messages n ON n.id = k.message_id
  LEFT JOIN hosts h ON h.ip = o.client_ip AND h.verdict = 'infected'
   AND (n.seen_at IS NULL OR n.seen_at BETWEEN h.first_at AND h.last_at)
  GROUP BY k.campaign_id HAVING 2 * COUNT(DISTINCT h.ip) >= COUNT(DISTINCT o.client_ip) AND COUNT(h.ip) > 0)
"""


def _behind(case: Case, domain: str) -> list[str]:
    sql = """SELECT DISTINCT o.client_ip FROM origins o JOIN urls u ON u.message_id = o.message_id
             WHERE u.domain = :domain AND o.client_ip IS NOT NULL ORDER BY o.client_ip"""
    return case.query(sql, {"domain": domain}, tables=["origins", "urls"]).column("client_ip").to_pylist()


def _table(hosts: list[Row], kind: dict[str, str]) -> None:
    count = Counter((row["verdict"], kind.get(row["ip"], "?")) for row in hosts)
    names = sorted({label for _, label in count})
    print(f"{'verdict':20}" + "".join(f"{name:>20}" for name in names))
    for verdict in sorted({v for v, _ in count}):
        print(f"{verdict:20}" + "".join(f"{count[verdict, name]:20,}" for name in names))


def _list(hosts: Iterable[Row], show: int) -> None:
    for row in list(hosts)[:show]:
        print(f"  {row['ip']:15} {row['verdict']:18} {row['score']:.3f} {row['name'] or '-'}\n    {row['why']}")


def truth(folder: Path) -> dict[str, list[Row]]:
    """By address, the rows of a drill's ``hosts.tsv``."""
    found: dict[str, list[Row]] = defaultdict(list)
    with (folder / "hosts.tsv").open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found[row["ip"]].append(row)
    return found


def joined(case: Case, said: dict[str, list[Row]]) -> list[tuple[Row, str]]:
    """Every host with the true verdict of its address then: infected where one of several machines was a bot."""
    rows = []
    for host in _hosts(case):
        here = [t for t in said[host["ip"]] if _overlap(host, t)] or said[host["ip"]]
        true = {t["verdict"] for t in here}
        rows.append((host, "infected" if "infected" in true else min(true, default="?")))
    return rows


def _overlap(host: Row, true: Row) -> bool:
    first, last = (host[c].strftime("%Y-%m-%dT%H:%M:%SZ") for c in ("first_at", "last_at"))
    return true["first_at"][:16] <= last[:16] and first[:16] <= true["last_at"][:16]


def against_truth(case: Case, folder: Path, show: int, calibrate: bool) -> None:
    """Print the figures of a drill."""
    rows = joined(case, truth(folder))
    count = Counter((host["verdict"], true) for host, true in rows)
    names = sorted({true for _, true in count})
    print(f"{'verdict, by truth':20}" + "".join(f"{name:>20}" for name in names))
    for verdict in sorted({v for v, _ in count}):
        print(f"{verdict:20}" + "".join(f"{count[verdict, name]:20,}" for name in names))
    innocent = [host for host, true in rows if true != "infected"]
    wrong = [host for host in innocent if host["verdict"] == "infected"]
    print(
        f"innocent hosts: {share(len(wrong), len(innocent))} infected, at most {upper(len(wrong), len(innocent)):.4%}"
    )
    _list(wrong, show)
    for least in (1, 3):
        bots = [host for host, true in rows if true == "infected" and host["messages"] >= least]
        missed = [host for host in bots if host["verdict"] != "infected"]
        print(f"bots with {least} messages or more: {share(len(bots) - len(missed), len(bots))} found")
    _list(missed, show)
    if calibrate:
        likelihoods(rows)
        reliability(rows)


def likelihoods(rows: list[tuple[Row, str]]) -> None:
    """Print how often each kind is met among infected and innocent hosts, and the logarithm of their ratio."""
    for kind in ("spread", "software", "naming"):
        bots = [kind in host["kinds"] for host, true in rows if true == "infected"]
        others = [kind in host["kinds"] for host, true in rows if true != "infected"]
        hit, false = (sum(s) + 0.5 for s in (bots, others))
        ratio = (hit / (len(bots) + 1)) / (false / (len(others) + 1))
        print(
            f"{kind:9} {share(sum(bots), len(bots))} infected, {share(sum(others), len(others))} innocent:"
            f" log {math.log(ratio):.2f}"
        )


def reliability(rows: list[tuple[Row, str]]) -> None:
    """Print, for each band of the score, how many hosts were truly infected."""
    bands: dict[float, list[bool]] = defaultdict(list)
    scores: dict[float, list[float]] = defaultdict(list)
    for host, true in rows:
        band = math.floor(host["score"] * 10) / 10 if host["score"] < 0.99 else 0.99
        bands[band].append(true == "infected")
        scores[band].append(host["score"])
    print("score from    hosts   mean score   infected")
    for band, hits in sorted(bands.items()):
        print(f"{band:10.2f} {len(hits):8,} {sum(scores[band]) / len(hits):12.3f} {sum(hits) / len(hits):10.3f}")


def main() -> None:
    """Find and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("case", nargs="?", type=Path)
    parser.add_argument("--show", type=int, default=20, help="hosts to list of a kind (20)")
    parser.add_argument("--drill", type=int, choices=(1, 2, 3), help="a drill of this difficulty instead")
    parser.add_argument("--truth", type=Path, help="the case is a drill's, and this its folder of truth")
    parser.add_argument("--messages", type=int, default=240_000, help="messages of the drill (240000)")
    parser.add_argument("--bots", type=int, default=12_000, help="bots of the drill (12000)")
    parser.add_argument("--innocents", type=int, default=160_000, help="innocent machines of the drill (160000)")
    parser.add_argument("--strangers", type=int, default=0, help="innocent servers that write once each (0)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the drill (7)")
    parser.add_argument("--calibrate", action="store_true", help="print likelihoods and what the score was worth")
    given = parser.parse_args()
    if given.case:
        with Case.open(given.case) as case:
            if given.truth:
                against_truth(case, given.truth, given.show, given.calibrate)
            else:
                against_labels(case, given.show)
        return
    with _data.scratch("hosts") as tmp, Case.open_or_create(f"{tmp}/case", write=True) as case:
        if given.drill:
            sizes = {"messages": given.messages, "bots": given.bots, "innocents": given.innocents, "botnets": 8}
            sizes["strangers"] = given.strangers
            drills.write(
                Path(tmp) / "drill", drills.Settings(**sizes, days=10, difficulty=given.drill, seed=given.seed)
            )
        case.read([f"{tmp}/drill" if given.drill else str(_data.mail())])
        case.find()
        if given.drill:
            against_truth(case, drills.truth_of(Path(tmp) / "drill"), given.show, given.calibrate)
        else:
            against_labels(case, given.show)


if __name__ == "__main__":
    main()
