"""The receipt: what a package was when it was made, kept apart from it, so that an exchanged package is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from impound.package._bag import TAGS, files
from impound.package._sign import SIGNED_BY, signer_file
from impound.package._stamp import stamp_file
from impound.store import sha256_of


def receipt(bag: Path, head: str, made_at: str, stamped: str) -> dict[str, str | int]:
    """Date, custody head, time stamp (or why there is none), hashes of what is signed, of the key or certificate, of
    the signature and of the stamp, number of files and bytes in ``data``."""
    payload = files(bag, "data")
    return {
        "made_at": made_at,
        "custody_head": head,
        "time_stamp": stamped,
        **{name: sha256_of(bag / file) for name, file in _hashed(bag).items() if (bag / file).is_file()},
        "files": len(payload),
        "bytes": sum(path.stat().st_size for path in payload),
    }


def differs(bag: Path, kept: Path) -> Iterator[str]:
    """In what a package is not the one of a receipt."""
    try:
        said = json.loads(kept.read_text("utf-8"))
        due = {file: said.get(name) for name, file in _hashed(bag).items()}
        said["tagmanifest_sha256"], said["key_sha256"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        yield f"{kept.name} is no receipt"
        return
    for file, sha256 in due.items():
        path = bag / file
        if (sha256_of(path) if path.is_file() and not path.is_symlink() else None) != sha256:
            yield f"this is not the package of the receipt: {file} is another"


def _hashed(bag: Path) -> dict[str, str]:
    """What a receipt calls the hash of a file, and the file."""
    by = signer_file(bag)
    return {
        "tagmanifest_sha256": TAGS,
        "key_sha256": by,
        "signature_sha256": SIGNED_BY[by],
        "time_stamp_sha256": stamp_file(bag),
    }
