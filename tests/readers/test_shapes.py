"""Shapes worked out together are those worked out one by one."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound import canonical
from impound.readers import _shapes

NEAR_RUNS = st.text(alphabet=string.ascii_letters + string.digits + "-._@/é\ud800\n\0", max_size=250)


@given(st.lists(st.text(max_size=250) | NEAR_RUNS, max_size=8))
def test_together_as_one_by_one(texts: list[str]) -> None:
    assert _shapes.shapes(texts) == [canonical.shape(text) for text in texts]


@pytest.mark.parametrize("length", [1, 9, 10, 11, 99, 100, 199, 200, 201])
@pytest.mark.parametrize("run", ["7", "f", "g", "F", "G", "f0", "F0", "g0", "G0", "gG", "gG0"])
def test_every_kind_of_run_at_every_width(run: str, length: int) -> None:
    text = (run * length)[:length]
    assert _shapes.shapes([f"<{text}>", text]) == [canonical.shape(f"<{text}>"), canonical.shape(text)]


def test_rows_have_their_shapes_once_filled() -> None:
    rows: list[dict[str, Any]] = [{}, {}]
    shapes = _shapes.Shapes()
    shapes.want(rows[0], "path_shape", "/a/1")
    shapes.want(rows[1], "message_id_shape", "<ab12", "@name.name>")
    shapes.fill()
    assert rows == [{"path_shape": "/a{1}/9{1}"}, {"message_id_shape": "<h{4}@name.name>"}]


def test_what_waits_is_bounded() -> None:
    row: dict[str, Any] = {}
    shapes = _shapes.Shapes()
    for _ in range(_shapes.BLOCK // _shapes.LIMIT + 1):
        shapes.want(row, "path_shape", "/" * 10_000)
    assert row == {"path_shape": "/" * _shapes.LIMIT}
