"""Is a package as it was made? Both manifests, strangers, the signature, what is in it, and the receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from impound.package._bag import MANIFEST, TAGS, files
from impound.package._contents import contents, custody
from impound.package._sign import PUBLIC_KEY, SIGNATURE, fingerprint, signed
from impound.store import sha256_of

UNLISTED = {TAGS, SIGNATURE}
"""What no manifest can name: the tag manifest, and the signature over it."""


def is_package(folder: Path) -> bool:
    """Whether a folder is a bag, or what is left of one, and no case."""
    return any((folder / name).is_file() for name in ("bagit.txt", MANIFEST, TAGS))


def verify(bag: Path, kept: Path | None = None, note: Callable[[str], None] = lambda text: None) -> list[str]:
    """What is wrong with a package, in words; an empty list when nothing is. ``kept``: the file of its receipt.

    Without a receipt somebody who makes a new key and signs anew is not found out: compare the key's fingerprint.
    ``note`` is told what is no change and yet worth knowing.
    """
    listed: dict[str, str] = {}
    broken: set[str] = set()
    found = [words for manifest in (MANIFEST, TAGS) for words in _manifest(bag, manifest, listed, broken)]
    names = (path.relative_to(bag).as_posix() for path in files(bag))
    found += [f"{name} does not belong to the package" for name in names if name not in listed.keys() | UNLISTED]
    trusted = signed(bag)
    if not trusted:
        found.append(f"{SIGNATURE} is no signature of {PUBLIC_KEY} over {TAGS}")
    found += custody(bag)
    found += contents(bag, listed, broken, trusted, note)
    return found + (list(_receipt(bag, kept)) if kept else [])


def _manifest(bag: Path, manifest: str, listed: dict[str, str], broken: set[str]) -> Iterator[str]:
    """The files that a manifest lists: ``listed`` gets their hashes, ``broken`` the names of those that differ."""
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
        listed[name] = hashed
        if path.is_symlink() or not path.is_file():
            broken.add(name)
            yield f"{name} is missing"
        elif sha256_of(path) != hashed:
            broken.add(name)
            yield f"{name} was changed"


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
