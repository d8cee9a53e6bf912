"""Is every change to a package found and named? ``python benchmarks/tampering.py [--changes 1000] [--seed 7]``.

A drill is investigated and handed over for law enforcement. One change at a time is made to the package, of each kind
in turn; ``verify`` is asked, with the receipt, and must name the file that was changed; then the change is taken back.
Before, twenty packages that nobody touched are verified, and older ones against the last receipt. Exit code 1 when a
change was not named, or an alarm was false.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import read_cost

from impound import Case, package

UNTOUCHED = 20
Change = Callable[[Path, random.Random], str]
"""Changes one thing in a package and gives what ``verify`` must name."""


def chosen(bag: Path, pattern: str, chance: random.Random) -> Path:
    """A file of the package that is not empty."""
    return chance.choice(sorted(file for file in bag.glob(pattern) if file.is_file() and file.stat().st_size))


def bit(pattern: str) -> Change:
    """A bit of a file."""

    def change(bag: Path, chance: random.Random) -> str:
        file = chosen(bag, pattern, chance)
        data = bytearray(file.read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        return file.name

    return change


def row(bag: Path, chance: random.Random) -> str:
    """A row of a table for spreadsheets is left out."""
    file = chance.choice([f for f in sorted(bag.glob("data/csv/*.csv")) if f.read_bytes().count(b"\n") > 1])
    lines = file.read_bytes().splitlines(keepends=True)
    del lines[chance.randrange(1, len(lines))]
    file.write_bytes(b"".join(lines))
    return file.name


def custody(bag: Path, chance: random.Random) -> str:
    """A line of the custody log is left out, or two change places."""
    file = bag / "data/custody.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    at = chance.randrange(len(lines) - 1)
    if chance.random() < 0.5:
        del lines[at]
    else:
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    file.write_bytes(b"".join(lines))
    return file.name


def removed(bag: Path, chance: random.Random) -> str:
    """A file is taken out."""
    file = chosen(bag, "**/*", chance)
    file.unlink()
    return file.name


def added(bag: Path, chance: random.Random) -> str:
    """A file is put in."""
    file = chance.choice(sorted(f for f in bag.glob("**/*") if f.is_dir())) / f"new-{chance.randrange(1000)}"
    file.write_text("new", "utf-8")
    return file.name


def signed_anew(bag: Path, chance: random.Random) -> str:
    """Somebody changes a row, closes the bag again and signs it with a key of his own: only the receipt tells."""
    row(bag, chance)
    key = package.case_key(bag.with_name("thief.key"), make=True)
    (bag / package.PUBLIC_KEY).write_bytes(package.public(key))
    package.close_bag(bag, {})
    package.sign(bag, key)
    return package.PUBLIC_KEY


KINDS: dict[str, Change] = {
    "a bit of an original": bit("data/evidence/*"),
    "a bit of a table": bit("data/tables/**/*.parquet"),
    "a bit of any file": bit("**/*"),
    "a row": row,
    "a custody line": custody,
    "a bit of the signature": bit("tagmanifest-sha256.txt.sig"),
    "signed anew by another": signed_anew,
    "a file removed": removed,
    "a file added": added,
}


def main(changes: int, seed: int, messages: int) -> int:
    """Print, by kind, how many changes were made and how many were named."""
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        read_cost.command("drill", f"{tmp}/mail", "--messages", str(messages), "--seed", str(seed))
        read_cost.command("investigate", f"{tmp}/case", f"{tmp}/mail")
        bags = [folder / f"package-{n}" for n in range(UNTOUCHED)]
        for bag in bags:
            Case.open(folder / "case").write("handover", bag, {"for": "law-enforcement"})
        alarms = sum(bool(package.verify(bag, receipt(bag))) for bag in bags)
        print(f"{UNTOUCHED} packages that nobody touched: {alarms} alarms")
        replayed = sum(bool(package.verify(older, receipt(bags[-1]))) for older in bags[:-1])
        print(f"{UNTOUCHED - 1} older packages against the last receipt: {replayed} found")
        made, named = tampered(bags[-1], changes, random.Random(seed))
    for kind in KINDS:
        print(f"{kind:26} {made[kind]:5,} made, {named[kind]:5,} named")
    print(f"{'together':26} {made.total():5,} made, {named.total():5,} named")
    return 1 if alarms or replayed < UNTOUCHED - 1 or made != named else 0


def receipt(bag: Path) -> Path:
    """Where the receipt of a package lies."""
    return bag.with_name(f"{bag.name}.receipt.json")


def tampered(bag: Path, changes: int, chance: random.Random) -> tuple[Counter[str], Counter[str]]:
    """Changes by kind, and those that were named."""
    made: Counter[str] = Counter()
    named: Counter[str] = Counter()
    whole = bag.with_name("whole")
    shutil.copytree(bag, whole)
    for number in range(changes):
        kind = list(KINDS)[number % len(KINDS)]
        about = KINDS[kind](bag, chance)
        made[kind] += 1
        named[kind] += any(about in said for said in package.verify(bag, receipt(bag)))
        shutil.rmtree(bag)
        shutil.copytree(whole, bag)
    return made, named


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--messages", type=int, default=500)
    given = parser.parse_args()
    sys.exit(main(given.changes, given.seed, given.messages))
