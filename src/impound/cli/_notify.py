"""``impound notify``: tell abuse contacts, and owners, about infected machines; a dry run by default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from impound.canonical import plural

if TYPE_CHECKING:
    from impound.sending import Plan, Sent

SHOWN = 20
"""Contacts, owners, hosts and refused lines that are listed; the numbers count all."""


@click.command(
    epilog="\b\nExamples:\n  impound notify acme\n  impound notify acme --send\n"
    "  impound notify acme --letters customers.csv",
)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--send", is_flag=True, help="Send it; without this nothing leaves the machine.")
@click.option(
    "--letters",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to owners too, your own customers: CSV of address,from,until,mailbox,language,time_zone,reference.",
)
def notify(case: Path, send: bool, letters: Path | None) -> None:
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
            send=send, letters=letters, progress=lambda done, total: bars.at(done, f"{done:,} of {total:,} notices")
        )
        bars.done()
    for line in _lines(planned, sent):
        click.echo(line)
    if sent is None and planned.everything:
        also = f" --letters {letters}" if letters else ""
        _note(f"Nothing was sent. Next: impound notify {case}{also} --send")


def _lines(planned: Plan, sent: Sent | None) -> Iterator[str]:
    """What is sent, to whom, and who is not told and why."""
    if planned.jobs or planned.left or planned.owners is None:
        yield f"{plural(len(planned.jobs), 'notice')} of {plural(planned.hosts, 'host')}"
        yield from _listed([f"{j.ticket}  {j.contact}  {plural(len(j.hosts), 'host')}" for j in planned.jobs])
    yield from (f"{plural(len(ips), 'host')}: {why}" for why, ips in planned.left.items())
    yield from (f"contacts, {reason}" for reason in planned.unusable[:SHOWN])
    if planned.owners is not None:
        yield from _letters(planned.owners)
    if planned.open_letters:
        yield f"{plural(planned.open_letters, 'letter')} begun before: name the file of customers with --letters"
    if sent is not None:
        yield (f"{sent.taken:,} taken by the mail server, {sent.refused:,} refused, {sent.later:,} to try later, "
               f"{sent.repeated:,} of them begun before and sent again")  # fmt: skip


def _letters(planned: Plan) -> Iterator[str]:
    """Which owners are written to, in which languages, and of which hosts no owner is."""
    spoken = Counter(job.language for job in planned.jobs)
    told = ", ".join(f"{count:,} in {language}" for language, count in sorted(spoken.items()))
    yield f"{plural(len(planned.jobs), 'letter')} to owners" + (f": {told}" if told else "")
    yield from _listed([f"{job.ticket}  {job.contact}  {job.hosts[0]}" for job in planned.jobs])
    for why, ips in planned.left.items():
        yield f"{plural(len(ips), 'host')} without a letter: {why}"
        yield from _listed(ips)
    yield from (f"customers, {reason}" for reason in planned.unusable[:SHOWN])


def _listed(lines: list[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"  and {len(lines) - SHOWN:,} more"
