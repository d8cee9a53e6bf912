"""The command ``impound allow``: what is never listed again, whatever the mail says, and what is so already."""

from __future__ import annotations

from pathlib import Path

import click

from impound.canonical import plural
from impound.errors import UsageError


@click.command(
    epilog='\b\nExamples:\n  impound allow acme 192.0.2.0/24 --reason "our own mail servers"\n'
    '  impound allow acme news.example --undo --reason "it was sold"'
)
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("value", required=False, metavar="[VALUE]")
@click.option("--reason", default="", help="Why; it stands in the case for good.")
@click.option("--undo", is_flag=True, help="Judge it again by what the mail says.")
def allow(case: Path, value: str | None, reason: str, undo: bool) -> None:
    """Never list an address, network, domain, contact or file again; without VALUE show what is allowed.

    What was released before is withdrawn, with the reason. What the mail says of it is kept and shown, and accuses
    nobody. A domain stands for every name below it.
    """
    from impound import decisions
    from impound.case import Case
    from impound.cli import _note, _quiet
    from impound.cli._output import harmless
    from impound.cli._progress import Bars

    if value is None:
        if reason or undo:
            raise UsageError("--reason and --undo go with a value", f"impound allow {case} 192.0.2.1 --reason …")
        rows = decisions.allowances(Case.open(case))
        for row in rows:
            click.echo(harmless(f"{row['at']:%Y-%m-%d}  {row['subject']}: {row['reason']}"))
        _note(f"{plural(len(rows), 'value')} allowed" if rows else "nothing is allowed")
        return
    with Case.open(case, write=True) as opened, Bars(_quiet()) as bars:
        bars.stage("Find", None)
        done = decisions.allow(opened, value, reason, undo=undo, progress=lambda name, done, total: bars.at(done, name))
        bars.done()
    _note(f"{done.type} {done.value}: {'judged by its mail again' if undo else 'never listed again'}")
