"""A small drill, read and found once, for all tests of what people decide; each test changes a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from impound import Case
from impound.cli import main


@pytest.fixture(scope="session")
def _found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("decisions")
    words = [
        "-q",
        "drill",
        str(place / "d"),
        "--messages",
        "1000",
        "--bots",
        "80",
        "--innocents",
        "80",
        "--botnets",
        "1",
    ]
    made = CliRunner().invoke(main, words)
    assert made.exit_code == 0, made.output
    with Case.open_or_create(place / "case", write=True, key=b"k" * 32) as case:
        case.read([str(place / "d")])
        case.find()
    return place / "case"


@pytest.fixture
def folder(_found: Path, tmp_path: Path) -> Path:
    """A case of a drill, read and found; the test may do with it what it likes."""
    return Path(shutil.copytree(_found, tmp_path / "case"))
