"""Hypotheses: two published traits in half of the mail, each with its source and age; otherwise silence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from finders.cases import given
from impound.finders.botnets._families import READ, Family, Trait, families, hypotheses
from impound.plugin import Engine
from impound.tables import TABLES

KNOWN = (
    Family(
        "Sample",
        date(2010, 1, 1),
        "it was switched off",
        (
            Trait("a header Odd", 2009, "a paper", {"header_order": "(?:^|,)Odd(?:,|$)"}),
            Trait("a sender of letters and digits", 2008, "a talk", {"from_addr": "^[a-z]+[0-9]+@"}),
            Trait("a program and its order", 2008, "a rule", {"mailer": "^Pigeon$", "header_order": "^From,To"}),
        ),
    ),
)
LOOKS = {"mailer": "Dove", "header_order": "To,Odd,From", "from_addr": "ab12@x.example"}


def told(engine: Engine, *messages: dict[str, Any], year: int = 2010) -> list[dict[str, Any]]:
    at = datetime(year, 6, 1, tzinfo=UTC)
    rows: list[dict[str, Any]] = [{"id": n, "seen_at": at} | m for n, m in enumerate(messages)]
    engine.view("messages", given("messages", rows))
    return hypotheses(engine, {7: np.arange(len(messages))}, KNOWN)


def test_two_traits_in_half_of_the_mail_make_a_hypothesis(engine: Engine) -> None:
    (found,) = told(engine, LOOKS, LOOKS, LOOKS, LOOKS | {"header_order": "To,From"})
    assert (found["botnet_id"], found["family"], found["share"]) == (7, "Sample", 0.75)
    assert found["reasons"] == [
        "a header Odd, in 75% of its messages (a paper; mail of 2009)",
        "a sender of letters and digits, in 100% of its messages (a talk; mail of 2008)",
    ]
    assert found["why"].startswith("2 of 3 published traits, of mail of 2008, 2009. Sample ended less than two years")
    assert found["why"].endswith("A hypothesis: programs are sold and copied.")


def test_mail_that_is_much_younger_than_the_family_is_rather_a_copy(engine: Engine) -> None:
    (found,) = told(engine, LOOKS, year=2024)
    assert (
        "Sample ended 14 years before this mail (2010-01-01: it was switched off): rather a copy of it." in found["why"]
    )


def test_mail_of_the_familys_time_says_nothing_of_its_end(engine: Engine) -> None:
    (found,) = told(engine, LOOKS, year=2009)
    assert "ended" not in found["why"]


@pytest.mark.parametrize(
    "unlike",
    [
        {"header_order": "To,From"},
        {"from_addr": None},
        {"header_order": None, "mailer": "Pigeon"},
        {"header_order": "Cc,From,To", "mailer": "Pigeon"},
    ],
)
def test_one_trait_is_not_enough_nor_a_part_of_one(engine: Engine, unlike: dict[str, Any]) -> None:
    assert told(engine, LOOKS | unlike, LOOKS | unlike, LOOKS) == []


def test_every_shipped_trait_has_a_source_a_year_and_patterns_over_known_columns() -> None:
    assert families()
    for family in families():
        assert len(family.traits) >= 2
        for trait in family.traits:
            assert trait.source and 2000 < trait.year <= family.last.year
            assert trait.patterns.keys() <= set(READ) <= set(TABLES["messages"].schema.names)
            for pattern in trait.patterns.values():
                assert not pc.match_substring_regex(["", "Received,From,To,Subject,Date"], pattern).to_pylist()[1]
