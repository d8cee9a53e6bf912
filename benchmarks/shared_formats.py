"""Does all that a case gives to other people's programs conform, judged whole by the standards' own validators?

python benchmarks/shared_formats.py CASE [stix] [case_uco] [--within SECONDS]

CASE was read and found. Writes the STIX bundle and the CASE/UCO graph of the whole case, without a limit, and hands
each to its validator (stix2-validator, case_validate) as a program of its own. What a validator does not finish in time
is said to be unjudged.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from impound import Case

VALIDATORS = {"stix": ["stix2_validator", "--version", "2.1"], "case_uco": ["case_validate"]}
INSIDE = {"stix": ("objects", "type"), "case_uco": ("@graph", "@type")}
"""Where a format keeps its things, and where a thing keeps its kind."""


def cpu(who: int) -> float:
    """Seconds of CPU so far, of this process or of its children."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def counted(path: Path, name: str) -> Counter[str]:
    """How many things of each kind a file holds."""
    things, kind = INSIDE[name]
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))[things]
    return Counter(thing[kind] for thing in found)


def judged(path: Path, name: str, within: float) -> tuple[str, str]:
    """What the validator says, and the end of its words."""
    command = [str(Path(sys.executable).with_name(VALIDATORS[name][0])), *VALIDATORS[name][1:], str(path)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)
    except subprocess.TimeoutExpired:
        return f"UNJUDGED after {within:.0f} s", ""
    return ("conforms" if ran.returncode == 0 else "DOES NOT CONFORM"), (ran.stdout + ran.stderr)[-400:].strip()


def main() -> None:
    """Write, count, validate and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("case", type=Path)
    asked.add_argument("formats", nargs="*", choices=[*VALIDATORS, []], default=list(VALIDATORS))
    asked.add_argument("--within", type=float, default=3600)
    given = asked.parse_args()
    for name in given.formats:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / f"{name}.json"
            begin = cpu(resource.RUSAGE_SELF)
            Case.open(given.case).write(name, path, {"limit": "10000000"})
            wrote = cpu(resource.RUSAGE_SELF) - begin
            kinds = counted(path, name)
            print(f"{name}: {kinds.total():,} things, {path.stat().st_size / 1e6:.1f} MB, written in {wrote:.1f} s CPU")
            print("  " + ", ".join(f"{kind.rpartition(':')[2]} {n:,}" for kind, n in kinds.most_common(8)))
            begin, wall = cpu(resource.RUSAGE_CHILDREN), time.monotonic()
            verdict, words = judged(path, name, given.within)
            took = cpu(resource.RUSAGE_CHILDREN) - begin
            print(f"  {VALIDATORS[name][0]}: {verdict}, {took:.0f} s CPU, {time.monotonic() - wall:.0f} s wall")
            if verdict != "conforms":
                print(f"  {words}")


if __name__ == "__main__":
    main()
