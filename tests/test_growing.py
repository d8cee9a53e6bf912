"""A case that grows: what rests on a message alone is found once, and is what one run over everything finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from impound import Case
from impound.store import _grown
from intake.mail import KEY, read, rows

TABLES = (
    *("hops", "origins", "header_traits", "header_fields", "message_software", "sketches", "message_labels"),
    *("reply_contacts", "campaign_labels", "campaigns", "campaign_members", "client_lines", "hosts"),
)
FINDERS = ("senders", "software", "reply_contacts", "campaigns", "lures", "hosts")
TEXTS = (
    "Dear friend, I am the widow of a banker and want to share 10 million dollars. Write to widow{n}@rich.example now.",
    "Cheap watches, replica of every brand, order now at http://w{n}.shop.example/ with free delivery.",
    "The minutes of the meeting are attached, see you on Monday in the library at nine. Regards, Ada",
)
"""The last one is the same in every message, so that its text is met in one step and used in another."""


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300233600")


def message(number: int) -> bytes:
    text = TEXTS[number % len(TEXTS)].format(n=number % 4)
    return (
        f"Received: from a{number}.example (a{number}.example [203.0.113.{number + 1}])\n"
        f"\tby mx1.example.com (Postfix) with ESMTP id Q{number:06d}; Tue, 15 Mar 2011 00:{number:02d}:00 +0000\n"
        f"From: Sender <s{number}@shop.example>\nTo: ada@example.com\nSubject: letter {number}\n"
        f"Message-ID: <{number}@shop.example>\n\n{text}\n"
    ).encode()


@pytest.fixture
def days(tmp_path: Path) -> list[Path]:
    """Four folders with five messages each."""
    for day in range(4):
        (tmp_path / f"day{day}").mkdir()
        for number in range(5 * day, 5 * day + 5):
            (tmp_path / f"day{day}" / f"{number}.eml").write_bytes(message(number))
    return [tmp_path / f"day{day}" for day in range(4)]


def find(case: Path, full: bool = False) -> dict[str, int]:
    """How many messages each finder looked at for the rows that rest on a message alone."""
    with Case.open_or_create(case, write=True, key=KEY) as opened:
        log = opened.find(FINDERS, explain=True, full=full)
    looks = {"lures": "whole", "reply_contacts": "whole", "senders": "received", "software": "software_headers"}
    return {name: next((s.rows for s in log[name] if s.name == look), 0) for name, look in looks.items()}


def test_a_case_that_grew_in_steps_has_the_rows_of_one_that_was_read_at_once(days: list[Path], tmp_path: Path) -> None:
    for day in days:
        read(tmp_path / "grown", day)
        find(tmp_path / "grown")
    read(tmp_path / "whole", *days)
    find(tmp_path / "whole")
    assert len(rows(tmp_path / "whole", "message_labels")) == 20
    assert rows(tmp_path / "whole", "reply_contacts")
    for table in TABLES:
        assert rows(tmp_path / "grown", table) == rows(tmp_path / "whole", table), table
    assert Case.open(tmp_path / "grown").verify() == []


def test_only_new_messages_are_looked_at(days: list[Path], tmp_path: Path) -> None:
    case = tmp_path / "case"
    read(case, *days[:3])
    assert find(case)["lures"] == 15
    assert set(find(case).values()) == {0}
    read(case, days[3])
    assert set(find(case).values()) == {5}
    assert len(rows(case, "message_labels")) == 20


def test_full_looks_at_everything_and_finds_the_same(days: list[Path], tmp_path: Path) -> None:
    case = tmp_path / "case"
    for day in days[:2]:
        read(case, day)
        find(case)
    before = [rows(case, table) for table in TABLES]
    assert find(case, full=True)["lures"] == 10
    assert [rows(case, table) for table in TABLES] == before
    assert len(Case.open(case)._store.parts("message_labels")) == 1


def test_other_settings_make_it_another_finder(days: list[Path], tmp_path: Path) -> None:
    case = tmp_path / "case"
    read(case, days[0])
    find(case)
    (case / "impound.toml").write_text('[lures]\njob = ["library", "minutes"]\n')
    assert find(case) == {"lures": 5, "reply_contacts": 0, "senders": 0, "software": 0}


def test_many_small_parts_become_one(days: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_grown, "PARTS", 2)
    case = tmp_path / "case"
    for day in days:
        read(case, day)
        find(case)
    assert len(Case.open(case)._store.parts("message_labels")) <= 2
    assert len(rows(case, "message_labels")) == 20
    assert Case.open(case).verify() == []
