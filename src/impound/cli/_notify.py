"""``impound notify``: tell abuse contacts about the infected machines in their networks; a dry run by default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from impound.canonical import plural

if TYPE_CHECKING:
    from impound.sending import Plan, Sent

SHOWN = 20
"""Contacts and refused lines that are listed; the numbers count all."""


@click.command(
    epilog="\b\nExamples:\n  impound notify acme\n  impound notify acme --send",
)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--send", is_flag=True, help="Send it; without this nothing leaves the machine.")
def notify(case: Path, send: bool) -> None:
    """Tell the abuse contacts of networks about infected hosts: what would be sent, and with --send sending it.

    [notices] in CASE/impound.toml names the file of contacts, the sender, the mail server and the DKIM key. What was
    cut short goes on with the same command; nothing is told twice within repeat_days.
    """
    from impound.case import Case
    from impound.cli import _note, _quiet
    from impound.cli._progress import Bars

    with Bars(_quiet()) as bars:
        bars.stage("Notify", None)
        planned, sent = Case.open(case).notify(
            send=send, progress=lambda done, total: bars.at(done, f"{done:,} of {total:,} notices")
        )
        bars.done()
    for line in _lines(planned, sent):
        click.echo(line)
    if sent is None and planned.jobs:
        _note(f"Nothing was sent. Next: impound notify {case} --send")


def _lines(planned: Plan, sent: Sent | None) -> list[str]:
    """What is sent, to whom, and who is not told and why."""
    left = [
        (len(planned.held_out), "held out, to compare"),
        (len(planned.no_contact), "without a contact"),
        (planned.recently, "told before, and nothing new since"),
        (planned.waiting, "waiting for another try"),
        (planned.stale, "silent for too long to tell of"),
        (planned.reserved, "with addresses that are nobody's"),
    ]
    lines = [f"{plural(len(planned.jobs), 'notice')} of {plural(planned.hosts, 'host')}"]
    lines += [f"  {job.ticket}  {job.contact}  {plural(len(job.hosts), 'host')}" for job in planned.jobs[:SHOWN]]
    if len(planned.jobs) > SHOWN:
        lines.append(f"  and {len(planned.jobs) - SHOWN:,} more")
    lines += [f"{plural(number, 'host')} {why}" for number, why in left if number]
    lines += [f"contacts, {reason}" for reason in planned.unusable[:SHOWN]]
    if sent is not None:
        lines.append(f"{sent.taken:,} taken by the mail server, {sent.refused:,} refused, {sent.later:,} to try later, "
                     f"{sent.repeated:,} of them begun before and sent again")  # fmt: skip
    return lines
