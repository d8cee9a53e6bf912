"""Is every file accounted for? ``python benchmarks/nothing_lost.py [FOLDER|ARCHIVE …]`` (default: the TREC set).

Reads each path into a case of its own. Sources with a message + sources with only rejects + copies must be the number
of inputs, counted apart from reading. Leaves with 1 where they are not.
"""

from __future__ import annotations

import sys
from pathlib import Path

import _data

from impound import Case, inputs

SOURCES = """SELECT sum(CASE WHEN records > 0 THEN 1 ELSE 0 END) AS mail, sum(copies) AS copies,
                    sum(records) AS records,
                    sum(CASE WHEN records = 0 AND rejects > 0 THEN 1 ELSE 0 END) AS rejected
             FROM sources"""
REASONS = "SELECT reason, count(*) AS n FROM rejects GROUP BY reason ORDER BY n DESC, reason"


def handed_in(path: Path) -> tuple[int, int]:
    """How many files lie there, and how many inputs they make once archives are opened."""
    found = 0
    with _data.scratch("walk") as tmp:
        for item in inputs.walk([str(path)], Path(tmp)):
            found += 1
            if isinstance(item, inputs.Input):
                item.close()
    return (1 if path.is_file() else sum(not p.is_dir() for p in path.rglob("*"))), found


def account(path: Path) -> bool:
    """Read, print, and say whether nothing was lost."""
    files, wanted = handed_in(path)
    with _data.scratch("lost") as tmp:
        with Case.open_or_create(Path(tmp) / "case", write=True) as case:
            case.read([str(path)])
        found = {name: value or 0 for name, value in case.query(SOURCES, tables=["sources"]).to_pylist()[0].items()}
        reasons = case.query(REASONS, tables=["rejects"]).to_pylist()
    mail, rejected, copies = found["mail"], found["rejected"], found["copies"]
    adds_up: bool = mail + rejected + copies == wanted
    print(f"{path}: {files:,} files, {wanted:,} inputs with what archives hold")
    print(f"  {mail:,} sources with a message + {rejected:,} with only rejects + {copies:,} copies", end=" ")
    print(f"= {mail + rejected + copies:,}   {'nothing lost' if adds_up else 'IT DOES NOT ADD UP'}")
    share = (mail + copies) / wanted if wanted else 0.0
    print(f"  {share:.3%} became messages (a copy counts as what it copies); {found['records']:,} messages")
    for row in reasons[:20]:
        print(f"  {row['n']:8,} × {row['reason'][:100]}")
    return adds_up


def main() -> None:
    """Account for each path."""
    paths = [Path(argument) for argument in sys.argv[1:]] or [_data.mail()]
    accounts = [account(path) for path in paths]
    sys.exit(0 if all(accounts) else 1)


if __name__ == "__main__":
    main()
