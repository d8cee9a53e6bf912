"""Reply contacts against judgements made by reading: ``python benchmarks/reply_contacts.py [CASE …]``.

``contact_judgements.tsv`` has contacts drawn by lot from four mail sets (a fifth has none); no text and no value, only
hashes. The last draw is 200 of the 600 distinct contacts found then; what went wrong in it mended two word lists more.
Earlier ones made the rules. Precision is the share judged right of those that are found, with its exact
interval of 95 % (Clopper and Pearson, 1934); what is no longer found is counted apart. Without a case the sets are read
in a folder that goes afterwards.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import _data
from hosts import upper

from impound import Case

JUDGED = Path(__file__).with_name("contact_judgements.tsv")


def judgements(draw: str = "") -> dict[tuple[str, str, str], bool]:
    """By source, kind and hash of the value: whether it was judged right; those of one draw, or all."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
    drawn = [row for row in rows if row["draw"] == draw or not draw]
    return {(r["source_sha256"], r["kind"], r["value_sha256"]): r["judgement"] == "right" for r in drawn}


def sets() -> list[str]:
    """The names of the mail sets that were drawn from."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return sorted({r["set"] for r in rows})


def found(case: Case) -> Iterator[tuple[str, str, str]]:
    """The contacts of a case, as judgements name them."""
    sql = """SELECT s.sha256, r.kind, r.value FROM reply_contacts r JOIN messages m ON m.id = r.message_id
             JOIN sources s ON s.id = m.source_id"""
    for row in case.query(sql, tables=["reply_contacts", "messages", "sources"]).to_pylist():
        digest = hashlib.sha256(f"{row['kind']} {row['value']}".encode()).hexdigest()
        yield row["sha256"], row["kind"], digest[:32]


def report(met: set[tuple[str, str, str]], draw: str = "") -> None:
    """Print precision by kind and in all."""
    judged = judgements(draw)
    print(f"{draw or 'every'} draw: {len(judged)} judged")
    kinds = Counter(kind for _, kind, _ in judged)
    for kind in [*sorted(kinds), ""]:
        mine = {key: right for key, right in judged.items() if key[1] == kind or not kind}
        kept = [right for key, right in mine.items() if key in met]
        wrong = kept.count(False)
        low = 1 - upper(wrong, len(kept), 0.975) if kept else 0.0
        high = upper(len(kept) - wrong, len(kept), 0.975) if kept else 1.0
        share = (len(kept) - wrong) / max(1, len(kept))
        print(f"{kind or 'all':14} precision {share:.3f} ({wrong} of {len(kept)} wrong; {low:.3f} to {high:.3f});"
              f" {len(mine) - len(kept)} judged ones are not found any more")  # fmt: skip


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("case", nargs="*", help="cases in which reply_contacts were found")
    given = parser.parse_args()
    met: set[tuple[str, str, str]] = set()
    if given.case:
        for path in given.case:
            with Case.open(path) as case:
                met |= set(found(case))
    else:
        with _data.scratch("contacts") as tmp:
            for name in sets():
                with Case.open_or_create(Path(tmp) / name, write=True) as case:
                    case.read([str(_data.mail(name))])
                    began = time.process_time()
                    case.find(["reply_contacts"])
                    print(f"{name}: found in {time.process_time() - began:.1f} s CPU of this process")
                    met |= set(found(case))
    for draw in ("last", ""):
        report(met, draw)


if __name__ == "__main__":
    main()
