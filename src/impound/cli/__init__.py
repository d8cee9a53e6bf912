"""Words in, tables out: the command line, and the only module that prints.

Standard output carries data only; progress, notes and errors go to standard error.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from impound.canonical import plural
from impound.errors import ImpoundError, StoreError, UsageError
from impound.version import __version__

if TYPE_CHECKING:
    from impound.case import Case
    from impound.intake import Tally

FORMATS = ("table", "json", "csv", "parquet")
TERMINAL_ROWS = 50
"""Rows shown on a terminal unless --limit says otherwise: about a screen."""
INTERRUPTED = 130


class Commands(click.Group):
    """The commands in the order in which they are used, and one place where an error becomes words and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a broken pipe must show here, not when the interpreter ends
            return result
        except ImpoundError as error:
            self._tell(ctx, error)
        except KeyboardInterrupt:
            _say("impound: interrupted; what was finished is kept, the same command again goes on from there")
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:  # the reader of our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except OSError as error:
            self._tell(ctx, StoreError(f"{error.filename or 'the system'}: {error.strerror or error}"))

    @staticmethod
    def _tell(ctx: click.Context, error: ImpoundError) -> None:
        if ctx.params.get("debug"):
            raise error
        _say(f"impound: {error.message}")
        if error.hint:
            _say(f"         {error.hint}")
        ctx.exit(error.exit_code)


def _say(text: str) -> None:
    from impound.cli._output import harmless

    for line in text.splitlines():
        click.echo(harmless(line), err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="impound")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes; errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Say more of what is done.")
@click.option("--debug", is_flag=True, help="Show the stack trace of an error.")
def main(quiet: bool, verbose: bool, debug: bool) -> None:
    """A workbench against spam botnets: from mail to proof.

    \b
    impound investigate CASE YOUR-MAIL     everything in one go; the report lies in CASE/report.html
    """
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO if verbose else logging.WARNING)


CASE = click.argument("case", type=click.Path(path_type=Path))


SECONDS = click.FloatRange(0.1, 86_400)
Command = Callable[..., Any]


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def add(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return add


READING = _together(
    click.option("--as", "reader", metavar="FORMAT", help="Read everything as this format (see impound plugins)."),
    click.option("--vantage", metavar="V", help="How the sources saw the world: inbound (default), trap, outbound, …"),
    click.option("--sensor", metavar="NAME", help="The machine or feed that recorded them."),
    click.option("--own-network", "own_networks", metavar="CIDR", multiple=True, help="A network of the organisation."),
    click.option("--reference", is_flag=True, help="Keep references to the sources, not their bytes (new case only)."),
    click.option("--case-key", type=click.Path(path_type=Path), metavar="FILE", help="The key for pseudonyms, in hex."),
    click.option("--strict", is_flag=True, help="Leave with exit code 1 when something was rejected."),
)
FINDING = _together(
    click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", help="Where the analysis runs."),
    click.option("--connect", metavar="URL", help="A Spark Connect server, such as sc://localhost:50051."),
    click.option("--explain", is_flag=True, help="Print every named statement with its rows and time."),
)


@main.command(
    epilog="\b\nExamples:\n  impound investigate acme ~/Maildir\n  zcat spam.mbox.gz | impound investigate acme -"
)
@CASE
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@READING
@FINDING
def investigate(case: Path, paths: tuple[str, ...], **options: Any) -> None:
    """Read mail, find who sent it, and write CASE/report.html: the main job, one command."""
    strict = options.pop("strict")
    finding = {name: options.pop(name) for name in ("engine", "connect", "explain")}
    with _open(case, paths, options) as opened:
        tally = _read(opened, paths, options)
        if tally.known:
            _note(_said(tally))  # the summary speaks of the case as a whole
        _find(opened, (), finding)
        _report(opened, case / "report.html")
        with opened.looking():
            _summary(opened, case)
    _strict(case, strict, tally)


@main.command(
    epilog="\b\nExamples:\n  impound read acme inbox.mbox\n  impound read acme --vantage trap traps/2026-11/\n"
    "  impound read acme --follow ~/Maildir"
)
@CASE
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@READING
@click.option("--follow", is_flag=True, help="Go on reading what comes into a Maildir, a folder or a mailbox.")
@click.option("--every", type=SECONDS, help="Seconds between two looks at what is followed (60).")
@click.option("--settle", type=SECONDS, help="Seconds without a change after which what is followed is whole (10).")
def read(
    case: Path, paths: tuple[str, ...], follow: bool, every: float | None, settle: float | None, **options: Any
) -> None:
    """Read files, folders and archives (- is standard input) into a case; it is made if there is none.

    With --follow it goes on until it is interrupted or terminated. Of a mailbox each message becomes a source of its
    own; the last one waits until another follows or the mailbox has settled, and so does each file in a folder.
    """
    strict = options.pop("strict")
    if not follow and (every is not None or settle is not None):
        raise UsageError("--every and --settle go with --follow", "impound read CASE --follow PATH")
    if follow:
        from impound.cli._follow import follow as following

        tally = following(_open(case, paths, options, write=False), paths, every, settle, options)
    else:
        with _open(case, paths, options) as opened:
            tally = _read(opened, paths, options)
    _note(_said(tally))
    _note(f"Next: impound find {case}")
    _strict(case, strict, tally)


@main.command(epilog="\b\nExamples:\n  impound find acme\n  impound find acme senders --explain")
@CASE
@click.argument("finders", nargs=-1, metavar="[FINDER]...")
@FINDING
@click.option("--full", is_flag=True, help="Look at every message anew, also where nothing has changed.")
def find(case: Path, finders: tuple[str, ...], **options: Any) -> None:
    """Run the finders over a case: all of them, or those named.

    What rests on a message alone is found once; in a case that has grown only new messages are looked at for it.
    """
    from impound.case import Case

    with Case.open(case, write=True) as opened:
        _find(opened, finders, options)
        _note(f"Next: impound show {case}")


@main.command(epilog='\b\nExamples:\n  impound show acme "Quiet Otter"\n  impound show acme host 192.0.2.1')
@CASE
@click.argument("what", nargs=-1, metavar="[TABLE|CAMPAIGN|ID|host IP|effect]")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", help="How to print (table).")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many rows (all, or a screen on a terminal).")
def show(case: Path, what: tuple[str, ...], form: str, limit: int | None) -> None:
    """Print the summary of a case, one of its tables, a campaign by name or id, a record by its id, or a host.

    A campaign has the id of its earliest message: message ID shows that message. effect says whether notices help.
    """
    from impound.case import Case

    with Case.open(case).looking() as opened:
        _shown(opened, case, what, form, limit)


