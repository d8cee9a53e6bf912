"""Given URL patterns, then a link meets those that match all of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.check.links import LONGEST, LinkMatcher

PATTERNS = [(7, r"https?://[^/]+/\?g369[0-9a-f]+"), (3, r"https?://[^/]+/\?[a-z0-9]+")]


def test_a_link_meets_the_patterns_that_match_all_of_it() -> None:
    matcher = LinkMatcher(PATTERNS)
    assert matcher.match("http://a.example/?g369ab") == [3, 7]
    assert matcher.match("http://a.example/?g369ab#") == []
    assert LinkMatcher([]).match("http://a.example/") == []


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(Exception, match="failed to add"):
        LinkMatcher([(1, "a(b")])


def test_a_link_that_is_too_long_is_not_looked_at() -> None:
    assert LinkMatcher(PATTERNS).match("http://a.example/?" + "a" * LONGEST) == []


@given(st.text(max_size=200))
def test_no_text_does_harm(url: str) -> None:
    assert LinkMatcher(PATTERNS).match(url) in ([], [3], [7], [3, 7])


def test_a_thousand_patterns_take_links_in_linear_time() -> None:
    matcher = LinkMatcher([(n, rf"https?://[^/]+/(?:[a-z]+/)*x{n}[0-9]{{1,40}}") for n in range(1000)])
    start = time.process_time()
    assert all(matcher.match("http://a.example/" + "a/" * 1000) == [] for _ in range(100))
    assert time.process_time() - start < 5
