"""Is a package as it was made? Both manifests, strangers, the signature, what is in it, and the receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cryptography.x509 import Certificate

from impound.package._bag import MANIFEST, TAGS, files
from impound.package._contents import contents, custody
from impound.package._receipt import differs
from impound.package._sign import SIGNED_BY, signed, signer_file
from impound.package._stamp import stamp_file
from impound.package._whose import whose
from impound.store import sha256_of


def is_package(folder: Path) -> bool:
    """Whether a folder is a bag, or what is left of one, and no case."""
    return any((folder / name).is_file() for name in ("bagit.txt", MANIFEST, TAGS))


def verify(
    bag: Path,
    kept: Path | None = None,
    note: Callable[[str], None] = lambda text: None,
    trusted: Sequence[Certificate] = (),
) -> list[str]:
    """What is wrong with a package, in words; an empty list when nothing is. ``kept``: the file of its receipt.

    Without a receipt somebody who makes a new key and signs anew is not found out: compare the key's fingerprint, or
    name the certificates that its certificate and its time stamp must lead to (``trusted``). ``note`` is told what is
    no change and yet worth knowing.
    """
    listed: dict[str, str] = {}
    broken: set[str] = set()
    found = [words for manifest in (MANIFEST, TAGS) for words in _manifest(bag, manifest, listed, broken)]
    by = signer_file(bag)
    unlisted = {TAGS, SIGNED_BY[by], stamp_file(bag)}  # what no manifest can name
    names = (path.relative_to(bag).as_posix() for path in files(bag))
    found += [f"{name} does not belong to the package" for name in names if name not in listed.keys() | unlisted]
    holds = signed(bag)
    if not holds:
        found.append(f"{SIGNED_BY[by]} is no signature of {by} over {TAGS}")
    found += whose(bag, trusted, note)
    found += custody(bag)
    found += contents(bag, listed, broken, holds, note)
    return found + (list(differs(bag, kept)) if kept else [])


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
