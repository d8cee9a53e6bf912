"""Is every change to a package found and named? ``python benchmarks/tampering.py [--changes 1000] [--seed 7]``.

A drill is investigated and handed over for law enforcement. One change at a time is made to the package, of each kind
in turn; ``verify`` is asked, with the receipt, and must name the file (or source) that was changed; then the change is
taken back.
Before, twenty packages that nobody touched are verified, and older ones against the last receipt. Exit code 1 when a
change was not named, or an alarm was false.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import read_cost
import zstandard

from impound import Case, package
from impound.store import CaseStore, sha256_of

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
    thief = package.case_signer(bag.with_name("thief.key"), make=True)
    package.introduce(bag, thief)
    package.close_bag(bag, {})
    package.sign(bag, thief)
    return package.PUBLIC_KEY


def exchanged(bag: Path, chance: random.Random) -> str:
    """A byte of an original, and everything above it anew: frame, manifest, custody log, bag, the case's own key.

    Whoever can do this (he has the key) is found by the receipt; without it by the SHA-256 of the source alone.
    """
    case = CaseStore(bag / "data")
    seal = chance.choice([row for row in case.table("seals").to_pylist() if row["frame"] and row["bytes"]])
    frame = bag / "data" / seal["frame"]
    data = bytearray(zstandard.ZstdDecompressor().decompressobj().decompress(frame.read_bytes()))
    data[seal["frame_offset"] + chance.randrange(seal["bytes"])] ^= 1
    frame.write_bytes(zstandard.ZstdCompressor().compress(bytes(data)))
    old = case.manifest.files[seal["frame"]]
    steps = [json.loads(line) for line in case.manifest.path.read_bytes().splitlines()]
    for part in (part for step in steps for part in step.get("frames", ()) if part["file"] == old.file):
        part |= {"bytes": frame.stat().st_size, "sha256": sha256_of(frame)}
    case.manifest.path.write_bytes(b"".join(json.dumps(step, sort_keys=True).encode() + b"\n" for step in steps))
    linked_anew(case)
    info = dict(line.split(": ", 1) for line in (bag / package.INFO).read_text("utf-8").splitlines())
    package.close_bag(bag, info)
    package.sign(bag, package.case_signer(bag.with_name("case") / "handover.key"))
    return f"source {seal['source_id']} "


def linked_anew(case: CaseStore) -> None:
    """The custody log with seals that fit the manifest as it is now, and a chain that holds."""
    lines, head, manifest = [], "0" * 64, case.manifest.path.read_bytes()
    for entry in (json.loads(line) for line in case.custody.path.read_bytes().splitlines()):
        del entry["hash"]
        if entry.get("manifest"):
            sealed = manifest[: entry["manifest"]["bytes"]]
            entry["manifest"] = {"bytes": len(sealed), "sha256": hashlib.sha256(sealed).hexdigest()}
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
        head = entry["hash"] = hashlib.sha256(f"{head}{text}".encode()).hexdigest()
        lines.append(json.dumps(entry, sort_keys=True, ensure_ascii=False) + "\n")
    case.custody.path.write_text("".join(lines), "utf-8")


KINDS: dict[str, Change] = {
    "a bit of an original": bit("data/evidence/*"),
    "a bit of a table": bit("data/tables/**/*.parquet"),
    "a bit of any file": bit("**/*"),
    "a row": row,
    "a custody line": custody,
    "a bit of the signature": bit("tagmanifest-sha256.txt.sig"),
    "signed anew by another": signed_anew,
    "an original, all anew": exchanged,
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
