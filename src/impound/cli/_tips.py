"""``impound tips``: the tips of a case listed, opened with the key, or read into it as they are, sealed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from impound.errors import UsageError

FORMATS = ("table", "json", "csv")


@click.command(
    epilog="\b\nExamples:\n  impound tips acme\n  impound tips acme --read\n"
    "  impound tips acme --key tips.key -o opened",
)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The key that opens tips.")
@click.option(
    "-o", "--output", "to", type=click.Path(path_type=Path), metavar="DIR", help="Open them into a new folder."
)
@click.option("--receipt", metavar="WORDS", default="", help="List only the tips that came with this receipt.")
@click.option("--read", "as_sources", is_flag=True, help="Read the sealed files into the case as sources.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", help="How to print (table).")
def tips(case: Path, key: Path | None, to: Path | None, as_sources: bool, **listing: str) -> None:
    """List the tips that came, open them with the key, or read them into the case as they are, sealed.

    Tips of one receipt have one tag. Opened, what was written lies in DIR/words and what came with it in DIR/files,
    under names of ours; look at them as you look at anything a stranger sent.
    """
    if (key is None) != (to is None):
        raise UsageError("--key and -o go together", f"impound tips {case} --key tips.key -o opened")
    if as_sources:
        _read(case)
    elif key is not None and to is not None:
        _open(case, key, to)
    else:
        _list(case, **listing)


def _list(case: Path, receipt: str, form: str) -> None:
    import pyarrow as pa

    from impound.case import Case
    from impound.cli import _output
    from impound.services import tips as room

    columns = {"tag": pa.string(), "number": pa.int64(), "received": pa.string(), "bytes": pa.int64(),
               "state": pa.string()}  # fmt: skip
    rows = [
        (t.tag, t.number, f"{t.hour:%Y-%m-%d %H}h", t.bytes, "sealed" if t.here else "missing or changed")
        for t in room.came(Case.open(case), receipt)
    ]
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    _output.write([pa.RecordBatch.from_pylist(found, schema=pa.schema(columns))], form, sys.stdout.buffer)


def _open(case: Path, key: Path, to: Path) -> None:
    from impound.canonical import plural
    from impound.case import Case
    from impound.cli import _note
    from impound.services import tips as room

    done = room.open_into(Case.open(case), key, to)
    _note(f"Opened: {plural(done.opened, 'tip')} with {plural(done.files, 'file')}, in {to}")
    if done.other_key:
        _note(f"{plural(done.other_key, 'tip')} sealed to another key")
    if done.files:
        _note(f"Next, for spam that was sent: impound read {case} --vantage user-report {to}/files")


def _read(case: Path) -> None:
    from impound.case import Case
    from impound.cli import _note, _said
    from impound.services import tips as room

    with Case.open(case, write=True) as opened:
        files = room.source_files(opened)
        _note(_said(opened.read(files, vantage="user-report", sensor="tips")))
