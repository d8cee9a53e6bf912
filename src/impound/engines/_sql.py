"""The text of statements: its ``:name`` parameters, and what means different things to DuckDB and Spark."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

_TOKEN = re.compile(
    r"""
      (?P<literal> '[^']*(?:'|\Z) )        # a doubled quote is the end of one literal and the beginning of the next
    | (?P<comment> --[^\n]* | /\*(?:[^*]|\*(?!/))*+(?:\*/|\Z) )
    | (?P<foreign> :: | "[^"]*(?:"|\Z) | `[^`]*(?:`|\Z) | \$ )
    | :(?P<name> [A-Za-z_][A-Za-z0-9_]* )
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_FOREIGN = {
    ":": "a cast with :: is DuckDB's alone: write CAST(… AS …)",
    '"': "double quotes mean a name to DuckDB and a text to Spark: write t.name for a name that is a keyword",
    "`": "a name in backticks is Spark's alone: write t.name for a name that is a keyword",
    "$": "a parameter is written :name",
}
_BACKSLASH = "a backslash in a literal means itself to DuckDB and an escape to Spark: pass it as a parameter"
_DOUBLED = "a doubled quote in a literal is lost on some Spark servers: pass the text as a parameter"


def name(text: str) -> str:
    """The name of a view, when it can be one on every engine. Raises ValueError."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} cannot be the name of a view")
    return text


def common(sql: str) -> str:
    """A statement that means the same to all engines, as far as its letters tell. Raises ValueError otherwise."""
    literal_end = -1
    for token in _TOKEN.finditer(sql):
        if token["foreign"]:
            raise ValueError(_FOREIGN[token["foreign"][0]])
        if token["literal"]:
            if "\\" in token["literal"]:
                raise ValueError(_BACKSLASH)
            if token.start() == literal_end:
                raise ValueError(_DOUBLED)
            literal_end = token.end()
    return sql


def used(sql: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a statement names. Raises ValueError for one without a value, or with one that cannot be.

    A value is text, an integer of 64 bits, a float, a bool, a time with a zone, None, or a list of one of these.
    """
    values: dict[str, Any] = {}
    for token in _TOKEN.finditer(sql):
        marker = token["name"]
        if marker and marker not in params:
            raise ValueError(f"the parameter :{marker} has no value")
        if marker:
            values[marker] = _value(marker, params[marker])
    return values


def replaced(sql: str, value: Callable[[str], str]) -> str:
    """A statement with each ``:name`` replaced by what ``value`` says; literals and comments are left alone."""
    return _TOKEN.sub(lambda t: value(t["name"]) if t["name"] else t[0], sql)


def _value(marker: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_value(marker, v) for v in value]
    good = value is None or isinstance(value, str | bool | int | float | datetime)
    if isinstance(value, datetime):
        good = value.tzinfo is not None
    elif isinstance(value, int):
        good = -(1 << 63) <= value < 1 << 63
    elif isinstance(value, str):
        good = not any("\ud800" <= c <= "\udfff" for c in value)
    if not good:
        raise ValueError(f"the parameter :{marker} cannot be {value!r}")
    return value
