"""What is in a package against itself: the custody chain, the tables and frames, and the bytes of every source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from impound.errors import ImpoundError, VerifyError
from impound.package._bag import INFO
from impound.store import CaseStore, CustodyLog, put_together

CUSTODY = "data/custody.jsonl"
CASE_MANIFEST = "data/manifest.jsonl"
ORIGINALS = "Recipient: law-enforcement"
"""The line of ``bag-info.txt`` that says that the sealed originals are in the package."""
TABLES, FRAMES = "data/tables/", "data/evidence/"


def custody(bag: Path) -> Iterator[str]:
    """The hash chain, and the last entry that sealed the manifest of the case."""
    try:
        entries = CustodyLog(bag / CUSTODY).entries()
        seal = next((entry["manifest"] for entry in reversed(entries) if entry.get("manifest")), None)
        if seal:
            sealed = (bag / CASE_MANIFEST).read_bytes()[: seal["bytes"]]
            if hashlib.sha256(sealed).hexdigest() != seal["sha256"]:
                yield f"{CASE_MANIFEST} is not what {CUSTODY} sealed"
    except VerifyError as error:
        yield error.message.replace(f"{bag}/", "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        yield f"{CUSTODY} or {CASE_MANIFEST} cannot be read"


def contents(
    bag: Path, listed: Mapping[str, str], broken: set[str], trusted: bool, note: Callable[[str], None]
) -> Iterator[str]:
    """Tables and frames against the case's own manifest, and the sealed bytes against the sources' SHA-256.

    ``listed``: the hash of every file of the bag; ``broken``: those that differ from it. Bytes that nobody signed
    (``trusted``) are not unpacked: there the sources are not put together.
    """
    if CASE_MANIFEST in broken or CASE_MANIFEST not in listed:
        return
    try:
        case = CaseStore(bag / "data")
        originals = ORIGINALS in (bag / INFO).read_text("utf-8").splitlines()
        named = {f"data/{part.file}": part.sha256 for part in case.manifest.files.values()}
        due = {name: sha for name, sha in named.items() if originals or not name.startswith(FRAMES)}
        other = {name for name in due if listed.get(name) != due[name]}
        yield from (f"{name} is not the file that {CASE_MANIFEST} names" for name in sorted(other))
        strangers = {name for name in listed if name.startswith((TABLES, FRAMES))} - due.keys()
        yield from (f"{name} is in no line of {CASE_MANIFEST}" for name in sorted(strangers))
        unsound = {name.removeprefix("data/") for name in broken | other if name.startswith((TABLES, FRAMES))}
        if originals and trusted and not any(name.startswith(("tables/seals/", "tables/sources/")) for name in unsound):
            yield from put_together(case, unsound, note)
    except (ImpoundError, OSError, ArithmeticError, ValueError, LookupError, TypeError, AttributeError) as error:
        yield f"{CASE_MANIFEST}, or what it names, cannot be read: {error}"
