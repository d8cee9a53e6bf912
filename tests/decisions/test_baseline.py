"""What something tells is how rare it is in the mail that is not the botnet's, and never so much that it is enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound import Case, decisions
from impound.decisions._baseline import CAP, SOFTWARE_CAP, bits


@pytest.mark.parametrize(
    ("kind", "shown", "compared", "told"),
    [
        ("contact", 0, 62, 6.0),
        ("contact", 7, 62, 3.0),
        ("contact", 0, 10**6, CAP),
        ("software", 0, 10**6, SOFTWARE_CAP),
        ("template", 62, 62, 0.022720),
        ("template", 99, 62, 0.022720),
        ("domain", 0, 0, 1.0),
        ("day", 0, 0, None),
    ],
)
def test_bits_by_hand(kind: str, shown: int, compared: int, told: float | None) -> None:
    assert bits(kind, shown, compared) == told


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_it_is_never_negative_and_one_kind_alone_is_never_enough(shown: int, compared: int) -> None:
    assert 0 <= (bits("contact", shown, compared) or 0.0) <= CAP < 15
    assert CAP + SOFTWARE_CAP >= 15 > SOFTWARE_CAP


def test_of_every_botnet_is_kept_what_its_own_messages_show_and_what_nobody_else_has(folder: Path) -> None:
    with Case.open(folder, write=True) as case:
        decisions.move(case, "closed", "quiet")
    case = Case.open(folder)
    rows = case.query("SELECT * FROM baselines").to_pylist()
    assert {"software", "contact", "template", "day"} <= {r["kind"] for r in rows}
    total = case.count("messages")
    for row in rows:
        assert 0 <= row["outside"] <= row["compared"] < total
        assert row["kind"] == "day" or (row["messages"] >= 3 and row["bits"] >= 3.0)
    for value, messages, outside in ((r["value"], r["messages"], r["outside"]) for r in rows if r["kind"] == "contact"):
        sql = "SELECT COUNT(DISTINCT message_id) AS n FROM reply_contacts WHERE kind || ' ' || value = :value"
        assert case.query(sql, {"value": value}).to_pylist()[0]["n"] >= messages + outside
    days = {r["value"]: r["messages"] for r in rows if r["kind"] == "day"}
    assert sum(days.values()) == sum(case.query("SELECT messages FROM botnets")["messages"].to_pylist())
