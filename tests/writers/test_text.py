"""What comes from mail is printed on one line, short, and can neither hide nor move anything."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.writers import _text


@given(st.text(max_size=400))
def test_a_cleaned_text_is_short_and_holds_nothing_that_moves_or_hides(text: str) -> None:
    done = _text.clean(text)
    assert len(done) <= _text.LIMIT
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in done)


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [
        ("mail.example.com", "mail.example.com"),
        ("a\u202egnp.exe", "a·gnp.exe"),
        ("a\u2066b\u2069", "a·b·"),
        ("one\r\n  two\x00", "one·· two·"),
        ("victim@example.com wrote", "…@example.com wrote"),
        ("vmail/victim@example.com/cur", "vmail/…@example.com/cur"),
        (None, ""),
        ("x" * 200, "x" * 119 + "…"),
    ],
)
def test_clean(given_text: str | None, printed: str) -> None:
    assert _text.clean(given_text) == printed


def test_names_cannot_be_clicked() -> None:
    assert _text.name("www.example.com") == "www[.]example[.]com"
    assert _text.name("192.0.2.1 (HELO x) for somebody") == "192[.]0[.]2[.]1 …"
    assert _text.name("HTTP://www.example.com/x") == "hxxp://www[.]example[.]com/x"


@pytest.mark.parametrize("evil", ["a" * 5_000_000, "@" * 5_000_000, "a@" * 2_500_000, "\u202e" * 5_000_000])
def test_a_huge_text_costs_no_more_than_a_short_one(evil: str) -> None:
    begun = time.perf_counter()
    _text.name(evil)
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 9, "none"), (9, 9, "all"), (1, 1000, "under 1 %"), (999, 1000, "over 99 %"), (1, 3, "33 %"), (0, 0, "none")],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(part: int, whole: int, words: str) -> None:
    assert _text.share(part, whole) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (2_000, "2.0 kB"),
        (263_000_000, "263 MB"),
        (999_999, "1.0 MB"),
        (None, "0 bytes"),
    ],
)
def test_size(count: int | None, words: str) -> None:
    assert _text.size(count) == words
