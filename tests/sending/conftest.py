"""Every test of sending has a clock that stands."""

from __future__ import annotations

import pytest

from sending.cases import at


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 0)
