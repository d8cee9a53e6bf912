"""The command ``impound train``: a model of one's own, or feedback to one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from impound.errors import UsageError

if TYPE_CHECKING:
    from impound.check import training


@click.command(
    epilog="\b\nExamples:\n  impound train ours.model --spam ~/Maildir/.Junk --ham ~/Maildir/cur\n"
    "  impound train ours.model --ham wrongly-hit.eml"
)
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--spam", multiple=True, metavar="PATH", help="Messages that are spam (may be given again).")
@click.option("--ham", multiple=True, metavar="PATH", help="Messages that are not (may be given again).")
@click.pass_context
def train(ctx: click.Context, /, model: Path, spam: tuple[str, ...], ham: tuple[str, ...]) -> None:
    """Make a model of one's own from labelled mail, or teach an existing MODEL what it got wrong.

    A new one starts from the shipped model. A run that fails leaves the MODEL that was there as it was.
    """
    from impound.check import training
    from impound.check.classifier import Model
    from impound.cli import _note
    from impound.cli._progress import Bars

    if not spam and not ham:
        raise UsageError("there is nothing to learn from", "impound train MODEL --spam PATH --ham PATH")
    start = Model.load(model if model.exists() else None)
    if model.exists() and start.raw is None:
        raise UsageError(f"{model} is not a model of one's own", "choose another name: it starts from the shipped one")
    with Bars(bool(ctx.find_root().params["quiet"])) as bars, training.Spool() as spool:
        bars.stage("Read", None)
        unread = _gather(spool, spam, ham, lambda n: bars.at(n, f"{n:,} messages"))
        bars.done()
        bars.stage("Learn", None)
        made, given = training.train(start, spool)
        bars.done()
    made.save(model)
    counts = [sum(place.spam is which for place in given.places) for which in (True, False)]
    _note(f"Learnt from {counts[0]:,} spam and {counts[1]:,} ham: {model}")
    for number, what in (
        (unread, "could not be read"),
        (given.twice, "met twice: learnt once"),
        (given.both, "called both spam and ham: left out"),
    ):
        if number:
            _note(f"{number:,} {what}")
    _note(f"Next: impound check --model {model} --dry-run YOUR-HAM")


def _gather(spool: training.Spool, spam: tuple[str, ...], ham: tuple[str, ...], tell: Callable[[int], None]) -> int:
    """Put the features of every message into the spool; gives the number of those that could not be read."""
    from impound.messages import messages

    unread = seen = 0
    for paths, is_spam in ((spam, True), (ham, False)):
        for found in messages(paths) if paths else ():
            seen += 1
            if found.mail is None or found.kind != "message":
                unread += 1
            else:
                spool.add(found.mail, found.raw, is_spam)
            if seen % 100 == 0:
                tell(seen)
    return unread
