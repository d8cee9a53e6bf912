"""The contract of tables holds for every table."""

from __future__ import annotations

import pyarrow as pa
import pytest

from impound.tables import RECORD, TABLES, Table

SHARED = {"string", "bool", "int32", "int64", "double", "binary", "timestamp[us, tz=UTC]"}


def allowed(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind):
        return allowed(kind.value_type)
    if pa.types.is_struct(kind):
        return all(allowed(field.type) for field in kind)
    return str(kind) in SHARED


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_has_a_shared_type_and_a_meaning(table: Table) -> None:
    for column in table.columns:
        assert allowed(column.type), column
        assert column.meaning and not column.meaning.endswith("."), column


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_key_is_made_of_columns(table: Table) -> None:
    assert set(table.key) <= set(table.schema.names)


def test_a_name_has_one_type_in_every_table() -> None:
    kinds: dict[str, set[str]] = {}
    for table in TABLES.values():
        for column in table.columns:
            kinds.setdefault(column.name, set()).add(str(column.type))
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_every_record_says_where_it_came_from() -> None:
    for name in ("rejects", "messages", "urls", "attachments", "answers"):
        assert TABLES[name].columns[: len(RECORD)] == RECORD
