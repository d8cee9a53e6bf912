"""The command ``impound prune``: old sealed bytes go, what was found stays."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click


@click.command(epilog="\b\nExamples:\n  impound prune acme\n  impound prune acme --before 2026-01-01 --dry-run")
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--before", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), metavar="DATE",
    help="Of mail that was received before this day (UTC); [retention] days ago unless given.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.pass_context
def prune(ctx: click.Context, /, case: Path, before: datetime | None, dry_run: bool) -> None:
    """Remove the sealed originals of old mail from a case. It cannot be undone.

    Hashes, tables, findings and the custody log stay, and with them the texts that finders read. Mail that only its
    sender dates is as old as its reading.
    """
    from impound.case import Case
    from impound.cli import _note
    from impound.cli._progress import Bars

    with Case.open(case, write=True) as opened, Bars(bool(ctx.find_root().params["quiet"])) as bars:
        bars.stage("Prune", None)
        done = opened.prune(
            before.replace(tzinfo=UTC) if before else None,
            dry_run=dry_run,
            progress=lambda p: bars.at(p.bytes, f"{p.bytes / 1e6:,.0f} MB"),
        )
        bars.done()
    what = f"{done.stretches:,} sealed records, {done.bytes / 1e6:,.1f} MB of mail"
    if dry_run:
        _note(f"Would be removed: {what}")
    else:
        _note(f"Removed: {what}; the case is {done.freed / 1e6:,.1f} MB smaller")
