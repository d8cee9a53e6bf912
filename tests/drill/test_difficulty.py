"""Each difficulty is what docs/explanation/drills.md says, in the numbers and in the mail."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.drill.looking import mail_of, messages_of, rows, text_of

from impound import drill
from impound.errors import UsageError

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "drills.md"


def test_the_page_has_the_numbers_of_the_code() -> None:
    table = dict(re.findall(r"(?m)^\| `(\w+)` \| ([^|]+ \| [^|]+ \| [^|]+) \|", PAGE.read_text("utf-8")))

    assert table.keys() == {f.name for f in dataclasses.fields(drill.Difficulty)}
    for name, cells in table.items():
        assert [float(cell) for cell in cells.split("|")] == [getattr(drill.LEVELS[n], name) for n in (1, 2, 3)], name


def landings(written: drill.Written) -> dict[str, Counter[str]]:
    """How often each campaign's bots name each landing domain."""
    found: dict[str, Counter[str]] = {}
    for row, message in messages_of(written):
        if row["kind"] == "bot":
            hosts = set(re.findall(r"http://([\w.-]+)", text_of(message))) - {
                "www.standards.example",
                "go.short.example",
            }
            found.setdefault(row["campaign"], Counter()).update({".".join(h.split(".")[-2:]) for h in hosts})
    return found


def test_landings_change_faster_with_each_level(drills: dict[int, drill.Written]) -> None:
    """Messages for each landing domain."""
    each = {
        n: sum(d.total() for d in found.values()) / sum(map(len, found.values()))
        for n, found in ((n, landings(d)) for n, d in drills.items())
    }

    assert each[1] > 2 * each[2] > 2 * each[3]


def test_two_campaigns_share_no_landing(written: drill.Written) -> None:
    owner: dict[str, str] = {}
    for campaign, domains in landings(written).items():
        for domain in domains:
            assert owner.setdefault(domain, campaign) == campaign, domain


def test_filler_is_the_share_it_should_be(drills: dict[int, drill.Written]) -> None:
    """The book alone: its sentences are known, and at level 3 four fifths of the filler are its."""
    from impound.drill._words import book

    def quoted(written: drill.Written) -> float:
        mail = mail_of(written).decode("ascii")
        return sum(mail.count(sentence) for sentence in book()[:100]) / written.messages

    assert quoted(drills[1]) == 0
    assert quoted(drills[2]) < 0.3
    assert quoted(drills[3]) > 0.5


def test_the_words_of_level_1_hardly_vary(drills: dict[int, drill.Written]) -> None:
    slots = {n: sum(c["template"].count("*") for c in rows(d, "campaigns")) for n, d in drills.items()}
    texts = {n: len(rows(d, "campaigns")) for n, d in drills.items()}

    assert slots[1] / texts[1] < 0.7 * slots[2] / texts[2]


@pytest.mark.parametrize("level,bots", [(1, {"no"}), (2, {"no", "yes"}), (3, {"no", "yes"})])
def test_copied_headers(drills: dict[int, drill.Written], level: int, bots: set[str]) -> None:
    assert {b["copies_headers"] for b in rows(drills[level], "botnets")} == bots


def test_pictures_come_from_level_2_on(drills: dict[int, drill.Written]) -> None:
    assert b"Content-Type: image/" not in mail_of(drills[1])
    assert b"Content-Type: image/" in mail_of(drills[3])


@pytest.mark.parametrize("wrong", [
    {"difficulty": 4}, {"messages": 0}, {"days": 0}, {"bots": -1}, {"bots": 5, "botnets": 0}, {"bots": 2, "botnets": 3},
    {"innocents": 10_000_000}, {"strangers": -1}, {"messages": 10, "strangers": 11},
])  # fmt: skip
def test_what_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        drill.Settings(**wrong)
