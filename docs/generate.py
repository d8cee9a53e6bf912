"""Writes docs/tables.md and docs/cli.md from the code. Run it after changing a table, a command or an option.

python docs/generate.py
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click
import pyarrow as pa

from impound.cli import main
from impound.tables import HOP, SCHEMA_VERSION, TABLES

HERE = Path(__file__).parent


def type_name(kind: pa.DataType) -> str:
    """A type as the documentation names it."""
    if pa.types.is_timestamp(kind):
        return "timestamp[µs, UTC]"
    if pa.types.is_list(kind):
        inner = "struct" if pa.types.is_struct(kind.value_type) else type_name(kind.value_type)
        return f"list&lt;{inner}&gt;"
    return {"double": "double", "bool": "bool"}.get(str(kind), str(kind))


def tables() -> str:
    """The page of tables."""
    out = [
        "# Tables",
        "",
        f"Made from `src/impound/tables/` by `python docs/generate.py`. Schema version {SCHEMA_VERSION}.",
        "`impound show CASE TABLE` prints any of them, `--format parquet` hands one to another program.",
        "",
    ]
    for table in TABLES.values():
        out += [f"## {table.name}", "", f"A row is {table.row} ({table.kind} table, ordered by {', '.join(table.key)})."
                if table.kind == "finding" else f"A row is {table.row} ({table.kind} table).", "",
                "| column | type | meaning |", "| --- | --- | --- |"]  # fmt: skip
        out += [f"| `{c.name}` | {type_name(c.type)} | {c.meaning} |" for c in table.columns]
        out.append("")
    out += ["## The struct in `messages.received`", "", "One for each Received line, from the top.", "",
            "| field | type |", "| --- | --- |"]  # fmt: skip
    out += [f"| `{field.name}` | {type_name(field.type)} |" for field in HOP]
    return "\n".join(out) + "\n"


def cli() -> str:
    """The page of commands."""
    out = ["# Command line", "", "Made from `impound --help` by `python docs/generate.py`.", "", "```text"]
    out += [_help(main, "impound"), "```", ""]
    for name, command in main.commands.items():
        out += [f"## impound {name}", "", "```text", _help(command, f"impound {name}"), "```", ""]
        for below, part in (command.commands if isinstance(command, click.Group) else {}).items():
            words = f"impound {name} {below}"
            out += [f"### {words}", "", "```text", _help(part, words), "```", ""]
    out += ["## Exit codes", "", "| code | meaning |", "| --- | --- |", "| 0 | done |"]
    out += ["| 1 | done, but `--strict` was given and something was rejected |"]
    from impound import errors

    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass) if k.__module__ == errors.__name__]
    for kind in sorted(kinds, key=lambda k: int(k.exit_code)):
        if kind.exit_code > 1:
            first = re.sub(r"``([^`]*)``", r"`\1`", (inspect.getdoc(kind) or "").splitlines()[0])
            out.append(f"| {kind.exit_code} | `{kind.__name__}`: {first} |")
    out += ["| 130 | interrupted; the same command again goes on from there |"]
    return "\n".join(out) + "\n"


def _help(command: click.Command, name: str) -> str:
    names = main.context_settings["help_option_names"]
    context = click.Context(command, info_name=name, help_option_names=names, max_content_width=100, terminal_width=100)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


PAGES = {"tables.md": tables, "cli.md": cli}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (HERE / page).write_text(make(), "utf-8")
