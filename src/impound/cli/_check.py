"""The command ``impound check``: what single messages are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from impound.checking import Verdict

BLOCK = 200
"""Verdicts that are printed together."""
PATH = click.Path(path_type=Path)


@click.command(
    epilog="\b\nExamples:\n  impound check message.eml --format json\n  impound check --dry-run ~/Maildir/.Archive"
)
@click.argument("paths", nargs=-1, required=True, metavar="MESSAGE...")
@click.option("--case", "case", type=PATH, metavar="CASE", help="Say also which campaign of this case it is of.")
@click.option("--model", type=PATH, metavar="MODEL", help="A model of your own (impound train) instead of the shipped.")
@click.option("--dry-run", is_flag=True, help="The messages are your ham: list which of them would have been hit.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="How to print (table).")
@click.pass_context
def check(
    ctx: click.Context, /, *, paths: tuple[str, ...], case: Path | None, model: Path | None, dry_run: bool, form: str
) -> None:
    """Say of each message what it is: how likely spam, why, and what to do. Nothing is fetched.

    A message is a file, a folder, a mailbox, an archive, a page, - for standard input, a link or a domain name.
    """
    from impound.case import Case
    from impound.check.classifier import Model
    from impound.checking import Checker
    from impound.cli import _note
    from impound.cli._progress import Bars

    loaded = Model.load(model)
    with Case.open(case) if case else nullcontext() as opened:  # what is asked of it is loaded at once
        checker = Checker(loaded, opened)
    seen = hits = 0

    def judged() -> Iterator[Verdict]:
        nonlocal seen, hits
        for verdict in checker.check(paths):
            seen += 1
            hits += (hit := verdict.spam >= loaded.threshold)
            if not bars.shown or seen % 100 == 0:
                bars.at(seen, f"{seen:,} messages")
            if hit or not dry_run:
                yield verdict

    with Bars(bool(ctx.find_root().params["quiet"]) or sys.stdout.isatty()) as bars:
        bars.stage("Check", None)
        _print(judged(), form)
        bars.done()
    if dry_run:
        share = hits / seen if seen else 0.0
        _note(f"{hits:,} of {seen:,} would have been hit ({share:.2%}), at {loaded.threshold:.4f} and above")
        _note("Wrong ones teach it: impound train MODEL --ham PATH")


def _print(verdicts: Iterator[Verdict], form: str) -> None:
    import pyarrow as pa

    from impound.cli import _output

    first = list(islice(verdicts, 2))
    if form == "table" and len(first) == 1:
        _output.record(_page(first[0]), form)
        return
    verdicts = chain(first, verdicts)

    def batches() -> Iterator[pa.RecordBatch]:
        schema = _schema(form)
        while block := list(islice(verdicts, BLOCK)):
            rows = [verdict.row() for verdict in block]
            yield pa.RecordBatch.from_pylist(rows if form == "json" else list(map(_short, rows)), schema=schema)

    _output.write(batches(), form, sys.stdout.buffer)


def _page(verdict: Verdict) -> list[tuple[str, Any]]:
    """One message for people: what it is, why, and what to do."""
    lines = [("Message", verdict.path), ("Spam", f"{_in_words(verdict.spam)} ({verdict.spam:.4f} of 1)")]
    lines += [("Lure", verdict.lure)] if verdict.lure not in (None, "ham") else []
    lines += [("Brand", verdict.brand)] if verdict.brand else []
    lines += [("Why", "\n".join(verdict.reasons))]
    return lines + ([("Advice", verdict.advice)] if verdict.advice else [])


def _in_words(spam: float) -> str:
    return next(words for least, words in _WORDS if spam >= least)


_WORDS = ((0.99, "almost certainly"), (0.9, "very likely"), (0.6, "likely"), (0.4, "cannot be told"),
          (0.1, "unlikely"), (0.0, "very unlikely"))  # fmt: skip


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A verdict as a line: the score to four digits, the strongest reason."""
    named = {name: row[name] for name in ("path", "offset", "lure", "brand", "campaign")}
    return {**named, "spam": f"{row['spam']:.4f}", "reason": row["reasons"][0] if row["reasons"] else ""}


def _schema(form: str) -> Any:
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    if form == "table":
        shown = ("path", "offset", "spam", "lure", "brand", "campaign", "reason")
        return pa.schema([(name, number if name in ("offset", "campaign") else text) for name in shown])
    kinds = {"offset": number, "spam": pa.float64(), "campaign": number, "template": number, "pattern": number}
    names = ("path", "offset", "spam", "lure", "brand", "campaign", "template", "pattern", "reasons", "advice")
    return pa.schema([(name, pa.list_(text) if name == "reasons" else kinds.get(name, text)) for name in names])
