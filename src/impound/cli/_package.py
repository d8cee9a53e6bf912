"""``impound verify`` of a package that was handed over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from impound.errors import MissingExtra, UsageError, VerifyError


def check_package(folder: Path, receipt: Path | None, note: Callable[[str], None]) -> bool:
    """Check a package and say so; False where the folder is none. Raises VerifyError that names what is wrong."""
    if not receipt and (folder / "case.key").exists():
        return False
    try:
        from impound import package
    except ModuleNotFoundError as missing:
        if receipt or (folder / "bagit.txt").exists():
            raise MissingExtra(f"{missing.name}, which a package is checked with,", "handover") from missing
        return False
    if not package.is_package(folder):
        if receipt:
            raise UsageError(f"{folder} is no package", "a receipt belongs to a package, not to a case")
        return False
    found = package.verify(folder, receipt)
    if found:
        raise VerifyError("\n".join(found), "what was changed cannot be trusted: ask for it again")
    key = package.fingerprint((folder / package.PUBLIC_KEY).read_bytes())
    note(f"{folder}: nothing was changed; signed by the key with SHA-256 {key}")
    return True
