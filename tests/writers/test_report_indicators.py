"""The report's indicators: counts, reasons and what is released; nothing hostile gets through."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from writers.conftest import START
from writers.test_report import EVIL, Page

Write = Callable[..., str]


def indicator(case: Any, kind: str, value: str, state: str, *, reason: str = "in 9 messages", days: int = 0) -> None:
    last = START + timedelta(days=days)
    case.rows.row("indicators", type=kind, value=value, state=state, reason=reason, last_at=last, expires_at=last)


def test_without_indicators_there_is_no_section_about_them(write: Write, case: Any) -> None:
    case.message("198.18.1.1")
    text = write(case)
    assert 'id="indicators"' not in text and "#indicators" not in text


def test_states_are_counted_by_kind_and_reasons_by_their_words(write: Write, case: Any) -> None:
    indicator(case, "domain", "one.example", "released")
    for n in range(7):
        indicator(case, "domain", f"two{n}.example", "withheld", reason=f"also in {n} messages of lists")
    indicator(case, "url-pattern", "x", "proposed", reason="only in one network")
    text = Page(write(case)).text
    assert "1 of 9 pass every guard" in text and "Proposed: 1;" in text and "Withheld: 7." in text
    assert "Landing domains 1 0 7" in text and "URL patterns 0 1 0" in text
    assert "Withheld 7 Also in 0 messages of lists two0[.]example" in text
    assert "ithdrawn" not in text


def test_what_was_withdrawn_is_said_first(write: Write, case: Any) -> None:
    indicator(case, "domain", "one.example", "withdrawn", reason="released before, but also in 1 message of lists")
    text = Page(write(case)).text
    assert "Withdrawn: 1; an earlier look released these" in text
    assert "Landing domains 0 0 0 1" in text


def test_of_what_is_released_the_last_two_are_shown_harmless_to_click(write: Write, case: Any) -> None:
    for n in range(5):
        indicator(case, "domain", f"shop{n}.example", "released", days=n)
    text = write(case)
    assert "shop4[.]example" in text and "shop3[.]example" in text
    assert "shop2" not in text and "shop4.example" not in text


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_hostile_gets_through(write: Write, case: Any, evil: str) -> None:
    for kind, state in (("domain", "released"), ("template", "withheld"), (evil, "proposed")):
        indicator(case, kind, evil, state, reason=evil)
    text = write(case)
    page = Page(text)
    assert not page.of("img", "iframe")
    assert len(page.of("script")) == 1
    assert not re.search(r"\b49\b", page.text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search("https?://", text)


def test_of_an_expression_the_lines_that_ask_for_something_are_shown(write: Write, case: Any) -> None:
    indicator(case, "template", ".*\n.*\n.*the golden house", "released")
    assert "the golden house" in write(case) and ".*" not in Page(write(case)).text
