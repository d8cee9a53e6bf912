"""Is a package as it was made? Both manifests, strangers, the signature, the custody chain, and the receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from impound.errors import VerifyError
from impound.package._bag import MANIFEST, TAGS, files
from impound.package._sign import PUBLIC_KEY, SIGNATURE, fingerprint, signed
from impound.store import CustodyLog, sha256_of

CUSTODY = "data/custody.jsonl"
CASE_MANIFEST = "data/manifest.jsonl"
UNLISTED = {TAGS, SIGNATURE}
"""What no manifest can name: the tag manifest, and the signature over it."""


def is_package(folder: Path) -> bool:
    """Whether a folder is a bag, or what is left of one, and no case."""
    return any((folder / name).is_file() for name in ("bagit.txt", MANIFEST, TAGS))


def verify(bag: Path, kept: Path | None = None) -> list[str]:
    """What is wrong with a package, in words; an empty list when nothing is. ``kept``: the file of its receipt.

    Without a receipt somebody who makes a new key and signs anew is not found out: compare the key's fingerprint.
    """
    found: list[str] = []
    listed: set[str] = set()
    for manifest in (MANIFEST, TAGS):
        found += _manifest(bag, manifest, listed)
    names = (path.relative_to(bag).as_posix() for path in files(bag))
    found += [f"{name} does not belong to the package" for name in names if name not in listed | UNLISTED]
    if not signed(bag):
        found.append(f"{SIGNATURE} is no signature of {PUBLIC_KEY} over {TAGS}")
    found += _custody(bag)
    return found + (list(_receipt(bag, kept)) if kept else [])


def _manifest(bag: Path, manifest: str, listed: set[str]) -> Iterator[str]:
    try:
        lines = (bag / manifest).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        yield f"{manifest} cannot be read"
        return
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, 1):
        hashed, gap, coded = line.partition("  ")
        name = coded.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        path = bag / name
        if len(hashed) != 64 or not gap or not name or Path(name).is_absolute() or ".." in Path(name).parts:
            yield f"{manifest}, line {number}: no hash and name of a file"
            continue
        listed.add(name)
        if path.is_symlink() or not path.is_file():
            yield f"{name} is missing"
        elif sha256_of(path) != hashed:
            yield f"{name} was changed"


def _custody(bag: Path) -> Iterator[str]:
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


def _receipt(bag: Path, kept: Path) -> Iterator[str]:
    try:
        said = json.loads(kept.read_text("utf-8"))
        due = {TAGS: said["tagmanifest_sha256"], PUBLIC_KEY: said["key_sha256"]}
    except (OSError, ValueError, KeyError, TypeError):
        yield f"{kept.name} is no receipt"
        return
    if not (bag / TAGS).is_file() or sha256_of(bag / TAGS) != due[TAGS]:
        yield f"this is not the package of the receipt: {TAGS} is another"
    if not (bag / PUBLIC_KEY).is_file() or fingerprint((bag / PUBLIC_KEY).read_bytes()) != due[PUBLIC_KEY]:
        yield f"this is not the package of the receipt: {PUBLIC_KEY} is another"
