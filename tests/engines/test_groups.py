"""Groups are whole, whatever their sizes and however they are dealt."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines import work
from impound.engines import _groups
from impound.engines._shape import packed

KEYS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "ü", ""])), max_size=60)


def dealt(keys: list[str | None], step: int) -> list[pa.RecordBatch]:
    rows = {"k": keys, "n": range(len(keys)), _groups.FILE: [hash(k) % 3 for k in keys]}
    kinds = pa.schema([("k", pa.string()), ("n", pa.int64()), (_groups.FILE, pa.int32())])
    return pa.table(rows, kinds).to_batches(step)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=KEYS, step=st.integers(1, 9), in_memory=st.booleans(), size=st.integers(1, 400))
def test_every_row_is_in_one_batch_with_all_of_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, keys: list[str | None], step: int, in_memory: bool, size: int
) -> None:
    monkeypatch.setattr(_groups, "BATCH_BYTES", size)
    monkeypatch.setattr(_groups, "IN_MEMORY_BYTES", 1 << 20 if in_memory else 0)
    batches = list(_groups.grouped(dealt(keys, step), "k", tmp_path / "files"))
    met = [set(batch["k"].to_pylist()) for batch in batches]
    assert sum(map(len, met)) == len(set(keys))
    assert sorted(n for batch in batches for n in batch["n"].to_pylist()) == list(range(len(keys)))
    found = (c for b in batches for c in _groups.each_group(b, fn=work.count, key="k", schema=work.COUNTED))
    counts = [row for batch in found for row in batch.to_pylist()]
    assert {r["k"]: r["rows"] for r in counts} == {k: keys.count(k) for k in keys}
    assert not (tmp_path / "files").exists()


@settings(max_examples=60, deadline=None)
@given(lengths=st.lists(st.integers(0, 50), max_size=12), size=st.integers(1, 300), rows=st.integers(1, 40))
def test_packed_rows_are_the_same_in_the_same_order(lengths: list[int], size: int, rows: int) -> None:
    batches = [work.numbers(*range(n)) for n in lengths]
    result = list(packed(batches, size, rows))
    assert [n for b in result for n in b["n"].to_pylist()] == [n for b in batches for n in b["n"].to_pylist()]
    assert all(b.num_rows for b in result)
