"""What the tests of inputs share: a folder for spooled bytes, and a way to walk a file made of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from impound.inputs import Input, Limits, Trouble, walk


@pytest.fixture
def tmp(tmp_path: Path) -> Iterator[Path]:
    """A folder for spooled bytes, which must be empty afterwards."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def read(tmp_path: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Input | Trouble]]:
    """Walks a file of the given name and bytes."""
    monkeypatch.chdir(tmp_path)

    def reading(name: str, data: bytes, limits: Limits = Limits()) -> list[Input | Trouble]:  # noqa: B008
        Path(name).write_bytes(data)
        return list(walk([name], tmp, limits))

    return reading
