"""Rows of a statement as Python values, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from impound.plugin import Engine


def rows(engine: Engine, sql: str) -> Iterator[dict[str, Any]]:
    """The rows of a statement as dictionaries; the statement itself must bound how many there are."""
    for batch in engine.stream(sql):
        yield from batch.to_pylist()


def row(engine: Engine, sql: str) -> dict[str, Any]:
    """The one row of an aggregate without GROUP BY."""
    return next(rows(engine, sql))


def is_drill(engine: Engine) -> bool:
    """Whether any source of the case says of itself that it is synthetic."""
    return bool(row(engine, "SELECT bool_or(drill) AS drill FROM sources")["drill"])
