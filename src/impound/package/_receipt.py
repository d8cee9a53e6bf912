"""The receipt: what a package was when it was made, kept apart from it, so that an exchanged package is found."""

from __future__ import annotations

from pathlib import Path

from impound.package._bag import TAGS, files
from impound.package._sign import PUBLIC_KEY, fingerprint
from impound.store import sha256_of


def receipt(bag: Path, head: str, made_at: str) -> dict[str, str | int]:
    """Date, custody head, hash of the tag manifest, fingerprint of the key, number of files and bytes in ``data``."""
    payload = files(bag, "data")
    return {
        "made_at": made_at,
        "custody_head": head,
        "tagmanifest_sha256": sha256_of(bag / TAGS),
        "key_sha256": fingerprint((bag / PUBLIC_KEY).read_bytes()),
        "files": len(payload),
        "bytes": sum(path.stat().st_size for path in payload),
    }
