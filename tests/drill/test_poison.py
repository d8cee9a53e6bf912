"""Poison in a drill: every domain is in the mail and in the truth, well-known ones are innocent people's too."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.drill.looking import messages_of, rows, text_of

from impound import drill
from impound.errors import UsageError

SETTINGS = drill.Settings(messages=400, bots=40, innocents=60, days=1, difficulty=1, poison=600)


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> drill.Written:
    """A drill of one day whose bots mix in 600 garbage domains."""
    return drill.write(tmp_path_factory.mktemp("poison") / "out", SETTINGS)


def test_the_truth_names_it(poisoned: drill.Written) -> None:
    kinds = Counter(row["kind"] for row in rows(poisoned, "poison"))
    assert kinds == {"garbage": 600, "well-known": 6}
    assert "--poison 600" in (poisoned.truth / "README.md").read_text("ascii")


def test_bots_mix_it_in_and_people_link_to_what_is_well_known(poisoned: drill.Written) -> None:
    poison = {row["domain"]: row["kind"] for row in rows(poisoned, "poison")}
    met: dict[str, set[str]] = {"bot": set(), "personal": set()}
    for row, message in messages_of(poisoned):
        if row["kind"] in met:
            text = text_of(message)
            met[row["kind"]] |= {domain for domain in poison if f"{domain}/" in text}

    assert sum(poison[d] == "garbage" for d in met["bot"]) > 300
    assert {poison[d] for d in met["personal"]} == {"well-known"}


def test_a_drill_without_poison_has_no_table_of_it(tmp_path: Path) -> None:
    made = drill.write(tmp_path / "out", drill.Settings(messages=20))
    assert not (made.truth / "poison.tsv").exists()


def test_less_than_none_is_refused() -> None:
    with pytest.raises(UsageError, match="negative"):
        drill.Settings(poison=-1)
