"""Software and naming on labelled mail: ``python benchmarks/fingerprints.py [SET …] [--cases FOLDER] [--show N]``.

For each set: how many messages, senders (distinct From addresses) and client networks each contradiction hits, ham and
spam apart; the constants found, with their networks; what the names of the client addresses say; how many fingerprints
there are. Ham that is hit is listed (N of each set): public collections have spam among their ham, so look at each.

A SET is a mail set of IMPOUND_DATA without its ``mail-`` (default: all five). ``--cases FOLDER`` takes cases that are
read already, ``FOLDER/SET``. Ham is what the labels of the TREC set say, and elsewhere what lies below a folder with
``ham`` in its name; the list of Linux on Alpha is ham as a whole, the pot of phishing spam as a whole.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import _data
import pyarrow as pa

from impound import Case
from impound.finders import _naming
from impound.finders.software import _headers
from impound.plugin import load

SETS = ("trec07p", "csdmc2010", "spamassassin", "linux_alpha", "phishing_pot")
ALIKE = {"linux_alpha": "ham", "phishing_pot": "spam"}
OWN_DOMAINS = {"trec07p": ("uwaterloo.ca",)}

Row = dict[str, Any]


@contextmanager
def case_of(name: str, cases: Path | None) -> Iterator[Case]:
    """The case of a set: one that is there, or one that is read now and goes afterwards."""
    if cases:
        with Case.open(cases / name) as case:
            yield case
        return
    with _data.scratch("fingerprints") as tmp, Case.open_or_create(Path(tmp) / "case", write=True) as case:
        case.read([str(_data.mail(f"mail-{name}"))])
        case.find(["senders"])
        yield case


def messages(name: str, case: Case) -> list[Row]:
    """Every labelled message with what the finders' functions say of it; prints the constants on the way."""
    engine = load("engines", "duckdb")()
    try:
        for table, columns in (("messages", (*_headers.COLUMNS, "seen_at")), ("origins", ("message_id", "client_net"))):
            engine.view(table, case.query(f"SELECT {', '.join(columns)} FROM {table}", tables=[table]))
        _headers.headers(engine)
        _headers.software(engine)
        for row in _rows(engine.stream("SELECT * FROM header_constants ORDER BY nets DESC, program, field, value")):
            print(f"  constant {row['value']} in {row['field']} of {row['program']}: {row['nets']:,} networks")
        said = {row["message_id"]: row for row in _rows(engine.stream("SELECT * FROM message_software"))}
    finally:
        engine.close()
    sql = """SELECT m.id, s.paths, m.from_addr, m.mailer, m.rfc_message_id,
                    o.client_ip, o.client_net, o.client_name, o.helo
             FROM messages m JOIN sources s ON s.id = m.source_id JOIN origins o ON o.message_id = m.id"""
    labels = _labels(name)
    rows = case.query(sql, tables=["messages", "sources", "origins"]).to_pylist()
    return [row | said[row["id"]] | {"label": _label(name, row["paths"][0], labels)} for row in rows]


def _labels(name: str) -> dict[str, str]:
    if name != "trec07p":
        return {}
    with _data.labels().open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["label"] for row in csv.DictReader(file, delimiter="\t")}


def _label(name: str, path: str, labels: dict[str, str]) -> str:
    return ALIKE.get(name) or labels.get(Path(path).name) or ("ham" if "ham" in Path(path).parent.name else "spam")


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Row]:
    return (row for batch in batches for row in batch.to_pylist())


def show_software(rows: list[Row], label: str, show: int) -> None:
    """How often each reason hits messages, senders and networks of one label."""
    mine = [row for row in rows if row["label"] == label]
    claiming = [row for row in mine if row["program"]]
    hit = [row for row in mine if row["contradictions"] or row["constant"]]
    print(f"  {label}: {len(mine):,} messages, {len(claiming):,} name a program; {_share(hit, mine)} hit")
    by_reason: dict[str, list[Row]] = defaultdict(list)
    for row in mine:
        for reason in [
            *filter(None, (row["contradictions"] or "").split("; ")),
            *(["a constant"] if row["constant"] else []),
        ]:
            by_reason[reason].append(row)
    for reason, these in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        print(f"    {_counts(these)}   {reason}")
    for row in hit[:show] if label == "ham" else []:
        print(f"    ham: {Path(row['paths'][0]).name} {row['mailer']!r} {row['rfc_message_id']} {row['from_addr']}")
    prints = Counter(row["fingerprint"] for row in mine)
    print(f"    {len(prints):,} fingerprints; the ten commonest hold {sum(n for _, n in prints.most_common(10)):,}")


def _share(part: list[Row], whole: list[Row]) -> str:
    return f"{len(part):,} ({len(part) / max(1, len(whole)):.2%})"


def _counts(rows: list[Row]) -> str:
    senders, nets = ({row[column] for row in rows} for column in ("from_addr", "client_net"))
    return f"{len(rows):6,} messages {len(senders):6,} senders {len(nets):6,} networks"


def show_naming(name: str, rows: list[Row], show: int) -> None:
    """What the names of client addresses say that sent only ham, and only spam."""
    labels: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["client_ip"]:
            labels[row["client_ip"]].add(row["label"])
    last = {row["client_ip"]: row for row in rows}
    for label in ("ham", "spam"):
        clients = [ip for ip, seen in labels.items() if seen == {label}]
        own = OWN_DOMAINS.get(name, ())
        said = {ip: _naming.naming(ip, last[ip]["client_name"], last[ip]["helo"], own) for ip in clients}
        kinds = Counter(one.kind or "nothing" for one in said.values())
        print(f"  names of {len(clients):,} addresses with {label} only: {dict(kinds.most_common())}")
        for ip, one in [(ip, one) for ip, one in said.items() if one.kind][: show if label == "ham" else 0]:
            print(f"    {ip}: {one.kind}: {one.reason}")


def main() -> None:
    """Print it all, one set after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", metavar="SET", default=SETS)
    parser.add_argument("--cases", type=Path, help="a folder with a case for each set, read already")
    parser.add_argument("--show", type=int, default=20, help="ham to list of each set (20)")
    given = parser.parse_args()
    for name in given.sets:
        print(name)
        with case_of(name, given.cases) as case:
            rows = messages(name, case)
        for label in ("ham", "spam"):
            show_software(rows, label, given.show)
        show_naming(name, rows, given.show)


if __name__ == "__main__":
    main()
