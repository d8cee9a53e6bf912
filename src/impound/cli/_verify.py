"""The command ``impound verify``: is a case, or a package that was handed over, as it was?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from impound.errors import MissingExtra, UsageError, VerifyError


@click.command(
    epilog="\b\nExamples:\n  impound verify acme\n  impound verify handover-acme --receipt handover-acme.receipt.json"
)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--receipt", type=click.Path(path_type=Path), help="The receipt of a package, kept apart from it.")
@click.option(
    "--trusted", type=click.Path(path_type=Path), metavar="PEM",
    help="Certificates that those of a package's signature and time stamp must lead to.",
)  # fmt: skip
def verify(case: Path, receipt: Path | None, trusted: Path | None) -> None:
    """Check that nothing in a case was changed: every hash, the manifest and the custody chain.

    The same of a package that was handed over, with its signature and, where given, its receipt. Where the sealed
    originals are in it, every source is put together again and compared with its SHA-256, in a case and in a package.
    """
    from impound.case import Case
    from impound.cli import _note, _quiet
    from impound.cli._progress import Bars

    if _package(case, receipt, trusted, _note):
        return
    opened = Case.open(case)
    notes: list[str] = []
    with Bars(_quiet()) as bars:
        bars.stage("Verify", None)
        found = opened.verify(lambda done, total: bars.at(done, f"{done:,} of {total:,} files"), notes.append)
        bars.done()
    for note in notes:
        _note(note)
    if found:
        raise VerifyError("\n".join(found), "what was changed cannot be trusted: go back to a copy")
    _note(f"{case}: nothing was changed ({len(opened.files()):,} files)")


def _package(folder: Path, receipt: Path | None, trusted: Path | None, note: Callable[[str], None]) -> bool:
    """Check a package and say so; False where the folder is none. Raises VerifyError that names what is wrong."""
    if not receipt and not trusted and (folder / "case.key").exists():
        return False
    try:
        from impound import package
    except ModuleNotFoundError as missing:
        if receipt or trusted or (folder / "bagit.txt").exists():
            raise MissingExtra(f"{missing.name}, which a package is checked with,", "handover") from missing
        return False
    if not package.is_package(folder):
        if receipt or trusted:
            raise UsageError(f"{folder} is no package", "receipts and authorities are for packages, not for cases")
        return False
    found = package.verify(folder, receipt, note, package.authority(trusted) if trusted else ())
    if found:
        raise VerifyError("\n".join(found), "what was changed cannot be trusted: ask for it again")
    note(f"{folder}: nothing was changed; {package.signed_by(folder)}")
    return True
