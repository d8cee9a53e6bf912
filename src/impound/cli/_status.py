"""The command ``impound status``: how a case stands, how it came there, and bringing it into another state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from impound.errors import UsageError

if TYPE_CHECKING:
    from impound.case import Case


@click.command(
    epilog="\b\nExamples:\n  impound status acme\n"
    '  impound status acme handed-over --receipt handover.receipt.json --reason "to the state police"'
)
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("state", required=False, metavar="[STATE]")
@click.option("--reason", default="", help="Why; it stands in the case for good.")
@click.option("--receipt", type=click.Path(path_type=Path), metavar="FILE", help="The receipt of what was handed over.")
def status(case: Path, state: str | None, reason: str, receipt: Path | None) -> None:
    """Show how a case stands and its history, or bring it into another STATE: handed-over, closed or reopened."""
    from impound import decisions
    from impound.case import Case
    from impound.cli import _note

    if state is None:
        if reason or receipt:
            raise UsageError("--reason and --receipt go with a state", f"impound status {case} {decisions.CLOSED}")
        for line in _lines(Case.open(case)):
            click.echo(line)
        return
    with Case.open(case, write=True) as opened:
        before = decisions.move(opened, state, reason, receipt)
    _note(f"{case}: {before} before, {state} now")


def _lines(case: Case) -> list[str]:
    """The state, and each step with its day, who took it and why."""
    from impound import decisions
    from impound.cli._output import harmless

    steps = decisions.history(case)
    now = decisions.state(case)
    rows = [f"  {s['at']:%Y-%m-%d %H:%M}  {s['to_state']}: {s['reason']}" for s in steps]
    return [harmless(line) for line in (f"{now}; next may be {' or '.join(decisions.STEPS[now])}", *rows)]
