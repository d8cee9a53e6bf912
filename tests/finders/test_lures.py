"""What a case says of a message is what ``impound check`` says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from impound import Case
from impound.check import classifier
from impound.checking import Checker

MAIL = (
    b"From: Ann <ann@one.example>\r\nSubject: Cheap Viagra\r\n\r\nOrder at http://pills.example/, no prescription.\r\n",
    b"From: Ben <ben@two.example>\r\nSubject: Re: lunch\r\nIn-Reply-To: <1@two.example>\r\n\r\nAnn:\r\n> Noon?\r\n",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two messages."""
    (tmp_path / "mail").mkdir()
    for number, data in enumerate(MAIL):
        (tmp_path / "mail" / f"{number}.eml").write_bytes(data)
    return tmp_path / "mail"


def test_a_case_and_a_check_agree(folder: Path, tmp_path: Path) -> None:
    said = {v.spam: v.lure for v in Checker(classifier.shipped()).check([str(folder)])}
    with Case.open_or_create(tmp_path / "case", write=True) as case:
        case.read([str(folder)])
        case.find(["lures"])
        found = case.query("SELECT spam, lure FROM message_labels", tables=["message_labels"]).to_pylist()
    assert {row["spam"]: row["lure"] for row in found} == said
    assert len(said) == len(MAIL) and min(said) < 0.5 < max(said)
