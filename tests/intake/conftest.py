"""What the tests of reading share: a clock that stands, made-up mail, and made mail."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "made_mail.py"


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300233600")


@pytest.fixture(scope="session")
def example() -> list[bytes]:
    """The messages of the made mail; two of the 300 are there twice, byte for byte."""
    messages: list[bytes] = runpy.run_path(str(EXAMPLE))["Maker"]().messages()
    return messages


@pytest.fixture(scope="session")
def example_mbox(example: list[bytes]) -> bytes:
    """The same as a mailbox."""
    made: bytes = runpy.run_path(str(EXAMPLE))["mailbox"](example)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve messages, one a file, and one of them twice."""
    from intake.mail import message

    place = tmp_path / "mail"
    place.mkdir()
    for number in range(12):
        (place / f"{number:02d}.eml").write_bytes(message(number))
    (place / "copy.eml").write_bytes(message(5))
    return place
