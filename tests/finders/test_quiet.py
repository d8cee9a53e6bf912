"""Quiet mail by columns and by SQL is the same mail."""

from __future__ import annotations

import pyarrow as pa
import pytest

from impound.engines.duckdb import DuckDBEngine
from impound.finders import _quiet


@pytest.mark.parametrize(
    ("list_id", "header_order", "expected"),
    [
        ("list.example", "From,To", True),
        (None, "From,In-Reply-To,To", True),
        (None, "from,to,references", True),
        (None, "REFERENCES", True),
        (None, "From,X-References,To", False),
        (None, "From,To", False),
        (None, None, False),
        ("list.example", None, True),
    ],
)
def test_both_forms_say_the_same(list_id: str | None, header_order: str | None, expected: bool) -> None:
    rows = pa.table(
        {"list_id": pa.array([list_id], pa.string()), "header_order": pa.array([header_order], pa.string())}
    )
    assert bool(_quiet.quiet(rows["list_id"], rows["header_order"])[0].as_py()) is expected
    engine = DuckDBEngine(workers=0)
    try:
        engine.view("mail", rows)
        (batch, *_) = [b for b in engine.stream(f"SELECT {_quiet.SQL} AS quiet FROM mail m") if len(b)]
        assert batch["quiet"].to_pylist() == [expected]
    finally:
        engine.close()
