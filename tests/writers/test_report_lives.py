"""The report's lives: how many hosts are in which state, now and over time, and what telling does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from browser import NARROW, WIDE, browsing, needs_browser, overflow, violations
from impound.portrait import Side
from impound.writers import _effect_chart
from impound.writers._lives import Change, counted
from writers.conftest import START, busy_case
from writers.test_report import Page

Write = Callable[..., str]


def event(case: Any, subject: str, state: str, day: float, actor: str = "lives") -> None:
    case.rows.row("events", subject_type="host", subject=subject, to_state=state, actor=actor, reason="so",
                  at=START + timedelta(days=day))  # fmt: skip


def lived(case: Any) -> None:
    """Three hosts: one is clean, one was told of, one is quiet; a person says of a fourth that it may send."""
    for ip in ("198.18.1.1", "198.18.1.2", "198.18.1.3"):
        event(case, ip, "confirmed", 0)
    event(case, "198.18.1.1", "quiet", 8)
    event(case, "198.18.1.1", "clean", 15)
    event(case, "198.18.1.2", "notified", 3)
    event(case, "198.18.1.3", "quiet", 9)
    event(case, "198.18.1.4", "allowed", 9, actor="ada")


def told(case: Any, p: float | None = 0.0004, **columns: Any) -> None:
    """Two sides of fifty, of which one host stops on each day of those told, every second day of those held out."""
    why = "those told of stop sooner than those held out: after 14 days 72 of 100 told of still sent"
    given = {"hosts": 50, "stopped": 40, "returned": 2, "refused": 0, "silent": 0, "recent": 3, "apart": 0,
             "unjudged": 0, "networks": 9, "days_before": 4.25, "expected": 30.0, "p": p, "why": why,
             "balance_p": None if p is None else 0.4} | columns  # fmt: skip
    for side, apart in (("told", 1), ("held-out", 2)):
        case.rows.row("effects", side=side, **given)
        for n in range(1, 31):
            share = 1 - n / 50
            case.rows.row("effect_steps", side=side, after_days=float(n * apart), at_risk=51 - n, stopped=1,
                          unwatched=0, share=share, share_low=max(0.0, share - 0.1),
                          share_high=min(1.0, share + 0.1))  # fmt: skip


def test_without_lives_there_is_no_section_about_them(write: Write, case: Any) -> None:
    event(case, "198.18.1.4", "allowed", 9, actor="ada")
    text = write(case)
    assert 'id="lives"' not in text and "#lives" not in text


def test_each_state_is_counted_by_the_last_word_on_each_host(write: Write, case: Any) -> None:
    lived(case)
    page = Page(write(case))
    assert "Something speaks, or spoke, against 3 addresses" in page.text
    labels = [s.get("aria-label") or "" for s in page.of("svg") if s.get("class") == "stretch"]
    assert labels == [
        "confirmed: 0 now; the most, 3, on 4 April 2011",
        "notified: 1 now; the most, 1, on 7 April 2011",
        "quiet: 1 now; the most, 2, on 13 April 2011",
        "clean: 1 now; the most, 1, on 19 April 2011",
    ]


def test_states_over_time_add_up_to_the_hosts_at_every_moment() -> None:
    changes = [Change(0, None, "confirmed", 3), Change(2, "confirmed", "quiet", 2), Change(5, "quiet", "confirmed", 1),
               Change(9, None, "confirmed", 4)]  # fmt: skip
    starts = tuple(24 * day for day in (1, 2, 3, 4, 5, 6))
    found = counted(changes, starts)
    assert found == {"confirmed": [3, 1, 1, 1, 2], "quiet": [0, 2, 2, 2, 1]}
    assert [sum(bars) for bars in zip(*found.values(), strict=True)] == [3] * 5


def test_one_event_of_the_far_future_does_not_stretch_the_axis(write: Write, case: Any) -> None:
    for n in range(30):
        event(case, f"198.18.2.{n}", "confirmed", n)
    event(case, "198.18.3.1", "confirmed", 20_000)
    labels = [s.get("aria-label") or "" for s in Page(write(case)).of("svg") if s.get("class") == "stretch"]
    assert labels == ["confirmed: 31 now; the most, 30, on 3 May 2011"]


def test_the_effect_is_told_drawn_and_tabled(write: Write, case: Any) -> None:
    lived(case)
    told(case)
    text = write(case)
    page = Page(text)
    assert "Those told of stop sooner than those held out: after 14 days 72 of 100 told of still sent." in page.text
    assert "lots alone make the days before differ so 40 times in 100" in page.text
    assert re.search(r"14 days\s*72 \(62–82\) 36 watched\s*86 \(76–96\) 43 watched", page.text)
    charts = [s for s in page.of("svg") if "effect" in (s.get("class") or "")]
    assert [s.get("class") for s in charts] == ["chart effect wide", "chart effect narrow"]
    assert text.count('class="curve told"') == text.count('class="band held"') == 2
    assert "An address is not a machine" in page.text and "3 not watched for long enough" in page.text


def test_where_nothing_can_be_said_nothing_is_drawn(write: Write, case: Any) -> None:
    lived(case)
    told(case, p=None, why="nothing can be said of what telling does: 3 told and 1 held out can be compared")
    text = write(case)
    assert "Nothing can be said of what telling does: 3 told" in Page(text).text
    assert 'class="curve told"' not in text and "Too few to say whether the sides are alike" in text


def test_curves_end_where_a_tenth_is_watched() -> None:
    steps = [{"after_days": float(n), "at_risk": 21 - n, "share": 1.0} for n in range(1, 21)]
    many = Side("told of", {"hosts": 20}, steps)
    few = Side("held out", {"hosts": 100}, steps)
    assert _effect_chart.horizon([many, many]) == 19.0
    assert _effect_chart.horizon([many, few]) == 11.0
    assert _effect_chart.horizon([many, Side("held out", {"hosts": 0}, [])]) == 0.0


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_with_lives_and_curves_can_be_read_by_everybody(write: Write, tmp_path: Path, scheme: str) -> None:
    case = busy_case(messages=400)
    lived(case)
    told(case)
    write(case)
    with browsing() as browser:
        for size in (WIDE, NARROW):
            page = browser.new_page(viewport=size, color_scheme=scheme)
            page.goto((tmp_path / "report.html").as_uri())
            assert violations(page) == []
            assert overflow(page) == 0


def test_a_curve_is_level_between_its_steps_and_its_band_goes_around_it() -> None:
    steps = [{"after_days": 0.0, "share": 1.0, "share_low": 1.0, "share_high": 1.0},
             {"after_days": 2.0, "share": 0.5, "share_low": 0.25, "share_high": 0.75}]  # fmt: skip
    x, y = (lambda day: str(int(10 * day))), (lambda share: str(int(100 * share)))
    assert _effect_chart._stairs(steps, "share", 4, x, y) == "M0 100H20V50H40"
    assert _effect_chart._band(steps, 4, x, y) == "M0 100H20V75H40V25H20V100z"
