"""Finder cases in YAML: rows given, rows expected, one sentence each, for people who know mail and not Python.

A file ``tests/finders/<finder>.yaml`` is a list of::

    - name: a sentence that says what must come out
      params: {own_networks: [192.0.2.0/24]}        # fields of the finder's Params; may be left out
      given:
        messages:                                   # rows of tables; columns left out are null
          - {id: 1, seen_at: 2011-04-04T10:00:00Z, received: [{ip: 198.51.100.7, by: mx.example.com}]}
      expect:
        origins:                                    # every row of the table; columns left out are not looked at
          - {message_id: 1, client_ip: 198.51.100.7}

A table in ``expect`` has exactly the rows named there, in any order. Doubles are compared to six decimals, times may be
written with any zone (none means UTC), and ``expect: {origins: []}`` says that nothing is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from impound.plugin import Engine
from impound.tables import TABLES

DECIMALS = 6
KEYS = {"name", "params", "given", "expect"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A sentence, the finder's parameters, the rows it is given and the rows it must find."""

    name: str
    expect: Mapping[str, list[Row]]
    given: Mapping[str, list[Row]] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


def load(path: Path) -> list[Case]:
    """The cases of a file. Raises ValueError for a key, table or column that does not exist."""
    found = []
    for entry in yaml.safe_load(path.read_text("utf-8")):
        if entry.keys() - KEYS or not {"name", "expect"} <= entry.keys():
            raise ValueError(f"{path.name}: {entry.get('name', entry)!r} has {sorted(entry)}, not {sorted(KEYS)}")
        case = Case(**entry)
        for side in (case.given, case.expect):
            for table, rows in side.items():
                _check(f"{path.name}: {case.name}", table, rows)
        found.append(case)
    return found


def run(case: Case, engine: Engine, finder: Any) -> None:
    """Run a finder class on a case's rows and compare what it finds. Raises AssertionError that shows the rows."""
    made = finder(params=_params(finder, case.params))
    unused = case.given.keys() - set(made.reads)
    assert not unused, f"{made.name} does not read {', '.join(sorted(unused))}"
    for table in made.reads:
        engine.view(table, given(table, case.given.get(table, [])))
    for table in getattr(made, "kept", ()):
        engine.view(table, given(table, []))
    for table in getattr(made, "newer", ()):
        engine.view(f"new_{table}", given(table, case.given.get(table, [])))
    if getattr(made, "each", ()):
        made.look(engine)
    made.find(engine)
    for table in made.writes:
        _columns(engine, table)
    for table, rows in case.expect.items():
        assert found(engine, table, rows) == sorted((_plain(r, table) for r in rows), key=repr), f"{case.name}: {table}"


def given(table: str, rows: list[Row]) -> pa.Table:
    """Rows as an Arrow table in the contract's schema."""
    schema = TABLES[table].schema
    return pa.Table.from_pylist([{f.name: _value(row.get(f.name), f.type) for f in schema} for row in rows], schema)


def found(engine: Engine, table: str, like: list[Row]) -> list[Row]:
    """The rows of a table, sorted, each with only the columns that the expected row of the same key names.

    Where not every expected row names the table's key, all of them must name the same columns.
    """
    rows = [row for batch in engine.stream(f"SELECT * FROM {table}") for row in batch.to_pylist()]
    key = TABLES[table].key
    every = {column for row in like for column in row} or set(TABLES[table].schema.names)
    if all(row.keys() >= set(key) for row in like):
        named = {tuple(row[c] for c in key): row.keys() for row in like}
        columns = [named.get(tuple(row[c] for c in key), every) for row in rows]
    else:
        uneven = [row for row in like if row.keys() != every]
        assert not uneven, f"rows expected of {table} name its key, {', '.join(key)}, or all the same columns: {uneven}"
        columns = [every] * len(rows)
    return sorted((_plain({c: row[c] for c in kept}, table) for row, kept in zip(rows, columns, strict=True)), key=repr)


def _columns(engine: Engine, table: str) -> None:
    schema = next(engine.stream(f"SELECT * FROM {table} WHERE 1 = 0")).schema
    wanted = TABLES[table].schema
    assert set(schema.names) == set(wanted.names), f"{table} has the columns {schema.names}"


def _params(finder: Any, given: Mapping[str, Any]) -> Any:
    unknown = given.keys() - {f.name for f in fields(finder.Params)}
    assert not unknown, f"{finder.__name__}.Params has no {', '.join(sorted(unknown))}"
    return finder.Params(**{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})


def _check(where: str, table: str, rows: list[Row]) -> None:
    if table not in TABLES:
        raise ValueError(f"{where}: there is no table {table}")
    for row in rows:
        unknown = row.keys() - set(TABLES[table].schema.names)
        if unknown:
            raise ValueError(f"{where}: {table} has no column {', '.join(sorted(unknown))}")


def _value(value: Any, kind: pa.DataType) -> Any:
    """A value of YAML as one of Arrow: texts become times where a time is wanted; a struct's other fields are null."""
    if value is None:
        return None
    if pa.types.is_timestamp(kind):
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if pa.types.is_list(kind):
        return [_value(v, kind.value_type) for v in value]
    if pa.types.is_struct(kind):
        unknown = value.keys() - {f.name for f in kind}
        if unknown:
            raise ValueError(f"no field {', '.join(sorted(unknown))} in {kind}")
        return {f.name: _value(value.get(f.name), f.type) for f in kind}
    return value


def _plain(row: Row, table: str) -> Row:
    """A row for comparing: in the types of the contract, doubles rounded, columns in order of their names."""
    schema = TABLES[table].schema
    values = {name: _value(row[name], schema.field(name).type) for name in sorted(row)}
    return {n: round(v, DECIMALS) if isinstance(v, float) else v for n, v in values.items()}