def _shown(opened: Case, case: Path, what: tuple[str, ...], form: str, limit: int | None) -> None:
    from impound.cli import _output, _show
    from impound.tables import TABLES

    single = not what or (what[0] not in TABLES and what[0] != "host")
    if single and (facts := _show.record(opened, case, what, form)):
        if form in ("csv", "parquet"):
            raise UsageError(f"--format {form} is for tables", "name a table, or use --format json")
        _output.record(facts, form)
        return
    if what[0] == "host" and form in ("table", "json"):
        address = _show.address_of(what)
        if form == "json":
            _output.record(_show.host_object(opened, address, limit), form)
            return
        if told := _show.host_lines(opened, address):
            _output.record([*told, ("", "")], form)
    if limit is None and sys.stdout.isatty() and form == "table":
        limit = TERMINAL_ROWS
    batches, total = _show.listing(opened, what, limit, largest_first=form == "table")
    shown = _output.write(batches, form, sys.stdout.buffer)
    if shown < total:
        _note(f"{total - shown:,} more rows: --limit {total}, or --format csv")


@main.command(
    epilog="\b\nExamples:\n  impound write acme report -o acme.html\n  impound write acme report -o - > acme.html"
)
@CASE
@click.argument("writer")
@click.option("-o", "--output", "to", required=True, metavar="PATH", help="Where to write; - is standard output.")
@click.option("--set", "settings", metavar="NAME=VALUE", multiple=True, help="An option of the writer.")
def write(case: Path, writer: str, to: str, settings: tuple[str, ...]) -> None:
    """Write a case for people: a report (see impound plugins for what there is)."""
    from impound.case import Case

    options = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting}: a name, = and a value were expected", "--set country_db=country.mmdb")
        options[name] = value
    opened = Case.open(case)
    if to == "-":
        sys.stdout.buffer.write(opened.written(writer, options))
        return
    opened.write(writer, to, options, _note)
    _note(f"Written: {to}")


@main.command(epilog="\b\nExamples:\n  impound plugins\n  impound plugins --format json")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="How to print (table).")
def plugins(form: str) -> None:
    """List the readers, finders, writers and engines there are."""
    from impound.cli import _output, _show

    _output.write([_show.plugins()], form, sys.stdout.buffer)


