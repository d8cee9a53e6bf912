"""Mail over time: a few wrong clocks never ruin the axis, and nothing that is left out goes unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.writers import _charts, _timeline

APRIL = 15_068  # 2011-04-04, in days since 1970


def test_a_message_of_1970_and_one_of_2038_stay_outside() -> None:
    days = {APRIL + n: 10 for n in range(30)} | {0: 1, 24_855: 1}
    assert _timeline.window(days) == (APRIL, APRIL + 29)


def test_a_whole_stretch_of_mail_is_never_taken_for_an_outlier() -> None:
    days = {APRIL: 900, APRIL + 400: 100}
    assert _timeline.window(days) == (APRIL, APRIL + 400)


def test_a_handful_of_messages_is_shown_whole() -> None:
    assert _timeline.window({0: 1, APRIL: 1}) == (0, APRIL)


@given(st.dictionaries(st.integers(-(10**7), 10**7), st.integers(1, 1000), min_size=1))
def test_what_is_drawn_and_what_is_said_to_lie_outside_make_up_all(days: dict[int, int]) -> None:
    first, last = _timeline.window(days)
    starts = _timeline.edges(_timeline.step(last - first + 1), first, last)
    counts = _timeline.fill(starts, [(day * 24, n) for day, n in days.items() if first <= day <= last])
    outside = sum(n for day, n in days.items() if not first <= day <= last)
    assert sum(counts) + outside == sum(days.values())
    assert list(starts) == sorted(set(starts))


@given(st.integers(_timeline.FIRST_DAY, _timeline.LAST_DAY - 4_000), st.integers(0, 4_000), st.integers(2, 9))
def test_the_axis_is_labelled_and_never_crowded(first: int, span: int, most: int) -> None:
    starts = _timeline.edges(_timeline.step(span + 1), first, first + span)
    labels = _charts.ticks(starts[0], starts[-1], most)
    assert 1 <= len(labels) <= most
    assert all(starts[0] <= hour < starts[-1] for hour, _ in labels)


@pytest.mark.parametrize(
    ("span", "unit"), [(1, "hour"), (3, "hour"), (30, "day"), (365, "week"), (4_000, "month"), (9_000, "year")]
)
def test_the_step_follows_the_span(span: int, unit: str) -> None:
    assert _timeline.step(span) == unit


def test_the_engine_is_asked_by_hour_for_a_short_stretch(case: Any) -> None:
    for _ in range(5):
        case.message("203.0.113.5")
    case.message("203.0.113.5", None)
    line = _timeline.timeline(case.engine())
    assert (line.unit, line.shown, line.undated, line.counts[0]) == ("hour", 5, 1, 5)


def test_a_case_without_any_time_has_an_empty_timeline(case: Any) -> None:
    case.message("203.0.113.5", None)
    assert _timeline.timeline(case.engine()) == _timeline.Timeline(undated=1)


@given(st.integers(1, 10**9))
def test_the_axis_ends_on_a_round_number_with_a_whole_half(value: int) -> None:
    ceiling = _charts.nice(value)
    assert value <= ceiling <= 2 * max(value, 2)
    assert ceiling % 2 == 0
