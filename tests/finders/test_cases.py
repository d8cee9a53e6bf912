"""Every case of every finder, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from finders import cases
from impound.plugin import Engine, load

CASES = [(path.stem, case) for path in sorted(Path(__file__).parent.glob("*.yaml")) for case in cases.load(path)]


@pytest.mark.parametrize(("finder", "case"), [pytest.param(f, c, id=f"{f}: {c.name}") for f, c in CASES])
def test_finder_finds_what_the_case_expects(finder: str, case: cases.Case, engine: Engine) -> None:
    cases.run(case, engine, load("finders", finder))