from impound.cli._allow import allow  # noqa: E402
from impound.cli._check import check  # noqa: E402 - they need nothing of this module until they run
from impound.cli._drill import drill  # noqa: E402
from impound.cli._notify import notify  # noqa: E402
from impound.cli._prune import prune  # noqa: E402
from impound.cli._serve import serve  # noqa: E402
from impound.cli._status import status  # noqa: E402
from impound.cli._tips import tips  # noqa: E402
from impound.cli._train import train  # noqa: E402
from impound.cli._verify import verify  # noqa: E402

for command in (notify, status, allow, serve, tips, verify, prune, check, train, drill):
    main.add_command(command)


# -- shared by the commands ------------------------------------------------------------------------------------------


def _open(path: Path, paths: tuple[str, ...], options: dict[str, Any], write: bool = True) -> Case:
    """The case, made if there is none; before that, whatever can be wrong with the words."""
    from impound import inputs, plugin
    from impound.case import Case
    from impound.config import VANTAGES

    if options["vantage"] and options["vantage"] not in VANTAGES:
        raise UsageError(f"--vantage {options['vantage']} is not known", f"there are: {', '.join(VANTAGES)}")
    inputs.walk(paths, path)  # raises at once for a path that does not exist, and does nothing else yet
    if options["reader"]:
        plugin.load("readers", options["reader"])
    if "-" in paths and sys.stdin.isatty():
        _note("Reading from the terminal: end with Ctrl-D")
    key = options.pop("case_key")
    return Case.open_or_create(
        path,
        write=write,
        key=_key(key) if key else None,
        own_networks=options.pop("own_networks"),
        reference=options.pop("reference"),
    )


def _key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise UsageError(f"--case-key {path}: {error.strerror}", "openssl rand -hex 32 > FILE") from None
    except ValueError:
        raise UsageError(f"--case-key {path}: 64 hex digits were expected", "openssl rand -hex 32 > FILE") from None
    if len(key) != 32:
        raise UsageError(f"--case-key {path}: {len(key)} bytes instead of 32", "openssl rand -hex 32 > FILE")
    return key


def _read(case: Case, paths: tuple[str, ...], options: dict[str, Any]) -> Tally:
    from impound.cli._progress import Bars, size_of

    with Bars(_quiet()) as bars:
        bars.stage("Read", size_of(paths) if bars.shown else None)

        def at(size: int, records: int, rejects: int) -> None:
            bars.at(size, f"{records:,} messages, {rejects:,} rejected, {size / 1e6:,.0f} MB")

        tally = case.read(paths, progress=at, **options)
        bars.done()
    return tally


def _said(tally: Tally) -> str:
    """What one reading did, in a line."""
    rest = f", {tally.copies:,} met twice" if tally.copies else ""
    rest += f", {tally.known:,} known already" if tally.known else ""
    rest = f"{tally.rejects:,} rejected, {tally.bytes / 1e6:,.1f} MB{rest}"
    return f"Read {plural(tally.records, 'message')} from {plural(tally.sources, 'source')}, {rest}"


def _find(case: Case, finders: tuple[str, ...], options: dict[str, Any]) -> None:
    from impound.cli._progress import Bars

    with Bars(_quiet()) as bars:
        bars.stage("Find", None)
        statements = case.find(finders, progress=lambda name, done, total: bars.at(done, name), **options)
        bars.done()
    _alarm(case)
    if options["explain"]:
        for finder, log in statements.items():
            for s in log:
                click.echo(f"{finder:<12} {s.name:<24} {s.rows:>12,} rows {s.seconds:8.3f} s", err=True)


def _alarm(case: Case) -> None:
    """Say what of a closed case is back, whatever else is quiet."""
    from impound import decisions

    found = decisions.alarms(case) if decisions.state(case) == decisions.CLOSED else []
    for row in found:
        _say(f"ALARM: {row['why']}")
    if found:
        _say(f"       impound show {case.path.name} returns; then impound status {case.path.name} {decisions.REOPENED}")


def _report(case: Case, to: Path) -> None:
    from impound.cli._progress import Bars

    with Bars(_quiet()) as bars:
        bars.stage("Write", None)
        case.write("report", to)
        bars.done()


def _summary(case: Case, path: Path) -> None:
    from impound.cli import _output, _show

    _output.record(_show.summary(case, path), "table")


def _note(text: str) -> None:
    if not _quiet():
        _say(text)


def _quiet() -> bool:
    return bool(click.get_current_context().find_root().params["quiet"])


def _strict(case: Path, strict: bool, tally: Tally) -> None:
    if strict and tally.rejects:
        _say(f"impound: {tally.rejects:,} rejected, and --strict was given: impound show {case} rejects")
        click.get_current_context().exit(1)
