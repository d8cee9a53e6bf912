"""Drills to look at: one of each difficulty, made once."""

from __future__ import annotations

import pytest

from impound import drill


@pytest.fixture(scope="session")
def drills(tmp_path_factory: pytest.TempPathFactory) -> dict[int, drill.Written]:
    """A drill of 3,000 messages for each difficulty."""
    folder = tmp_path_factory.mktemp("drills")
    return {
        level: drill.write(
            folder / f"level-{level}", drill.Settings(messages=3000, botnets=4, difficulty=level, seed=level)
        )
        for level in (1, 2, 3)
    }


@pytest.fixture(scope="session", params=[1, 2, 3])
def written(request: pytest.FixtureRequest, drills: dict[int, drill.Written]) -> drill.Written:
    """Each of them."""
    return drills[request.param]
