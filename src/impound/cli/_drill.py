"""The command ``impound drill``: a synthetic botnet's mail to try impound on, and to measure it by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command(
    epilog="\b\nExamples:\n  impound drill exercise\n"
    "  impound drill big --messages 1000000 --bots 20000 --innocents 50000 --botnets 12 --days 14 --difficulty 3"
)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--messages", type=int, default=10_000, show_default=True, help="How many messages arrive.")
@click.option("--bots", type=int, default=300, show_default=True, help="How many machines are infected.")
@click.option("--innocents", type=int, default=400, show_default=True, help="How many ordinary hosts send mail.")
@click.option(
    "--strangers", type=int, default=0, show_default=True,
    help="How many further ordinary hosts write one of the messages each.",
)  # fmt: skip
@click.option("--botnets", type=int, default=3, show_default=True, help="Into how many botnets the bots fall.")
@click.option("--days", type=int, default=7, show_default=True, help="Over how many days; one mailbox for each.")
@click.option(
    "--difficulty", type=click.IntRange(1, 3), default=2, show_default=True,
    help="1 textbook, 2 as in 2007-2010, 3 adversarial (docs/explanation/drills.md).",
)  # fmt: skip
@click.option(
    "--poison", type=int, default=0, show_default=True,
    help="Garbage domains that bots mix into their links, and one well-known domain for every hundred.",
)  # fmt: skip
@click.option("--stops", type=int, default=0, help="The day from which on the botnets are silent (they never are).")
@click.option("--returns", type=int, default=0, help="The day on which they are back with other machines and words.")
@click.option("--unrelated", is_flag=True, help="Others come on that day, who have nothing in common with them.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same number gives the same bytes.")
@click.pass_context
def drill(ctx: click.Context, /, out: Path, **numbers: Any) -> None:
    """Write a synthetic botnet's mail into the new folder OUT, its truth into OUT.truth. Nothing is sent."""
    from impound import drill as drills
    from impound.cli import INTERRUPTED, _note, _say
    from impound.cli._progress import Bars

    settings = drills.Settings(**numbers)
    try:
        with Bars(bool(ctx.find_root().params["quiet"])) as bars:
            bars.stage("Drill", settings.messages)
            written = drills.write(out, settings, lambda n, size: bars.at(n, f"{n:,} messages, {size / 1e6:,.0f} MB"))
            bars.done()
    except KeyboardInterrupt:
        _say(f"impound: interrupted; {out} is not whole: remove it and {drills.truth_of(out)}")
        ctx.exit(INTERRUPTED)
    _note(f"Written: {written.messages:,} messages, {written.bytes / 1e6:,.1f} MB, to {out}")
    _note(f"The truth lies in {drills.truth_of(out)}")
    _note(f"Next: impound investigate {out}.case {out}")
